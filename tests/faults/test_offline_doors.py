"""What doors hand in that had no network, or lost it in the middle: each scan is answered rightly, and none counts twice."""

import json
import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.checkin.models import Attendance, Checkpoint, Scan, ScannerDevice
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import IncidentKind
from app.checkin.service import revoke_device
from app.extensions import db, transaction
from app.programmes.models import Stage
from app.shared import clock
from tests import factories, servers
from tests.faults.breaking import assert_sound, comes_true
from tests.faults.scanning import Door, scan

pytestmark = [pytest.mark.fault, pytest.mark.both_databases]
LET_IN = {"offline_decision": "admitted"}
POISON: list[Any] = [
    None,
    [],
    {"scan_id": "x" * 37},
    {"scan_id": "a", "code": {"a": [1]}, "occurred_at": "2019-07-08T08:00:00+07:00"},
    {"scan_id": "b", "code": "C" * 10_000, "occurred_at": "2019-07-08T08:00:00+07:00"},
    {"scan_id": "c", "code": "0" * 16, "occurred_at": "2019-07-08T08:00:00"},
    {"scan_id": "d", "code": "0" * 16, "occurred_at": 10**400},
    {"scan_id": "e", "code": "0" * 16, "occurred_at": "2019-07-08T08:00:00+07:00", "offline_decision": {}},
]


class Hall:
    """A stage with people and a checkpoint, at which doors scan."""

    def __init__(self, address: str, people: int) -> None:
        self.address = address
        stage = factories.stage()
        self.stage_id, self.checkpoint_id = stage.id, factories.checkpoint(stage).id
        self.codes = [factories.registration(stage).ticket_code for _ in range(people)]

    def door(self, **values: Any) -> Door:
        made = Door(self.address, db.session.get_one(Stage, self.stage_id), self.checkpoint_id, **values)
        db.session.remove()
        return made


@pytest.fixture
def hall(app: Flask, tmp_path: Path, counts: Any) -> Iterator[Hall]:
    """With the full counts the server is gunicorn, which takes seconds to start."""
    in_processes = servers.gunicorn(app, tmp_path / "gunicorn.log")
    with counts(servers.in_thread(app), full=in_processes) as address:
        yield Hall(address, counts(10, full=100))


def at_once(*work: Callable[[], Any]) -> list[Any]:
    """What these answer, each in a thread of its own."""
    answers: dict[int, Any] = {}
    started = threading.Barrier(len(work))

    def do(place: int) -> None:
        started.wait(30)
        answers[place] = work[place]()

    threads = [threading.Thread(target=do, args=(place,)) for place in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return [answers[place] for place in range(len(work))]


def present() -> list[Attendance]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Attendance).where(Attendance.annulled_at.is_(None))))


def incidents() -> list[ScanIncident]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(ScanIncident).order_by(ScanIncident.id)))


def stored() -> dict[str, Scan]:
    db.session.rollback()
    return {one.scan_id: one for one in db.session.scalars(sa.select(Scan))}


def test_two_doors_offline_with_the_same_tickets(app: Flask, hall: Hall) -> None:
    """Both have let everybody in: one attendance each, by the earlier scan, and one incident that names both."""
    doors = [hall.door(name="Pintu Timur"), hall.door(name="Pintu Barat")]
    minutes = random.Random(4)
    handed_in = [
        [scan(code, ago=timedelta(minutes=minutes.uniform(1, 50)), **LET_IN) for code in hall.codes] for _ in doors
    ]
    for scans in handed_in:
        minutes.shuffle(scans)
    answers = at_once(
        *(lambda door=door, scans=scans: door.send(scans) for door, scans in zip(doors, handed_in, strict=True))
    )
    assert [one.status for one in answers] == [200, 200]
    happened = {one["scan_id"]: datetime.fromisoformat(one["occurred_at"]) for scans in handed_in for one in scans}
    people = len(hall.codes)
    found, counted = present(), {one.scan_id for one in present()}
    assert len(found) == len(counted) == people and {one.at for one in found} <= set(happened.values())
    made = incidents()
    assert {one.kind for one in made} == {IncidentKind.TWO_DOORS} and len(made) == people
    for one in made:
        assert one.counted is not None and one.counted.scan_id in counted and one.scan.scan_id not in counted
        assert {one.scan.device_id, one.counted.device_id} == {door.id for door in doors}
        assert happened[one.counted.scan_id] <= happened[one.scan.scan_id]
    assert_sound(app)


def test_a_reply_that_never_came(hall: Hall) -> None:
    """The connection is cut when the scans are stored and the answer is on its way: sent again, they are answered as then."""
    door = hall.door()
    scans = [scan(code) for code in hall.codes]
    body = json.dumps({"scans": scans}).encode()
    host = hall.address.removeprefix("http://")
    head = (
        f"POST /api/v1{door.path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {door.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", int(host.rpartition(":")[2]))) as cut:
        cut.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        cut.sendall(head.encode() + body)
        assert comes_true(lambda: len(stored()) == len(scans))
    again = door.send(scans)
    assert all(one["replay"] for one in again.results)
    assert again.decisions == [("admitted", None)] * len(scans)
    assert len(present()) == len(stored()) == len(scans) and not incidents()


def test_the_same_batch_three_times_in_any_order(app: Flask, hall: Hall) -> None:
    """One after the other and all at once, by two doors that hold the same queue after a phone was copied to another."""
    scans = [scan(code, ago=timedelta(minutes=number % 50), **LET_IN) for number, code in enumerate(hall.codes)]
    orders = [random.Random(seed).sample(scans, len(scans)) for seed in range(6)]
    door = hall.door()
    answers = at_once(*(lambda order=order: door.send(order) for order in orders[:3]))
    answers += [door.send(order) for order in orders[3:]]
    told = [{one["scan_id"]: one["decision"] for one in answer.results} for answer in answers]
    assert told == [{one["scan_id"]: "admitted" for one in scans}] * 6
    assert [len({one["scan_id"] for one in answer.results if not one["replay"]}) for answer in answers[3:]] == [0, 0, 0]
    assert sum(not one["replay"] for answer in answers for one in answer.results) == len(scans)
    assert len(present()) == len(stored()) == len(scans) and not incidents()
    assert_sound(app)


@pytest.mark.parametrize("wrong", [timedelta(hours=48), timedelta(hours=-48)])
def test_a_clock_that_is_two_days_off(hall: Hall, wrong: timedelta) -> None:
    """The device says by `sent_at` how late it thinks it is: its scans stand where they belong, in their order."""
    happened = [clock.now() - timedelta(minutes=50) + timedelta(seconds=number) for number in range(len(hall.codes))]
    scans = [
        scan(code, occurred_at=(at + wrong).isoformat(), **LET_IN)
        for code, at in zip(hall.codes, happened, strict=True)
    ]
    answer = hall.door().send(scans, sent_at=(clock.now() + wrong).isoformat())
    assert answer.decisions == [("admitted", None)] * len(scans)
    kept = stored()
    for one, at in zip(scans, happened, strict=True):
        assert abs(kept[one["scan_id"]].occurred_at - at) < timedelta(seconds=30)
        assert kept[one["scan_id"]].device_time == datetime.fromisoformat(one["occurred_at"])
    order = sorted(present(), key=lambda one: one.at)
    assert [one.scan_id for one in order] == [one["scan_id"] for one in scans]


def test_a_clock_that_is_off_and_does_not_say_so(hall: Hall) -> None:
    """A scan of the day after tomorrow happened now at the latest; one of the day before yesterday was let in out of time."""
    fast, slow = hall.codes[:2]
    two_days = timedelta(hours=48)
    answer = hall.door().send([scan(fast, ago=-two_days, **LET_IN), scan(slow, ago=two_days, **LET_IN)])
    assert answer.decisions == [("admitted", None), ("refused", "too_early")]
    [one], [kept] = present(), incidents()
    assert clock.now() - one.at < timedelta(minutes=5) and kept.kind is IncidentKind.LET_IN


def test_poison_in_the_middle_of_a_batch(hall: Hall) -> None:
    scans: list[Any] = [scan(code, **LET_IN) for code in hall.codes]
    middle = len(scans) // 2
    batch = scans[:middle] + POISON + scans[middle:]
    answer = hall.door().send(batch)
    assert answer.status == 200 and len(answer.results) == len(batch)
    poisoned = answer.results[middle : middle + len(POISON)]
    assert {(one["decision"], one["reason"]) for one in poisoned} == {("refused", "malformed")}
    assert all(one["field"] for one in poisoned)
    assert answer.decisions[:middle] + answer.decisions[middle + len(POISON) :] == [("admitted", None)] * len(scans)
    assert len(present()) == len(stored()) == len(scans)


def test_the_checkpoint_has_closed_meanwhile(hall: Hall) -> None:
    """What happened before it closed counts, whenever it arrives; whom the door let in afterwards, staff settle."""
    closed = clock.now() - timedelta(minutes=10)
    with transaction():
        db.session.get_one(Checkpoint, hall.checkpoint_id).closes_at = closed
    half = len(hall.codes) // 2
    before = [scan(code, ago=timedelta(minutes=11), **LET_IN) for code in hall.codes[:half]]
    after = [scan(code, ago=timedelta(minutes=9), **LET_IN) for code in hall.codes[half:]]
    answer = hall.door().send(after + before)
    assert answer.decisions == [("refused", "too_late")] * len(after) + [("admitted", None)] * len(before)
    assert {one.scan_id for one in present()} == {one["scan_id"] for one in before}
    made = incidents()
    assert {one.scan.scan_id for one in made} == {one["scan_id"] for one in after}
    assert {one.kind for one in made} == {IncidentKind.LET_IN}


def test_a_door_is_revoked_with_scans_in_its_queue(hall: Hall) -> None:
    """They go into quarantine, whoever they name; the door learns nothing, and that it is revoked as soon as it asks."""
    lost = hall.door()
    scans = [scan(code, **LET_IN) for code in hall.codes]
    half = len(scans) // 2
    assert lost.send(scans[:half]).decisions == [("admitted", None)] * half
    revoke_device(db.session.get_one(ScannerDevice, lost.id), by=None)
    db.session.remove()
    answer = lost.send(scans[half:])
    assert answer.decisions == [("parked", "revoked_device")] * len(scans[half:])
    assert all(one["person"] is None and one["first"] is None for one in answer.results)
    again = lost.send(scans)
    assert all(one["replay"] and one["person"] is None for one in again.results)
    assert len(present()) == half and len(stored()) == len(scans)
    assert [one.kind for one in incidents()] == [IncidentKind.QUARANTINE] * len(scans[half:])
    asked = lost.ask("/checkpoints")
    assert (asked.status, asked.body["code"]) == (403, "device_revoked")
