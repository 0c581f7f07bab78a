"""What happened at the door that somebody must settle: recorded with the scan that it is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.checkin.models import Scan
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import Decision, IncidentKind, ScanSource, Verdict
from app.checkin.rules_history import LETS_IN, LetIn, incident_of, two_doors
from app.checkin.service import history
from app.checkin.service.answers import Judged
from app.checkin.service.lookup import Entry
from app.extensions import insert
from app.registration.models import Registration
from app.shared import clock

TABLE: sa.Table = ScanIncident.__table__
SCANS: sa.Table = Scan.__table__


def note_each(connection: Connection, checkpoint_id: int, judged: Iterable[Judged], keys: dict[str, int]) -> None:
    """Incidents of scans by themselves; `keys`: the scans' row ids by scan id."""
    rows = []
    for one in judged:
        kind = incident_of(one.verdict, one.item.offline_decision)
        if kind is not None:
            rows.append(_row(checkpoint_id, keys[one.item.scan_id], kind))
    _add(connection, rows)


def note_two_doors(connection: Connection, checkpoint_id: int, registration_ids: Collection[int]) -> None:
    """Of these people, each scan that let in somebody whom another door had let in; whichever came first to be known."""
    if not registration_ids:
        return
    periods = history.periods_of(connection, checkpoint_id, registration_ids)
    let_in = _let_in(connection, checkpoint_id, registration_ids)
    known = {row.scan_id: row for rows in let_in.values() for row in rows}
    counted = {period.scan_id for owner in let_in for period in periods[owner] if period.scan_id is not None}
    known |= _stored(connection, counted - known.keys())
    on_paper = {scan_id for scan_id, row in known.items() if row.source is ScanSource.PAPER}
    pairs: dict[str, str] = {}
    for owner, rows in let_in.items():
        scans = [LetIn(scan_id=row.scan_id, at=row.occurred_at) for row in rows]
        pairs |= two_doors(periods[owner], scans, on_paper)
    paired = {known[scan_id].id: known[counts].id for scan_id, counts in pairs.items()}
    noted = [_row(checkpoint_id, key, IncidentKind.TWO_DOORS, counted_id=counts) for key, counts in paired.items()]
    _add(connection, noted)
    _count_anew(connection, paired)


def note_told_since(connection: Connection, entry: Entry, decided: Mapping[str, Decision]) -> None:
    """Scans stored as online ones whose answer came too late: what the phone had decided meanwhile, by scan id, and its incident.

    The answer stays as it was given. Only the device that sent a scan may say so, and only once.
    """
    found = _undecided(connection, entry, decided) if decided else []
    if not found:
        return
    owners = {row.owner for row in found if row.owner is not None}
    history.periods_of(connection, entry.checkpoint_id, owners, lock=True)
    connection.execute(
        sa.update(SCANS)
        .where(SCANS.c.id == sa.bindparam("key"), SCANS.c.offline_decision.is_(None))
        .values(offline_decision=sa.bindparam("decided")),
        [{"key": row.id, "decided": decided[row.scan_id]} for row in found],
    )
    kinds = [(row.id, incident_of(Verdict(row.decision, row.reason), decided[row.scan_id])) for row in found]
    _add(connection, [_row(entry.checkpoint_id, key, kind) for key, kind in kinds if kind is not None])
    note_two_doors(connection, entry.checkpoint_id, owners)


def _undecided(connection: Connection, entry: Entry, scan_ids: Collection[str]) -> Sequence[Any]:
    owner = sa.func.coalesce(Registration.merged_into_id, Registration.id)
    statement = (
        sa.select(Scan.id, Scan.scan_id, Scan.decision, Scan.reason, owner.label("owner"))
        .outerjoin(Registration, Registration.id == Scan.registration_id)
        .where(
            Scan.scan_id.in_(scan_ids),
            Scan.checkpoint_id == entry.checkpoint_id,
            Scan.device_id == entry.device_id,
            Scan.offline_decision.is_(None),
        )
        .order_by(Scan.id)
    )
    return connection.execute(statement).all()


def _count_anew(connection: Connection, paired: dict[int, int]) -> None:
    """The scan that counts may be another than when an incident was noted."""
    if not paired:
        return
    connection.execute(
        sa.update(TABLE)
        .where(
            TABLE.c.scan_id == sa.bindparam("key"),
            TABLE.c.kind == IncidentKind.TWO_DOORS,
            TABLE.c.counted_id.is_distinct_from(sa.bindparam("counted")),
        )
        .values(counted_id=sa.bindparam("counted")),
        [{"key": key, "counted": counted} for key, counted in sorted(paired.items())],
    )


def _let_in(connection: Connection, checkpoint_id: int, registration_ids: Collection[int]) -> dict[int, list[Any]]:
    """The scans that let these people in, as rows by whom they let in; those of one who was merged into another are that one's."""
    owner = sa.func.coalesce(Registration.merged_into_id, Registration.id)
    statement = (
        sa.select(Scan.id, Scan.scan_id, Scan.occurred_at, Scan.source, owner.label("owner"))
        .join(Registration, Registration.id == Scan.registration_id)
        .where(
            Scan.checkpoint_id == checkpoint_id,
            sa.or_(Registration.id.in_(registration_ids), Registration.merged_into_id.in_(registration_ids)),
            Scan.decision.in_((Decision.ADMITTED, Decision.REPEAT)),
            sa.or_(
                Scan.offline_decision.in_(LETS_IN),
                sa.and_(Scan.offline_decision.is_(None), Scan.decision == Decision.ADMITTED),
            ),
        )
        .order_by(Scan.id)
    )
    found: dict[int, list[Any]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.owner, []).append(row)
    return found


def _stored(connection: Connection, scan_ids: Collection[str]) -> dict[str, Any]:
    if not scan_ids:
        return {}
    statement = sa.select(Scan.scan_id, Scan.id, Scan.source).where(Scan.scan_id.in_(scan_ids))
    return {row.scan_id: row for row in connection.execute(statement)}


def _row(checkpoint_id: int, scan_key: int, kind: IncidentKind, **more: Any) -> dict[str, Any]:
    known: dict[str, Any] = {"counted_id": None, "registration_id": None, "person": None, "note": ""}
    return known | {"checkpoint_id": checkpoint_id, "scan_id": scan_key, "kind": kind, "created_at": _now()} | more


def _add(connection: Connection, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(TABLE).on_conflict_do_nothing(), sorted(rows, key=lambda row: row["scan_id"]))


def _now() -> datetime:
    return clock.now()
