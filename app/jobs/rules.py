"""States of long work and of mail, and when a failed mail is tried again."""

from __future__ import annotations

import enum
from datetime import timedelta

LEASE = timedelta(minutes=5)
RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=3), timedelta(hours=6), timedelta(hours=12))


class JobState(enum.Enum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class MessageState(enum.Enum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


def retry_after(attempts: int) -> timedelta | None:
    """How long to wait after the given number of failed attempts (1, 2, …); None when it is given up."""
    return RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else None
