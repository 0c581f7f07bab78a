"""Every page of the demo, at the size of a phone and of a desk: axe, overflow, errors of scripts, words that stayed English.

The pages are read from the running application, so that a new one is looked at without anyone thinking of it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from babel.messages.pofile import read_po
from flask import Flask, url_for

from app.accounts.models import User
from app.accounts.permissions import BEARER, PUBLIC
from app.agenda.models import AgendaSession, Speaker
from app.certificates import service as certificates
from app.certificates.models import Certificate
from app.certificates.rules import CertificateState
from app.checkin import service as checkin
from app.checkin.models import Checkpoint
from app.extensions import db, transaction
from app.feedback.models import Question, Questionnaire
from app.hosts.models import Host
from app.institutions.models import Institution
from app.jobs.models import OutboxMessage
from app.messages.rules import TemplateKind
from app.messages.rules_segments import Plan, Segment
from app.messages.service import draft_campaign
from app.privacy import service as privacy
from app.privacy.rules import RequestKind
from app.programmes.models import ParticipantGroup, Stage
from app.registration.models import Registration
from app.registration.models_questions import RegistrationQuestion
from app.registration.models_seats import Invitation
from app.registration.rules_import import match_columns
from app.registration.service import importing as imports
from app.shared.tables import read_pasted
from tests.accessibility import serious
from tests.chromium import DESKTOP, PHONE
from tests.pages import PageClient, browse

pytestmark = pytest.mark.browser
CATALOGUE = Path(__file__).resolve().parents[2] / "app" / "translations" / "id" / "LC_MESSAGES" / "messages.po"
NO_PAGES = {"static", "bootstrap.static", "checkin_app.shell_file"}
TEXTS = """() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (node.textContent.trim() && !node.parentElement.closest("script, style, template, [lang=en]"))
      found.push(node.textContent.replace(/\\s+/g, " ").trim());
  return found;
}"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
OF_TODAY = ("", "/insiden", "/perangkat", "/cetak", "/kertas")  # what is said of a day that is on
TABLE = "Nama\tNIP\tInstansi\nSiti Aminah\t198507202010012001\tDinas Kesehatan\nRaja\t12\t"
TABLE_HEADER = tuple(TABLE.partition("\n")[0].split("\t"))
LEFTOVERS = ("None", "{{", "}}", "%(", "<lambda", "Undefined", "datetime.")


@dataclass
class Place:
    """An address, and whether whoever opens it is signed in."""

    path: str
    staff: bool


def one(statement: Any) -> Any:
    return db.session.scalars(statement.limit(1)).one()


def values() -> dict[str, Callable[[], Any]]:
    """What each variable of an address is in the demo: by endpoint and name, by room and name, or by name."""
    stage = one(sa.select(Stage).where(Stage.slug == "tahap-1"))
    of_today = one(sa.select(Stage).where(Stage.slug == "tahap-2"))
    of_stage = lambda model: sa.select(model).where(model.stage_id == stage.id).order_by(model.id)  # noqa: E731
    certified = one(of_stage(Certificate).where(Certificate.state == CertificateState.VALID))
    admin = one(sa.select(User).where(User.email == "admin@bimtek.test"))
    questionnaire = one(of_stage(Questionnaire))
    return {
        "stage": lambda: stage.slug,
        "registration.stage": lambda: "tahap-3",
        "programme": lambda: stage.programme.slug,
        "host": lambda: one(sa.select(Host)).slug,
        "code": lambda: certified.registration.ticket_code,
        "certificates.code": lambda: certified.code,
        "institutions_staff.code": lambda: "OPD",
        "token": lambda: certificates.enqueue_issue(stage, by=admin).token,
        "feedback.token": lambda: open_questionnaire().token,
        "registration_id": lambda: certified.registration_id,
        "certificate_id": lambda: certified.id,
        "session_id": lambda: one(of_stage(AgendaSession)).id,
        "speaker_id": lambda: one(sa.select(Speaker)).id,
        "questionnaire_id": lambda: questionnaire.id,
        "feedback_staff.projector.questionnaire_id": lambda: open_questionnaire().id,
        "feedback_staff.projector.stage": lambda: "tahap-2",
        "question_id": lambda: one(sa.select(Question).where(Question.questionnaire_id == questionnaire.id)).id,
        "checkpoint_id": lambda: one(of_stage(Checkpoint)).id,
        "checkin_devices.enrolment.stage": lambda: "tahap-2",
        "enrolment_id": lambda: checkin.offer_enrolment(of_today, by=admin)[0].id,
        "institution_id": lambda: one(sa.select(Institution)).id,
        "user_id": lambda: one(sa.select(User).where(User.email == "panitia@bimtek.test")).id,
        "group_id": lambda: one(sa.select(ParticipantGroup)).id,
        "message_id": lambda: one(sa.select(OutboxMessage)).id,
        "privacy.token": lambda: "tidak-ada",
        "request_id": lambda: privacy.ask(certified.registration.participant, RequestKind.DELETION).id,
        "version": lambda: 1,
    } | values_of_registration(admin)


def values_of_registration(admin: User) -> dict[str, Callable[[], Any]]:
    """Of the stage that takes registrations: what stands around its people."""
    stage = one(sa.select(Stage).where(Stage.slug == "tahap-3"))
    invitation = one(sa.select(Invitation).where(Invitation.stage_id == stage.id, Invitation.used > 0))
    linked = one(sa.select(Invitation).where(Invitation.token.like("undangan-contoh%")))
    people = db.session.scalars(sa.select(Registration).where(Registration.stage_id == stage.id).limit(2)).all()
    first, second = sorted(person.participant_id for person in people)
    rooms = ("imports_staff", "invitations_staff", "inviting_staff", "questions_staff", "messages_staff", "seats_staff")
    return {f"{room}.stage": lambda: stage.slug for room in rooms} | {
        "run_id": lambda: (
            imports.upload(
                stage, read_pasted(TABLE), file_name="peserta.xlsx", columns=match_columns(TABLE_HEADER), by=admin
            ).id
        ),
        "invitation_id": lambda: invitation.id,
        "first_id": lambda: first,
        "second_id": lambda: second,
        "document_id": lambda: 1,
        "nomination.token": lambda: linked.token,
        "nomination_tables.token": lambda: linked.token,
        "documents.token": lambda: linked.token,
        "nomination.registration_id": lambda: (
            one(sa.select(Registration).where(Registration.invitation_id == linked.id)).id
        ),
        "questions_staff.question_id": lambda: (
            one(sa.select(RegistrationQuestion).where(RegistrationQuestion.stage_id == stage.id)).id
        ),
        "campaign_id": lambda: (
            draft_campaign(
                stage,
                kind=TemplateKind.REMINDER,
                subject="Pengingat",
                body="Yth. {nama}",
                segment=Segment(),
                plan=Plan(),
                by=admin,
            ).id
        ),
        "kind": lambda: TemplateKind.CONFIRMATION.value,
    }


def open_questionnaire() -> Questionnaire:
    opened = sa.select(Questionnaire).join(Stage).where(Stage.slug == "tahap-2", Questionnaire.opened_at.is_not(None))
    found: Questionnaire = one(opened)
    return found


def places(app: Flask) -> Iterator[Place]:
    """Every address that answers a GET with a whole page, filled in from the demo, and a few that are wrong."""
    known = values()
    visitor, staff = browse(app), staff_client(app)
    seen: set[str] = set()
    of_today = one(sa.select(Registration).join(Stage).where(Stage.slug == "tahap-2"))
    yield Place(f"/t/{of_today.ticket_code}", False)  # first, so that the browser answers with it
    for rule in app.url_map.iter_rules():
        access = getattr(app.view_functions[rule.endpoint], "access", None)
        if "GET" not in (rule.methods or ()) or rule.endpoint in NO_PAGES or access == BEARER or rule.alias:
            continue
        if rule.rule.lower() in seen:  # the same address in capitals, as a QR holds it
            continue
        seen.add(rule.rule.lower())
        room = rule.endpoint.partition(".")[0]
        with transaction():
            filled = {
                name: next(known[key] for key in (f"{rule.endpoint}.{name}", f"{room}.{name}", name) if key in known)()
                for name in rule.arguments
            }
        with app.test_request_context():
            path = url_for(rule.endpoint, **filled)
        client = visitor if access == PUBLIC else staff
        if is_page(client, path):
            yield Place(path, access != PUBLIC)
    yield Place("/tidak-ada", False)
    yield Place("/presensi", True)
    yield Place("/panel/kegiatan/literasi-digital-1", True)
    yield Place(f"/t/{of_today.ticket_code}", True)  # an officer's page of the door
    yield from (Place(f"/panel/kegiatan/tahap-2/presensi{more}", True) for more in OF_TODAY)
    yield from (Place(f"/kegiatan/{slug}", False) for slug in ("tahap-2", "tahap-3", "tahap-4", "literasi-digital-1"))
    yield from (Place(f"/panel/kegiatan/{slug}", True) for slug in ("tahap-2", "tahap-4"))
    revoked = one(sa.select(Certificate).where(Certificate.state == CertificateState.REVOKED))
    superseded = one(sa.select(Certificate).where(Certificate.state == CertificateState.SUPERSEDED))
    yield from (Place(f"/verifikasi/{code}", False) for code in (revoked.code, superseded.code, "0" * 16))


def staff_client(app: Flask) -> PageClient:
    return browse(app).sign_in_as(one(sa.select(User).where(User.email == "admin@bimtek.test")))


def is_page(client: PageClient, path: str) -> bool:
    """A whole page; a letter is shown in a frame that runs no script, and so cannot be asked by one."""
    answer = client.request_raw(path)
    if "sandbox" in answer.headers.get("Content-Security-Policy", ""):
        return False
    return answer.mimetype == "text/html" and b"<html" in answer.data[:300].lower()


@cache
def english() -> frozenset[str]:
    """Messages of the code whose Indonesian differs, without those that are Indonesian words as well."""
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file)
    pairs = [(message.id, message.string) for message in catalogue if isinstance(message.id, str) and message.id]
    return frozenset(text for text, said in pairs if said and text != said) - {str(said) for _text, said in pairs}


def look(app: Flask, browser: Any, url: str, size: dict[str, Any]) -> list[str]:
    """Everything that is wrong with any page at that size."""
    wrong: list[str] = []
    cookie = None
    pages: dict[bool, Any] = {}
    contexts = [browser.new_context(**size) for _ in range(2)]
    try:
        client = staff_client(app)
        client.get("/panel")
        cookie = client.get_cookie("session")
        assert cookie is not None
        contexts[1].add_cookies([{"name": "session", "value": cookie.value, "url": url}])
        for staff, context in zip((False, True), contexts, strict=True):
            page = pages[staff] = context.new_page()
            page.on("console", lambda line: wrong.append(f"{line.page.url}: {line.text}") if says_wrong(line) else None)
            page.on("pageerror", lambda error: wrong.append(str(error)))
        seen = list(places(app))
        assert len(seen) > 40
        for place in seen:
            wrong += look_at(pages[place.staff], f"{url}{place.path}")
    finally:
        for context in contexts:
            context.close()
    return wrong


def says_wrong(line: Any) -> bool:
    """An error on the console; that the browser says of a page that is not there, or that has no camera, is right."""
    return line.type == "error" and "Failed to load resource" not in line.text


def look_at(page: Any, address: str) -> list[str]:
    page.goto(address)
    texts = page.evaluate(TEXTS)
    wrong = serious(page)
    if (over := page.evaluate(OVERFLOW)) > 0:
        wrong.append(f"{address}: {over} px wider than the screen")
    wrong += [f"{address}: English: {text!r}" for text in texts if text in english()]
    wrong += [f"{address}: {text!r}" for text in texts if any(leftover in text for leftover in LEFTOVERS)]
    return wrong


class TestOnAPhone:
    def test_every_page(self, demo: Flask, live_server: str, browser: Any) -> None:
        assert look(demo, browser, live_server, PHONE) == []


class TestAtADesk:
    def test_every_page(self, demo: Flask, live_server: str, browser: Any) -> None:
        assert look(demo, browser, live_server, DESKTOP) == []
