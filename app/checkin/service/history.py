"""The periods of people's attendance at a checkpoint (rules_history.py) as the database holds them, in Core."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.accounts.models import User
from app.checkin.models import Attendance, ScannerDevice
from app.checkin.rules import CorrectionKind
from app.checkin.rules_history import Period
from app.checkin.service.people import BY
from app.extensions import insert, is_postgresql
from app.shared import clock

TABLE: sa.Table = Attendance.__table__


def periods_of(
    connection: Connection, checkpoint_id: int, registration_ids: Collection[int], *, lock: bool = False
) -> dict[int, list[Period]]:
    """All attendances of these people at the checkpoint, annulled or in force, by registration id.

    With `lock` nobody else changes them until the transaction ends; all doors take them in one order, so that none blocks another.
    """
    found: dict[int, list[Period]] = {registration_id: [] for registration_id in registration_ids}
    statement = (
        sa.select(
            Attendance.id,
            Attendance.registration_id,
            Attendance.at,
            Attendance.scan_id,
            Attendance.annulled_at,
            BY,
        )
        .outerjoin(ScannerDevice, ScannerDevice.id == Attendance.device_id)
        .outerjoin(User, User.id == Attendance.recorded_by_id)
        .where(Attendance.checkpoint_id == checkpoint_id, Attendance.registration_id.in_(found))
        .order_by(Attendance.registration_id, Attendance.id)
    )
    if lock:
        statement = statement.with_for_update(of=Attendance, key_share=True)
    for row in connection.execute(statement) if found else ():
        period = Period(id=row.id, at=row.at, scan_id=row.scan_id, ended_at=row.annulled_at, by=row.by)
        found[row.registration_id].append(period)
    return found


def admission(
    *,
    registration_id: int,
    checkpoint_id: int,
    at: datetime,
    scan_id: str | None = None,
    device_id: int | None = None,
    recorded_by_id: int | None = None,
    correction: CorrectionKind | None = None,
    reason: str = "",
) -> dict[str, Any]:
    """An attendance as a row: of a scan with its device, or of a correction with its reason."""
    return {
        "registration_id": registration_id,
        "checkpoint_id": checkpoint_id,
        "at": at,
        "scan_id": scan_id,
        "device_id": device_id,
        "recorded_by_id": recorded_by_id,
        "correction": correction,
        "reason": reason,
        "annul_reason": "",
    }


def start(connection: Connection, rows: Sequence[dict[str, Any]]) -> set[int]:
    """Add attendances; the registration ids of those for whom none was in force."""
    if not rows:
        return set()
    ordered = sorted(rows, key=lambda row: row["registration_id"])  # all doors in one order: none blocks another
    return {row.registration_id for row in insert_all(connection, TABLE, ordered, (TABLE.c.registration_id,))}


def insert_all(
    connection: Connection, table: sa.Table, rows: Sequence[dict[str, Any]], returning: tuple[sa.Column[Any], ...]
) -> Sequence[Any]:
    """Insert rows of the same columns unless they are there; what is asked of those that were not.

    PostgreSQL gets each column as one array: a statement with hundreds of values is mostly the work of reading it.
    """
    if len(rows) == 1 or not is_postgresql():
        statement = insert(table).on_conflict_do_nothing().returning(*returning)
        return connection.execute(statement, list(rows)).all()
    values = {name: [row[name] for row in rows] for name in rows[0]}
    if table.c.get("changed_at") is not None:
        values["changed_at"] = [clock.now()] * len(rows)
    return connection.execute(_from_arrays(table, tuple(values), returning), values).all()


@cache
def _from_arrays(table: sa.Table, names: tuple[str, ...], returning: tuple[sa.Column[Any], ...]) -> Any:
    arrays = [sa.bindparam(name, type_=sa.ARRAY(table.c[name].type)) for name in names]
    listed = (
        sa.func.unnest(*arrays).table_valued(*(sa.column(name, table.c[name].type) for name in names)).render_derived()
    )
    adding = insert(table).from_select(names, sa.select(*listed.c), include_defaults=False)
    return adding.on_conflict_do_nothing().returning(*returning)


def move(connection: Connection, met: Period, row: dict[str, Any]) -> bool:
    """Give an attendance in force to an earlier admission; False if it is no longer what it was."""
    moved = connection.execute(
        sa.update(TABLE)
        .where(
            TABLE.c.id == met.id,
            TABLE.c.annulled_at.is_(None),
            TABLE.c.registration_id == row["registration_id"],
            TABLE.c.at == met.at,
            TABLE.c.scan_id.is_not_distinct_from(met.scan_id),
        )
        .values({name: value for name, value in row.items() if name != "annul_reason"})
    )
    return moved.rowcount == 1
