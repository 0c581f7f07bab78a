"""Attendance put right by hand, with a reason; what was there before stays readable."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.audit import service as audit
from app.checkin.models import Attendance, Checkpoint, Scan, ScannerDevice
from app.checkin.rules import CheckinError, Decision
from app.extensions import db, insert, transaction
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.shared import clock
from app.shared.text import squash


class NotAnAdmission(CheckinError):
    """The scan that was to be annulled had admitted nobody."""


def annul(attendance: Attendance, *, reason: str, by: User | None = None, device: ScannerDevice | None = None) -> bool:
    """End an attendance; the person can be admitted anew. False when it was annulled before.

    Raises CheckinError without a reason.
    """
    why = _reason(reason)
    with transaction():
        ended = db.session.execute(
            sa.update(Attendance)
            .where(Attendance.id == attendance.id, Attendance.annulled_at.is_(None))
            .values(
                annulled_at=clock.now(),
                annulled_by_id=by.id if by else None,
                annulled_device_id=device.id if device else None,
                annul_reason=why,
            )
            .returning(Attendance.id)
        ).one_or_none()
        if ended is None:
            return False
        host_id = attendance.checkpoint.stage.programme.host_id
        audit.record("attendance.annulled", attendance, by=by, host_id=host_id, reason=why)
    return True


def annul_scan(device: ScannerDevice, scan_id: str, *, reason: str) -> Attendance | None:
    """Annul what a scan of the device's stage admitted. None for an unknown scan; a second time changes nothing.

    Raises NotAnAdmission for a scan that admitted nobody, CheckinError without a reason.
    """
    with transaction():
        scan = db.session.scalar(
            sa.select(Scan)
            .join(Checkpoint, Checkpoint.id == Scan.checkpoint_id)
            .where(Scan.scan_id == scan_id, Checkpoint.stage_id == device.stage_id)
        )
        if scan is None:
            return None
        attendance = db.session.scalar(sa.select(Attendance).where(Attendance.scan_id == scan_id))
        if scan.decision is not Decision.ADMITTED or attendance is None:
            raise NotAnAdmission(_l("This scan admitted nobody, so there is nothing to annul."))
        user = db.session.get(User, device.user_id) if device.user_id else None
        annul(attendance, reason=reason, by=user, device=device)
    return attendance


def mark_present(
    registration: Registration, checkpoint: Checkpoint, *, reason: str, by: User | None, at: datetime | None = None
) -> Attendance:
    """Record by hand that a person was there; the attendance in force if there is one already.

    `at` defaults to now; while the checkpoint is closed, to its opening, as whoever signed on paper was there from the start.
    Raises CheckinError without a reason, for a registration that is not confirmed or of another stage, and for a time
    at which the checkpoint was not open.
    """
    why = _reason(reason)
    with transaction():
        if registration.stage_id != checkpoint.stage_id:
            raise CheckinError(_l("This person is registered for another stage."))
        if registration.state is not RegistrationState.CONFIRMED:
            raise CheckinError(_l("Only a confirmed registration can be marked as present."))
        now = clock.now()
        moment = at or (now if checkpoint.opens_at <= now < checkpoint.closes_at else checkpoint.opens_at)
        if not checkpoint.opens_at <= moment <= checkpoint.closes_at:
            raise CheckinError(_l("The time must lie within the opening hours of the checkpoint."))
        row = {
            "registration_id": registration.id,
            "checkpoint_id": checkpoint.id,
            "at": moment,
            "recorded_by_id": by.id if by else None,
            "reason": why,
            "annul_reason": "",
        }
        statement = insert(Attendance.__table__).values(row).on_conflict_do_nothing()
        added = db.session.execute(statement.returning(Attendance.__table__.c.id)).scalar()
        attendance = _in_force(registration, checkpoint)
        if added is not None:
            host_id = checkpoint.stage.programme.host_id
            audit.record("attendance.added", attendance, by=by, host_id=host_id, reason=why)
    return attendance


def _in_force(registration: Registration, checkpoint: Checkpoint) -> Attendance:
    return db.session.scalars(
        sa.select(Attendance).where(
            Attendance.registration_id == registration.id,
            Attendance.checkpoint_id == checkpoint.id,
            Attendance.annulled_at.is_(None),
        )
    ).one()


def _reason(text: str) -> str:
    reason = squash(text)[:500]
    if not reason:
        raise CheckinError(_l("Say why, so that others can follow it later."))
    return reason
