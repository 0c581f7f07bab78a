"""Writing the agenda of a stage and the list of a host's speakers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.accounts.models import User
from app.agenda import rules
from app.agenda.models import AgendaSession, SessionSpeaker, Speaker
from app.agenda.rules import NewSpeaker, SessionInUse, SessionKind, SpeakerPart, UnknownChoice
from app.audit.service import record
from app.extensions import db, lock, transaction
from app.hosts.models import Host
from app.programmes import service as programmes
from app.programmes.models import ParticipantGroup, Stage

RemovalHook = Callable[[AgendaSession], Any]
HappenedHook = Callable[[Stage], bool]
_removal_hooks: list[RemovalHook] = []
_happened_hooks: list[HappenedHook] = []


def on_session_removal(hook: RemovalHook) -> None:
    """Ask `hook(session)` before a session is removed, within the transaction: a (lazy) sentence why not, or None."""
    if hook not in _removal_hooks:
        _removal_hooks.append(hook)


def keep_sessions_if(hook: HappenedHook) -> None:
    """Ask `hook(stage)` whether sessions of a stage have been held: then they keep their times when its days move."""
    if hook not in _happened_hooks:
        _happened_hooks.append(hook)


def days_to_move(stage: Stage, before: Mapping[str, Any]) -> int:
    """By how many days a changed stage's sessions follow it; `before` as programmes.service tells it to its hooks."""
    moved = rules.days_moved((before["starts_on"], before["ends_on"]), (stage.starts_on, stage.ends_on))
    return 0 if any(hook(stage) for hook in _happened_hooks) else moved


def add_session(
    stage: Stage,
    *,
    kind: SessionKind,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    room: str = "",
    jp_override: int | None = None,
    group_ids: Iterable[int] = (),
    speakers: Sequence[tuple[int | NewSpeaker, SpeakerPart]] = (),
    by: User | None = None,
) -> AgendaSession:
    """Add an entry to the rundown; who leads it by id, or as NewSpeaker to be made known to the host too.

    Raises AgendaError: EndsBeforeStart, TooLong, OutsideStage, UnknownChoice.
    """
    with transaction():
        _check_times(stage, starts_at, ends_at)
        session = AgendaSession(
            stage_id=stage.id,
            kind=kind,
            title=title,
            starts_at=starts_at,
            ends_at=ends_at,
            room=room,
            jp_override=jp_override,
            groups=_groups(stage, group_ids),
            speakers=_leaders(stage, _made_known(stage, speakers, by=by)),
        )
        db.session.add(session)
        record("session.added", session, by=by, host_id=stage.programme.host_id)
    return session


def edit_session(
    session: AgendaSession,
    *,
    kind: SessionKind,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    room: str = "",
    jp_override: int | None = None,
    group_ids: Iterable[int] = (),
    speakers: Sequence[tuple[int | NewSpeaker, SpeakerPart]] = (),
    by: User | None = None,
) -> None:
    """Change all of an entry. Raises what add_session raises."""
    with transaction():
        lock(session, mode="no_key_update")
        stage = session.stage
        _check_times(stage, starts_at, ends_at)
        new: dict[str, Any] = {
            "kind": kind,
            "title": title,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "room": room,
            "jp_override": jp_override,
            "groups": _groups(stage, group_ids),
        }
        changed = [name for name, value in new.items() if getattr(session, name) != value]
        for name in changed:
            setattr(session, name, new[name])
        leading = _made_known(stage, speakers, by=by)
        if [(leader.speaker_id, leader.part) for leader in session.speakers] != _without_repeats(leading):
            _replace_leaders(session, _leaders(stage, leading))
            changed.append("speakers")
        if changed:
            record("session.edited", session, by=by, host_id=stage.programme.host_id, fields=changed)


def remove_session(session: AgendaSession, *, by: User | None = None) -> None:
    """Take an entry out of the rundown. SessionInUse with the reason when another room says that it is needed."""
    with transaction():
        lock(session)
        for hook in _removal_hooks:
            reason = hook(session)
            if reason is not None:
                raise SessionInUse(reason)
        record("session.removed", session, by=by, host_id=session.stage.programme.host_id)
        db.session.delete(session)


def add_speaker(
    host: Host,
    *,
    name: str,
    title_before: str = "",
    title_after: str = "",
    position: str = "",
    institution: str = "",
    user_id: int | None = None,
    by: User | None = None,
) -> Speaker:
    """Make a narasumber, moderator or facilitator known to the host."""
    with transaction():
        speaker = Speaker(
            host_id=host.id,
            name=name,
            title_before=title_before,
            title_after=title_after,
            position=position,
            institution=institution,
            user_id=user_id,
        )
        db.session.add(speaker)
        record("speaker.added", speaker, by=by, host_id=host.id)
    return speaker


def edit_speaker(speaker: Speaker, *, by: User | None = None, **fields: Any) -> None:
    """Change title_before, name, title_after, position, institution or user_id."""
    with transaction():
        changed = [name for name, value in fields.items() if getattr(speaker, name) != value]
        for name in changed:
            setattr(speaker, name, fields[name])
        if changed:
            record("speaker.edited", speaker, by=by, host_id=speaker.host_id, fields=changed)


def _check_times(stage: Stage, starts_at: datetime, ends_at: datetime) -> None:
    problems = rules.time_problems(
        starts_at, ends_at, first_day=stage.starts_on, last_day=stage.ends_on, zone=stage.timezone
    )
    if problems:
        raise problems[0]


def _groups(stage: Stage, group_ids: Iterable[int]) -> list[ParticipantGroup]:
    wanted = set(group_ids)
    statement = (
        sa.select(ParticipantGroup)
        .where(ParticipantGroup.id.in_(wanted), ParticipantGroup.programme_id == stage.programme_id)
        .order_by(ParticipantGroup.position)
    )
    found = list(db.session.scalars(statement))
    if len(found) != len(wanted):
        raise UnknownChoice
    return found


def _made_known(
    stage: Stage, speakers: Sequence[tuple[int | NewSpeaker, SpeakerPart]], *, by: User | None
) -> list[tuple[int, SpeakerPart]]:
    """The ids of all, the new ones made known to the host."""
    known = []
    for who, part in speakers:
        if isinstance(who, NewSpeaker):
            speaker = add_speaker(stage.programme.host, **asdict(who), by=by)
            db.session.flush()
            known.append((speaker.id, part))
        else:
            known.append((who, part))
    return known


def _leaders(stage: Stage, speakers: Sequence[tuple[int, SpeakerPart]]) -> list[SessionSpeaker]:
    pairs = _without_repeats(speakers)
    wanted = {speaker_id for speaker_id, _ in pairs}
    known = sa.select(sa.func.count()).where(Speaker.id.in_(wanted), Speaker.host_id == stage.programme.host_id)
    if db.session.scalar(known) != len(wanted):
        raise UnknownChoice
    return [
        SessionSpeaker(speaker_id=speaker_id, part=part, position=position)
        for position, (speaker_id, part) in enumerate(pairs)
    ]


def _replace_leaders(session: AgendaSession, leaders: list[SessionSpeaker]) -> None:
    session.speakers = []
    db.session.flush()  # else the new rows would meet the old ones under their unique key
    session.speakers = leaders


def _without_repeats(speakers: Sequence[tuple[int, SpeakerPart]]) -> list[tuple[int, SpeakerPart]]:
    return list(dict.fromkeys(speakers))


def _follow(stage: Stage, before: Mapping[str, Any]) -> None:
    days = days_to_move(stage, before)
    if not days:
        return
    for session in db.session.scalars(sa.select(AgendaSession).where(AgendaSession.stage_id == stage.id)):
        session.starts_at += timedelta(days=days)
        session.ends_at += timedelta(days=days)
    db.session.flush()


programmes.on_stage_changed(_follow)
