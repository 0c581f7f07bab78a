"""What kinds of session there are, and how many JP one is worth."""

from __future__ import annotations

import enum
from datetime import datetime

from flask_babel import lazy_gettext as _l

MINUTES_PER_JP = 45


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
    SessionKind.REGISTRATION: _l("Registration"),
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


def jp(kind: SessionKind, starts_at: datetime, ends_at: datetime, override: int | None = None) -> int:
    """JP (jam pelajaran, 45 minutes) of a session: full ones only, for lessons and discussions; else 0, unless set by hand."""
    if override is not None:
        return override
    if kind not in (SessionKind.LESSON, SessionKind.DISCUSSION):
        return 0
    return int((ends_at - starts_at).total_seconds() // 60) // MINUTES_PER_JP
