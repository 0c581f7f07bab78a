"""Reads of the door."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.agenda import queries as agenda
from app.agenda.models import AgendaSession
from app.agenda.rules import expects
from app.checkin import rules
from app.checkin.models import Attendance, Checkpoint, Excuse, Scan
from app.checkin.rules import CountedSession, JpTally, ScanSource
from app.extensions import db
from app.institutions.models import InstitutionCategory
from app.programmes.models import ParticipantGroup, Stage
from app.registration.models import Registration
from app.registration.queries import groups_of_confirmed
from app.registration.rules import RegistrationState
from app.shared.dates import local_date
from app.shared.names import sort_key

MOST_PEOPLE = 20


@dataclass(frozen=True)
class Point:
    """A checkpoint with the sessions it covers, the groups expected (none: everyone), and how many are expected and there."""

    checkpoint: Checkpoint
    sessions: tuple[AgendaSession, ...]
    groups: tuple[ParticipantGroup, ...]
    expected: int
    present: int

    @property
    def group_ids(self) -> frozenset[int]:
        return frozenset(group.id for group in self.groups)

    def is_open(self, now: datetime) -> bool:
        return self.checkpoint.opens_at <= now < self.checkpoint.closes_at


def checkpoints_of(stage: Stage) -> list[Checkpoint]:
    """A stage's checkpoints in the order of their opening, with their chosen sessions."""
    statement = (
        sa.select(Checkpoint)
        .where(Checkpoint.stage_id == stage.id)
        .order_by(Checkpoint.opens_at, Checkpoint.id)
        .options(selectinload(Checkpoint.sessions))
    )
    return list(db.session.scalars(statement))


def find_checkpoint(stage: Stage, checkpoint_id: int) -> Checkpoint | None:
    return db.session.scalar(
        sa.select(Checkpoint).where(Checkpoint.id == checkpoint_id, Checkpoint.stage_id == stage.id)
    )


def covered_sessions(
    checkpoints: Sequence[Checkpoint], sessions: Sequence[AgendaSession], zone: str
) -> dict[int, list[AgendaSession]]:
    """The sessions that each checkpoint covers, by its id."""
    return {point.id: [one for one in sessions if _covers(point, one, zone)] for point in checkpoints}


def points_of(stage: Stage) -> list[Point]:
    """The stage's checkpoints with what the door needs to know of them, in a constant number of queries."""
    checkpoints = checkpoints_of(stage)
    covered = covered_sessions(checkpoints, agenda.sessions_of(stage), stage.timezone)
    memberships = groups_of_confirmed(stage)
    present = _present_counts(stage)
    points = []
    for point in checkpoints:
        sessions = covered[point.id]
        groups = _expected_groups(sessions)
        ids = frozenset(group.id for group in groups)
        expected = sum(expects(ids, of_person) for of_person in memberships.values())
        points.append(Point(point, tuple(sessions), groups, expected, present.get(point.id, 0)))
    return points


def preselected(points: Sequence[Point], now: datetime) -> Point | None:
    """The checkpoint of the moment: one that is open, else the next to open, else the last."""
    for point in points:
        if now < point.checkpoint.closes_at:
            return point
    return points[-1] if points else None


def expected_count(checkpoint: Checkpoint) -> int:
    """How many confirmed people are expected at a checkpoint."""
    return _point(checkpoint).expected


def present_count(checkpoint: Checkpoint) -> int:
    """How many are there."""
    return _present_counts(checkpoint.stage).get(checkpoint.id, 0)


def expected_people(point: Point) -> list[tuple[Registration, Attendance | None]]:
    """Who is expected at a checkpoint or came all the same, by unsur, institution and name, with the attendance in force."""
    statement = (
        sa.select(Registration, Attendance)
        .join(InstitutionCategory, InstitutionCategory.id == Registration.category_id)
        .outerjoin(Attendance, _in_force_at(point.checkpoint))
        .where(
            Registration.stage_id == point.checkpoint.stage_id,
            sa.or_(Registration.state == RegistrationState.CONFIRMED, Attendance.id.is_not(None)),
        )
        .order_by(InstitutionCategory.position, Registration.institution_name, Registration.sort_name, Registration.id)
        .options(
            joinedload(Registration.category),
            selectinload(Registration.groups),
            joinedload(Attendance.device),
            joinedload(Attendance.recorded_by),
        )
    )
    rows = [(row[0], row[1]) for row in db.session.execute(statement)]
    return [(person, there) for person, there in rows if there is not None or _is_expected(person, point.group_ids)]


def attendance_of(registration: Registration) -> list[Attendance]:
    """A person's attendances in force, with their checkpoints and who recorded them, in the order of time."""
    statement = (
        sa.select(Attendance)
        .where(Attendance.registration_id == registration.id, Attendance.annulled_at.is_(None))
        .order_by(Attendance.at)
        .options(joinedload(Attendance.checkpoint), joinedload(Attendance.device), joinedload(Attendance.recorded_by))
    )
    return list(db.session.scalars(statement))


def scanned_on_paper(registration: Registration) -> set[str]:
    """Of the scans by which a person was there, the ids of those that are rows of a signed sheet."""
    statement = sa.select(Attendance.scan_id).join(Scan, Scan.scan_id == Attendance.scan_id)
    mine = Attendance.registration_id == registration.id
    return set(db.session.scalars(statement.where(mine, Scan.source == ScanSource.PAPER)))


def find_attendance(stage: Stage, attendance_id: int) -> Attendance | None:
    statement = (
        sa.select(Attendance)
        .join(Checkpoint, Checkpoint.id == Attendance.checkpoint_id)
        .where(Attendance.id == attendance_id, Checkpoint.stage_id == stage.id)
        .options(joinedload(Attendance.registration), joinedload(Attendance.checkpoint))
    )
    return db.session.scalar(statement)


def jp_tally(stage: Stage, registration_ids: Collection[int] | None = None) -> dict[int, JpTally]:
    """JP attended and expected of every confirmed registration, by its id, in a constant number of queries.

    With `registration_ids`, of those alone, without a look at anybody else's attendance.
    """
    sessions = [session for session in agenda.sessions_of(stage) if session.jp]
    covered = covered_sessions(checkpoints_of(stage), sessions, stage.timezone)
    counted = [
        CountedSession(
            jp=session.jp,
            starts_at=session.starts_at,
            audience=frozenset(group.id for group in session.groups),
            checkpoint_ids=frozenset(point for point, theirs in covered.items() if session in theirs),
        )
        for session in sessions
    ]
    admissions, excused = _admissions(stage, registration_ids), _excused_with_jp(stage, registration_ids)
    tolerance = timedelta(minutes=stage.late_tolerance_minutes)
    return {
        registration_id: rules.tally(
            counted,
            groups=groups,
            admissions=admissions.get(registration_id, {}),
            tolerance=tolerance,
            excused=frozenset(excused.get(registration_id, ())),
        )
        for registration_id, groups in groups_of_confirmed(stage, registration_ids).items()
    }


def search_people(checkpoint: Checkpoint, typed: str) -> list[tuple[Registration, Attendance | None]]:
    """People of the checkpoint's stage whose name or institution holds every word typed; at most 20.

    Those come first whose name holds them all.
    """
    words = sort_key(typed).split()
    if not words:
        return []
    named = [Registration.sort_name.contains(word, autoescape=True) for word in words]
    housed = [sa.func.lower(Registration.institution_name).contains(word, autoescape=True) for word in words]
    statement = (
        sa.select(Registration, Attendance)
        .outerjoin(Attendance, _in_force_at(checkpoint))
        .where(Registration.stage_id == checkpoint.stage_id, *map(sa.or_, named, housed))
        .order_by(sa.case((sa.and_(*named), 0), else_=1), Registration.sort_name, Registration.id)
        .limit(MOST_PEOPLE)
        .options(selectinload(Registration.groups))
    )
    return [(row[0], row[1]) for row in db.session.execute(statement)]


def _point(checkpoint: Checkpoint) -> Point:
    return next(point for point in points_of(checkpoint.stage) if point.checkpoint.id == checkpoint.id)


def _in_force_at(checkpoint: Checkpoint) -> sa.ColumnElement[bool]:
    return sa.and_(
        Attendance.registration_id == Registration.id,
        Attendance.checkpoint_id == checkpoint.id,
        Attendance.annulled_at.is_(None),
    )


def _covers(point: Checkpoint, session: AgendaSession, zone: str) -> bool:
    return rules.covers(
        explicit=session in point.sessions,
        has_explicit=bool(point.sessions),
        checkpoint_day=local_date(point.opens_at, zone),
        session_day=local_date(session.starts_at, zone),
    )


def _expected_groups(sessions: Sequence[AgendaSession]) -> tuple[ParticipantGroup, ...]:
    ids = rules.expected_groups(frozenset(group.id for group in session.groups) for session in sessions)
    groups = {group.id: group for session in sessions for group in session.groups if group.id in ids}
    return tuple(sorted(groups.values(), key=lambda group: (group.position, group.id)))


def _is_expected(registration: Registration, group_ids: frozenset[int]) -> bool:
    return expects(group_ids, frozenset(group.id for group in registration.groups))


def _present_counts(stage: Stage) -> dict[int, int]:
    statement = (
        sa.select(Attendance.checkpoint_id, sa.func.count())
        .join(Checkpoint, Checkpoint.id == Attendance.checkpoint_id)
        .where(Checkpoint.stage_id == stage.id, Attendance.annulled_at.is_(None))
        .group_by(Attendance.checkpoint_id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def _admissions(stage: Stage, registration_ids: Collection[int] | None = None) -> dict[int, dict[int, datetime]]:
    statement = (
        sa.select(Attendance.registration_id, Attendance.checkpoint_id, Attendance.at)
        .join(Checkpoint, Checkpoint.id == Attendance.checkpoint_id)
        .where(Checkpoint.stage_id == stage.id, Attendance.annulled_at.is_(None))
    )
    if registration_ids is not None:
        statement = statement.where(Attendance.registration_id.in_(registration_ids))
    admissions: dict[int, dict[int, datetime]] = {}
    for registration_id, checkpoint_id, at in db.session.execute(statement):
        admissions.setdefault(registration_id, {})[checkpoint_id] = at
    return admissions


def _excused_with_jp(stage: Stage, registration_ids: Collection[int] | None = None) -> dict[int, set[int]]:
    """The checkpoints from which people were excused with JP."""
    statement = (
        sa.select(Excuse.registration_id, Excuse.checkpoint_id)
        .join(Checkpoint, Checkpoint.id == Excuse.checkpoint_id)
        .where(Checkpoint.stage_id == stage.id, Excuse.with_jp, Excuse.withdrawn_at.is_(None))
    )
    if registration_ids is not None:
        statement = statement.where(Excuse.registration_id.in_(registration_ids))
    excused: dict[int, set[int]] = {}
    for registration_id, checkpoint_id in db.session.execute(statement):
        excused.setdefault(registration_id, set()).add(checkpoint_id)
    return excused
