"""States of long work and of mail, and when a failed mail is tried again."""

from __future__ import annotations

import enum
from collections.abc import Collection
from datetime import datetime, timedelta

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
DOWN_AGAIN = timedelta(minutes=5)
"""How long mail waits at most before a server that was away is tried again."""
DOWN_FOR = timedelta(days=3)
"""After so long without a server a mail is given up, or one that makes every server hang up would be tried for ever."""
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

BROKEN_OFF = {"BrokenPipeError", "ConnectionResetError", "SMTPServerDisconnected"}
MOST_BROKEN_OFF = 3
"""So many in a row are a server that is away."""


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


def wait_after(attempts: int, error: str, *, failing_since: datetime | None, now: datetime) -> timedelta | None:
    """How long a mail waits after a failure; None when it is given up.

    A server that is away uses up no attempts: the mail is tried every few minutes, for days.
    """
    if not is_server_down(error):
        return retry_after(attempts)
    if failing_since is not None and now - failing_since > DOWN_FOR:
        return None
    return min(RETRY_AFTER[min(attempts, len(RETRY_AFTER)) - 1], DOWN_AGAIN)


def is_refused_for_good(codes: Collection[int]) -> bool:
    """Whether a server's answers to a recipient (RFC 5321) say that trying again is of no use."""
    return bool(codes) and all(500 <= code < 600 for code in codes)


def is_server_down(error: str) -> bool:
    """Whether the kept reason of a failure says that the mail server was not there, rather than that it refused the mail."""
    return error.partition(":")[0] in SERVER_DOWN


def is_broken_off(error: str) -> bool:
    """Whether the server was there and left in the midst of the mail: the next one may fare better.

    One that says nothing more is closed by ourselves, in time, and is away.
    """
    return error.partition(":")[0] in BROKEN_OFF and "timed out" not in error
