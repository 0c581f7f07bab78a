"""Doors that write together.

SQLite has one writer at a time and each commit waits for the disk. Eight doors that scan at the same moment would wait eight
times; here whoever has the turn records for all who wait in this process, in one transaction. PostgreSQL lets them write side
by side, so there everyone opens a transaction of her own.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from sqlalchemy.engine import Connection

from app.extensions import core_transaction, end_reading, is_postgresql, is_writing

Work = TypeVar("Work")
Done = TypeVar("Done")


class _Waiting(Generic[Work, Done]):
    """A piece of work, and what became of it."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.settled = False
        self.done: Done | None = None
        self.error: Exception | None = None

    def answer(self) -> Done:
        if self.error is not None:
            raise self.error
        return self.done  # type: ignore[return-value]


class Together(Generic[Work, Done]):
    """`do(connection, works)` writes within an open transaction and answers each work, in order.

    Calling this with one work does it in a transaction that is perhaps shared with others'.
    """

    def __init__(self, do: Callable[[Connection, list[Work]], list[Done]]) -> None:
        self._do = do
        self._turn = threading.Lock()
        self._queue: deque[_Waiting[Work, Done]] = deque()

    def __call__(self, work: Work) -> Done:
        if is_postgresql() or is_writing():
            with core_transaction() as connection:
                return self._do(connection, [work])[0]
        end_reading()  # while we wait, nothing of ours stays open
        waiting: _Waiting[Work, Done] = _Waiting(work)
        self._queue.append(waiting)
        with self._turn:
            if not waiting.settled:
                self._serve()
        return waiting.answer()

    def _serve(self) -> None:
        """Record for all who have come by the time the turn to write is ours."""
        served: list[_Waiting[Work, Done]] = []
        try:
            with core_transaction() as connection:
                while self._queue:
                    served.append(self._queue.popleft())
                done = self._do(connection, [one.work for one in served])
        except Exception:
            self._serve_apart(served or self._take_all())
        else:
            for one, answer in zip(served, done, strict=True):
                one.done, one.settled = answer, True

    def _serve_apart(self, waiting: list[_Waiting[Work, Done]]) -> None:
        """One piece of work has spoiled the common transaction: each in one of its own, so that only that one fails."""
        for one in waiting:
            try:
                with core_transaction() as connection:
                    one.done = self._do(connection, [one.work])[0]
            except Exception as error:
                one.error = error
            one.settled = True

    def _take_all(self) -> list[_Waiting[Work, Done]]:
        taken = list(self._queue)
        self._queue.clear()
        return taken
