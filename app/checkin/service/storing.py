"""Scans as they are stored, in Core."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.checkin.models import Attendance, Scan
from app.checkin.service.answers import Judged
from app.checkin.service.history import insert_all, while_confirmed
from app.checkin.service.lookup import Entry
from app.extensions import insert
from app.shared import clock

TABLE: sa.Table = Scan.__table__
ATTENDANCE: sa.Table = Attendance.__table__


def store(connection: Connection, rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Insert scans; their row ids by scan id, without those that are stored already.

    Each holds its person until the transaction ends, so they are held first, in the order in which staff hold several.
    """
    stored = insert_all(connection, TABLE, rows, (TABLE.c.scan_id, TABLE.c.id))
    return {row.scan_id: row.id for row in stored}


def admit(connection: Connection, scan: dict[str, Any], attendance: dict[str, Any]) -> bool:
    """On PostgreSQL, an attendance and the scan that it begins with, in one statement; False, and nothing is stored, where somebody
    else has been faster, the person is not confirmed any more, or the scan is stored already.

    Sent twice at once, the second finds the attendance. (One id for two people at once, which no phone sends, counts for both.)
    """
    values = {f"scan_{name}": value for name, value in scan.items()}
    values |= {f"its_{name}": value for name, value in attendance.items()} | {"its_changed_at": clock.now()}
    return connection.execute(_both(tuple(scan), (*attendance, "changed_at")), values).first() is not None


@cache
def _both(of_scan: tuple[str, ...], of_attendance: tuple[str, ...]) -> Any:
    row = sa.select(*(sa.bindparam(f"its_{name}", type_=ATTENDANCE.c[name].type) for name in of_attendance))
    confirmed = while_confirmed(row, sa.bindparam("its_registration_id"))
    adding = insert(ATTENDANCE).from_select(of_attendance, confirmed, include_defaults=False)
    came = adding.on_conflict_do_nothing().returning(ATTENDANCE.c.id).cte("came")
    scan = sa.select(*(sa.bindparam(f"scan_{name}", type_=TABLE.c[name].type) for name in of_scan)).select_from(came)
    stored = insert(TABLE).from_select(of_scan, scan, include_defaults=False)
    return stored.on_conflict_do_nothing().returning(TABLE.c.id)


def correct(connection: Connection, judged: Sequence[Judged]) -> None:
    """Scans stored a moment ago, in this transaction, of which somebody else's made something else."""
    if not judged:
        return
    values = [
        {"key": one.item.scan_id, "decided": one.verdict.decision, "because": one.verdict.reason} | _first_of(one)
        for one in judged
    ]
    connection.execute(
        sa.update(TABLE)
        .where(TABLE.c.scan_id == sa.bindparam("key"))
        .values(
            decision=sa.bindparam("decided"),
            reason=sa.bindparam("because"),
            first_at=sa.bindparam("first_at"),
            first_by=sa.bindparam("first_by"),
        ),
        values,
    )


def row(entry: Entry, judged: Judged, received_at: datetime) -> dict[str, Any]:
    return {
        "scan_id": judged.item.scan_id,
        "checkpoint_id": entry.checkpoint_id,
        "device_id": entry.device_id,
        "registration_id": judged.found.id if judged.found else None,
        "code_hash": judged.item.code_hash,
        "source": judged.item.source,
        "decision": judged.verdict.decision,
        "reason": judged.verdict.reason,
        "offline_decision": judged.item.offline_decision,
        "device_time": judged.item.occurred_at,
        "occurred_at": judged.at,
        "received_at": received_at,
    } | _first_of(judged)


def _first_of(judged: Judged) -> dict[str, Any]:
    first = judged.first
    return {"first_at": first.at if first else None, "first_by": first.by if first else ""}
