"""A signed attendance sheet keyed in: many people at once, each as if marked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.accounts.models import User
from app.audit import service as audit
from app.checkin.models import Attendance, Checkpoint
from app.checkin.rules import CheckinError, CorrectionKind
from app.checkin.rules_paper import SignedRow
from app.checkin.service import history
from app.checkin.service.corrections import checked_reason, row_of, start_or_move
from app.extensions import db, transaction
from app.registration.models import Registration
from app.registration.service.holding import hold_all


@dataclass
class KeyedSheet:
    """How many were added, how many were there already, and whose row could not be taken: name and lazy sentence."""

    added: int
    known: int
    refused: list[tuple[str, object]]


def record_signed(checkpoint: Checkpoint, rows: Sequence[SignedRow], *, reason: str, by: User) -> KeyedSheet:
    """All rows in one transaction; one that cannot be taken spoils no other. People of other stages are passed over.

    The people are held first, so that no seat is given on meanwhile. As at a door that uploads, whoever is not there yet is added
    next, all in one order, and only then are the attendances held of those who are: were it person by person, a clerk and a door
    would each wait for what the other holds.
    Raises CheckinError without a reason.
    """
    why = checked_reason(reason)
    with transaction():
        keyed, people = KeyedSheet(0, 0, []), _people(checkpoint, rows)
        taken: list[tuple[SignedRow, dict[str, Any]]] = []
        for row in sorted(rows, key=lambda one: one.registration_id):
            person = people.get(row.registration_id)
            if person is None:
                continue
            try:
                values = row_of(person, checkpoint, reason=why, by=by, at=row.at, correction=CorrectionKind.PAPER)
            except CheckinError as error:
                keyed.refused.append((person.full_name, error.sentence))
            else:
                taken.append((row, values))
        changed = _keep(keyed, taken)
        for action, ids in changed.items():
            audit.record_all(action, _in_force(checkpoint, ids), by=by, host_id=_host_id(checkpoint), reason=why)
    return keyed


def _people(checkpoint: Checkpoint, rows: Sequence[SignedRow]) -> dict[int, Registration]:
    _stage, people = hold_all(checkpoint.stage, {row.registration_id for row in rows})
    return {one.id: one for one in people}


def _keep(keyed: KeyedSheet, taken: Sequence[tuple[SignedRow, dict[str, Any]]]) -> dict[str, list[int]]:
    """Add or move attendances; of whom, by what the trail calls it."""
    started = history.start(db.session.connection(), [values for _row, values in taken])
    changed: dict[str, list[int]] = {"attendance.added": sorted(started)}
    keyed.added += len(started)
    for row, values in taken:
        if row.registration_id in started:
            started.discard(row.registration_id)  # a second row of the same person finds him there
            continue
        action = start_or_move(values, earlier=row.at is not None)
        keyed.added += action == "attendance.added"
        keyed.known += action != "attendance.added"
        if action is not None:
            changed.setdefault(action, []).append(row.registration_id)
    return changed


def _in_force(checkpoint: Checkpoint, registration_ids: Sequence[int]) -> Sequence[Attendance]:
    statement = sa.select(Attendance).where(
        Attendance.checkpoint_id == checkpoint.id,
        Attendance.registration_id.in_(registration_ids),
        Attendance.annulled_at.is_(None),
    )
    return db.session.scalars(statement.order_by(Attendance.registration_id)).all() if registration_ids else ()


def _host_id(checkpoint: Checkpoint) -> int:
    return checkpoint.stage.programme.host_id
