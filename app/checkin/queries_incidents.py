"""Reads of what somebody must settle: incidents with both devices, and who was refused at a door."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from app.checkin.models import Attendance, Checkpoint, Scan, ScannerDevice
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import Decision, IncidentKind, ScanSource
from app.checkin.rules_board import Hindrance, hindrance, told
from app.extensions import db
from app.institutions.models import Institution
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.shared import clock
from app.web.paging import Page, paginate

_COUNTED, _COUNTED_DEVICE = aliased(Scan), aliased(ScannerDevice)
_LATER = aliased(Scan)


@dataclass(frozen=True)
class Shown:
    """An incident with its scan and device; of two doors also the scan that counts and its device.

    `registration` is whom it is about, of this stage alone. `hindrance` keeps it from being settled as present. Of whoever was
    typed at the door: whom he `represents`, and the name of the listed institution that he is `housed_at`.
    """

    incident: ScanIncident
    scan: Scan
    device: str
    counted_at: datetime | None
    counted_device: str | None
    registration: Registration | None
    hindrance: Hindrance | None
    represents: Registration | None = None
    housed_at: str = ""

    @property
    def name(self) -> str:
        """Whom it is about, as far as that is known."""
        if self.registration is not None:
            return self.registration.full_name
        return str((self.incident.person or {}).get("name") or "")

    @property
    def institution(self) -> str:
        if self.registration is not None:
            return self.registration.institution_name
        return self.housed_at or str((self.incident.person or {}).get("institution") or "")

    @property
    def told(self) -> Any:
        """What is said of it beside its kind; None for nothing."""
        return told(self.incident.kind, self.scan.reason, for_another="represents" in (self.incident.person or {}))


@dataclass(frozen=True)
class Refusal:
    """The last refused scan of a person of the stage at a checkpoint where he is not there yet."""

    scan: Scan
    checkpoint: Checkpoint
    device: str
    registration: Registration
    hindrance: Hindrance | None


def open_counts(stage: Stage) -> dict[IncidentKind, int]:
    """How many incidents of each kind wait; a kind without any is not named. In the order of the kinds."""
    statement = (
        sa.select(ScanIncident.kind, sa.func.count())
        .join(Checkpoint, Checkpoint.id == ScanIncident.checkpoint_id)
        .where(Checkpoint.stage_id == stage.id, ScanIncident.settled_at.is_(None))
        .group_by(ScanIncident.kind)
    )
    found = {row[0]: row[1] for row in db.session.execute(statement)}
    return {kind: found[kind] for kind in IncidentKind if kind in found}


def find_incident(stage: Stage, incident_id: int) -> ScanIncident | None:
    statement = (
        sa.select(ScanIncident)
        .join(Checkpoint, Checkpoint.id == ScanIncident.checkpoint_id)
        .where(ScanIncident.id == incident_id, Checkpoint.stage_id == stage.id)
    )
    return db.session.scalar(statement)


def waiting_of(stage: Stage, kind: IncidentKind) -> list[ScanIncident]:
    """All of a kind that wait."""
    statement = (
        sa.select(ScanIncident)
        .join(Checkpoint, Checkpoint.id == ScanIncident.checkpoint_id)
        .where(Checkpoint.stage_id == stage.id, ScanIncident.settled_at.is_(None), ScanIncident.kind == kind)
        .order_by(ScanIncident.id)
    )
    return list(db.session.scalars(statement))


def incidents(
    stage: Stage, *, settled: bool, kind: IncidentKind | None = None, limit: int, skip: int = 0
) -> list[Shown]:
    """Those that wait, first what needs a decision, the oldest first; or those settled, the latest first."""
    statement = (
        sa.select(ScanIncident, Scan, ScannerDevice.name, _COUNTED.occurred_at, _COUNTED_DEVICE.name, Registration)
        .join(Checkpoint, Checkpoint.id == ScanIncident.checkpoint_id)
        .join(Scan, Scan.id == ScanIncident.scan_id)
        .join(ScannerDevice, ScannerDevice.id == Scan.device_id)
        .outerjoin(_COUNTED, _COUNTED.id == ScanIncident.counted_id)
        .outerjoin(_COUNTED_DEVICE, _COUNTED_DEVICE.id == _COUNTED.device_id)
        .outerjoin(
            Registration,
            sa.and_(
                Registration.id == sa.func.coalesce(ScanIncident.registration_id, Scan.registration_id),
                Registration.stage_id == stage.id,
            ),
        )
        .where(Checkpoint.stage_id == stage.id)
        .options(joinedload(ScanIncident.checkpoint), joinedload(ScanIncident.settled_by))
        .limit(limit)
        .offset(skip)
    )
    if kind is not None:
        statement = statement.where(ScanIncident.kind == kind)
    if settled:
        statement = statement.where(ScanIncident.settled_at.is_not(None)).order_by(
            ScanIncident.settled_at.desc(), ScanIncident.id.desc()
        )
    else:
        only_to_be_seen = sa.case((ScanIncident.kind == IncidentKind.TWO_DOORS, 1), else_=0)
        waiting = statement.where(ScanIncident.settled_at.is_(None))
        statement = waiting.order_by(only_to_be_seen, Scan.occurred_at, ScanIncident.id)
    rows = db.session.execute(statement).all()
    typed = [row[0].person or {} for row in rows]
    hashes = {row[1].code_hash for row in rows if row[5] is None and _is_own_code(row[1])} | {
        one.get("represents", "") for one in typed
    }
    owners = _owners(stage, hashes)
    houses = _institutions({one["institution_id"] for one in typed if one.get("institution_id")})
    return [_shown(row, owners, houses) for row in rows]


def refusals(
    stage: Stage, checkpoint: Checkpoint | None = None, *, number: int | None = None, size: int
) -> Page[Refusal]:
    """Who was refused, is of the stage and not there, each person once at a checkpoint that has opened, no incidents; at all or at one.

    Those who can be let in by a tap come first, as those who cannot stay; then the latest.
    """
    is_there = sa.exists().where(
        Attendance.registration_id == Scan.registration_id,
        Attendance.checkpoint_id == Scan.checkpoint_id,
        Attendance.annulled_at.is_(None),
    )
    is_incident = sa.exists().where(ScanIncident.scan_id == Scan.id)
    again = sa.exists().where(
        _LATER.registration_id == Scan.registration_id,
        _LATER.checkpoint_id == Scan.checkpoint_id,
        _LATER.decision == Decision.REFUSED,
        _LATER.id > Scan.id,
    )
    statement = (
        sa.select(Scan, Checkpoint, ScannerDevice.name, Registration)
        .join(Checkpoint, Checkpoint.id == Scan.checkpoint_id)
        .join(ScannerDevice, ScannerDevice.id == Scan.device_id)
        .join(Registration, Registration.id == Scan.registration_id)
        .where(
            Checkpoint.stage_id == stage.id,
            Checkpoint.opens_at <= clock.now(),
            Scan.decision == Decision.REFUSED,
            Registration.stage_id == stage.id,
            ~is_there,
            ~is_incident,
            ~again,
        )
        .order_by(sa.case((Registration.state == RegistrationState.CONFIRMED, 0), else_=1), Scan.id.desc())
    )
    if checkpoint is not None:
        statement = statement.where(Checkpoint.id == checkpoint.id)
    found = paginate(statement, number=number, size=size, scalars=False)
    shown = [
        Refusal(scan, point, device, person, hindrance(None, reason=scan.reason, state=person.state))
        for scan, point, device, person in found
    ]
    return replace(found, items=shown)


def find_refusal(checkpoint: Checkpoint, scan_id: int) -> tuple[Scan, Registration] | None:
    """A refused scan at the checkpoint with its person, who is of its stage."""
    statement = (
        sa.select(Scan, Registration)
        .join(Registration, Registration.id == Scan.registration_id)
        .where(
            Scan.id == scan_id,
            Scan.checkpoint_id == checkpoint.id,
            Scan.decision == Decision.REFUSED,
            Registration.stage_id == checkpoint.stage_id,
        )
    )
    row = db.session.execute(statement).one_or_none()
    return (row[0], row[1]) if row else None


def _is_own_code(scan: Scan) -> bool:
    """Of a form at the door it is that of whom he came for, or nobody's."""
    return scan.source is not ScanSource.WALK_IN


def _owners(stage: Stage, hashes: Collection[str]) -> dict[str, Registration]:
    """Whose codes these are among the people of the stage, by hash; of one merged into another, that one's."""
    if not hashes:
        return {}
    coded = aliased(Registration)
    statement = (
        sa.select(coded.ticket_hash, coded.badge_hash, Registration)
        .join(Registration, Registration.id == sa.func.coalesce(coded.merged_into_id, coded.id))
        .where(
            sa.or_(coded.ticket_hash.in_(hashes), coded.badge_hash.in_(hashes)),
            Registration.stage_id == stage.id,
        )
    )
    found: dict[str, Registration] = {}
    for ticket_hash, badge_hash, registration in db.session.execute(statement):
        found[ticket_hash] = found[badge_hash] = registration
    return found


def _institutions(ids: Collection[int]) -> dict[int, str]:
    """Names of listed institutions by id."""
    if not ids:
        return {}
    return {
        row[0]: row[1]
        for row in db.session.execute(sa.select(Institution.id, Institution.name).where(Institution.id.in_(ids)))
    }


def _shown(row: Sequence[Any], owners: Mapping[str, Registration], houses: Mapping[int, str]) -> Shown:
    incident, scan, device, counted_at, counted_device, known = row
    person = incident.person or {}
    registration = known or (owners.get(scan.code_hash) if _is_own_code(scan) else None)
    why = hindrance(
        incident.kind,
        reason=scan.reason,
        state=registration.state if registration else None,
        has_person=bool(person),
    )
    represents = owners.get(person.get("represents") or "")
    housed_at = houses.get(person.get("institution_id") or 0, "")
    return Shown(incident, scan, device, counted_at, counted_device, registration, why, represents, housed_at)
