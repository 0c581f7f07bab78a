"""How many JP one person attended at each of his stages, in a constant number of queries however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from app.agenda.models import AgendaSession
from app.checkin import rules
from app.checkin.models import Attendance, Checkpoint, Excuse
from app.checkin.queries import covered_sessions
from app.checkin.rules import CountedSession, JpTally
from app.extensions import db
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.rules import RegistrationState


def jp_of(registrations: Iterable[Registration]) -> dict[int, JpTally]:
    """JP attended and expected of those that are confirmed, by registration id. Expects their groups and stages to be loaded."""
    confirmed = [one for one in registrations if one.state is RegistrationState.CONFIRMED]
    stages = {one.stage_id: one.stage for one in confirmed}
    counted = _counted(stages)
    ids = [one.id for one in confirmed]
    admissions, excused = _admissions(ids), _excused_with_jp(ids)
    return {
        one.id: rules.tally(
            counted[one.stage_id],
            groups=frozenset(group.id for group in one.groups),
            admissions=admissions[one.id],
            tolerance=timedelta(minutes=one.stage.late_tolerance_minutes),
            excused=frozenset(excused[one.id]),
        )
        for one in confirmed
    }


def _counted(stages: dict[int, Stage]) -> dict[int, list[CountedSession]]:
    """The sessions of each stage that are worth JP, with the checkpoints at which they count."""
    sessions: dict[int, list[AgendaSession]] = defaultdict(list)
    lessons = sa.select(AgendaSession).where(AgendaSession.stage_id.in_(stages)).order_by(AgendaSession.starts_at)
    for session in db.session.scalars(lessons.options(selectinload(AgendaSession.groups))):
        if session.jp:
            sessions[session.stage_id].append(session)
    points: dict[int, list[Checkpoint]] = defaultdict(list)
    doors = sa.select(Checkpoint).where(Checkpoint.stage_id.in_(stages)).options(selectinload(Checkpoint.sessions))
    for point in db.session.scalars(doors):
        points[point.stage_id].append(point)
    return {
        stage_id: _of_stage(sessions[stage_id], points[stage_id], stage.timezone) for stage_id, stage in stages.items()
    }


def _of_stage(sessions: Sequence[AgendaSession], points: Sequence[Checkpoint], zone: str) -> list[CountedSession]:
    covered = covered_sessions(points, sessions, zone)
    return [
        CountedSession(
            jp=session.jp,
            starts_at=session.starts_at,
            audience=frozenset(group.id for group in session.groups),
            checkpoint_ids=frozenset(point for point, theirs in covered.items() if session in theirs),
        )
        for session in sessions
    ]


def _admissions(registration_ids: list[int]) -> dict[int, dict[int, datetime]]:
    statement = sa.select(Attendance.registration_id, Attendance.checkpoint_id, Attendance.at).where(
        Attendance.registration_id.in_(registration_ids), Attendance.annulled_at.is_(None)
    )
    found: dict[int, dict[int, datetime]] = defaultdict(dict)
    for registration_id, checkpoint_id, at in db.session.execute(statement):
        found[registration_id][checkpoint_id] = at
    return found


def _excused_with_jp(registration_ids: list[int]) -> dict[int, set[int]]:
    statement = sa.select(Excuse.registration_id, Excuse.checkpoint_id).where(
        Excuse.registration_id.in_(registration_ids), Excuse.with_jp, Excuse.withdrawn_at.is_(None)
    )
    found: dict[int, set[int]] = defaultdict(set)
    for registration_id, checkpoint_id in db.session.execute(statement):
        found[registration_id].add(checkpoint_id)
    return found
