"""The Tanjungpinang demo: what is in it, whoever loads it and at whatever hour."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from app.accounts import service as accounts
from app.accounts.models import User
from app.accounts.rules import ROLE_LABELS, Role
from app.certificates.models import Certificate
from app.certificates.rules import CertificateState
from app.checkin import queries_board, queries_incidents
from app.checkin.models import Attendance, Checkpoint, Scan
from app.checkin.queries import checkpoints_of
from app.checkin.rules import Decision, IncidentKind
from app.demo.service.people import EXAMPLE, EXAMPLE_TOKEN
from app.extensions import db
from app.feedback.models import FeedbackReceipt, Questionnaire
from app.feedback.rules import QuestionnaireState
from app.hosts.models import Host
from app.institutions.models import Institution, InstitutionCategory
from app.jobs.models import OutboxMessage
from app.journey.queries import phase_of
from app.journey.rules import StagePhase
from app.programmes.models import Programme, Stage
from app.registration.models import Registration
from app.registration.models_seats import Invitation
from app.registration.rules import RegistrationState
from app.registration.rules_seats import InvitationState
from app.shared import clock, identity
from app.shared.dates import local_date
from app.shared.identity import IdentityType
from tests.mailbox import Mailbox
from tests.pages import browse

CODES = {
    *("FKPD", "DPRD", "OPD", "KECAMATAN", "KELURAHAN", "VERTIKAL", "BUMN", "BUMD", "PERBANKAN"),
    *("PERGURUAN_TINGGI", "SWASTA", "KOMUNITAS", "MEDIA", "PAKAR", "MASYARAKAT"),
}
SIGN_INS = {
    "admin": Role.ADMINISTRATOR,
    "pengelola": Role.MANAGER,
    "panitia": Role.ORGANISER,
    "fasilitator": Role.FACILITATOR,
    "sertifikat": Role.CERTIFIER,
    "pimpinan": Role.VIEWER,
}
ZONE = ZoneInfo("Asia/Jakarta")


def run(app: Flask, *words: str) -> Result:
    result = app.test_cli_runner().invoke(args=["demo", *words])
    db.session.rollback()
    return result


def host(slug: str = "diskominfo-tanjungpinang") -> Host:
    return db.session.scalars(sa.select(Host).where(Host.slug == slug)).one()


def stage(slug: str) -> Stage:
    return db.session.scalars(sa.select(Stage).where(Stage.slug == slug)).one()


def confirmed(of: Stage) -> list[Registration]:
    wanted = sa.select(Registration).where(
        Registration.stage_id == of.id, Registration.state == RegistrationState.CONFIRMED
    )
    return list(db.session.scalars(wanted))


def present(of: Stage) -> int:
    counted = sa.select(sa.func.count(Attendance.registration_id.distinct())).join(
        Checkpoint, Checkpoint.id == Attendance.checkpoint_id
    )
    return db.session.scalar(counted.where(Checkpoint.stage_id == of.id, Attendance.annulled_at.is_(None))) or 0


@pytest.mark.usefixtures("demo")
class TestLoaded:
    def test_the_agency_and_its_directory(self) -> None:
        of = host()
        assert db.session.scalar(sa.select(sa.func.count(Institution.id)).where(Institution.host_id == of.id)) == 86
        codes = db.session.scalars(sa.select(InstitutionCategory.code).where(InstitutionCategory.host_id == of.id))
        assert set(codes) == CODES
        assert of.emblem

    def test_five_stages_in_order_around_today(self) -> None:
        programme = db.session.scalars(sa.select(Programme).where(Programme.slug == "smart-city-2019")).one()
        assert [(one.number, one.slug) for one in programme.stages] == [
            (0, "persiapan"),
            (1, "tahap-1"),
            (2, "tahap-2"),
            (3, "tahap-3"),
            (4, "tahap-4"),
        ]
        phases = [phase_of(one) for one in programme.stages]
        over, running, open_, coming = StagePhase.OVER, StagePhase.RUNNING, StagePhase.OPEN, StagePhase.COMING
        assert phases == [over, over, running, open_, coming]
        assert all("2019" in one.summary for one in programme.stages)

    @pytest.mark.parametrize("slug", ["persiapan", "tahap-1", "tahap-2", "tahap-3", "tahap-4"])
    def test_about_eighty_people_of_every_unsur_at_each_stage(self, slug: str) -> None:
        people = confirmed(stage(slug))
        assert 70 <= len(people) <= 90
        assert {person.category.code for person in people} == CODES
        reserved = sa.select(sa.func.sum(Invitation.reserved - Invitation.used)).filter_by(stage_id=stage(slug).id)
        unused = db.session.scalar(reserved) or 0
        assert stage(slug).seats_taken == len(people) + unused < 100
        assert bool(unused) is (slug in ("tahap-3", "tahap-4"))

    def test_invitations_are_in_every_state_and_the_page_of_the_documentation_is_there(self, demo: Flask) -> None:
        states = set(db.session.scalars(sa.select(Invitation.state)))
        assert states == set(InvitationState) - {InvitationState.WITHDRAWN}
        page = browse(demo).get(f"/undangan/{EXAMPLE_TOKEN}")
        assert EXAMPLE in page.words() and "1 dari 3" in page.words()

    def test_their_numbers_are_valid_and_nobodys(self) -> None:
        today = local_date(clock.now(), "Asia/Jakarta")
        kinds: Counter[IdentityType] = Counter()
        for person in db.session.scalars(sa.select(Registration)):
            kinds[person.identity_type] += 1
            checked = identity.check(person.identity_type, person.identity_number, today=today)
            assert checked.problem is None, f"{person.identity_number}: {checked.problem}"
            assert checked.number == person.identity_number
            assert person.identity_type is not IdentityType.NIP or checked.number[-3:] == "999"
        assert kinds[IdentityType.NIP] > 100

    def test_nobody_is_a_confirmed_participant_twice(self) -> None:
        for slug in ("persiapan", "tahap-1", "tahap-2", "tahap-3", "tahap-4"):
            names = Counter(person.name for person in confirmed(stage(slug)))
            assert names.most_common(1)[0][1] == 1, names.most_common(1)

    def test_the_first_stage_is_over_and_certified(self) -> None:
        of = stage("tahap-1")
        states = Counter(db.session.scalars(sa.select(Certificate.state).where(Certificate.stage_id == of.id)))
        assert states[CertificateState.VALID] > 40
        assert states[CertificateState.SUPERSEDED] == states[CertificateState.REVOKED] == 1
        assert db.session.scalar(sa.select(sa.func.max(Certificate.issued_at))) < clock.now()
        assert present(of) > 60
        answered = (
            sa.select(sa.func.count())
            .select_from(FeedbackReceipt)
            .join(Questionnaire, Questionnaire.id == FeedbackReceipt.questionnaire_id)
        )
        assert (db.session.scalar(answered.where(Questionnaire.stage_id == of.id)) or 0) > 100

    def test_the_second_stage_is_on_today(self) -> None:
        expect_doors_open(clock.now())

    def test_everything_at_the_doors_happened_in_the_past(self) -> None:
        assert db.session.scalar(sa.select(sa.func.max(Scan.occurred_at))) <= clock.now()
        assert db.session.scalar(sa.select(sa.func.max(Attendance.at))) <= clock.now()
        assert db.session.scalar(sa.select(sa.func.max(Registration.created_at))) <= clock.now()

    def test_the_doors_of_today_have_something_to_settle(self) -> None:
        of = stage("tahap-2")
        waiting = queries_incidents.open_counts(of)
        kinds = {IncidentKind.TWO_DOORS, IncidentKind.PARKED, IncidentKind.QUARANTINE, IncidentKind.WALK_IN}
        assert set(waiting) == kinds and waiting[IncidentKind.TWO_DOORS] == 2
        shown = queries_incidents.incidents(of, settled=False, limit=9)
        assert [one.incident.kind for one in shown if one.hindrance] == [IncidentKind.PARKED]
        assert Decision.REFUSED in set(db.session.scalars(sa.select(Scan.decision)))
        names = {one.device.name for one in queries_board.doors(checkpoints_of(of)[0]).devices if one.admitted}
        assert names == {"Pintu Utama", "Pintu Samping", "Meja Registrasi"}

    @pytest.mark.parametrize(("name", "role"), SIGN_INS.items(), ids=str)
    def test_whoever_is_named_signs_in_and_is_what_is_said(self, demo: Flask, name: str, role: Role) -> None:
        page = browse(demo).get("/masuk").submit(email=f"{name}@bimtek.test", password="bimtek-demo-2019")
        assert page.url == "/panel"
        assert str(ROLE_LABELS[role]) in page.texts("main .badge")
        user = db.session.scalars(sa.select(User).where(User.email == f"{name}@bimtek.test")).one()
        assert {membership.role for membership in user.memberships} == {role}

    def test_the_second_agency_sees_nothing_of_the_first(self, demo: Flask) -> None:
        assert host("diskominfo-contoh").name
        page = browse(demo).get("/masuk").submit(email="admin@contoh.test", password="bimtek-demo-2019")
        assert "Literasi Digital" in page.words()
        assert "Smart City" not in page.words()
        page.client.get("/panel/kegiatan/tahap-1", status=404)

    def test_nobody_is_mailed_but_to_addresses_that_cannot_exist(self) -> None:
        addresses = list(db.session.scalars(sa.select(OutboxMessage.to_address)))
        assert 0 < len(addresses) <= 5
        assert all(address.endswith(".test") for address in addresses)

    def test_loading_twice_says_so_and_changes_nothing(self, demo: Flask) -> None:
        before = db.session.scalar(sa.select(sa.func.count(Registration.id)))
        result = run(demo, "load")
        assert result.exit_code == 1
        assert "loaded already" in result.output
        assert db.session.scalar(sa.select(sa.func.count(Registration.id))) == before

    def test_what_is_in_the_outbox_can_be_sent(self, smtp: Mailbox, work: Any) -> None:
        work()
        assert smtp.messages
        assert all(message.get_content_type() for message in smtp.messages)


def expect_doors_open(now: datetime) -> None:
    """Stage II runs today, its checkpoint is open the whole local day, people have come, and it can be told what they think of it."""
    of = stage("tahap-2")
    today = now.astimezone(ZONE).date()
    assert of.starts_on == today
    point = db.session.scalars(
        sa.select(Checkpoint).where(Checkpoint.stage_id == of.id).order_by(Checkpoint.opens_at).limit(1)
    ).one()
    midnight = datetime(today.year, today.month, today.day, tzinfo=ZONE).astimezone(UTC)
    assert (point.opens_at, point.closes_at) == (midnight, midnight + timedelta(days=1))
    assert 30 < present(of) < len(confirmed(of))
    assert db.session.scalar(sa.select(sa.func.max(Scan.occurred_at))) <= now
    questionnaires = db.session.scalars(sa.select(Questionnaire).where(Questionnaire.stage_id == of.id))
    assert QuestionnaireState.OPEN in {one.state for one in questionnaires}


def expect_to_load(app: Flask, now: datetime) -> None:
    result = run(app, "load")
    assert result.exit_code == 0, result.output
    expect_doors_open(now)


def test_it_loads_just_after_midnight(app: Flask, frozen_clock: Any) -> None:
    expect_to_load(app, frozen_clock(datetime(2026, 2, 28, 0, 5, tzinfo=ZONE)))


@pytest.mark.postgres
def test_it_loads_before_breakfast_into_postgresql(app: Flask, frozen_clock: Any) -> None:
    expect_to_load(app, frozen_clock(datetime(2028, 2, 29, 7, 45, tzinfo=ZONE)))


def test_no_password_is_hashed_while_the_database_is_held(
    app: Flask, monkeypatch: pytest.MonkeyPatch, frozen_clock: Any
) -> None:
    """Nobody else could write for as long as that takes."""
    held: list[bool] = []
    hasher = accounts.password_hasher

    def note() -> Any:
        held.append(bool(db.session().info.get("writing")))
        return hasher()

    monkeypatch.setattr(accounts, "password_hasher", note)
    # A load that takes long on a busy machine would else have people come in after `now`.
    expect_to_load(app, frozen_clock(clock.now()))
    assert held
    assert not any(held)


def test_reset_begins_anew_with_the_dates_of_the_day(demo: Flask, frozen_clock: Any) -> None:
    demo.config["APP_ENV"] = "development"
    now = frozen_clock(clock.now().astimezone(ZONE).replace(hour=23, minute=55) + timedelta(days=3))
    result = run(demo, "reset")
    assert result.exit_code == 0, result.output
    expect_doors_open(now)
    assert db.session.scalar(sa.select(sa.func.count(Host.id))) == 2


@pytest.mark.parametrize("command", ["load", "reset"])
def test_production_has_no_demo(app: Flask, command: str) -> None:
    app.config["APP_ENV"] = "production"
    result = run(app, command)
    assert result.exit_code == 1
    assert "production" in result.output or "development only" in result.output
    assert db.session.scalar(sa.select(sa.func.count(Host.id))) == 0


def test_only_development_can_be_emptied(app: Flask) -> None:
    assert run(app, "reset").exit_code == 1
