"""The holder's ticket in each of its states, and how its seat is given back."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar

from app.certificates import service as certificates
from app.certificates.queries import certificate_of
from app.checkin.service import give_excuse
from app.extensions import db, transaction
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.shared import clock
from app.shared.codes import grouped, new_code
from app.shared.identity import IdentityType
from app.web.remembered import COOKIE, remembered_tickets
from tests import factories
from tests.journey import scene as scenes
from tests.journey.counting import counted
from tests.pages import Page, PageClient
from tests.paper.reading import codes_of, text_of

NIP = "198504122010011003"
PRIVATE = {"identity_type": IdentityType.NIP, "identity_number": NIP}
PRIVATE |= {"email": "siti@example.org", "phone": "+6281234567890"}


@pytest.fixture
def stage(app: Flask) -> Stage:
    return scenes.in_two_weeks()


def holder(stage: Stage, **values: Any) -> Registration:
    return factories.registration(stage, name="Siti Aminah", title_after="S.Kom.", **PRIVATE | values)


def ticket(client: PageClient, registration: Registration) -> Page:
    return client.get(f"/t/{registration.ticket_code}")


def again(registration: Registration) -> Registration:
    return db.session.get_one(Registration, registration.id)


class TestTicket:
    def test_confirmed(self, client: PageClient, stage: Stage) -> None:
        registration = holder(stage)
        page = ticket(client, registration)
        assert "Siti Aminah, S.Kom." in page.words()
        assert grouped(registration.ticket_code) in page.words()
        assert page.select(".ticket-qr svg title")
        assert page.headers["Cache-Control"] == "no-store"
        assert "noindex" in page.headers["X-Robots-Tag"]

    @pytest.mark.parametrize("state", [RegistrationState.CONFIRMED, RegistrationState.WAITLISTED])
    def test_shows_neither_number_nor_phone_nor_mail(
        self, client: PageClient, stage: Stage, state: RegistrationState
    ) -> None:
        registration = holder(stage, state=state, waiting_since=clock.now() if state.value == "waitlisted" else None)
        page = ticket(client, registration)
        texts = [page.text]
        if state is RegistrationState.CONFIRMED:
            texts += [text_of(client.get(f"{page.url}.pdf").data), client.get(f"{page.url}.ics", check=False).text]
        for text in texts:
            for secret in (NIP, "siti@example.org", "81234567890", registration.badge_code):
                assert secret not in text.replace(" ", "")

    @pytest.mark.parametrize(
        "write", [str.lower, grouped, lambda code: grouped(code).replace(" ", "-"), lambda code: code.replace("0", "o")]
    )
    def test_any_writing_of_the_code_leads_to_the_one_address(
        self, client: PageClient, stage: Stage, write: Any
    ) -> None:
        registration = holder(stage, ticket_code="0ABC1DEF2GHJ3KMN")
        page = client.get(f"/T/{write(registration.ticket_code)}")
        assert page.url.removeprefix("http://localhost") == "/t/0ABC1DEF2GHJ3KMN"
        assert client.get(f"/t/{write(registration.ticket_code)}").url == "/t/0ABC1DEF2GHJ3KMN"

    @pytest.mark.parametrize("code", ["7" * 16, "0" * 16, "x", "%20", "a" * 300, "tahap-1"])
    def test_unknown(self, client: PageClient, stage: Stage, code: str) -> None:
        for address in (f"/t/{code}", f"/T/{code}", f"/t/{code}.pdf", f"/t/{code}.ics"):
            client.get(address, status=404)

    def test_the_badge_does_not_open_it(self, client: PageClient, stage: Stage) -> None:
        client.get(f"/t/{holder(stage).badge_code}", status=404)

    def test_waitlisted_says_which_place_and_has_no_code_to_show(self, client: PageClient, stage: Stage) -> None:
        for minutes in (30, 20):
            since = clock.now() - timedelta(minutes=minutes)
            factories.registration(stage, state=RegistrationState.WAITLISTED, waiting_since=since)
        page = ticket(client, holder(stage, state=RegistrationState.WAITLISTED, waiting_since=clock.now()))
        assert "nomor 3" in page.words() or "urutan ke-3" in page.words() or "urutan 3" in page.words()
        assert not page.select(".ticket-qr")

    def test_cancelled(self, client: PageClient, stage: Stage) -> None:
        page = ticket(client, holder(stage, state=RegistrationState.CANCELLED, ended_at=clock.now()))
        assert not page.select(".ticket-qr")
        assert not page.select("form[action$='/batal']")
        assert "dibatalkan" in page.words()

    def test_after_cancelling_one_may_register_again_while_that_is_open(self, client: PageClient, stage: Stage) -> None:
        cancelled = holder(stage, state=RegistrationState.CANCELLED, ended_at=clock.now())
        page = ticket(client, cancelled)
        assert not page.select("ol.journey")
        assert page.follow(f"a[href='/kegiatan/{stage.slug}/daftar']").status == 200
        scenes.move(stage, -30)
        assert not ticket(client, cancelled).select("a[href$='/daftar']")

    def test_leads_to_its_stage_where_that_is_shown(self, client: PageClient, stage: Stage) -> None:
        registration = holder(stage)
        assert ticket(client, registration).follow(f"main a[href='/kegiatan/{stage.slug}']").status == 200
        with transaction():
            stage.published = False
        assert not ticket(client, registration).select(f"a[href='/kegiatan/{stage.slug}']")

    @pytest.mark.parametrize("state", [RegistrationState.WAITLISTED, RegistrationState.CANCELLED])
    def test_no_paper_and_no_calendar_without_a_seat(
        self, client: PageClient, stage: Stage, state: RegistrationState
    ) -> None:
        waits = {"waiting_since": clock.now()} if state is RegistrationState.WAITLISTED else {"ended_at": clock.now()}
        page = ticket(client, holder(stage, state=state, **waits))
        for kind in ("pdf", "ics"):
            client.get(f"{page.url}.{kind}", status=404)

    def test_the_agenda_is_folded_once_the_stage_is_over(self, client: PageClient, stage: Stage) -> None:
        registration = holder(stage)
        factories.agenda_session(stage, title="Memilih quick win")
        assert not ticket(client, registration).select("main details .agenda-lines")
        scenes.move(stage, -30)
        page = ticket(client, registration)
        assert "Memilih quick win" in page.one("main details:not([open]) .agenda-lines").text_content()

    def test_being_excused_is_told_without_its_reason(self, client: PageClient, stage: Stage) -> None:
        registration = holder(stage)
        give_excuse(registration, factories.checkpoint(stage), with_jp=True, reason="Sakit tifus", by=None)
        page = ticket(client, registration)
        assert "Izin, dengan JP" in page.words() and "tifus" not in page.text

    def test_one_ticket_looks_at_nobody_elses_attendance(self, client: PageClient) -> None:
        scene = scenes.lay(factories.stage())
        with counted() as statements:
            ticket(client, scene.people["present"])
        reads = [statement for statement in statements if "FROM attendance" in statement]
        assert reads
        assert all("attendance.registration_id IN" in one or "attendance.registration_id =" in one for one in reads)

    def test_own_agenda_alone(self, client: PageClient, stage: Stage) -> None:
        own, other = factories.group(stage.programme), factories.group(stage.programme)
        for title, groups in (("Untuk semua", []), ("Untuk saya", [own]), ("Untuk mereka", [other])):
            factories.agenda_session(stage, title=title, groups=groups)
        words = ticket(client, holder(stage, groups=[own])).words()
        assert "Untuk semua" in words
        assert "Untuk saya" in words
        assert "Untuk mereka" not in words

    def test_attendance_feedback_and_certificate(self, client: PageClient, app: Flask) -> None:
        scene = scenes.lay(factories.stage())
        page = ticket(client, scene.people["certified"])
        assert page.texts("ol.journey li.done .label") == ["Pendaftaran", "Presensi", "Umpan balik", "Sertifikat"]
        assert scene.door.name in page.words()
        assert page.follow("a[href$='/sertifikat.pdf']").data.startswith(b"%PDF")
        certificate = certificate_of(scene.people["certified"])
        verified = page.follow(f"a[href='/verifikasi/{certificate.code}']")
        assert certificate.number in verified.words()

        page = ticket(client, scene.people["present"])
        assert page.texts("ol.journey li.current .label") == ["Umpan balik"]
        assert page.follow(f"a[href='/umpan-balik/{scene.questionnaire.token}']").status == 200
        assert not page.select("a[href*='sertifikat'], a[href*='verifikasi/']")

    def test_a_certificate_stands_before_the_code_which_is_folded_once_all_is_over(
        self, client: PageClient, stage: Stage
    ) -> None:
        scene = scenes.lay(factories.stage())
        page = ticket(client, scene.people["certified"])
        assert page.select(".certificate-ready ~ .ticket")
        assert not page.select("details .ticket-qr")
        scenes.move(scene.stage, -30)
        assert ticket(client, scene.people["certified"]).select("details:not([open]) .ticket-qr svg")

    def test_a_revoked_certificate_is_said_with_its_reason_and_whom_to_ask(self, client: PageClient) -> None:
        scene = scenes.lay(factories.stage())
        with transaction():
            scene.stage.host.email = "bimtek@contoh.go.id"
        certificates.revoke(certificate_of(scene.people["certified"]), reason="Nama keliru", by=None)
        page = ticket(client, scene.people["certified"])
        assert "Sertifikat dicabut" in page.words()
        assert "Nama keliru" in page.words()
        assert "bimtek@contoh.go.id" in page.words()
        assert not page.select("a[href$='/sertifikat.pdf']")

    def test_the_phone_remembers_it_until_it_is_told_to_forget(self, client: PageClient, stage: Stage) -> None:
        page = ticket(client, holder(stage))
        cookie = client.get_cookie(COOKIE)
        assert cookie is not None
        assert cookie.http_only
        assert cookie.max_age == 180 * 24 * 3600
        page.submit("form[action$='/lupakan']")
        kept = client.get_cookie(COOKIE)
        assert kept is None or kept.value != cookie.value
        with client.application.test_request_context(headers={"Cookie": f"{COOKIE}={kept.value if kept else ''}"}):
            assert remembered_tickets() == []

    def test_the_paper_holds_the_code(self, client: PageClient, stage: Stage) -> None:
        registration = holder(stage)
        page = ticket(client, registration)
        answer = page.follow("a[href$='.pdf']")
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Cache-Control"] == "no-store"
        assert codes_of(answer.data) == [f"HTTP://LOCALHOST/T/{registration.ticket_code}"]
        assert "Siti Aminah" in text_of(answer.data)

    def test_it_says_when_to_come(self, client: PageClient, stage: Stage) -> None:
        factories.agenda_session(stage, starts_at=factories.at(stage, 7, 30))
        page = ticket(client, holder(stage))
        assert "mulai pukul 07.30 WIB" in page.one(".ticket .facts").text_content()

    def test_the_calendar_holds_each_day(self, client: PageClient, stage: Stage) -> None:
        page = ticket(client, holder(stage))
        answer = page.follow("a[href$='.ics']", check=False)
        events = Calendar.from_ical(answer.data).walk("VEVENT")
        assert events
        assert all("Tahap III" in str(event["SUMMARY"]) for event in events)
        first = min(event.decoded("DTSTART") for event in events)
        assert (
            first if isinstance(first, date) and not isinstance(first, datetime) else first.date()
        ) == stage.starts_on


class TestCancelling:
    def test_offers_the_seat_to_the_first_who_waits(self, client: PageClient, stage: Stage) -> None:
        with transaction():
            stage.capacity = 1
        registration = holder(stage)
        waiting = factories.registration(stage, state=RegistrationState.WAITLISTED, waiting_since=clock.now())
        page = ticket(client, registration).submit("form[action$='/batal']", sure=True, reason="Ada tugas lain")
        assert page.url == f"/t/{registration.ticket_code}"
        assert page.words().count("dibatalkan") == 1
        assert again(registration).state is RegistrationState.CANCELLED
        assert again(registration).cancel_reason == "Ada tugas lain"
        assert again(waiting).state is RegistrationState.OFFERED

    def test_needs_the_tick_and_keeps_what_was_typed(self, client: PageClient, stage: Stage) -> None:
        registration = holder(stage)
        page = ticket(client, registration).submit("form[action$='/batal']", reason="Ada tugas lain", status=422)
        assert page.values("form[action$='/batal']")["reason"] == "Ada tugas lain"
        assert page.select("details[open] .invalid-feedback")
        assert page.headers["Cache-Control"] == "no-store"
        assert again(registration).state is RegistrationState.CONFIRMED

    def test_a_double_press_cancels_once(self, client: PageClient, stage: Stage) -> None:
        registration = holder(stage)
        page = ticket(client, registration)
        page.submit("form[action$='/batal']", sure=True, reason="Pertama")
        page.submit("form[action$='/batal']", sure=True, reason="Kedua")
        assert again(registration).cancel_reason == "Pertama"
        assert db.session.get_one(Stage, stage.id).seats_taken == 0

    def test_an_expired_form_comes_back_filled(self, client: PageClient, stage: Stage) -> None:
        registration = holder(stage)
        page = ticket(client, registration)
        with client.session_transaction() as session:
            session.clear()
        page = page.submit("form[action$='/batal']", sure=True, reason="Ada tugas lain", status=422)
        assert page.values("form[action$='/batal']")["reason"] == "Ada tugas lain"
        assert again(registration).state is RegistrationState.CONFIRMED
        page.submit("form[action$='/batal']")
        assert again(registration).state is RegistrationState.CANCELLED

    def test_is_not_offered_once_the_stage_runs(self, client: PageClient, app: Flask) -> None:
        page = ticket(client, holder(factories.stage()))
        assert not page.select("form[action$='/batal']")

    def test_is_refused_once_the_stage_runs(self, client: PageClient, stage: Stage) -> None:
        """The page may have been open since yesterday."""
        registration = holder(stage)
        page = ticket(client, registration)
        scenes.move(stage, -14)
        page = page.submit("form[action$='/batal']", sure=True)
        assert again(registration).state is RegistrationState.CONFIRMED
        assert "sudah dimulai" in page.words()

    def test_by_an_unknown_code(self, client: PageClient, stage: Stage) -> None:
        page = ticket(client, holder(stage))
        token = page.values("form[action$='/batal']")["csrf_token"]
        client.post(f"/t/{new_code()}/batal", data={"csrf_token": token, "sure": "y"}, status=404)
