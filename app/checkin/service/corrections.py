"""Attendance put right by hand, with a reason; what was there before stays readable."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.audit import service as audit
from app.checkin import rules_history
from app.checkin.models import Attendance, Checkpoint, Scan, ScannerDevice
from app.checkin.rules import CheckinError, CorrectionKind, Decision
from app.checkin.service import history
from app.extensions import db, transaction
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.registration.service.holding import hold
from app.shared import clock
from app.shared.text import squash

REASON_LENGTH = 500


class NotAnAdmission(CheckinError):
    """The scan that was to be annulled had admitted nobody."""


def annul(attendance: Attendance, *, reason: str, by: User | None = None, device: ScannerDevice | None = None) -> bool:
    """End an attendance; the person can be admitted anew. False when it was annulled before.

    Raises CheckinError without a reason.
    """
    why = checked_reason(reason)
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
    """Annul the attendance to which a scan of the device's stage belongs: its own, or the one that it repeats or gave way to.

    None for an unknown scan; a second time changes nothing. Raises NotAnAdmission for a scan that belongs to none, CheckinError
    without a reason.
    """
    with transaction():
        scan = db.session.scalar(
            sa.select(Scan)
            .join(Checkpoint, Checkpoint.id == Scan.checkpoint_id)
            .where(Scan.scan_id == scan_id, Checkpoint.stage_id == device.stage_id)
        )
        if scan is None:
            return None
        attendance = _of_scan(scan)
        if attendance is None:
            raise NotAnAdmission(_l("This scan admitted nobody, so there is nothing to annul."))
        user = db.session.get(User, device.user_id) if device.user_id else None
        annul(attendance, reason=reason, by=user, device=device)
    return attendance


def mark_present(
    registration: Registration,
    checkpoint: Checkpoint,
    *,
    reason: str,
    by: User | None,
    at: datetime | None = None,
    correction: CorrectionKind = CorrectionKind.OTHER,
) -> Attendance:
    """Record by hand that a person was there; the attendance in force if there is one already, from `at` if that was earlier.

    `at` defaults to now; while the checkpoint is closed, to its opening, as whoever signed on paper was there from the start.
    Raises CheckinError without a reason, for a registration that is not confirmed or of another stage, and for a time
    at which the checkpoint was not open, or that has not come yet.
    """
    why = checked_reason(reason)
    with transaction():
        _stage, registration = hold(registration)  # nobody gives his seat on meanwhile
        row = row_of(registration, checkpoint, reason=why, by=by, at=at, correction=correction)
        changed = start_or_move(row, earlier=at is not None)
        attendance = _in_force(registration, checkpoint)
        if changed is not None:
            audit.record(changed, attendance, by=by, host_id=checkpoint.stage.programme.host_id, reason=why)
    return attendance


def row_of(
    registration: Registration,
    checkpoint: Checkpoint,
    *,
    reason: str,
    by: User | None,
    at: datetime | None,
    correction: CorrectionKind,
) -> dict[str, Any]:
    """The attendance that mark_present adds, as a row. Raises CheckinError as it does."""
    checked_person(registration, checkpoint)
    now = clock.now()
    moment = at or (now if checkpoint.opens_at <= now < checkpoint.closes_at else checkpoint.opens_at)
    if not checkpoint.opens_at <= moment <= checkpoint.closes_at:
        raise CheckinError(_l("The time must lie within the opening hours of the checkpoint."))
    if now < checkpoint.opens_at:
        raise CheckinError(_l("This checkpoint has not opened yet; nobody can be present there."))
    if moment > now:
        raise CheckinError(_l("This time has not come yet; write when the person came."))
    return history.admission(
        registration_id=registration.id,
        checkpoint_id=checkpoint.id,
        at=moment,
        recorded_by_id=by.id if by else None,
        correction=correction,
        reason=reason,
    )


def checked_person(registration: Registration, checkpoint: Checkpoint) -> None:
    """Raises CheckinError unless the registration is a confirmed one of the checkpoint's stage."""
    if registration.stage_id != checkpoint.stage_id:
        raise CheckinError(_l("This person is registered for another stage."))
    if registration.state is not RegistrationState.CONFIRMED:
        raise CheckinError(_l("Only a confirmed registration can be marked as present."))


def checked_reason(text: str) -> str:
    """Raises CheckinError for an empty one."""
    reason = squash(text)[:REASON_LENGTH]
    if not reason:
        raise CheckinError(_l("Say why, so that others can follow it later."))
    return reason


def start_or_move(row: dict[str, Any], *, earlier: bool) -> str | None:
    """What was done, as the trail calls it. Needs the registration held."""
    connection = db.session.connection()
    owner = row["registration_id"]
    while not history.start(connection, [row]):
        periods = history.periods_of(connection, row["checkpoint_id"], [owner], lock=True)[owner]
        met = next((period for period in periods if period.ended_at is None), None)
        if met is not None and not (earlier and rules_history.precedes(row["at"], "", met)):
            return None
        if met is not None and history.move(connection, met, row):
            return "attendance.moved"
    return "attendance.added"


def _of_scan(scan: Scan) -> Attendance | None:
    """The attendance of the period in which the scan lies, if it let somebody in or was settled so."""
    own = sa.select(Attendance).where(Attendance.scan_id == scan.scan_id).order_by(Attendance.id.desc()).limit(1)
    attendance = db.session.scalar(own)
    if attendance is not None or scan.decision not in (Decision.ADMITTED, Decision.REPEAT) or not scan.registration_id:
        return attendance
    person = db.session.get_one(Registration, scan.registration_id)
    owner = person.merged_into_id or person.id
    periods = history.periods_of(db.session.connection(), scan.checkpoint_id, [owner], lock=True)[owner]
    period = rules_history.period_of(periods, scan.occurred_at)
    return db.session.get(Attendance, period.id, populate_existing=True) if period else None


def _in_force(registration: Registration, checkpoint: Checkpoint) -> Attendance:
    return db.session.scalars(
        sa.select(Attendance)
        .where(
            Attendance.registration_id == registration.id,
            Attendance.checkpoint_id == checkpoint.id,
            Attendance.annulled_at.is_(None),
        )
        .execution_options(populate_existing=True)
    ).one()
