"""Settling incidents: each once, with what comes of it, on both databases."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from app.audit.models import AuditEntry
from app.checkin import service
from app.checkin.models import Scan
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import CorrectionKind, Decision, IncidentKind, Reason, ScanSource, Settlement
from app.extensions import db, transaction
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.shared import clock
from app.shared.codes import digest
from tests import factories
from tests.checkin.door import Door, attendances, incidents, scan

pytestmark = pytest.mark.both_databases
IN, PRESENT, DISMISSED = Decision.ADMITTED, Settlement.PRESENT, Settlement.DISMISSED


@pytest.fixture
def door(app: Flask) -> Door:
    return Door()


def ago(minutes: int) -> datetime:
    return clock.now() - timedelta(minutes=minutes)


def incident(scan_id: str | None = None) -> ScanIncident:
    statement = sa.select(ScanIncident).join(Scan, Scan.id == ScanIncident.scan_id)
    return db.session.scalars(statement.filter(Scan.scan_id == scan_id) if scan_id else statement).one()


def let_in(door: Door, scan_id: str = "in", minutes: int = 10, **values: object) -> Registration:
    """Somebody whose registration is cancelled, whom a phone let in."""
    person = factories.registration(door.stage, state=RegistrationState.CANCELLED, **values)
    door.record(scan(person.ticket_code, scan_id=scan_id, occurred_at=ago(minutes), offline_decision=IN))
    return person


def test_present_counts_from_the_moment_of_the_scan_and_a_second_time_changes_nothing(door: Door) -> None:
    person, by = let_in(door), factories.user()
    assert service.settle(incident(), PRESENT, by=by, note="  Kepala dinas  ") is True
    assert service.settle(incident(), DISMISSED, by=None, note="lain") is False
    (attendance,), found = attendances(), incident()
    assert (attendance.registration_id, attendance.at) == (person.id, found.scan.occurred_at)
    assert (attendance.scan_id, attendance.device_id) == ("in", door.device.id)
    assert (attendance.correction, attendance.reason) == (CorrectionKind.SETTLED, "Kepala dinas")
    assert (found.settlement, found.settled_by_id, found.note) == (PRESENT, by.id, "Kepala dinas")
    assert found.scan.decision is Decision.REFUSED  # what the door was told stays
    entries = list(db.session.scalars(sa.select(AuditEntry)))
    assert [(one.action, one.subject_id, one.actor_id) for one in entries] == [("incident.present", found.id, by.id)]


def test_dismissed_makes_no_attendance(door: Door) -> None:
    let_in(door)
    assert service.settle(incident(), DISMISSED, by=None) is True
    assert (attendances(), incident().settlement) == ([], DISMISSED)


def test_what_a_revoked_device_held_counts_as_any_admission_if_it_was_one(door: Door) -> None:
    person = factories.registration(door.stage)
    service.revoke_device(door.device, by=None)
    door.record(scan(person.badge_code, scan_id="held", occurred_at=ago(10)))
    assert service.settle(incident(), PRESENT, by=None) is True
    (attendance,) = attendances()
    assert (attendance.registration_id, attendance.correction) == (person.id, None)
    assert incident().registration_id == person.id


@pytest.mark.parametrize("offline", [Decision.REFUSED, Decision.REPEAT])
def test_whom_a_revoked_device_had_turned_away_is_kept_and_not_there(door: Door, offline: Decision) -> None:
    away, there = factories.registration(door.stage), factories.registration(door.stage)
    service.revoke_device(door.device, by=None)
    door.record(scan(away.ticket_code, offline_decision=offline), scan(there.ticket_code, offline_decision=IN))
    assert service.settle_many(list(db.session.scalars(sa.select(ScanIncident))), PRESENT, by=None) == (1, 0)
    assert [one.registration_id for one in attendances()] == [there.id]
    assert len(list(db.session.scalars(sa.select(Scan)))) == 2


def test_a_code_that_nobody_has_stays_open_until_somebody_has_it(door: Door) -> None:
    door.record(scan("0123456789ABCDEF", scan_id="new", occurred_at=ago(10), offline_decision=Decision.PARKED))
    with pytest.raises(service.NobodyKnown):
        service.settle(incident(), PRESENT, by=None)
    assert (incident().settled_at, attendances()) == (None, [])
    person = factories.registration(door.stage, ticket_code="0123456789ABCDEF")
    assert service.settle(incident(), PRESENT, by=None) is True
    assert [one.registration_id for one in attendances()] == [person.id]


def test_a_ticket_of_another_stage_is_nobody_here_unless_staff_say_who_it_was(door: Door) -> None:
    elsewhere = factories.registration()
    door.record(scan(elsewhere.ticket_code, scan_id="other", offline_decision=IN))
    with pytest.raises(service.NobodyKnown):
        service.settle(incident(), PRESENT, by=None)
    person = factories.registration(door.stage)
    assert service.settle(incident(), PRESENT, by=None, registration=person) is True
    assert [one.registration_id for one in attendances()] == [person.id]


def test_of_two_doors_it_only_closes(door: Door) -> None:
    person = factories.registration(door.stage)
    for scan_id, minutes in (("one", 20), ("two", 10)):
        door.record(scan(person.ticket_code, scan_id=scan_id, occurred_at=ago(minutes), offline_decision=IN))
    assert service.settle(incident("two"), PRESENT, by=None) is True
    assert [one.scan_id for one in attendances()] == ["one"]


@pytest.mark.parametrize("settled_first", [True, False])
def test_settled_or_admitted_the_earlier_counts_whichever_came_first(door: Door, settled_first: bool) -> None:
    person = let_in(door, "settled", minutes=20)
    with transaction():
        db.session.get_one(Registration, person.id).state = RegistrationState.CONFIRMED

    def settle() -> None:
        service.settle(incident("settled"), PRESENT, by=None)

    def admit() -> None:
        door.record(scan(person.ticket_code, scan_id="admitted", occurred_at=ago(10), offline_decision=IN))

    for act in (settle, admit) if settled_first else (admit, settle):
        act()
    assert [one.scan_id for one in attendances()] == ["settled"]
    assert incidents()[0] == ("two_doors", "admitted", "settled")


def test_settling_after_an_annulment_counts_anew(door: Door) -> None:
    person = let_in(door)
    with transaction():
        db.session.get_one(Registration, person.id).state = RegistrationState.CONFIRMED
    service.annul(service.mark_present(person, door.checkpoint, reason="kertas", by=None), reason="salah", by=None)
    service.settle(incident(), PRESENT, by=None)
    assert [one.scan_id for one in attendances()] == ["in"]
    annulled = service.annul_scan(door.device, "in", reason="salah orang")
    assert annulled is not None and attendances() == []


def test_a_settled_scan_can_be_annulled(door: Door) -> None:
    let_in(door)
    service.settle(incident(), PRESENT, by=None)
    assert service.annul_scan(door.device, "in", reason="salah orang") is not None
    assert attendances() == []


def parked_walk_in(door: Door, monkeypatch: pytest.MonkeyPatch, person: Registration) -> None:
    now = clock.now()
    parked = Scan(
        scan_id="walk",
        checkpoint_id=door.checkpoint.id,
        device_id=door.device.id,
        code_hash=digest("x"),
        source=ScanSource.WALK_IN,
        decision=Decision.PARKED,
        reason=Reason.NO_SEAT,
        device_time=now,
        occurred_at=now,
        received_at=now,
    )
    with transaction():
        db.session.add(parked)
        db.session.flush()
        of_form = {"scan_id": parked.id, "kind": IncidentKind.WALK_IN, "person": {"name": "Budi"}}
        db.session.add(ScanIncident(checkpoint_id=door.checkpoint.id, created_at=now, **of_form))
    key = person.id
    monkeypatch.setattr(service.settling, "_registrars", [lambda _incident, _by: db.session.get(Registration, key)])


@pytest.mark.parametrize("settlement", [PRESENT, DISMISSED])
def test_what_a_walk_in_form_said_is_forgotten_either_way(
    door: Door, monkeypatch: pytest.MonkeyPatch, settlement: Settlement
) -> None:
    person = factories.registration(door.stage)
    parked_walk_in(door, monkeypatch, person)
    service.settle(incident(), settlement, by=None)
    assert incident().person is None
    expected = [person.id] if settlement is PRESENT else []
    assert [one.registration_id for one in attendances()] == expected


def test_many_at_once_leave_open_what_nobody_knows(door: Door) -> None:
    for number in range(3):
        let_in(door, f"in{number}")
    door.record(scan("0123456789ABCDEF", scan_id="unknown", offline_decision=IN))
    everything = list(db.session.scalars(sa.select(ScanIncident)))
    assert service.settle_many(everything, PRESENT, by=None) == (3, 1)
    assert len(attendances()) == 3
    assert incident("unknown").settled_at is None
    assert incident("unknown").scan.code_hash == digest("0123456789ABCDEF")
