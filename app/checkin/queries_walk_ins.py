"""Reads about those who come to the door without a registration, or for somebody else."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from app.checkin.models import Attendance, Checkpoint, Scan
from app.checkin.models_incidents import ScanIncident
from app.extensions import db
from app.hosts.models import Host
from app.institutions.queries_offer import offer_of
from app.programmes.models import Programme, Stage
from app.registration.models import Registration
from app.registration.rules import RegistrationState


@dataclass(frozen=True)
class StoredScan:
    """A scan that is known already, with its registration, if it has one of the stage."""

    scan: Scan
    registration: Registration | None


def directory_of(host: Host) -> dict[str, list[dict[str, Any]]]:
    """Institutions and categories to choose from, as interface.md gives them; no personal data."""
    offer = offer_of(host)
    return {
        "institutions": [
            {"id": one.id, "name": one.name, "short_name": one.short_name, "category": one.category.code}
            for one in offer.institutions.values()
        ],
        "categories": [
            {"code": one.code, "name": one.name, "needs_institution": one.institution_required}
            for one in offer.categories
        ],
    }


def find_scan(scan_id: str, stage: Stage) -> StoredScan | None:
    """Whoever drew the id; its registration only where it is of this stage."""
    statement = (
        sa.select(Scan, Registration)
        .outerjoin(Registration, sa.and_(Registration.id == Scan.registration_id, Registration.stage_id == stage.id))
        .where(Scan.scan_id == scan_id)
    )
    row = db.session.execute(statement).one_or_none()
    return StoredScan(row[0], row[1]) if row else None


def find_represented(host_id: int, code_hash: str) -> Registration | None:
    """Whose ticket or badge it is, at whatever stage of the host; of one that was merged into another, that one."""
    coded = aliased(Registration)
    statement = (
        sa.select(Registration)
        .join(coded, Registration.id == sa.func.coalesce(coded.merged_into_id, coded.id))
        .join(Stage, Stage.id == Registration.stage_id)
        .join(Programme, Programme.id == Stage.programme_id)
        .where(sa.or_(coded.ticket_hash == code_hash, coded.badge_hash == code_hash), Programme.host_id == host_id)
        .options(joinedload(Registration.category))
    )
    return db.session.scalar(statement)


def was_admitted(registration: Registration) -> bool:
    """Whether the person was at the stage already, at any of its checkpoints."""
    there = sa.exists().where(Attendance.registration_id == registration.id, Attendance.annulled_at.is_(None))
    return bool(db.session.scalar(sa.select(there)))


def was_rejected(stage: Stage, participant_ids: Collection[int]) -> bool:
    """Whether the last that these participants (the same person) heard from the stage was a rejection."""
    if not participant_ids:
        return False
    statement = sa.select(Registration.state).where(
        Registration.stage_id == stage.id, Registration.participant_id.in_(participant_ids)
    )
    return db.session.scalar(statement.order_by(Registration.id.desc()).limit(1)) is RegistrationState.REJECTED


def unsettled_of_host(host_id: int) -> list[ScanIncident]:
    """What waits to be settled and keeps what a form at the door said of somebody, with its checkpoint and scan."""
    statement = (
        sa.select(ScanIncident)
        .join(Checkpoint, Checkpoint.id == ScanIncident.checkpoint_id)
        .join(Stage, Stage.id == Checkpoint.stage_id)
        .join(Programme, Programme.id == Stage.programme_id)
        .where(Programme.host_id == host_id, ScanIncident.person.is_not(sa.null()))
        .order_by(ScanIncident.id)
        .options(joinedload(ScanIncident.scan), joinedload(ScanIncident.checkpoint).joinedload(Checkpoint.stage))
    )
    return [one for one in db.session.scalars(statement) if one.person]
