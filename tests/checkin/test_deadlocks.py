"""A clerk and a door that uploads the same people: neither waits for what the other holds. PostgreSQL alone knows such a thing."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts.models import User
from app.checkin import service
from app.checkin.models import Attendance, Checkpoint, Scan
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import Decision, Settlement
from app.checkin.rules_paper import SignedRow
from app.checkin.service import history
from app.extensions import db
from app.registration.models import Registration
from app.shared import clock
from tests import factories
from tests.checkin.door import Door, attendances, scan

pytestmark = pytest.mark.postgres


@contextmanager
def meanwhile(app: Flask, act: Callable[[], Any]) -> Iterator[None]:
    """Start `act` in a thread, go on once it waits for a row or is done, and join it; what it raises is raised here."""
    problems: list[BaseException] = []

    def run() -> None:
        try:
            with app.app_context():
                act()
        except BaseException as problem:
            problems.append(problem)

    thread = threading.Thread(target=run)
    thread.start()
    with db.engine.connect() as looking:
        while thread.is_alive() and not looking.scalar(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            looking.rollback()
    yield
    thread.join(60)
    assert not thread.is_alive()
    if problems:
        raise problems[0]


def row(person_id: int, point_id: int) -> dict[str, Any]:
    return history.admission(registration_id=person_id, checkpoint_id=point_id, at=clock.now())


def test_a_sheet_is_keyed_in_while_a_door_uploads_the_same_people(app: Flask) -> None:
    door, clerk_id = Door(), factories.user().id
    first, second = (factories.registration(door.stage) for _ in range(2))
    door.scan(first.ticket_code)
    ids, point_id = (first.id, second.id), door.checkpoint.id
    db.session.remove()

    def key_in() -> None:
        clerk, point = db.session.get_one(User, clerk_id), db.session.get_one(Checkpoint, point_id)
        service.record_signed(point, [SignedRow(one) for one in ids], reason="Kertas", by=clerk)

    with db.engine.connect() as other, other.begin():
        assert history.start(other, [row(one, point_id) for one in ids]) == {ids[1]}
        with meanwhile(app, key_in):
            history.periods_of(other, point_id, [ids[0]], lock=True)  # whom the door has found there already
            other.commit()
    assert {one.registration_id for one in attendances()} == set(ids)


def test_all_are_settled_while_a_door_uploads_the_same_people(app: Flask) -> None:
    door = Door()
    people = [factories.registration(door.stage) for _ in range(2)]
    door.device.revoked_at = clock.now()
    db.session.commit()
    for minutes, person in enumerate(people):  # the incidents in another order than the people
        at = clock.now() - timedelta(minutes=minutes + 1)
        door.record(scan(person.ticket_code, occurred_at=at, offline_decision=Decision.ADMITTED))
    ids, point_id = [one.id for one in people], door.checkpoint.id
    db.session.remove()

    def settle_all() -> None:
        waiting = db.session.scalars(sa.select(ScanIncident).order_by(ScanIncident.id.desc())).all()
        service.settle_many(waiting, Settlement.PRESENT, by=None)

    with db.engine.connect() as other, other.begin():
        history.start(other, [row(ids[0], point_id)])
        with meanwhile(app, settle_all):
            history.start(other, [row(ids[1], point_id)])
            other.commit()
    assert sorted(one.registration_id for one in attendances()) == ids
    assert db.session.scalar(sa.select(sa.func.count()).where(ScanIncident.settled_at.is_not(None))) == 2
    assert db.session.scalar(sa.select(sa.func.count(Attendance.id))) == 2


def test_staff_change_people_while_a_door_uploads_them_in_another_order(app: Flask) -> None:
    door = Door()
    people = [factories.registration(door.stage) for _ in range(2)]
    ids, codes = [one.id for one in people], [one.ticket_code for one in people]
    point_id, token_hash = door.checkpoint.id, door.device.token_hash
    items = [scan("0123456789ABCDEF"), *(scan(code) for code in codes[::-1])]
    answers: list[Decision] = []
    db.session.remove()

    def upload() -> None:
        sent = service.record_scans(token_hash=token_hash, checkpoint_id=point_id, items=items)
        answers.extend(one.decision for one in sent.results)

    with db.engine.connect() as staff, staff.begin():
        holding = sa.select(Registration.id).with_for_update()  # as hold_all does, in the order of ids
        staff.execute(holding.where(Registration.id == ids[0]))
        with meanwhile(app, upload):
            staff.execute(holding.where(Registration.id == ids[1]))
            staff.commit()
    assert answers == [Decision.REFUSED, Decision.ADMITTED, Decision.ADMITTED]
    in_order = sa.select(Scan.registration_id).order_by(Scan.id)
    assert db.session.scalars(in_order).all() == [None, *ids[::-1]]  # as they were sent
    assert sorted(one.registration_id for one in attendances()) == ids
