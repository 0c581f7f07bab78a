"""A signed attendance sheet keyed in: many people at once, each as if marked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from app.accounts.models import User
from app.checkin.models import Attendance, Checkpoint
from app.checkin.rules import CheckinError, CorrectionKind
from app.checkin.rules_paper import SignedRow
from app.checkin.service.corrections import checked_reason, mark_present
from app.extensions import db, transaction
from app.registration.models import Registration


@dataclass
class KeyedSheet:
    """How many were added, how many were there already, and whose row could not be taken: name and lazy sentence."""

    added: int
    known: int
    refused: list[tuple[str, object]]


def record_signed(checkpoint: Checkpoint, rows: Sequence[SignedRow], *, reason: str, by: User) -> KeyedSheet:
    """All rows in one transaction; one that cannot be taken spoils no other. People of other stages are passed over.

    Raises CheckinError without a reason.
    """
    why = checked_reason(reason)
    with transaction():
        wanted = [row.registration_id for row in rows]
        people = {
            one.id: one
            for one in db.session.scalars(
                sa.select(Registration).where(Registration.id.in_(wanted), Registration.stage_id == checkpoint.stage_id)
            )
        }
        known = set(
            db.session.scalars(
                sa.select(Attendance.registration_id).where(
                    Attendance.checkpoint_id == checkpoint.id,
                    Attendance.registration_id.in_(wanted),
                    Attendance.annulled_at.is_(None),
                )
            )
        )
        keyed = KeyedSheet(0, 0, [])
        for row in sorted(rows, key=lambda one: one.registration_id):  # two clerks lock the same rows in the same order
            if row.registration_id in people:
                _take(keyed, people[row.registration_id], checkpoint, row, known=known, reason=why, by=by)
    return keyed


def _take(
    keyed: KeyedSheet,
    person: Registration,
    checkpoint: Checkpoint,
    row: SignedRow,
    *,
    known: set[int],
    reason: str,
    by: User,
) -> None:
    try:
        mark_present(person, checkpoint, reason=reason, by=by, at=row.at, correction=CorrectionKind.PAPER)
    except CheckinError as error:
        keyed.refused.append((person.full_name, error.sentence))
        return
    if person.id in known:
        keyed.known += 1
    else:
        keyed.added += 1
        known.add(person.id)
