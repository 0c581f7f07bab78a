"""Reads of scanner devices and what they scanned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.accounts.models import Membership, User
from app.accounts.rules import MAY, Permission, Role
from app.checkin import rules
from app.checkin.models import Attendance, Checkpoint, DeviceEnrolment, Scan, ScannerDevice
from app.extensions import db
from app.programmes.models import Programme, Stage
from app.registration.models import Registration
from app.shared.codes import token_digest


def last_scans(checkpoint: Checkpoint, limit: int = 20) -> list[tuple[Scan, Registration | None, str]]:
    """The latest scans with their person and the name of the device, the newest first."""
    statement = (
        sa.select(Scan, Registration, ScannerDevice.name)
        .join(ScannerDevice, ScannerDevice.id == Scan.device_id)
        .outerjoin(
            Registration, sa.and_(Registration.id == Scan.registration_id, Registration.stage_id == checkpoint.stage_id)
        )
        .where(Scan.checkpoint_id == checkpoint.id)
        .order_by(Scan.received_at.desc(), Scan.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(statement)]


_HOLDER = (
    sa.select(Membership.id)
    .join(User, User.id == Membership.user_id)
    .join(Programme, Programme.host_id == Membership.host_id)
    .join(Stage, Stage.programme_id == Programme.id)
    .where(
        Membership.user_id == ScannerDevice.user_id,
        Stage.id == ScannerDevice.stage_id,
        sa.or_(Membership.programme_id.is_(None), Membership.programme_id == Programme.id),
        Membership.role.in_([role for role in Role if Permission.SCAN in MAY[role]]),
        User.active,
    )
    .correlate(ScannerDevice)
)
HELD: sa.ColumnElement[bool] = sa.or_(ScannerDevice.user_id.is_(None), _HOLDER.exists())
"""Of a device: whoever enrolled it is still active and may still scan at its stage; nobody can lose it if nobody is named."""


def find_device(token: str) -> tuple[ScannerDevice, bool] | None:
    """The device of a token with its stage, revoked or expired or not; and whether its holder may still scan."""
    statement = sa.select(ScannerDevice, HELD).where(ScannerDevice.token_hash == token_digest(token))
    row = db.session.execute(statement.options(joinedload(ScannerDevice.stage))).one_or_none()
    return (row[0], row[1]) if row else None


def is_held(device: ScannerDevice) -> bool:
    """Whether its holder may still scan."""
    return bool(db.session.scalar(sa.select(HELD).where(ScannerDevice.id == device.id)))


def find_enrolment(stage: Stage, enrolment_id: int) -> DeviceEnrolment | None:
    """A code that was shown for the stage, with the device that has used it."""
    statement = sa.select(DeviceEnrolment).where(
        DeviceEnrolment.id == enrolment_id, DeviceEnrolment.stage_id == stage.id
    )
    return db.session.scalar(statement.options(joinedload(DeviceEnrolment.device)))


def find_stage_device(stage: Stage, device_id: int) -> ScannerDevice | None:
    return db.session.scalar(
        sa.select(ScannerDevice).where(ScannerDevice.id == device_id, ScannerDevice.stage_id == stage.id)
    )


@dataclass(frozen=True)
class UsedDevice:
    """A device with the number of its scans, the time of the last, whether its holder may still scan, and who that is."""

    device: ScannerDevice
    scans: int
    last_at: datetime | None
    held: bool
    by: str | None

    @property
    def contact_at(self) -> datetime | None:
        """When it was heard of last."""
        return max(filter(None, (self.device.last_seen_at, self.last_at)), default=None)


def devices_of(stage: Stage) -> list[UsedDevice]:
    """A stage's devices, the newest first."""
    statement = (
        sa.select(ScannerDevice, sa.func.count(Scan.id), sa.func.max(Scan.received_at), HELD, User.name)
        .outerjoin(Scan, Scan.device_id == ScannerDevice.id)
        .outerjoin(User, User.id == ScannerDevice.user_id)
        .where(ScannerDevice.stage_id == stage.id)
        .group_by(ScannerDevice.id, User.name)
        .order_by(ScannerDevice.created_at.desc(), ScannerDevice.id.desc())
    )
    return [UsedDevice(*row) for row in db.session.execute(statement)]


def recent_admissions(device: ScannerDevice, checkpoint: Checkpoint, limit: int = 5) -> list[Attendance]:
    """Whom a device admitted last at a checkpoint, the newest first, as far as it still holds."""
    statement = (
        sa.select(Attendance)
        .where(
            Attendance.device_id == device.id,
            Attendance.checkpoint_id == checkpoint.id,
            Attendance.annulled_at.is_(None),
            Attendance.scan_id.is_not(None),
        )
        .order_by(Attendance.id.desc())
        .limit(limit)
        .options(joinedload(Attendance.registration))
    )
    return list(db.session.scalars(statement))


def stages_not_over(host_ids: Iterable[int], now: datetime) -> list[Stage]:
    """Stages of these hosts whose devices would not have expired, in the order of their days."""
    yesterday = (now - timedelta(days=2)).date()
    statement = (
        sa.select(Stage)
        .join(Programme, Programme.id == Stage.programme_id)
        .where(Programme.host_id.in_(list(host_ids)), Stage.ends_on >= yesterday)
        .order_by(Stage.starts_on, Stage.number, Stage.id)
    )
    found = db.session.scalars(statement)
    return [stage for stage in found if now < rules.device_expires_at(stage.ends_on, stage.timezone)]
