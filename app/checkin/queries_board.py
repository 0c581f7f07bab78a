"""Reads of the board: who is there by unsur, institution and device, and when they came. Each asks a constant number of statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.agenda.rules import expects
from app.checkin.models import Attendance, Checkpoint, Scan, ScannerDevice
from app.checkin.queries import Point
from app.checkin.queries_devices import HELD
from app.checkin.rules import Decision, DeviceKind
from app.checkin.rules_board import silence
from app.extensions import db
from app.institutions.models import InstitutionCategory
from app.registration.models import Registration
from app.registration.queries import groups_of_confirmed
from app.shared import clock


@dataclass
class Share:
    """Of an unsur or an institution: how many are expected at a checkpoint, are there, and are expected but not there."""

    name: str
    expected: int = 0
    present: int = 0
    absent: int = 0


@dataclass(frozen=True)
class Door:
    """A device at a checkpoint: whom it let in as far as it holds, its scans, those refused, and when it was last heard of.

    `silent`: for how many minutes a scanner that has scanned here has not been heard of while the door is open; else 0.
    """

    device: ScannerDevice
    admitted: int
    scans: int
    refused: int
    last_at: datetime | None
    held: bool
    silent: int


@dataclass(frozen=True)
class Doors:
    """The devices of a checkpoint, those that let most in first, and how many were recorded by hand."""

    devices: list[Door]
    by_hand: int


def shares(point: Point) -> tuple[list[Share], list[Share]]:
    """By unsur in the order of the directory, and by institution, those first of whom most are missing."""
    rows = _rows(point)
    institutions = _shares(rows, lambda row: row.institution_name or row.category)
    institutions.sort(key=lambda one: (-one.absent, one.name.casefold()))
    return _shares(rows, lambda row: row.category), institutions


def arrivals(checkpoint: Checkpoint) -> list[datetime]:
    """When those who are there came, in order."""
    statement = sa.select(Attendance.at).where(
        Attendance.checkpoint_id == checkpoint.id, Attendance.annulled_at.is_(None)
    )
    return list(db.session.scalars(statement.order_by(Attendance.at)))


def doors(checkpoint: Checkpoint) -> Doors:
    """Devices that scanned here, and those of the stage that still may."""
    admitted = _admitted(checkpoint)
    used = (
        sa.select(
            Scan.device_id,
            sa.func.count().label("scans"),
            sa.func.sum(sa.case((Scan.decision == Decision.REFUSED, 1), else_=0)).label("refused"),
            sa.func.max(Scan.received_at).label("last_at"),
        )
        .where(Scan.checkpoint_id == checkpoint.id)
        .group_by(Scan.device_id)
        .subquery()
    )
    statement = (
        sa.select(ScannerDevice, used.c.scans, used.c.refused, used.c.last_at, HELD)
        .outerjoin(used, used.c.device_id == ScannerDevice.id)
        .where(
            ScannerDevice.stage_id == checkpoint.stage_id,
            sa.or_(
                used.c.scans.is_not(None),
                sa.and_(ScannerDevice.revoked_at.is_(None), ScannerDevice.expires_at > clock.now()),
            ),
        )
        .order_by(ScannerDevice.name, ScannerDevice.id)
    )
    found = []
    now = clock.now()
    for device, scans, refused, scanned_at, held in db.session.execute(statement):
        last_at = _latest(device.last_seen_at, scanned_at)
        is_at_work = (
            device.kind is DeviceKind.SCANNER and held and device.revoked_at is None and now < device.expires_at
        )
        scans_here = scans and is_at_work and checkpoint.opens_at <= now < checkpoint.closes_at
        silent = silence(last_at, now, unsent=device.unsent) if scans_here else 0
        found.append(Door(device, admitted.get(device.id, 0), scans or 0, refused or 0, last_at, held, silent))
    return Doors(sorted(found, key=lambda one: -one.admitted), admitted.get(None, 0))


def _admitted(checkpoint: Checkpoint) -> dict[int | None, int]:
    statement = (
        sa.select(Attendance.device_id, sa.func.count())
        .where(Attendance.checkpoint_id == checkpoint.id, Attendance.annulled_at.is_(None))
        .group_by(Attendance.device_id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _rows(point: Point) -> list[Any]:
    """Everybody of the stage with unsur, institution, and whether he is there."""
    is_there = sa.and_(
        Attendance.registration_id == Registration.id,
        Attendance.checkpoint_id == point.checkpoint.id,
        Attendance.annulled_at.is_(None),
    )
    statement = (
        sa.select(
            Registration.id,
            InstitutionCategory.name.label("category"),
            Registration.institution_name,
            Attendance.id.is_not(None).label("is_there"),
        )
        .join(InstitutionCategory, InstitutionCategory.id == Registration.category_id)
        .outerjoin(Attendance, is_there)
        .where(Registration.stage_id == point.checkpoint.stage_id)
        .order_by(InstitutionCategory.position, InstitutionCategory.id)
    )
    memberships = groups_of_confirmed(point.checkpoint.stage)
    return [
        (row, (groups := memberships.get(row.id)) is not None and expects(point.group_ids, groups))
        for row in db.session.execute(statement)
    ]


def _shares(rows: list[Any], name_of: Callable[[Any], str]) -> list[Share]:
    found: dict[str, Share] = {}
    for row, is_expected in rows:
        if row.is_there or is_expected:
            share = found.setdefault(name_of(row), Share(name_of(row)))
            share.expected += is_expected
            share.present += bool(row.is_there)
            share.absent += is_expected and not row.is_there
    return list(found.values())
