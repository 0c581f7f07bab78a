"""Reads of the officer's page on a ticket's link."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.checkin.models import Attendance, Checkpoint
from app.extensions import db
from app.registration.models import Registration
from app.shared.codes import digest, is_code


def find_holder(code: str) -> Registration | None:
    """Whose ticket or badge it is, in any writing, with stage and groups; of one merged into another, that one."""
    if not is_code(code):
        return None
    known = digest(code)
    statement = (
        sa.select(Registration)
        .where(sa.or_(Registration.ticket_hash == known, Registration.badge_hash == known))
        .options(joinedload(Registration.stage), selectinload(Registration.groups))
    )
    found = db.session.scalar(statement)
    if found is None or found.merged_into_id is None:
        return found
    return db.session.get_one(Registration, found.merged_into_id)


def attendance_at(registration: Registration, checkpoint: Checkpoint) -> Attendance | None:
    """The attendance in force."""
    statement = (
        sa.select(Attendance)
        .where(
            Attendance.registration_id == registration.id,
            Attendance.checkpoint_id == checkpoint.id,
            Attendance.annulled_at.is_(None),
        )
        .options(joinedload(Attendance.device), joinedload(Attendance.recorded_by))
    )
    return db.session.scalar(statement)
