"""The periods of people's attendance at a checkpoint (rules_history.py) as the database holds them, in Core."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from enum import Enum
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
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.shared import clock

TABLE: sa.Table = Attendance.__table__


def periods_of(
    connection: Connection, checkpoint_id: int, registration_ids: Collection[int], *, lock: bool = False
) -> dict[int, list[Period]]:
    """All attendances of these people at the checkpoint, annulled or in force, by registration id.

    With `lock` nobody else changes them until the transaction ends; all doors take them in one order, so that none blocks another.
    """
    if not registration_ids:
        return {}
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
    for row in connection.execute(statement):
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


def start(connection: Connection, rows: Sequence[dict[str, Any]], *, confirmed: bool = False) -> set[int]:
    """Add attendances; the registration ids of those for whom none was in force.

    `confirmed`: of those alone who are confirmed at that very moment. Whoever gives a seat on holds the registration, so on
    PostgreSQL the statement waits for it and reads its state anew; on SQLite nobody else writes meanwhile.
    """
    if not rows:
        return set()
    ordered = sorted(rows, key=lambda row: row["registration_id"])  # all doors in one order: none blocks another
    added = insert_all(connection, TABLE, ordered, (TABLE.c.registration_id,), confirmed=confirmed)
    return {row.registration_id for row in added}


def insert_all(
    connection: Connection,
    table: sa.Table,
    rows: Sequence[dict[str, Any]],
    returning: tuple[sa.Column[Any], ...],
    *,
    confirmed: bool = False,
) -> Sequence[Any]:
    """Insert rows of the same columns unless they are there; what is asked of those that were not.

    PostgreSQL gets them as one text: a statement with hundreds of values is mostly the work of reading it.
    """
    if not is_postgresql() or (len(rows) == 1 and not confirmed):
        statement = insert(table).on_conflict_do_nothing().returning(*returning)
        return connection.execute(statement, list(rows)).all()
    changed = {"changed_at": clock.now()} if table.c.get("changed_at") is not None else {}
    text = json.dumps([row | changed for row in rows], default=_plain)
    values = {"rows": text, "people": sorted({row["registration_id"] for row in rows} - {None})}
    return connection.execute(_from_text(table, (*rows[0], *changed), returning, confirmed), values).all()


def _plain(value: Any) -> str:
    return str(value.value if isinstance(value, Enum) else value)


@cache
def _from_text(table: sa.Table, names: tuple[str, ...], returning: tuple[sa.Column[Any], ...], confirmed: bool) -> Any:
    columns = (sa.column(name, table.c[name].type) for name in names)
    rows = sa.cast(sa.bindparam("rows", type_=sa.Text), sa.JSON)
    listed = sa.func.json_to_recordset(rows).table_valued(*columns).render_derived("listed", with_types=True)
    chosen = sa.select(*listed.c)
    if confirmed:  # sorted once more, as a join may answer in any order
        chosen = while_confirmed(chosen, listed.c.registration_id).order_by(listed.c.registration_id)
    else:  # kept in their own order; the people are held before the first row is added
        people = sa.select(Registration.id).where(
            Registration.id == sa.any_(sa.bindparam("people", type_=sa.ARRAY(sa.Integer)))
        )
        held = people.order_by(Registration.id).with_for_update(read=True, key_share=True).cte("held")
        chosen = chosen.where(sa.select(sa.func.count()).select_from(held).scalar_subquery() >= 0)
    adding = insert(table).from_select(names, chosen, include_defaults=False)
    return adding.on_conflict_do_nothing().returning(*returning)


def while_confirmed(rows: sa.Select[Any], registration_id: Any) -> sa.Select[Any]:
    """Those rows whose registration is confirmed, which it stays until the transaction ends; PostgreSQL's alone."""
    confirmed = rows.where(Registration.id == registration_id, Registration.state == RegistrationState.CONFIRMED)
    return confirmed.with_for_update(of=Registration, read=True, key_share=True)


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
