"""What kinds of session there are, how many JP one is worth, when one may be, and which stand in each other's way."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Any

from flask_babel import lazy_gettext as _l

from app.shared import dates

MINUTES_PER_JP = 45
LONGEST = timedelta(hours=12)


class SessionKind(enum.Enum):
    REGISTRATION = "registration"
    CEREMONY = "ceremony"
    LESSON = "lesson"
    DISCUSSION = "discussion"
    BREAK = "break"
    CLOSING = "closing"


class SpeakerPart(enum.Enum):
    SPEAKER = "speaker"
    MODERATOR = "moderator"
    FACILITATOR = "facilitator"


KIND_LABELS = {
    SessionKind.REGISTRATION: _l("Registration on arrival"),
    SessionKind.CEREMONY: _l("Ceremony"),
    SessionKind.LESSON: _l("Lesson"),
    SessionKind.DISCUSSION: _l("Discussion"),
    SessionKind.BREAK: _l("Break"),
    SessionKind.CLOSING: _l("Closing"),
}
PART_LABELS = {
    SpeakerPart.SPEAKER: _l("Speaker"),
    SpeakerPart.MODERATOR: _l("Moderator"),
    SpeakerPart.FACILITATOR: _l("Facilitator of a session"),
}


@dataclass(frozen=True, kw_only=True)
class NewSpeaker:
    """Someone whom the host does not know yet, and the part taken in the session that is being written."""

    name: str
    title_before: str = ""
    title_after: str = ""
    position: str = ""
    institution: str = ""


def jp(kind: SessionKind, starts_at: datetime, ends_at: datetime, override: int | None = None) -> int:
    """JP (jam pelajaran, 45 minutes) of a session: full ones only, for lessons and discussions; else 0, unless set by hand."""
    if override is not None:
        return override
    if kind not in (SessionKind.LESSON, SessionKind.DISCUSSION):
        return 0
    return int((ends_at - starts_at).total_seconds() // 60) // MINUTES_PER_JP


class AgendaError(ValueError):
    """What was asked of the agenda cannot be. `sentence` (lazy) says why and how to mend it."""

    sentence: Any = _l("This agenda is not possible.")

    def __init__(self, sentence: Any = None) -> None:
        self.sentence = sentence or self.sentence
        super().__init__(self.sentence)

    def __str__(self) -> str:
        return str(self.sentence)


class EndsBeforeStart(AgendaError):
    sentence = _l("The session must end later than it starts.")


class OutsideStage(AgendaError):
    sentence = _l("The session must lie within the days of this stage.")


class TooLong(AgendaError):
    sentence = _l("A session may last at most 12 hours. Divide it into several.")


class UnknownChoice(AgendaError):
    sentence = _l("A group or speaker chosen here does not belong to this programme.")


class SessionInUse(AgendaError):
    """Something rests on the session: answers of a questionnaire, attendance."""


def time_problems(
    starts_at: datetime, ends_at: datetime, *, first_day: date, last_day: date, zone: str
) -> list[type[AgendaError]]:
    """All that is wrong: EndsBeforeStart or TooLong; OutsideStage unless both ends lie on days from `first_day` to `last_day` in `zone`.

    A session that lasts until midnight ends on its own day.
    """
    problems: list[type[AgendaError]] = []
    if ends_at <= starts_at:
        problems.append(EndsBeforeStart)
    elif ends_at - starts_at > LONGEST:
        problems.append(TooLong)
    last_moment = max(starts_at, ends_at - timedelta(microseconds=1))
    if dates.local_date(starts_at, zone) < first_day or dates.local_date(last_moment, zone) > last_day:
        problems.append(OutsideStage)
    return problems


def days_moved(before: tuple[date, date], after: tuple[date, date]) -> int:
    """By how many days a stage has moved as a whole, from its first and last day before and after; 0 when its length changed."""
    if before[1] - before[0] != after[1] - after[0]:
        return 0
    return (after[0] - before[0]).days


class ClashKind(enum.Enum):
    ROOM = "room"
    AUDIENCE = "audience"


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A session as far as clashes go. No `group_ids` means everyone is expected; no `room` none is taken."""

    session_id: int
    starts_at: datetime
    ends_at: datetime
    room: str = ""
    group_ids: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Clash:
    """Two sessions at the same time, the earlier first, that share a room or people."""

    kind: ClashKind
    first_id: int
    second_id: int


def clashes(slots: Sequence[Slot]) -> list[Clash]:
    """Every pair that overlaps in the same room or for the same audience, in the order of time."""
    in_order = sorted(slots, key=lambda slot: (slot.starts_at, slot.ends_at, slot.session_id))
    found = []
    for first, second in combinations(in_order, 2):
        if second.starts_at >= first.ends_at:
            continue
        if first.room and first.room.casefold() == second.room.casefold():
            found.append(Clash(ClashKind.ROOM, first.session_id, second.session_id))
        if share_audience(first.group_ids, second.group_ids):
            found.append(Clash(ClashKind.AUDIENCE, first.session_id, second.session_id))
    return found


def share_audience(session_groups: frozenset[int], other_groups: frozenset[int]) -> bool:
    """Whether a session's audience and another's have someone in common; no groups means everyone."""
    return not session_groups or not other_groups or bool(session_groups & other_groups)


def expects(session_groups: frozenset[int], person_groups: frozenset[int]) -> bool:
    """Whether a person is expected at a session: it has no groups, or one in common with the person."""
    return not session_groups or bool(session_groups & person_groups)
