"""States of long work and of mail, and when a failed mail is tried again."""

from __future__ import annotations

import enum
from datetime import timedelta

from flask_babel import lazy_gettext as _l

LEASE = timedelta(minutes=5)
MOST_CLAIMS = 5
"""After so many workers have died under a job it is given up, or it would take one down every few minutes for ever."""
RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
)
SERVER_DOWN = {
    "ConnectionRefusedError",
    "ConnectionResetError",
    "BrokenPipeError",
    "NoMailServer",
    "OSError",
    "SMTPConnectError",
    "SMTPServerDisconnected",
    "SSLError",
    "TimeoutError",
    "gaierror",
}
"""Names of the errors by which a mail server that is away makes itself known."""


class JobState(enum.Enum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class MessageState(enum.Enum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DROPPED = "dropped"  # there was nothing to say any more when its turn came
    FAILED = "failed"


STATE_LABELS = {
    MessageState.QUEUED: _l("Waiting"),
    MessageState.SENDING: _l("Being sent"),
    MessageState.SENT: _l("Sent"),
    MessageState.DROPPED: _l("No longer needed"),
    MessageState.FAILED: _l("Failed"),
}
WORKERS_DIED = _l("It was given up: each time its worker stopped before the end. The server's log says why.")
UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


def retry_after(attempts: int) -> timedelta | None:
    """How long to wait after the given number of failed attempts (1, 2, …); None when it is given up."""
    return RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else None


def is_server_down(error: str) -> bool:
    """Whether the kept reason of a failure says that the mail server was not there, rather than that it refused the mail."""
    return error.partition(":")[0] in SERVER_DOWN
