"""Who comes to the door without a registration: registered, admitted, and where that cannot be, kept for staff to settle."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.checkin import service
from app.checkin.models import Attendance, Scan, ScannerDevice
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import Decision, IncidentKind, Reason, ScanSource
from app.extensions import db, transaction
from app.institutions.service import seed_categories
from app.programmes.models import Stage
from app.registration.models import Participant, Registration
from app.registration.rules import RegistrationSource, RegistrationState
from app.registration.rules_seats import QuotaKind
from app.registration.service import cancel, set_quota
from app.shared import clock
from app.shared.codes import new_code
from tests import factories
from tests.checkin.test_api import Device, scan

pytestmark = pytest.mark.both_databases


class Door(Device):
    """A scanner that registers whoever stands there."""

    def __init__(self, app: Flask, **stage: Any) -> None:
        super().__init__(app, factories.stage(**stage))
        seed_categories(self.stage.host)
        self.institution = factories.institution(self.stage.host, name="Dinas Kesehatan")

    def walk_in(self, *items: Any, status: int = 200, **body: Any) -> Any:
        path = f"/checkpoints/{self.checkpoint.id}/walk-ins"
        return self.ask(path, "POST", status=status, json={"walk_ins": list(items), **body}).json

    def one(self, item: Any, **body: Any) -> Any:
        return self.walk_in(item, **body)["results"][0]


def form(door: Door, **values: Any) -> dict[str, Any]:
    known = {
        "scan_id": new_code(),
        "occurred_at": clock.now().isoformat(),
        "name": "Rahmat Hidayat",
        "institution_id": door.institution.id,
        "position": "Perawat",
        "phone": "0812-3456-7890",
    }
    return {name: value for name, value in (known | values).items() if value is not None}


def count(model: Any, **values: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).filter_by(**values)) or 0


def only(model: Any, **values: Any) -> Any:
    db.session.expire_all()
    return db.session.scalars(sa.select(model).filter_by(**values)).one()


@pytest.fixture
def door(app: Flask) -> Door:
    return Door(app)


def test_a_walk_in_is_registered_and_admitted(door: Door) -> None:
    sent = form(door, name="dr. Rahmat Hidayat, M.Kes.")
    answer = door.walk_in(sent, sent_at=clock.now().isoformat())
    made = only(Registration)
    assert answer == {
        "results": [
            {
                "scan_id": sent["scan_id"],
                "decision": "admitted",
                "reason": None,
                "replay": False,
                "person": {"name": made.full_name, "institution": "Dinas Kesehatan", "groups": []},
                "first": None,
                "detail": None,
                "badge": {"code_hash": made.badge_hash},
            }
        ],
        "counts": {"expected": 1, "present": 1},
    }
    assert (made.state, made.source) == (RegistrationState.CONFIRMED, RegistrationSource.WALK_IN)
    assert (made.name, made.title_after, made.position, made.phone, made.email, made.notice_id) == (
        "Rahmat Hidayat",
        "M.Kes.",
        "Perawat",
        "+6281234567890",
        None,
        None,
    )
    assert (made.category.code, made.institution_id) == ("OPD", door.institution.id)
    assert only(Scan).source is ScanSource.WALK_IN
    assert only(Attendance).registration_id == made.id
    assert only(Stage).seats_taken == 1
    again = door.send(scan("") | {"code": None, "code_hash": answer["results"][0]["badge"]["code_hash"]})
    assert again["results"][0]["decision"] == "repeat"


def test_neither_window_nor_approval_nor_prerequisite_is_asked_for(app: Flask) -> None:
    before = factories.stage()
    now = clock.now()
    door = Door(
        app,
        of=before.programme,
        approval_required=True,
        prerequisite_id=before.id,
        registration_opens_at=now - timedelta(days=9),
        registration_closes_at=now - timedelta(days=2),
    )
    assert door.one(form(door))["decision"] == "admitted"


def test_a_typed_institution_comes_with_its_category(door: Door) -> None:
    answers = door.walk_in(
        form(door, institution_id=None, institution="Koperasi Nelayan", category="KOMUNITAS"),
        form(door, name="Ani", institution_id=None, category="MASYARAKAT"),
        form(door, name="Budi", institution_id=None, institution="Koperasi Nelayan"),
        form(door, name="Cici", institution_id=None, category="OPD"),
    )["results"]
    assert [one["decision"] for one in answers] == ["admitted", "admitted", "refused", "refused"]
    assert [one.get("field") for one in answers[2:]] == ["category", "institution"]
    assert [one.institution_name for one in db.session.scalars(sa.select(Registration).order_by(Registration.id))] == [
        "Koperasi Nelayan",
        "",
    ]


def test_sent_three_times_and_reordered_it_is_one(door: Door) -> None:
    sent = [form(door, name=name, phone=f"08123456789{number}") for number, name in enumerate(("Ani", "Budi", "Cici"))]
    first = door.walk_in(*sent)
    for again in (sent[::-1], [*sent, *sent]):
        answers = {one["scan_id"]: one for one in door.walk_in(*again)["results"]}
        assert answers == {one["scan_id"]: one | {"replay": True} for one in first["results"]}
    assert (count(Registration), count(Attendance), count(Scan), count(Participant)) == (3, 3, 3, 3)
    twice = form(door, name="Dedi")
    assert [one["replay"] for one in door.walk_in(twice, twice)["results"]] == [False, True]


def test_a_scan_id_of_another_checkpoint_is_no_replay(app: Flask, door: Door) -> None:
    other = Door(app)
    sent = form(door)
    door.one(sent)
    answer = other.one(form(other, scan_id=sent["scan_id"]))
    assert (answer["decision"], answer["field"], answer["person"], answer["badge"]) == (
        "refused",
        "scan_id",
        None,
        None,
    )
    assert count(Registration, stage_id=other.stage.id) == 0


def test_the_same_person_again_is_found(door: Door) -> None:
    person = factories.registration(door.stage, name="Rahmat Hidayat", phone="+6281234567890")
    assert door.one(form(door))["decision"] == "admitted"
    again = door.one(form(door, name="RAHMAT HIDAYAT", phone="+62 812 3456 7890"))
    assert (again["decision"], again["badge"], again["first"]["by"]) == (
        "repeat",
        {"code_hash": person.badge_hash},
        "Pintu Utama",
    )
    assert (count(Registration), count(Attendance)) == (1, 1)


@pytest.mark.parametrize(
    ("state", "capacity", "decision"),
    [
        (RegistrationState.CANCELLED, 1, "admitted"),
        (RegistrationState.WAITLISTED, 1, "admitted"),
        (RegistrationState.PENDING, 1, "admitted"),
        (RegistrationState.CANCELLED, 0, "parked"),
        (RegistrationState.WAITLISTED, 0, "parked"),
        (RegistrationState.PENDING, 0, "admitted"),
        (RegistrationState.REJECTED, 1, "parked"),
    ],
)
def test_whoever_has_no_place_gets_one_where_there_is_a_seat(
    app: Flask, state: RegistrationState, capacity: int, decision: str
) -> None:
    """`capacity`: the seats that are left; who waits for approval has one already."""
    door = Door(app, capacity=2)
    for _ in range(2 - capacity - (state is RegistrationState.PENDING)):
        factories.registration(door.stage)
    person = factories.registration(
        door.stage, name="Rahmat Hidayat", phone="+6281234567890", state=state, confirmed_at=None
    )
    answer = door.one(form(door))
    assert answer["decision"] == decision
    states = [one.state for one in _entries(door.stage, "Rahmat Hidayat")]
    ended = state in (RegistrationState.CANCELLED, RegistrationState.REJECTED)
    if decision == "parked":
        expected = Reason.NOT_CONFIRMED if state is RegistrationState.REJECTED else Reason.NO_SEAT
        assert (answer["reason"], bool(answer["detail"])) == (expected.value, True)
        assert states == [person.state]
    else:
        assert states == ([state] if ended else []) + [RegistrationState.CONFIRMED]
    assert only(Stage, id=door.stage.id).seats_taken <= 2


def _entries(stage: Stage, name: str) -> list[Registration]:
    db.session.expire_all()
    statement = sa.select(Registration).where(Registration.stage_id == stage.id, Registration.name == name)
    return list(db.session.scalars(statement.order_by(Registration.id)))


def test_without_a_seat_the_person_is_kept_for_staff(app: Flask) -> None:
    door = Door(app, capacity=1)
    factories.registration(door.stage)
    sent = form(door, name="Hj. Siti Aminah", offline_decision="admitted")
    answer = door.one(sent)
    assert (answer["decision"], answer["reason"], answer["badge"]) == ("parked", "no_seat", None)
    assert answer["detail"]
    incident = only(ScanIncident)
    assert (incident.kind, incident.settled_at) == (IncidentKind.WALK_IN, None)
    assert incident.person == {
        "title_before": "Hj.",
        "name": "Siti Aminah",
        "category": "OPD",
        "institution_id": door.institution.id,
        "institution": "Dinas Kesehatan",
        "position": "Perawat",
        "phone": "+6281234567890",
    }
    assert (incident.scan.decision, incident.scan.offline_decision) == (Decision.PARKED, Decision.ADMITTED)
    assert (count(Registration), count(Participant)) == (1, 1)
    assert door.one(sent) == answer | {"replay": True}
    assert count(ScanIncident) == 1


def test_whom_the_phone_let_in_before_it_heard_no_is_kept_for_staff(door: Door) -> None:
    early = (door.checkpoint.opens_at - timedelta(hours=1)).isoformat()
    sent = form(door, occurred_at=early)
    assert door.one(sent)["decision"] == "refused"
    assert count(ScanIncident) == 0
    for _ in range(2):
        assert door.one(sent | {"offline_decision": "parked"})["decision"] == "refused"
    incident = only(ScanIncident)
    assert (incident.kind, incident.scan.offline_decision) == (IncidentKind.WALK_IN, Decision.PARKED)
    assert incident.person["phone"] == "+6281234567890"
    assert count(Registration) == 0


def test_a_full_category_or_institution_is_full_at_the_door_too(door: Door) -> None:
    for kind, target in (
        (QuotaKind.CATEGORY, door.institution.category_id),
        (QuotaKind.INSTITUTION, door.institution.id),
    ):
        with transaction():
            db.session.execute(sa.text("DELETE FROM quota"))
        set_quota(door.stage, kind=kind, target_id=target, capacity=1, by=None)
        first, second = (form(door, name=f"{name} {kind.value}", phone=None) for name in ("Ani", "Budi"))
        with transaction():
            db.session.execute(sa.text("UPDATE quota SET seats_taken = 0"))
        assert [one["decision"] for one in door.walk_in(first, second)["results"]] == ["admitted", "parked"]


def test_settled_as_present_goes_beyond_the_limits(app: Flask, people: Any) -> None:
    door = Door(app, capacity=1)
    factories.registration(door.stage)
    door.one(form(door))
    incident = only(ScanIncident)
    made = service.settle_newcomer(incident, people.organiser.user)
    stage = only(Stage, id=door.stage.id)
    assert (made.state, made.name, stage.capacity, stage.seats_taken) == (
        RegistrationState.CONFIRMED,
        "Rahmat Hidayat",
        2,
        2,
    )
    assert service.settle_newcomer(only(ScanIncident), people.organiser.user).id == made.id
    assert only(Stage, id=door.stage.id).seats_taken == 2


def test_a_closed_checkpoint_registers_nobody_but_what_happened_is_kept(door: Door) -> None:
    early = (clock.now() - timedelta(hours=3)).isoformat()
    answer = door.one(form(door, occurred_at=early))
    assert (answer["decision"], answer["reason"]) == ("refused", "too_early")
    assert count(Registration) == 0
    answer = door.one(form(door, occurred_at=early, offline_decision="admitted"))
    assert (answer["decision"], answer["reason"]) == ("refused", "too_early")
    assert count(Registration) == 1


def test_a_revoked_device_hands_over_whom_it_holds(door: Door) -> None:
    service.revoke_device(db.session.get_one(ScannerDevice, door.record.id), by=None)
    sent = form(door)
    answer = door.one(sent)
    assert (answer["decision"], answer["reason"], answer["person"], answer["badge"], answer["detail"]) == (
        "parked",
        "revoked_device",
        None,
        None,
        None,
    )
    incident = only(ScanIncident)
    assert (incident.kind, incident.person["name"]) == (IncidentKind.QUARANTINE, "Rahmat Hidayat")
    assert count(Registration) == 0
    assert door.one(sent) == answer | {"replay": True}
    door.ask(f"/checkpoints/{door.checkpoint.id}/institutions", status=403)


def test_an_expired_device_too(door: Door) -> None:
    with transaction():
        db.session.get_one(ScannerDevice, door.record.id).expires_at = clock.now() - timedelta(minutes=1)
    assert door.one(form(door))["reason"] == "revoked_device"
    assert only(ScanIncident).kind is IncidentKind.QUARANTINE


def test_a_clock_two_days_off_is_put_right(door: Door) -> None:
    wrong = clock.now() + timedelta(hours=48)
    answer = door.one(form(door, occurred_at=(wrong - timedelta(minutes=5)).isoformat()), sent_at=wrong.isoformat())
    assert answer["decision"] == "admitted"
    late = clock.now() - only(Attendance).at
    assert timedelta(minutes=4) < late < timedelta(minutes=6)


def test_the_form_chooses_from_the_directory(app: Flask, door: Door) -> None:
    retired = factories.institution(door.stage.host, name="Dinas Lama", retired=True)
    Door(app)
    answer = door.ask(f"/checkpoints/{door.checkpoint.id}/institutions").json
    assert answer["institutions"] == [
        {"id": door.institution.id, "name": "Dinas Kesehatan", "short_name": "", "category": "OPD"}
    ]
    needs = {one["code"]: one["needs_institution"] for one in answer["categories"]}
    assert len(needs) == 15
    assert [code for code, needed in needs.items() if not needed] == ["PAKAR", "MASYARAKAT"]
    assert door.one(form(door, institution_id=retired.id))["decision"] == "admitted"


def test_whoever_cancelled_gets_a_new_ticket(door: Door) -> None:
    person = factories.registration(door.stage, name="Rahmat Hidayat", phone="+6281234567890")
    cancel(person)
    answer = door.one(form(door))
    assert answer["badge"]["code_hash"] != person.badge_hash
    assert door.send(scan(person.ticket_code))["results"][0]["reason"] == "cancelled"
