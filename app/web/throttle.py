"""Limits on guessing: attempts on one account or code, never on an address that a whole hall may share."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NoReturn

import sqlalchemy as sa
from werkzeug.exceptions import TooManyRequests

from app.extensions import db, insert, is_postgresql, transaction
from app.shared import clock
from app.web.models import ThrottleCounter

KEY = ("kind", "target_hash", "window_start")


def hit(kind: str, target: str, *, limit: int, window: timedelta) -> bool:
    """Count one attempt; False when it is one more than `limit` within the running window.

    Windows lie end to end from the epoch, so the limit holds for each of them, not for every span of that length.
    """
    statement = insert(ThrottleCounter).values(
        kind=kind, target_hash=_hash(target), window_start=_window_start(clock.now(), window), count=1
    )
    counting = statement.on_conflict_do_update(
        index_elements=[ThrottleCounter.kind, ThrottleCounter.target_hash, ThrottleCounter.window_start],
        set_={"count": ThrottleCounter.count + 1},
    ).returning(ThrottleCounter.count)
    with transaction():
        count = db.session.scalar(counting)
    return count is not None and count <= limit


@dataclass(frozen=True)
class Limit:
    """So many attempts of a kind on a target within each window."""

    kind: str
    target: str
    most: int
    window: timedelta


def hit_all(limits: Sequence[Limit]) -> Limit | None:
    """Count one attempt on each, in one statement of the open transaction; the first that it exceeds, which must undo it.

    The rows stay held until the commit: call it late.
    """
    now, values = clock.now(), dict[str, object]()
    in_order = sorted(limits, key=lambda limit: (limit.kind, limit.target))
    for number, limit in enumerate(in_order):
        row = (limit.kind, _hash(limit.target), _window_start(now, limit.window))
        values |= {f"{column}_{number}": value for column, value in zip(KEY, row, strict=True)}
    counted = {
        (kind, target): count
        for kind, target, count in db.session.connection().execute(_counting(len(in_order), is_postgresql()), values)
    }
    return next((one for one in in_order if counted[one.kind, _hash(one.target)] > one.most), None)


@cache
def _counting(number: int, postgresql: bool) -> Any:
    # From a SELECT: SQLAlchemy would compile several rows of VALUES anew each time. SQLite needs its WHERE before ON CONFLICT.
    table = ThrottleCounter.__table__
    rows = [
        sa.select(
            *(sa.bindparam(f"{column}_{row}", type_=table.c[column].type) for column in KEY), sa.literal(1)
        ).where(sa.true())
        for row in range(number)
    ]
    counting = insert(table).from_select([*KEY, "count"], sa.union_all(*rows))
    return counting.on_conflict_do_update(index_elements=list(KEY), set_={"count": table.c.count + 1}).returning(
        table.c.kind, table.c.target_hash, table.c.count
    )


def is_spent(kind: str, target: str, *, limit: int, window: timedelta) -> bool:
    """Whether the running window has no attempt left; counts nothing."""
    count = db.session.scalar(
        sa.select(ThrottleCounter.count).where(
            ThrottleCounter.kind == kind,
            ThrottleCounter.target_hash == _hash(target),
            ThrottleCounter.window_start == _window_start(clock.now(), window),
        )
    )
    return count is not None and count >= limit


def forgive(kind: str, target: str) -> None:
    """Forget the attempts, after one that succeeded."""
    with transaction():
        db.session.execute(
            sa.delete(ThrottleCounter).where(ThrottleCounter.kind == kind, ThrottleCounter.target_hash == _hash(target))
        )


def forget_before(moment: datetime) -> int:
    """Delete counters of windows that began before `moment`; returns how many."""
    with transaction():
        gone = db.session.scalars(
            sa.delete(ThrottleCounter).where(ThrottleCounter.window_start < moment).returning(ThrottleCounter.kind)
        )
        return len(gone.all())


def too_many(window: timedelta) -> NoReturn:
    """Answer 429 and say when to come back. Raises TooManyRequests."""
    passed = clock.now() - _window_start(clock.now(), window)
    raise TooManyRequests(retry_after=int((window - passed).total_seconds()) + 1)


def minutes_left(window: timedelta) -> int:
    """In how many minutes, at least one, the running window ends and the next attempt counts anew."""
    left = _window_start(clock.now(), window) + window - clock.now()
    return max(1, -(-int(left.total_seconds()) // 60))


def _window_start(moment: datetime, window: timedelta) -> datetime:
    length = window.total_seconds()
    return datetime.fromtimestamp(moment.timestamp() // length * length, UTC)


def _hash(target: str) -> str:
    return hashlib.sha256(target.encode()).hexdigest()
