"""What a phone must know of everybody at a checkpoint to decide alone, and what of it has changed since it asked last.

A revision is the server's time in milliseconds. A change is told again for a minute after it was made, so that one whose
transaction took long to commit is never missed; telling it twice changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from app.agenda import queries as agenda
from app.checkin import rules
from app.checkin.models import Attendance, Checkpoint, Excuse
from app.checkin.queries import covered_sessions
from app.extensions import db
from app.programmes.models import ParticipantGroup
from app.registration.models import Registration, registration_group
from app.registration.rules import RegistrationState
from app.shared import clock
from app.shared.names import full_name

OVERLAP = timedelta(seconds=60)
Group = tuple[int, str]


@dataclass(frozen=True)
class Listed:
    """Somebody as a phone knows him. `hashes`: of his ticket, of his badge, then of those that were merged into him."""

    hashes: tuple[str, ...]
    name: str
    institution: str
    groups: tuple[Group, ...]
    state: RegistrationState
    attended_at: datetime | None
    excused: bool


@dataclass(frozen=True)
class Roster:
    """`entries` are all people of the stage, or those that have changed; `count` says how many all are.

    `removed`: hashes that belonged to somebody and now belong to nobody.
    """

    revision: int
    count: int
    entries: list[Listed]
    removed: list[str]
    expected_group_ids: frozenset[int]
    expected: int
    present: int
    now: datetime


def roster_of(checkpoint: Checkpoint, *, since: int | None = None) -> Roster:
    """Everybody, or whoever has changed `since` a revision, in a number of statements that the stage's size does not change."""
    now = clock.now()
    changed = _changed(checkpoint, _moment(since) - OVERLAP) if since is not None else None
    groups = _expected_groups(checkpoint)
    count, expected, present = _counts(checkpoint, groups)
    return Roster(
        revision=int(now.timestamp() * 1000),
        count=count,
        entries=_entries(checkpoint, changed),
        removed=_removed(checkpoint, changed) if changed is not None else [],
        expected_group_ids=groups,
        expected=expected,
        present=present,
        now=now,
    )


def _moment(revision: int) -> datetime:
    return datetime.fromtimestamp(revision / 1000, UTC)


def _changed(checkpoint: Checkpoint, after: datetime) -> sa.Select[tuple[int]]:
    """Whose entry may be another one: himself, one who was merged into him, his attendance, his excuse."""
    coded = Registration
    own = sa.select(sa.func.coalesce(coded.merged_into_id, coded.id)).where(
        coded.stage_id == checkpoint.stage_id, sa.func.coalesce(coded.changed_at, coded.created_at) >= after
    )
    attended = sa.select(Attendance.registration_id).where(
        Attendance.checkpoint_id == checkpoint.id, Attendance.changed_at >= after
    )
    excused = sa.select(Excuse.registration_id).where(
        Excuse.checkpoint_id == checkpoint.id, sa.or_(Excuse.given_at >= after, Excuse.withdrawn_at >= after)
    )
    return sa.select(sa.union(own, attended, excused).subquery().c[0])


def _entries(checkpoint: Checkpoint, changed: sa.Select[tuple[int]] | None) -> list[Listed]:
    in_force = sa.and_(
        Attendance.registration_id == Registration.id,
        Attendance.checkpoint_id == checkpoint.id,
        Attendance.annulled_at.is_(None),
    )
    excuse = sa.and_(
        Excuse.registration_id == Registration.id,
        Excuse.checkpoint_id == checkpoint.id,
        Excuse.withdrawn_at.is_(None),
    )
    statement = (
        sa.select(
            Registration.id,
            Registration.ticket_hash,
            Registration.badge_hash,
            Registration.title_before,
            Registration.name,
            Registration.title_after,
            Registration.institution_name,
            Registration.state,
            Attendance.at,
            Excuse.id.label("excuse_id"),
        )
        .outerjoin(Attendance, in_force)
        .outerjoin(Excuse, excuse)
        .where(*_listed(checkpoint, Registration.id, changed))
        .order_by(Registration.sort_name, Registration.id)
    )
    rows = db.session.execute(statement).all()
    merged, groups = _merged_hashes(checkpoint, changed), _groups(checkpoint, changed)
    return [
        Listed(
            hashes=(row.ticket_hash, row.badge_hash, *merged.get(row.id, ())),
            name=full_name(row.title_before, row.name, row.title_after),
            institution=row.institution_name,
            groups=groups.get(row.id, ()),
            state=row.state,
            attended_at=row.at,
            excused=row.excuse_id is not None,
        )
        for row in rows
    ]


def _listed(checkpoint: Checkpoint, of: Any, changed: sa.Select[tuple[int]] | None) -> list[sa.ColumnElement[bool]]:
    listed = [Registration.stage_id == checkpoint.stage_id, Registration.merged_into_id.is_(None)]
    return listed if changed is None else [*listed, of.in_(changed)]


def _merged_hashes(checkpoint: Checkpoint, changed: sa.Select[tuple[int]] | None) -> dict[int, list[str]]:
    """The hashes of those who were merged into somebody, by his id."""
    statement = sa.select(Registration.merged_into_id, Registration.ticket_hash, Registration.badge_hash).where(
        Registration.stage_id == checkpoint.stage_id, Registration.merged_into_id.is_not(None)
    )
    if changed is not None:
        statement = statement.where(Registration.merged_into_id.in_(changed))
    found: dict[Any, list[str]] = {}
    for row in db.session.execute(statement.order_by(Registration.id)):
        found.setdefault(row[0], []).extend(row[1:])
    return found


def _groups(checkpoint: Checkpoint, changed: sa.Select[tuple[int]] | None) -> dict[int, tuple[Group, ...]]:
    statement = (
        sa.select(registration_group.c.registration_id, ParticipantGroup.id, ParticipantGroup.name)
        .join(ParticipantGroup, ParticipantGroup.id == registration_group.c.group_id)
        .join(Registration, Registration.id == registration_group.c.registration_id)
        .where(*_listed(checkpoint, Registration.id, changed))
        .order_by(ParticipantGroup.position, ParticipantGroup.id)
    )
    found: dict[int, tuple[Group, ...]] = {}
    for registration_id, group_id, name in db.session.execute(statement):
        found[registration_id] = (*found.get(registration_id, ()), (group_id, name))
    return found


def _removed(checkpoint: Checkpoint, changed: sa.Select[tuple[int]]) -> list[str]:
    """Hashes of those who were merged into somebody who is no entry himself."""
    into = aliased(Registration)
    statement = (
        sa.select(Registration.ticket_hash, Registration.badge_hash)
        .outerjoin(
            into,
            sa.and_(
                into.id == Registration.merged_into_id,
                into.stage_id == checkpoint.stage_id,
                into.merged_into_id.is_(None),
            ),
        )
        .where(
            Registration.stage_id == checkpoint.stage_id,
            Registration.merged_into_id.in_(changed),
            into.id.is_(None),
        )
        .order_by(Registration.id)
    )
    return [one for row in db.session.execute(statement) for one in row]


def _expected_groups(checkpoint: Checkpoint) -> frozenset[int]:
    sessions = agenda.sessions_of(checkpoint.stage)
    covered = covered_sessions([checkpoint], sessions, checkpoint.stage.timezone)[checkpoint.id]
    return rules.expected_groups(frozenset(group.id for group in session.groups) for session in covered)


def _counts(checkpoint: Checkpoint, groups: frozenset[int]) -> tuple[int, int, int]:
    """How many entries a full roster has, how many people are expected, and how many are there."""
    of_stage = sa.select(sa.func.count()).select_from(Registration).where(Registration.stage_id == checkpoint.stage_id)
    expected = of_stage.where(Registration.state == RegistrationState.CONFIRMED)
    if groups:
        members = sa.select(registration_group.c.registration_id).where(registration_group.c.group_id.in_(groups))
        expected = expected.where(Registration.id.in_(members))
    present = (
        sa.select(sa.func.count())
        .select_from(Attendance)
        .where(Attendance.checkpoint_id == checkpoint.id, Attendance.annulled_at.is_(None))
    )
    row = db.session.execute(
        sa.select(
            of_stage.where(Registration.merged_into_id.is_(None)).scalar_subquery(),
            expected.scalar_subquery(),
            present.scalar_subquery(),
        )
    ).one()
    return row[0], row[1], row[2]
