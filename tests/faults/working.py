"""A worker that tests start, kill and start again."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app.extensions import db
from app.jobs.models import Job, OutboxMessage
from app.jobs.rules import JobState, MessageState
from tests import servers
from tests.faults.breaking import comes_true, kill, let_time_pass


class Worker:
    """`flask worker run`, started, killed, and started again on the same rows."""

    def __init__(self, app: Flask, log: Path, stack: ExitStack) -> None:
        self.app, self.log, self.stack = app, log, stack

    def start(self) -> None:
        self.process = self.stack.enter_context(servers.process(["flask", "worker", "run"], self.app, self.log))

    def kill_when(self, condition: Any) -> None:
        """At the moment when `condition` comes true."""
        assert comes_true(condition, pause=0.005), self.log.read_text()
        kill(self.process)
        let_time_pass()

    def finish(self) -> None:
        """Whatever fails is due again at once, until nothing is left."""
        self.start()
        assert comes_true(self._is_finished, pause=0.2), self.log.read_text()

    def _is_finished(self) -> bool:
        left = count(Job, Job.state.in_((JobState.QUEUED, JobState.RUNNING)))
        left += count(OutboxMessage, OutboxMessage.state == MessageState.SENDING)
        waiting = count(OutboxMessage, OutboxMessage.state == MessageState.QUEUED)
        if waiting and not left:
            let_time_pass()
            self.app.extensions["huey_work"]()
        return not left + waiting


def count(model: Any, *conditions: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*conditions)) or 0
