"""Reads of the agenda."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from app.agenda import rules
from app.agenda.models import AgendaSession, SessionSpeaker, Speaker
from app.agenda.rules import Clash, Slot
from app.extensions import db
from app.hosts.models import Host
from app.programmes.models import Stage
from app.shared import dates


@dataclass(frozen=True)
class AgendaDay:
    """A day of the rundown in the host's zone, with its sessions in order and their JP together."""

    day: date
    sessions: Sequence[AgendaSession]

    @property
    def jp(self) -> int:
        return sum(session.jp for session in self.sessions)


def sessions_of(stage: Stage) -> list[AgendaSession]:
    """A stage's sessions in the order of time, with groups and speakers loaded, in a constant number of queries."""
    statement = (
        sa.select(AgendaSession)
        .where(AgendaSession.stage_id == stage.id)
        .order_by(AgendaSession.starts_at, AgendaSession.ends_at, AgendaSession.id)
        .options(selectinload(AgendaSession.groups), selectinload(AgendaSession.speakers))
    )
    return list(db.session.scalars(statement))


def sessions_outside(stage: Stage) -> list[AgendaSession]:
    """Sessions that begin on a day that is not of the stage."""
    return [
        session
        for session in sessions_of(stage)
        if not stage.starts_on <= dates.local_date(session.starts_at, stage.timezone) <= stage.ends_on
    ]


def first_day(stage: Stage) -> date | None:
    """The day on which the agenda begins."""
    begins = db.session.scalar(
        sa.select(sa.func.min(AgendaSession.starts_at)).where(AgendaSession.stage_id == stage.id)
    )
    return dates.local_date(begins, stage.timezone) if begins else None


def find_session(stage: Stage, session_id: int) -> AgendaSession | None:
    return db.session.scalar(
        sa.select(AgendaSession).where(AgendaSession.id == session_id, AgendaSession.stage_id == stage.id)
    )


def days_of(sessions: Sequence[AgendaSession], zone: str) -> list[AgendaDay]:
    """The sessions (in order) by their day in `zone`."""
    grouped = groupby(sessions, key=lambda session: dates.local_date(session.starts_at, zone))
    return [AgendaDay(day, list(entries)) for day, entries in grouped]


def clashes_of(sessions: Sequence[AgendaSession]) -> list[Clash]:
    """Which of the sessions (with groups loaded) overlap in the same room or for the same audience."""
    slots = [
        Slot(
            session_id=session.id,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            room=session.room,
            group_ids=frozenset(group.id for group in session.groups),
        )
        for session in sessions
    ]
    return rules.clashes(slots)


def speakers_of(stage: Stage) -> list[Speaker]:
    """Who leads a session of the stage, each once, by name."""
    leading = (
        sa.select(SessionSpeaker.speaker_id)
        .join(AgendaSession, AgendaSession.id == SessionSpeaker.session_id)
        .where(AgendaSession.stage_id == stage.id)
    )
    return list(
        db.session.scalars(sa.select(Speaker).where(Speaker.id.in_(leading)).order_by(Speaker.name, Speaker.id))
    )


def speakers_of_host(host: Host) -> list[Speaker]:
    """Everyone whom the host knows as a speaker, by name."""
    return list(
        db.session.scalars(sa.select(Speaker).where(Speaker.host_id == host.id).order_by(Speaker.name, Speaker.id))
    )


def find_speaker(host: Host, speaker_id: int) -> Speaker | None:
    return db.session.scalar(sa.select(Speaker).where(Speaker.id == speaker_id, Speaker.host_id == host.id))
