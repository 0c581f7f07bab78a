"""The one source of the present moment, so that tests can hold it still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Hold the clock at `moment` (aware) within the block."""
    token = _frozen.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
