"""Doors of one process that write in one transaction on SQLite: nobody waits in vain, and one that fails fails alone."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Connection

from app.checkin.service.together import Together
from app.extensions import db, transaction
from app.shared import clock
from app.web.models import ThrottleCounter

DOORS = 8


def write(connection: Connection, names: list[str]) -> list[str]:
    for name in names:
        row = {"kind": "test", "target_hash": name, "window_start": clock.now(), "count": 1}
        connection.execute(sa.insert(ThrottleCounter), [row])
        if name.startswith("broken"):
            raise ValueError(name)
    return [name.upper() for name in names]


class Counting(deque[Any]):
    """A queue that tells of each who comes."""

    def __init__(self) -> None:
        super().__init__()
        self.came = threading.Semaphore(0)

    def append(self, one: Any) -> None:
        super().append(one)
        self.came.release()


def all_at_once(app: Flask, together: Together[str, str], names: list[str]) -> list[Any]:
    """Each door in a thread of its own, kept at the turn until all have come."""
    queue = together._queue = Counting()

    def door(name: str) -> Any:
        with app.app_context():
            try:
                return together(name)
            except ValueError as error:
                return error

    with ThreadPoolExecutor(len(names)) as pool:
        with together._turn:
            doors = [pool.submit(door, name) for name in names]
            for _ in names:
                assert queue.came.acquire(timeout=20)
        return [one.result(timeout=20) for one in doors]


def stored() -> set[str]:
    return set(db.session.scalars(sa.select(ThrottleCounter.target_hash)))


def test_those_who_wait_share_one_transaction(app: Flask) -> None:
    names = [f"door-{number}" for number in range(DOORS)]
    commits: list[Any] = []
    sa.event.listen(db.engine, "commit", commits.append)
    assert all_at_once(app, Together(write), names) == [name.upper() for name in names]
    assert len(commits) == 1
    assert stored() == set(names)


def test_one_that_fails_fails_alone(app: Flask) -> None:
    names = [f"door-{number}" for number in range(DOORS - 1)]
    *good, bad = all_at_once(app, Together(write), [*names, "broken"])
    assert good == [name.upper() for name in names]
    assert isinstance(bad, ValueError)
    assert stored() == set(names)


@pytest.mark.both_databases
@pytest.mark.parametrize("within", [lambda work: work(), lambda work: _in_transaction(work)])
def test_alone_or_within_a_transaction(app: Flask, within: Callable[[Callable[[], Any]], Any]) -> None:
    together = Together(write)
    assert within(lambda: together("door")) == "DOOR"
    assert stored() == {"door"}


def _in_transaction(work: Callable[[], Any]) -> Any:
    with transaction():
        return work()
