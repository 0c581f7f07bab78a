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
from tests.bench.bench_scans import crowd
from tests.checkin.door import Door, scan

KEEPS_ITS_PLAN_AFTER = 12  # executions: five until psycopg prepares, five more until PostgreSQL plans for any values
THERE = 300
AT_ONCE = 40  # so many that PostgreSQL takes its plan for any values to be the better one
READ = """
    SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname IN ('scan', 'attendance'))
         + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname IN ('scan', 'attendance'))
"""

KEPT = "SELECT count(*) FROM pg_prepared_statements WHERE generic_plans > 0 AND statement LIKE '%known_scans%'"


@pytest.fixture
def told(app: Flask) -> Iterator[None]:
    """Every connection tells what it has read as soon as it is idle, not only a while later."""

    def tell(connection: Any, _record: object) -> None:
        connection.execute("SELECT pg_stat_force_next_flush()")
        connection.commit()  # a rollback would make psycopg forget what it has prepared

    engine = db.engine
    sa.event.listen(engine, "checkin", tell)
    yield
    sa.event.remove(engine, "checkin", tell)


def rows_read() -> int:
    """Of scans and attendances, since the database was made."""
    db.session.commit()
    with db.engine.begin() as connection:
        return int(connection.execute(sa.text(READ)).scalar_one())


def kept_plans() -> int:
    """How many plans for any values the connection has that uploads go by."""
    with db.engine.begin() as connection:
        return int(connection.execute(sa.text(KEPT)).scalar_one())


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
def test_an_upload_reads_no_more_where_many_are_there() -> None:
    door = Door()
    crowd(factories.registration(door.stage), THERE + AT_ONCE * (KEEPS_ITS_PLAN_AFTER + 2))
    people = db.session.scalars(sa.select(Registration).order_by(Registration.id)).all()
    expected = iter([one.ticket_code for one in people[THERE:]])
    with db.engine.begin() as connection:
        connection.execute(
            sa.text("ANALYZE registration, participant")
        )  # as autovacuum has done long before the doors open
    for _ in range(KEEPS_ITS_PLAN_AFTER):
        door.record(*(scan(next(expected)) for _ in range(AT_ONCE)))
    before = rows_read()
    door.record(*(scan(next(expected)) for _ in range(AT_ONCE)))
    quiet = rows_read() - before
    come(door, people[:THERE])
    before = rows_read()
    recorded = door.record(*(scan(next(expected)) for _ in range(AT_ONCE)))
    crowded = rows_read() - before
    assert kept_plans() == 1
    assert [result.decision for result in recorded.results] == [Decision.ADMITTED] * AT_ONCE
    counted = crowded - quiet - THERE  # who is there is counted anew while they are not too many
    assert counted < THERE / 2, (quiet, crowded)
