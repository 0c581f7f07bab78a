"""Whose codes are scanned, as the recording of scans reads it, in Core: the people with their attendance at the checkpoint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.checkin.models import IN_FORCE, Attendance, Scan, ScannerDevice
from app.checkin.rules import Holder
from app.checkin.rules_history import Period
from app.checkin.service import lookup
from app.checkin.service.lookup import Entry
from app.extensions import is_postgresql
from app.programmes.models import ParticipantGroup, Programme, Stage
from app.registration.models import Registration, registration_group
from app.shared.names import full_name

BY = sa.func.coalesce(ScannerDevice.name, User.name, "").label("by")


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
    """A registration that a scanned code belongs to, and its stage.

    `in_force`: its attendance at the checkpoint; `ended_at`: when the last one before was annulled.
    """

    id: int
    stage_name: str
    host_id: int
    holder: Holder
    person: Person
    in_force: Period | None
    ended_at: datetime | None

    def is_late(self, at: datetime) -> bool:
        """Whether something at that moment belongs to a period that has ended."""
        return self.ended_at is not None and at <= self.ended_at


@dataclass(frozen=True)
class Crowd:
    """The people found, by hash of their codes; and how many were there when they were looked up."""

    people: dict[str, Found]
    present: int


# Whose code is held up: of one that was merged into another it is that one who stands at the door.
_CODED = aliased(Registration, name="coded")
_ENDED = aliased(Attendance, name="ended")
_LAST_ENDED = (
    sa.select(sa.func.max(_ENDED.annulled_at))
    .where(_ENDED.registration_id == Registration.id, _ENDED.checkpoint_id == sa.bindparam("point"))
    .correlate(Registration)
    .scalar_subquery()
)
_PEOPLE = (
    sa.select(
        Registration.id.label("person_id"),
        Registration.stage_id.label("their_stage_id"),
        Registration.state,
        Registration.title_before,
        Registration.name,
        Registration.title_after,
        Registration.institution_name,
        _CODED.id.label("coded_id"),
        _CODED.ticket_hash,
        _CODED.badge_hash,
        Stage.name.label("stage_name"),
        Programme.host_id.label("their_host_id"),
        ParticipantGroup.id.label("group_id"),
        ParticipantGroup.name.label("group_name"),
        ParticipantGroup.position.label("group_position"),
        _LAST_ENDED.label("ended_at"),
    )
    .join(_CODED, Registration.id == sa.func.coalesce(_CODED.merged_into_id, _CODED.id))
    .join(Stage, Stage.id == Registration.stage_id)
    .join(Programme, Programme.id == Stage.programme_id)
    .outerjoin(registration_group, registration_group.c.registration_id == Registration.id)
    .outerjoin(ParticipantGroup, ParticipantGroup.id == registration_group.c.group_id)
)
_THEIRS = (Attendance.id.label("attendance_id"), Attendance.at, Attendance.scan_id, BY)
_IS_THEIRS = sa.and_(
    Attendance.registration_id == Registration.id, Attendance.checkpoint_id == sa.bindparam("point"), IN_FORCE
)


def _by_whom(theirs: Any) -> Any:
    by_device = theirs.outerjoin(ScannerDevice, ScannerDevice.id == Attendance.device_id)
    return by_device.outerjoin(User, User.id == Attendance.recorded_by_id)


@cache
def _people_with_attendance(laterally: bool) -> Any:
    """Those of _PEOPLE with their attendance at the checkpoint.

    `laterally`: it is looked up for each of them by itself. PostgreSQL keeps a plan that it made for empty tables until their
    statistics are next gathered, and left to choose would go through all who are there for each who comes.
    """
    if not laterally:
        return _by_whom(_PEOPLE.add_columns(*_THEIRS).outerjoin(Attendance, _IS_THEIRS))
    theirs = _by_whom(sa.select(*_THEIRS).select_from(Attendance)).where(_IS_THEIRS).correlate(Registration)
    theirs = theirs.limit(1).lateral(
        "theirs"
    )  # there is never more than one; without a limit it would be a plain join again
    return _PEOPLE.add_columns(*theirs.c).outerjoin(theirs, sa.true())


@cache
def _people_of(laterally: bool, arrays: bool) -> Any:
    columns = (_CODED.ticket_hash, _CODED.badge_hash)
    theirs = sa.or_(*(lookup.one_of(column, "hashes", arrays=arrays) for column in columns))
    return _people_with_attendance(laterally).where(theirs)


@cache
def _entry_and_people(laterally: bool, arrays: bool, in_turn: bool, counting: bool) -> Any:
    them = _people_of(laterally, arrays).subquery("them")
    statement = (
        lookup.entry_statement(arrays)
        .outerjoin(them, sa.true())
        .add_columns(*them.c, *([lookup.PRESENT] if counting else []))
        .order_by(them.c.coded_id, them.c.group_position)
    )
    return statement.with_for_update(of=ScannerDevice, key_share=True) if in_turn else statement


@dataclass(frozen=True)
class Asked:
    """Which device scans what, and where."""

    token_hash: str
    checkpoint_id: int
    scan_ids: list[str]
    code_hashes: list[str]


def enter_with(connection: Connection, asked: Asked, *, now: datetime) -> tuple[Entry, Crowd]:
    """A device at a checkpoint, and whose codes it scans, at once.

    Of batches of one device one waits for the other: the same scans in another order would block each other.
    """
    is_batch = len(asked.scan_ids) > 1  # of one, PostgreSQL plans best for values that it can count
    present = lookup.present_lately(asked.checkpoint_id)
    statement = _entry_and_people(is_postgresql(), is_batch and is_postgresql(), is_batch, present is None)
    values = {"token_hash": asked.token_hash, "point": asked.checkpoint_id}
    lists = {"scan_ids": asked.scan_ids, "hashes": asked.code_hashes}
    rows = connection.execute(statement, values | lists).all()
    entry = lookup.entry_of(rows[0] if rows else None, now)
    if present is None:
        present = rows[0].present
        lookup.note_present(entry.checkpoint_id, present, counted=True)
    return entry, _crowd([row for row in rows if row.coded_id is not None], present)


def find_people(connection: Connection, entry: Entry, hashes: Iterable[str]) -> Crowd:
    """Whose codes these are by now."""
    values: dict[str, Any] = {"point": entry.checkpoint_id, "hashes": list(hashes)}
    statement = (
        _people_of(is_postgresql(), False).add_columns(lookup.PRESENT).order_by(_CODED.id, ParticipantGroup.position)
    )
    rows = connection.execute(statement, values).all()
    return _crowd(rows, rows[0].present if rows else 0)


def _crowd(rows: Sequence[Any], present: int) -> Crowd:
    groups: dict[int, list[Any]] = {}
    for row in rows:
        groups.setdefault(row.coded_id, []).append(row)
    people: dict[str, Found] = {}
    for same in groups.values():
        found = _found(same)
        people[same[0].ticket_hash] = people[same[0].badge_hash] = found
    return Crowd(people, present)


def _found(rows: Sequence[Any]) -> Found:
    row = rows[0]
    members = [one for one in rows if one.group_id is not None]
    return Found(
        id=row.person_id,
        stage_name=row.stage_name,
        host_id=row.their_host_id,
        holder=Holder(stage_id=row.their_stage_id, state=row.state, groups=frozenset(one.group_id for one in members)),
        person=Person(
            full_name(row.title_before, row.name, row.title_after),
            row.institution_name,
            tuple(one.group_name for one in members),
        ),
        in_force=Period(id=row.attendance_id, at=row.at, scan_id=row.scan_id, by=row.by) if row.at else None,
        ended_at=row.ended_at,
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
