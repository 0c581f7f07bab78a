"""What the recording of scans reads, in Core: the device and its checkpoint, who is expected, whose codes, what is known already."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.agenda.models import AgendaSession, session_group
from app.checkin import rules
from app.checkin.models import IN_FORCE, Attendance, Checkpoint, Scan, ScannerDevice, checkpoint_session
from app.checkin.queries_devices import HELD
from app.checkin.rules import Holder, Place
from app.hosts.models import Host
from app.programmes.models import ParticipantGroup, Programme, Stage
from app.registration.models import Registration, registration_group
from app.registration.rules import RegistrationState
from app.shared.dates import local_date
from app.shared.names import full_name


class UnknownDevice(LookupError):
    """No device has this token."""


class UnknownCheckpoint(LookupError):
    """No checkpoint of the device's stage has this id."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A device at a checkpoint of its stage. `quarantined`: it may no longer scan. `known_scans`: how many of the ids are stored."""

    device_id: int
    device_name: str
    quarantined: bool
    stage_id: int
    host_id: int
    zone: str
    checkpoint_id: int
    opens_at: datetime
    closes_at: datetime
    known_scans: int


@dataclass(frozen=True)
class Person:
    """Who was scanned, as a door may see it."""

    name: str
    institution: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class First:
    """When and by which device, or which member of staff, a person had been admitted already."""

    at: datetime
    by: str


@dataclass(frozen=True)
class Found:
    """A registration that a scanned code belongs to, its stage, and its attendance in force at the checkpoint."""

    id: int
    stage_name: str
    host_id: int
    holder: Holder
    person: Person
    first: First | None


_ENTRY = (
    sa.select(
        ScannerDevice.id.label("device_id"),
        ScannerDevice.name.label("device_name"),
        HELD.label("held"),
        ScannerDevice.revoked_at,
        ScannerDevice.expires_at,
        ScannerDevice.stage_id,
        Programme.host_id,
        Host.timezone.label("zone"),
        Checkpoint.id.label("checkpoint_id"),
        Checkpoint.opens_at,
        Checkpoint.closes_at,
        sa.select(sa.func.count())
        .where(Scan.scan_id.in_(sa.bindparam("scan_ids", expanding=True)))
        .scalar_subquery()
        .label("known_scans"),
    )
    .join(Stage, Stage.id == ScannerDevice.stage_id)
    .join(Programme, Programme.id == Stage.programme_id)
    .join(Host, Host.id == Programme.host_id)
    .outerjoin(Checkpoint, sa.and_(Checkpoint.stage_id == Stage.id, Checkpoint.id == sa.bindparam("point")))
    .where(ScannerDevice.token_hash == sa.bindparam("token_hash"))
)


def enter(
    connection: Connection, token_hash: str, checkpoint_id: int, *, scan_ids: Sequence[str], now: datetime
) -> Entry:
    """The device of a token at a checkpoint. Raises UnknownDevice or UnknownCheckpoint."""
    values = {"token_hash": token_hash, "point": checkpoint_id, "scan_ids": list(scan_ids)}
    row = connection.execute(_ENTRY, values).one_or_none()
    if row is None:
        raise UnknownDevice
    if row.checkpoint_id is None:
        raise UnknownCheckpoint
    return Entry(
        device_id=row.device_id,
        device_name=row.device_name,
        quarantined=not row.held or row.revoked_at is not None or now >= row.expires_at,
        stage_id=row.stage_id,
        host_id=row.host_id,
        zone=row.zone,
        checkpoint_id=row.checkpoint_id,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        known_scans=row.known_scans,
    )


_AUDIENCES = (
    sa.select(
        AgendaSession.id,
        AgendaSession.starts_at,
        session_group.c.group_id,
        checkpoint_session.c.checkpoint_id.label("chosen"),
    )
    .outerjoin(session_group, session_group.c.session_id == AgendaSession.id)
    .outerjoin(
        checkpoint_session,
        sa.and_(
            checkpoint_session.c.session_id == AgendaSession.id,
            checkpoint_session.c.checkpoint_id == sa.bindparam("point"),
        ),
    )
    .where(AgendaSession.stage_id == sa.bindparam("stage_id"))
)


def place_of(connection: Connection, entry: Entry) -> Place:
    """The checkpoint as decisions see it: its window, and who is expected at the sessions it covers."""
    rows = connection.execute(_AUDIENCES, {"point": entry.checkpoint_id, "stage_id": entry.stage_id}).all()
    if all(row.group_id is None for row in rows):
        return Place(stage_id=entry.stage_id, opens_at=entry.opens_at, closes_at=entry.closes_at)
    has_explicit = any(row.chosen for row in rows)
    day = local_date(entry.opens_at, entry.zone)
    audiences: dict[int, set[int]] = {}
    for row in rows:
        starts = local_date(row.starts_at, entry.zone)
        if not rules.covers(
            explicit=bool(row.chosen), has_explicit=has_explicit, checkpoint_day=day, session_day=starts
        ):
            continue
        audience = audiences.setdefault(row.id, set())
        if row.group_id is not None:
            audience.add(row.group_id)
    return Place(
        stage_id=entry.stage_id,
        opens_at=entry.opens_at,
        closes_at=entry.closes_at,
        expected_groups=rules.expected_groups(frozenset(audience) for audience in audiences.values()),
    )


_CONFIRMED = sa.select(sa.func.count()).where(
    Registration.stage_id == sa.bindparam("stage_id"), Registration.state == RegistrationState.CONFIRMED
)
_OF_GROUPS = _CONFIRMED.where(
    Registration.id.in_(
        sa.select(registration_group.c.registration_id).where(
            registration_group.c.group_id.in_(sa.bindparam("groups", expanding=True))
        )
    )
)
_PRESENT = sa.select(sa.func.count()).where(
    Attendance.checkpoint_id == sa.bindparam("point"), Attendance.annulled_at.is_(None)
)
_COUNTS = sa.select(_CONFIRMED.scalar_subquery(), _PRESENT.scalar_subquery())
_COUNTS_OF_GROUPS = sa.select(_OF_GROUPS.scalar_subquery(), _PRESENT.scalar_subquery())


def counts(connection: Connection, place: Place, checkpoint_id: int) -> tuple[int, int]:
    """How many are expected at a checkpoint, and how many are there."""
    values: dict[str, Any] = {"stage_id": place.stage_id, "point": checkpoint_id}
    if place.expected_groups:
        row = connection.execute(_COUNTS_OF_GROUPS, values | {"groups": list(place.expected_groups)}).one()
    else:
        row = connection.execute(_COUNTS, values).one()
    return row[0], row[1]


_BY = sa.func.coalesce(ScannerDevice.name, User.name, "").label("by")


def attendance_of(connection: Connection, entry: Entry, registration_ids: Collection[int]) -> dict[int, First]:
    """The attendances in force at the checkpoint."""
    statement = (
        sa.select(Attendance.registration_id, Attendance.at, _BY)
        .outerjoin(ScannerDevice, ScannerDevice.id == Attendance.device_id)
        .outerjoin(User, User.id == Attendance.recorded_by_id)
        .where(
            Attendance.checkpoint_id == entry.checkpoint_id,
            Attendance.annulled_at.is_(None),
            Attendance.registration_id.in_(registration_ids),
        )
    )
    return {row.registration_id: First(row.at, row.by) for row in connection.execute(statement)}


# Whose code is held up: of one that was merged into another it is that one who stands at the door.
_CODED = aliased(Registration, name="coded")
_PEOPLE = (
    sa.select(
        Registration.id,
        Registration.stage_id,
        Registration.state,
        Registration.title_before,
        Registration.name,
        Registration.title_after,
        Registration.institution_name,
        _CODED.id.label("coded_id"),
        _CODED.ticket_hash,
        _CODED.badge_hash,
        Stage.name.label("stage_name"),
        Programme.host_id,
        ParticipantGroup.id.label("group_id"),
        ParticipantGroup.name.label("group_name"),
        Attendance.at,
        _BY,
    )
    .join(_CODED, Registration.id == sa.func.coalesce(_CODED.merged_into_id, _CODED.id))
    .join(Stage, Stage.id == Registration.stage_id)
    .join(Programme, Programme.id == Stage.programme_id)
    .outerjoin(registration_group, registration_group.c.registration_id == Registration.id)
    .outerjoin(ParticipantGroup, ParticipantGroup.id == registration_group.c.group_id)
    .outerjoin(
        Attendance,
        sa.and_(
            Attendance.registration_id == Registration.id,
            Attendance.checkpoint_id == sa.bindparam("point"),
            IN_FORCE,
        ),
    )
    .outerjoin(ScannerDevice, ScannerDevice.id == Attendance.device_id)
    .outerjoin(User, User.id == Attendance.recorded_by_id)
    .order_by(_CODED.id, ParticipantGroup.position)
)
_BY_HASH = _PEOPLE.where(
    sa.or_(
        _CODED.ticket_hash.in_(sa.bindparam("hashes", expanding=True)),
        _CODED.badge_hash.in_(sa.bindparam("hashes", expanding=True)),
    )
)


def find_people(connection: Connection, entry: Entry, hashes: set[str]) -> dict[str, Found]:
    """Whose codes these are, by hash."""
    people: dict[str, Found] = {}
    if not hashes:
        return people
    rows = connection.execute(_BY_HASH, {"point": entry.checkpoint_id, "hashes": list(hashes)}).all()
    groups: dict[int, list[Any]] = {}
    for row in rows:
        groups.setdefault(row.coded_id, []).append(row)
    for same in groups.values():
        found = _found(same)
        people[same[0].ticket_hash] = people[same[0].badge_hash] = found
    return people


def _found(rows: Sequence[Any]) -> Found:
    row = rows[0]
    members = [one for one in rows if one.group_id is not None]
    return Found(
        id=row.id,
        stage_name=row.stage_name,
        host_id=row.host_id,
        holder=Holder(stage_id=row.stage_id, state=row.state, groups=frozenset(one.group_id for one in members)),
        person=Person(
            full_name(row.title_before, row.name, row.title_after),
            row.institution_name,
            tuple(one.group_name for one in members),
        ),
        first=First(row.at, row.by) if row.at else None,
    )


_STORED = (
    sa.select(
        Scan.scan_id,
        Scan.checkpoint_id,
        Scan.decision,
        Scan.reason,
        Scan.first_at,
        Scan.first_by,
        Registration.stage_id,
        Registration.title_before,
        Registration.name,
        Registration.title_after,
        Registration.institution_name,
        Stage.name.label("stage_name"),
        Programme.host_id,
        ParticipantGroup.name.label("group_name"),
    )
    .outerjoin(Registration, Registration.id == Scan.registration_id)
    .outerjoin(Stage, Stage.id == Registration.stage_id)
    .outerjoin(Programme, Programme.id == Stage.programme_id)
    .outerjoin(registration_group, registration_group.c.registration_id == Registration.id)
    .outerjoin(ParticipantGroup, ParticipantGroup.id == registration_group.c.group_id)
    .where(Scan.scan_id.in_(sa.bindparam("scan_ids", expanding=True)))
    .order_by(Scan.id, ParticipantGroup.position)
)


def stored_scans(connection: Connection, scan_ids: Sequence[str]) -> list[Any]:
    """Scans that are known already, one row for each group of their person."""
    return list(connection.execute(_STORED, {"scan_ids": list(scan_ids)}))
