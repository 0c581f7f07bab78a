"""The queue only wakes the worker: a real one, in a process of its own, does what lies in the rows."""

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.certificates import queries, service
from app.extensions import db, transaction
from app.jobs import tasks
from app.jobs.models import Job, OutboxMessage
from app.jobs.rules import JobState, MessageState
from app.jobs.service import enqueue, sweep
from app.web import throttle
from app.web.models import ThrottleCounter
from tests import factories, servers
from tests.certificates.scene import scene
from tests.jobs.letters import WORK, post

PATIENCE = 120
"""Seconds; longer than a minute, so that the sweep has come too where a busy machine let the waking fail."""


def comes_true(condition: Callable[[], bool], child: Popen[bytes]) -> bool:
    """Look again, without burning the processor, until it is so, the worker has ended or the patience is over."""
    deadline = time.monotonic() + PATIENCE
    while child.poll() is None and time.monotonic() < deadline:
        db.session.rollback()
        if condition():
            return True
        with suppress(TimeoutExpired):
            child.wait(0.1)
    return False


def told(app: Flask, log: Path) -> str:
    """What the worker said and what still lies in the rows, for a test that fails."""
    db.session.rollback()
    jobs = db.session.execute(sa.select(Job.kind, Job.state, Job.error)).all()
    mails = db.session.execute(sa.select(OutboxMessage.state, OutboxMessage.last_error)).all()
    return f"{log.read_text()}\n{jobs}\n{mails}\nwaiting in the queue: {len(app.extensions['huey'])}"


def test_a_worker_beside_issues_certificates_and_sends_their_mail(app: Flask, smtp: Any, tmp_path: Path) -> None:
    place = scene()
    place.crowd(3)
    service.enqueue_issue(place.stage, by=None)
    log = tmp_path / "worker.log"
    with servers.worker(app, log) as child:
        assert comes_true(lambda: len(smtp.messages) == 3, child), told(app, log)
    assert len(queries.certificates_of(place.stage)) == 3


def test_work_left_while_the_worker_runs_is_done_at_once(app: Flask, smtp: Any, tmp_path: Path) -> None:
    place = scene()
    log = tmp_path / "worker.log"
    with servers.worker(app, log) as child:
        for registration in place.crowd(2):
            service.issue(registration, by=None)
        assert comes_true(lambda: len(smtp.messages) == 2, child), told(app, log)


def test_the_command_does_what_is_due_and_ends(app: Flask, work: Any) -> None:
    message_id = post(factories.host()).id
    result = app.test_cli_runner().invoke(args=["worker", "once"])
    assert result.output == "Worked off what was due.\n"
    assert db.session.get_one(OutboxMessage, message_id).state is MessageState.SENT


def test_a_queue_that_is_down_fails_no_request(app: Flask, monkeypatch: pytest.MonkeyPatch, work: Any) -> None:
    def down() -> None:
        raise ConnectionError("no Redis")

    monkeypatch.setitem(app.extensions, "huey_work", down)
    with transaction():
        job_id = enqueue(WORK, args={"total": 1}).id
    monkeypatch.undo()
    work()
    assert db.session.get_one(Job, job_id).state is JobState.DONE


def test_the_queue_lies_in_redis_where_there_is_one(app: Flask, redis_url: str) -> None:
    app.config["REDIS_URL"] = redis_url
    queue = tasks._storage(app)
    done: list[int] = []

    @queue.task()
    def note(number: int) -> None:
        done.append(number)

    note(7)
    task = queue.dequeue()
    queue.execute(task)
    assert done == [7]
    assert db.session.scalar(sa.select(sa.func.count(Job.id))) == 0


def test_the_sweep_forgets_guesses_of_yesterday(app: Flask, frozen_clock: Any) -> None:
    moment = frozen_clock()
    throttle.hit("sign-in", "siti@example.org", limit=3, window=timedelta(minutes=15))
    sweep()
    assert db.session.scalar(sa.select(sa.func.count(ThrottleCounter.count))) == 1
    frozen_clock(moment + timedelta(days=1, minutes=16))
    sweep()
    assert db.session.scalar(sa.select(sa.func.count(ThrottleCounter.count))) == 0


STARTS = "import sys; from app import create_app; create_app(); print([name for name in sys.argv[1:] if name in sys.modules])"


def test_what_a_process_may_never_need_is_not_loaded_at_its_start(app: Flask) -> None:
    heavy = ("huey", "redis", "psycopg", "alembic", "openpyxl")
    command = [sys.executable, "-c", STARTS, *heavy]
    loaded = subprocess.run(command, env=servers.environment(app), cwd=servers.ROOT, capture_output=True, check=True)
    assert loaded.stdout.decode().strip() == "[]"
