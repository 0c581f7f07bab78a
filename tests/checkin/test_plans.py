"""What PostgreSQL reads for an upload, by a plan that it made while nobody had come yet and has kept since."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.checkin.models import Attendance, Scan
from app.checkin.rules import Decision, ScanSource
from app.extensions import db, transaction
from app.registration.models import Registration
from app.shared import clock
from app.shared.codes import new_code
from tests import factories
from tests.checkin.door import Door, scan

KEEPS_ITS_PLAN_AFTER = 10  # executions: five until psycopg prepares, five more until PostgreSQL plans for any values
THERE = 300
READ = """
    SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname IN ('scan', 'attendance'))
         + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname IN ('scan', 'attendance'))
"""


@pytest.fixture
def told(app: Flask) -> Iterator[None]:
    """Every connection tells what it has read as soon as it is idle, not only a while later."""

    def tell(connection: Any, _record: object) -> None:
        connection.execute("SELECT pg_stat_force_next_flush()")
        connection.rollback()

    engine = db.engine
    sa.event.listen(engine, "checkin", tell)
    yield
    sa.event.remove(engine, "checkin", tell)


def rows_read() -> int:
    """Of scans and attendances, since the database was made."""
    db.session.commit()
    with db.engine.connect() as connection:
        return int(connection.execute(sa.text(READ)).scalar_one())


def come(door: Door, people: Sequence[Registration]) -> None:
    """All at once, unnoticed by the plans."""
    now = clock.now()
    with transaction():
        for one in people:
            known = {"checkpoint_id": door.checkpoint.id, "device_id": door.device.id, "registration_id": one.id}
            scan_id = new_code()
            db.session.add(Attendance(at=now, scan_id=scan_id, **known))
            moments = {"device_time": now, "occurred_at": now, "received_at": now}
            kind = {"source": ScanSource.CAMERA, "decision": Decision.ADMITTED}
            db.session.add(Scan(scan_id=scan_id, code_hash=one.ticket_hash, **known, **moments, **kind))


@pytest.mark.postgres
@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("at_once", [1, 3])
def test_an_upload_reads_no_more_where_many_are_there(at_once: int) -> None:
    door = Door()
    people = [factories.registration(door.stage) for _ in range(THERE + at_once * (KEEPS_ITS_PLAN_AFTER + 2))]
    expected = iter([one.ticket_code for one in people[THERE:]])
    for _ in range(KEEPS_ITS_PLAN_AFTER):
        door.record(*(scan(next(expected)) for _ in range(at_once)))
    before = rows_read()
    door.record(*(scan(next(expected)) for _ in range(at_once)))
    quiet = rows_read() - before
    come(door, people[:THERE])
    before = rows_read()
    recorded = door.record(*(scan(next(expected)) for _ in range(at_once)))
    crowded = rows_read() - before
    assert [result.decision for result in recorded.results] == [Decision.ADMITTED] * at_once
    counted = crowded - quiet - THERE  # who is there is counted anew while they are not too many
    assert counted < THERE / 2, (quiet, crowded)
