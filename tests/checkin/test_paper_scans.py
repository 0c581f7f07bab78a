"""A signed sheet keyed in by scanning its rows: it adds who is missing, and is neither a time of arrival nor a door."""

from datetime import datetime, timedelta

import pytest
from flask import Flask

from app.checkin import service
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import Decision, ScanSource, Settlement
from app.checkin.service import ScanItem
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


def keyed(person: Registration, minutes: int, scan_id: str = "sheet", offline: Decision | None = None) -> ScanItem:
    """A row of the sheet, which says that somebody was there from so many minutes ago."""
    return scan(
        person.badge_code,
        scan_id=scan_id,
        occurred_at=ago(minutes),
        source=ScanSource.PAPER,
        offline_decision=offline,
    )


def counted() -> list[str | None]:
    return [one.scan_id for one in attendances()]


@pytest.mark.parametrize("offline", [None, IN, PARKED, Decision.REPEAT])
def test_a_sheet_leaves_a_real_time_of_arrival(door: Door, person: Registration, offline: Decision | None) -> None:
    door.record(scan(person.ticket_code, scan_id="camera", occurred_at=ago(10)))
    _, clerk = factories.device(door.stage, name="Meja Panitia")
    result = door.record(keyed(person, 40, offline=offline), token=clerk).results[0]
    assert (result.decision, result.first.by) == (Decision.REPEAT, "Pintu Utama")
    assert (counted(), incidents()) == (["camera"], [])
    assert door.record(keyed(person, 40, offline=IN), token=clerk).results[0].replay
    assert (counted(), incidents()) == (["camera"], [])


def test_nor_does_it_take_the_place_of_what_was_recorded_by_hand(door: Door, person: Registration) -> None:
    service.mark_present(person, door.checkpoint, reason="terlambat", by=None, at=ago(5))
    assert door.record(keyed(person, 40, offline=IN)).results[0].decision is Decision.REPEAT
    assert (counted(), incidents()) == ([None], [])


def test_who_is_not_there_yet_is_there_by_the_sheet_once(door: Door, person: Registration) -> None:
    assert door.record(keyed(person, 40)).results[0].decision is Decision.ADMITTED
    again = door.record(keyed(person, 50, "again", IN), keyed(person, 60, "more", IN))
    assert [one.decision for one in again.results] == [Decision.REPEAT] * 2
    assert (counted(), incidents(), again.present) == (["sheet"], [], 1)


@pytest.mark.parametrize(("minutes", "expected"), [(50, "camera"), (30, "sheet")])
def test_an_earlier_scan_of_a_door_takes_the_place_of_a_sheet(
    door: Door, person: Registration, minutes: int, expected: str
) -> None:
    door.record(keyed(person, 40, offline=IN))
    _, token = factories.device(door.stage, name="Pintu Timur")
    late = scan(person.ticket_code, scan_id="camera", occurred_at=ago(minutes), offline_decision=IN)
    result = door.record(late, token=token).results[0]
    assert result.decision is (Decision.ADMITTED if expected == "camera" else Decision.REPEAT)
    assert (counted(), incidents()) == ([expected], [])


def test_two_doors_are_two_also_where_a_sheet_was_keyed_in_between(door: Door, person: Registration) -> None:
    door.record(scan(person.ticket_code, scan_id="first", occurred_at=ago(20)))
    door.record(keyed(person, 60, offline=IN))
    door.record(scan(person.ticket_code, scan_id="second", occurred_at=ago(10), offline_decision=IN))
    assert incidents() == [("two_doors", "second", "first")]


@pytest.mark.parametrize("first", ["camera", "sheet"])
def test_what_a_phone_sends_at_once_counts_by_its_door(door: Door, person: Registration, first: str) -> None:
    items = [keyed(person, 60, offline=IN), scan(person.ticket_code, scan_id="camera", offline_decision=IN)]
    results = door.record(*(items if first == "sheet" else items[::-1])).results
    told = dict(zip([one.scan_id for one in results], [one.decision for one in results], strict=True))
    assert told == {"sheet": Decision.REPEAT, "camera": Decision.ADMITTED}
    assert (counted(), incidents()) == (["camera"], [])


def test_a_sheet_of_an_ended_period_changes_nothing(door: Door, person: Registration) -> None:
    door.record(scan(person.ticket_code, scan_id="wrong", occurred_at=ago(5)))
    service.annul(attendances()[0], reason="salah orang", by=None)
    assert door.record(keyed(person, 40, offline=IN)).results[0].decision is Decision.REPEAT
    assert (counted(), incidents()) == ([], [])


def test_of_a_revoked_device_it_is_settled_without_moving_anybody(door: Door, person: Registration) -> None:
    clerk, token = factories.device(door.stage, name="Meja Panitia")
    service.revoke_device(clerk, by=None)
    absent = factories.registration(door.stage)
    door.record(keyed(person, 40), keyed(absent, 40, "absent"), token=token)
    door.record(scan(person.ticket_code, scan_id="camera", occurred_at=ago(5)))
    for incident in db.session.query(ScanIncident).all():
        assert service.settle(incident, Settlement.PRESENT, by=None)
    assert sorted(counted()) == ["absent", "camera"]
    door.record(scan(absent.ticket_code, scan_id="later", occurred_at=ago(4), offline_decision=IN))
    assert [kind for kind, *_ in incidents()] == ["quarantine"] * 2


def test_who_signed_and_may_not_be_there_is_still_to_be_settled(door: Door) -> None:
    cancelled = factories.registration(door.stage, state=RegistrationState.CANCELLED)
    assert door.record(keyed(cancelled, 5, offline=IN)).results[0].decision is Decision.REFUSED
    assert incidents() == [("let_in", "sheet", None)]
