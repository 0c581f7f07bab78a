"""Checkpoints: one for each day of a stage by itself, and whatever staff make of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.agenda.models import AgendaSession
from app.agenda.service import days_to_move, keep_sessions_if, on_session_removal
from app.audit import service as audit
from app.checkin import rules
from app.checkin.models import Attendance, Checkpoint, Excuse, Scan
from app.checkin.queries import checkpoints_of, covered_sessions
from app.checkin.rules import CheckinError
from app.checkin.service.devices import prolong_devices
from app.extensions import db, lock, transaction
from app.programmes import service as programmes
from app.programmes.models import Stage
from app.shared import clock
from app.shared.dates import local_date, long_date
from app.shared.text import squash

NAME_LENGTH = 120


def ensure_day_checkpoints(stage: Stage, *, days_before: Sequence[date] = ()) -> list[Checkpoint]:
    """One checkpoint for each day of the stage. Those that nobody has edited or used follow the stage's dates.

    `days_before`: the days that the stage had until now; one that had no checkpoint, as staff had removed it, gets none again.
    """
    with transaction():
        days = _days(stage.starts_on, stage.ends_on)
        existing = list(db.session.scalars(sa.select(Checkpoint).where(Checkpoint.stage_id == stage.id)))
        given_up = set(days_before) - {local_date(point.opens_at, stage.timezone) for point in existing}
        staying = [point for point in existing if point.day_number is None or _is_used(point)]
        held = {local_date(point.opens_at, stage.timezone) for point in staying}
        following = {point.day_number: point for point in existing if point.day_number is not None}
        for number in following:
            if number > len(days) and following[number] not in staying and not _has(following[number], Excuse):
                db.session.delete(following[number])
        for number, day in enumerate(days, start=1):
            point = following.get(number)
            if point is None and day not in held | given_up:
                db.session.add(_day_checkpoint(stage, number, day, len(days)))
            elif point is not None and point not in staying:
                point.name = _day_name(number, day, len(days))
                point.opens_at, point.closes_at = rules.day_window(day, stage.timezone)
        db.session.flush()
        return list(
            db.session.scalars(
                sa.select(Checkpoint).where(Checkpoint.stage_id == stage.id).order_by(Checkpoint.opens_at)
            )
        )


def add_checkpoint(
    stage: Stage,
    *,
    name: str,
    opens_at: datetime,
    closes_at: datetime,
    session_ids: Sequence[int] = (),
    by: User | None = None,
) -> Checkpoint:
    """Add a checkpoint; without sessions it covers those of its local day. Raises CheckinError for a window out of order."""
    with transaction():
        point = Checkpoint(stage_id=stage.id, **_checked(name, opens_at, closes_at))
        point.sessions = _sessions(stage.id, session_ids)
        db.session.add(point)
        audit.record("checkpoint.added", point, by=by, host_id=stage.programme.host_id)
    return point


def edit_checkpoint(
    checkpoint: Checkpoint,
    *,
    name: str,
    opens_at: datetime,
    closes_at: datetime,
    session_ids: Sequence[int] = (),
    by: User | None = None,
) -> None:
    """Change a checkpoint; from then on it no longer follows the stage's dates. Raises CheckinError as add_checkpoint does."""
    with transaction():
        lock(checkpoint, mode="no_key_update")
        values = _checked(name, opens_at, closes_at)
        changed = [field for field, value in values.items() if getattr(checkpoint, field) != value]
        for field, value in values.items():
            setattr(checkpoint, field, value)
        chosen = _sessions(checkpoint.stage_id, session_ids)
        if {session.id for session in chosen} != {session.id for session in checkpoint.sessions}:
            checkpoint.sessions = chosen
            changed.append("sessions")
        if not changed:
            return
        checkpoint.day_number = None
        host_id = checkpoint.stage.programme.host_id
        audit.record("checkpoint.edited", checkpoint, by=by, host_id=host_id, fields=changed)


def remove_checkpoint(checkpoint: Checkpoint, *, by: User | None = None) -> None:
    """Remove a checkpoint. Raises CheckinError if anybody has been scanned there or was excused from it."""
    with transaction():
        lock(checkpoint)  # so that nobody is scanned there between the look and the removal
        if _is_used(checkpoint):
            raise CheckinError(_l("People have been scanned at this checkpoint, so it stays."))
        if _has(checkpoint, Excuse):
            raise CheckinError(_l("People were excused from this checkpoint, so it stays."))
        audit.record("checkpoint.removed", checkpoint, by=by, host_id=checkpoint.stage.programme.host_id)
        db.session.delete(checkpoint)


def _checked(name: str, opens_at: datetime, closes_at: datetime) -> dict[str, str | datetime]:
    label = squash(name)[:NAME_LENGTH]
    if not label:
        raise CheckinError(_l("Give the checkpoint a name."))
    if closes_at <= opens_at:
        raise CheckinError(_l("The checkpoint must close after it opens."))
    return {"name": label, "opens_at": opens_at, "closes_at": closes_at}


def _sessions(stage_id: int, session_ids: Sequence[int]) -> list[AgendaSession]:
    if not session_ids:
        return []
    statement = sa.select(AgendaSession).where(AgendaSession.stage_id == stage_id, AgendaSession.id.in_(session_ids))
    return list(db.session.scalars(statement.order_by(AgendaSession.starts_at)))


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _day_checkpoint(stage: Stage, number: int, day: date, of: int) -> Checkpoint:
    opens_at, closes_at = rules.day_window(day, stage.timezone)
    name = _day_name(number, day, of)
    return Checkpoint(stage_id=stage.id, day_number=number, name=name, opens_at=opens_at, closes_at=closes_at)


def _day_name(number: int, day: date, of: int) -> str:
    """In Indonesian whatever the page's language: it is kept and printed."""
    return long_date(day) if of == 1 else f"Hari {number} – {long_date(day)}"


def _is_used(checkpoint: Checkpoint) -> bool:
    """Whether anything has happened there; who was excused beforehand does not keep it from following the stage's dates."""
    return _has(checkpoint, Scan) or _has(checkpoint, Attendance)


def _has(checkpoint: Checkpoint, table: type[Scan | Attendance | Excuse]) -> bool:
    return db.session.scalar(sa.select(table.id).where(table.checkpoint_id == checkpoint.id).limit(1)) is not None


def _keep_proved(session: AgendaSession) -> Any:
    """Why a session must stay in the agenda: JP were earned there, or a checkpoint would come to cover the whole day."""
    points = checkpoints_of(session.stage)
    alone = next((point for point in points if [one.id for one in point.sessions] == [session.id]), None)
    if alone is not None:
        return _l("The checkpoint “%(name)s” is for this session alone; change or remove it first.", name=alone.name)
    if not session.jp or session.starts_at > clock.now():
        return None
    covering = [key for key, theirs in covered_sessions(points, [session], session.stage.timezone).items() if theirs]
    attended = sa.select(Attendance.id).where(Attendance.checkpoint_id.in_(covering), Attendance.annulled_at.is_(None))
    if db.session.scalar(attended.limit(1)) is not None:
        return _l("People have been present at this session. If it was dropped, set its JP to 0 instead.")
    excused = sa.select(Excuse.id).where(
        Excuse.checkpoint_id.in_(covering), Excuse.with_jp, Excuse.withdrawn_at.is_(None)
    )
    if db.session.scalar(excused.limit(1)) is not None:
        return _l("People were excused from this session with its JP. If it was dropped, set its JP to 0 instead.")
    return None


def _begin(stage: Stage) -> None:
    ensure_day_checkpoints(stage)


def _follow(stage: Stage, before: Mapping[str, Any]) -> None:
    first, last = before["starts_on"], before["ends_on"]
    if (first, last) == (stage.starts_on, stage.ends_on):
        return
    prolong_devices(stage)
    moved = timedelta(days=days_to_move(stage, before))
    if moved:
        _move(stage, moved, first, last)
    ensure_day_checkpoints(stage, days_before=_days(first + moved, last + moved))


def _move(stage: Stage, moved: timedelta, first: date, last: date) -> None:
    """All checkpoints go with the sessions that they are for; one that still has the name of its day gets that of the new one."""
    days = _days(first, last)
    names = {
        _day_name(number, day, len(days)): _day_name(number, day + moved, len(days))
        for number, day in enumerate(days, start=1)
    }
    for point in db.session.scalars(sa.select(Checkpoint).where(Checkpoint.stage_id == stage.id)):
        point.name = names.get(point.name, point.name)
        point.opens_at += moved
        point.closes_at += moved
    db.session.flush()


def _is_stage_used(stage: Stage) -> bool:
    return any(_is_used(point) for point in checkpoints_of(stage))


programmes.on_stage_created(_begin)
programmes.on_stage_changed(_follow)
on_session_removal(_keep_proved)
keep_sessions_if(_is_stage_used)
