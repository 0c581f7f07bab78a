"""Reads of scanner devices and what they scanned."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.checkin import rules
from app.checkin.models import Attendance, Checkpoint, Scan, ScannerDevice
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


def find_device(token: str) -> ScannerDevice | None:
    """The device of a token, revoked or not, with its stage."""
    statement = sa.select(ScannerDevice).where(ScannerDevice.token_hash == token_digest(token))
    return db.session.scalar(statement.options(joinedload(ScannerDevice.stage)))


def find_stage_device(stage: Stage, device_id: int) -> ScannerDevice | None:
    return db.session.scalar(
        sa.select(ScannerDevice).where(ScannerDevice.id == device_id, ScannerDevice.stage_id == stage.id)
    )


def devices_of(stage: Stage) -> list[tuple[ScannerDevice, int, datetime | None]]:
    """A stage's devices, the newest first, each with the number of its scans and the time of the last."""
    statement = (
        sa.select(ScannerDevice, sa.func.count(Scan.id), sa.func.max(Scan.received_at))
        .outerjoin(Scan, Scan.device_id == ScannerDevice.id)
        .where(ScannerDevice.stage_id == stage.id)
        .group_by(ScannerDevice.id)
        .order_by(ScannerDevice.created_at.desc(), ScannerDevice.id.desc())
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(statement)]


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
