"""What scans of doors without network become, in whatever order they arrive, on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest
import sqlalchemy as sa
from flask import Flask

from app.checkin import service
from app.checkin.models import Attendance, Scan
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import CorrectionKind, Decision, Reason
from app.checkin.service.corrections import NotAnAdmission
from app.extensions import db
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.shared import clock
from tests import factories
from tests.checkin.door import Door, attendances, incidents, scan

pytestmark = pytest.mark.both_databases
IN, PARKED = Decision.ADMITTED, Decision.PARKED


@pytest.fixture
def door(app: Flask) -> Door:
    return Door()


@pytest.fixture
def person(door: Door) -> Registration:
    return factories.registration(door.stage)


def ago(minutes: int) -> datetime:
    return clock.now() - timedelta(minutes=minutes)


def counted() -> list[tuple[str | None, str]]:
    """The attendances in force: their scan and device."""
    return [(one.scan_id, one.device.name if one.device else "") for one in attendances()]


def test_an_earlier_scan_that_arrives_later_counts_and_the_other_door_is_an_incident(
    door: Door, person: Registration
) -> None:
    other, token = factories.device(door.stage, name="Pintu Timur")
    online, offline = (
        scan(person.ticket_code, scan_id="online"),
        scan(person.badge_code, scan_id="offline", occurred_at=ago(10), offline_decision=IN),
    )
    assert door.record(online).results[0].decision is Decision.ADMITTED
    late = door.record(offline, token=token)
    assert (late.results[0].decision, late.results[0].first, late.present) == (Decision.ADMITTED, None, 1)
    assert counted() == [("offline", other.name)]
    assert incidents() == [("two_doors", "online", "offline")]
    assert door.record(online).results[0].decision is Decision.ADMITTED  # what the door was told stays


def test_a_repeat_online_is_no_incident(door: Door, person: Registration) -> None:
    door.record(scan(person.ticket_code), scan(person.ticket_code, offline_decision=Decision.REPEAT))
    door.record(scan(person.badge_code))
    assert incidents() == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_three_doors_in_every_order(door: Door, person: Registration, order: tuple[int, ...]) -> None:
    items = [scan(person.ticket_code, scan_id=f"s{n}", occurred_at=ago(30 - n), offline_decision=IN) for n in range(3)]
    tokens = [factories.device(door.stage, name=f"Pintu {n}")[1] for n in range(3)]
    for n in order:
        recorded = door.record(items[n], items[n], token=tokens[n])
        assert recorded.present == 1
    assert counted() == [("s0", "Pintu 0")]
    assert incidents() == [("two_doors", "s1", "s0"), ("two_doors", "s2", "s0")]


def test_a_late_batch_of_the_same_hundred(door: Door) -> None:
    people = [factories.registration(door.stage) for _ in range(8)]
    _, token = factories.device(door.stage)
    mine, theirs = (
        [scan(one.ticket_code, scan_id=f"{name}{n}", occurred_at=ago(60 - n), offline_decision=IN) for n, one in crowd]
        for name, crowd in (("a", list(enumerate(people))), ("b", list(enumerate(people[::-1]))))
    )
    assert door.record(*mine).present == 8
    recorded = door.record(*theirs, token=token)
    assert (recorded.expected, recorded.present, len(recorded.results)) == (8, 8, 8)
    assert len(incidents()) == 8
    earliest = {
        min(pair, key=lambda one: (one.occurred_at, one.scan_id)).scan_id
        for pair in zip(mine, theirs[::-1], strict=True)
    }
    assert {scan_id for scan_id, _device in counted()} == earliest
    assert {found[2] for found in incidents()} == earliest


def test_two_scans_of_one_batch_count_by_their_time(door: Door, person: Registration) -> None:
    later, earlier = (
        scan(person.ticket_code, scan_id=name, occurred_at=ago(minutes), offline_decision=IN)
        for name, minutes in (("later", 5), ("earlier", 10))
    )
    results = door.record(later, earlier).results
    assert [one.decision for one in results] == [Decision.REPEAT, Decision.ADMITTED]
    assert counted()[0][0] == "earlier"
    assert incidents() == [("two_doors", "later", "earlier")]


@pytest.mark.parametrize("offline", [IN, PARKED])
def test_what_is_unknown_here_is_parked(door: Door, offline: Decision) -> None:
    result = door.scan_offline("0123456789ABCDEF", offline)
    assert (result.decision, result.reason, result.person) == (Decision.PARKED, Reason.UNKNOWN, None)
    elsewhere = factories.registration(state=RegistrationState.CANCELLED)
    result = door.scan_offline(elsewhere.ticket_code, offline)
    assert (result.decision, result.reason, result.person) == (Decision.PARKED, Reason.OTHER_STAGE, None)
    assert [kind for kind, *_ in incidents()] == ["parked", "parked"]
    assert door.scan_offline("0123456789ABCDEF", Decision.REFUSED).decision is Decision.REFUSED
    assert len(incidents()) == 2


def test_what_a_phone_had_parked_and_is_known_here_is_admitted(door: Door, person: Registration) -> None:
    assert door.scan_offline(person.ticket_code, PARKED).decision is Decision.ADMITTED
    assert incidents() == []


@pytest.mark.parametrize("again", [1, 2])
def test_a_phone_that_decided_before_our_answer_came_says_so_when_it_sends_again(door: Door, again: int) -> None:
    item = scan("0123456789ABCDEF", scan_id="slow")
    assert door.record(item).results[0].decision is Decision.REFUSED
    assert incidents() == []
    _, elsewhere = factories.device(door.stage)
    door.record(replace(item, offline_decision=IN), token=elsewhere)
    assert incidents() == []  # of another device's scan nobody may say anything
    for _ in range(again):
        result = door.record(replace(item, offline_decision=PARKED)).results[0]
        assert (result.decision, result.reason, result.replay) == (Decision.REFUSED, Reason.UNKNOWN, True)
    door.record(replace(item, offline_decision=Decision.REFUSED))
    assert incidents() == [("let_in", "slow", None)]
    assert [one.offline_decision for one in db.session.scalars(sa.select(Scan))] == [PARKED]


def test_of_two_doors_one_let_him_in_before_it_heard_that_he_was_there(door: Door, person: Registration) -> None:
    door.record(scan(person.ticket_code, scan_id="first"), token=factories.device(door.stage)[1])
    late = scan(person.badge_code, scan_id="late")
    assert door.record(late).results[0].decision is Decision.REPEAT
    assert incidents() == []
    assert door.record(replace(late, offline_decision=IN)).results[0].decision is Decision.REPEAT
    assert incidents() == [("two_doors", "late", "first")]
    assert len(attendances()) == 1


def test_whom_the_rule_refuses_was_let_in(door: Door) -> None:
    cancelled = factories.registration(door.stage, state=RegistrationState.CANCELLED)
    assert door.scan_offline(cancelled.ticket_code, Decision.REFUSED).reason is Reason.CANCELLED
    assert incidents() == []
    assert door.scan_offline(cancelled.ticket_code, IN).decision is Decision.REFUSED
    assert [kind for kind, *_ in incidents()] == ["let_in"]
    assert attendances() == []


def test_a_revoked_device_makes_incidents_that_name_nobody(door: Door, person: Registration) -> None:
    service.revoke_device(door.device, by=None)
    item = scan(person.ticket_code, scan_id="held", offline_decision=IN)
    for _ in range(3):
        door.record(item)
    assert incidents() == [("quarantine", "held", None)]
    found = db.session.scalars(sa.select(ScanIncident)).one()
    assert (found.registration_id, found.scan.registration_id, attendances()) == (None, None, [])


def annul_all() -> None:
    for one in attendances():
        service.annul(one, reason="salah orang", by=None)


def test_a_late_scan_of_an_ended_period_makes_no_attendance(door: Door, person: Registration) -> None:
    door.record(scan(person.ticket_code, scan_id="wrong", occurred_at=ago(5)))
    annul_all()
    late = door.record(scan(person.badge_code, scan_id="late", occurred_at=ago(20), offline_decision=IN))
    assert (late.results[0].decision, late.results[0].first.by, late.present) == (Decision.REPEAT, "Pintu Utama", 0)
    assert attendances() == []
    assert incidents() == [("two_doors", "late", "wrong")]
    assert door.record(scan(person.ticket_code, scan_id="anew")).results[0].decision is Decision.ADMITTED
    still = scan(person.ticket_code, scan_id="still", occurred_at=ago(30), offline_decision=IN)
    assert door.record(still).results[0].decision is Decision.REPEAT
    assert [scan_id for scan_id, _ in counted()] == ["anew"]
    assert ("two_doors", "still", "wrong") in incidents()


def annul_scan(door: Door, scan_id: str) -> Attendance | None:
    return service.annul_scan(door.device, scan_id, reason="salah orang")


@pytest.mark.parametrize("which", ["first", "moved", "repeat"])
def test_any_scan_of_a_period_annuls_it_once(door: Door, person: Registration, which: str) -> None:
    door.record(scan(person.ticket_code, scan_id="moved", occurred_at=ago(10)))
    door.record(scan(person.ticket_code, scan_id="first", occurred_at=ago(20), offline_decision=IN))
    door.record(scan(person.ticket_code, scan_id="repeat", occurred_at=ago(5)))
    ended = annul_scan(door, which)
    assert ended is not None and attendances() == []
    door.record(scan(person.ticket_code, scan_id="anew"))
    for scan_id in ("first", "moved", "repeat"):
        again = annul_scan(door, scan_id)
        assert again is not None and again.id == ended.id
    assert [scan_id for scan_id, _ in counted()] == ["anew"]


def test_a_scan_that_let_nobody_in_annuls_nothing(door: Door) -> None:
    door.record(scan("0123456789ABCDEF", scan_id="unknown"))
    with pytest.raises(NotAnAdmission):
        annul_scan(door, "unknown")


def test_an_earlier_scan_takes_the_place_of_a_correction_and_an_earlier_correction_that_of_a_scan(
    door: Door, person: Registration
) -> None:
    service.mark_present(person, door.checkpoint, reason="kertas", by=None, at=ago(20))
    door.record(scan(person.ticket_code, scan_id="later", occurred_at=ago(15), offline_decision=IN))
    assert (counted(), incidents()) == ([(None, "")], [])
    door.record(scan(person.ticket_code, scan_id="first", occurred_at=ago(30), offline_decision=IN))
    (attendance,) = attendances()
    assert (attendance.scan_id, attendance.correction, attendance.reason) == ("first", None, "")
    assert incidents() == [("two_doors", "later", "first")]
    service.mark_present(
        person, door.checkpoint, reason="tanda tangan", by=None, at=ago(40), correction=CorrectionKind.PAPER
    )
    (attendance,) = attendances()
    assert (attendance.scan_id, attendance.device_id, attendance.correction) == (None, None, CorrectionKind.PAPER)
