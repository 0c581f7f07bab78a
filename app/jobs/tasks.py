"""The worker: one queue whose tasks only say "look at the rows", and a sweep every minute that finds what was dropped."""

from __future__ import annotations

from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from werkzeug.local import LocalProxy

from app.accounts.service_tokens import forget_answers
from app.jobs import emails, service
from app.shared import clock
from app.web import throttle

KEPT_TRIES = timedelta(days=1)


def init_app(app: Flask) -> None:
    """Build the queue where it is asked for (Redis by REDIS_URL, else a SQLite file); every commit that leaves work wakes the worker."""
    built = cache(partial(_build, app))
    app.extensions["huey"] = LocalProxy(lambda: built()[0])
    app.extensions["huey_work"] = LocalProxy(lambda: built()[1])
    service.on_sweep(forget_old_tries)
    service.on_sweep(forget_answers)
    service.on_work(wake)


def _build(app: Flask) -> tuple[Any, Any]:
    """The queue and the task that does what is due.

    Their library loads the drivers of every storage it knows: ten megabytes and more, which a process at a door does without.
    """
    from huey import crontab

    queue = _storage(app)

    @queue.task(name="work")
    def work() -> None:
        with app.app_context():
            work_off()

    @queue.periodic_task(crontab(minute="*"), name="sweep")
    def sweep() -> None:
        with app.app_context():
            work_off()
            service.sweep()

    return queue, work


def _storage(app: Flask) -> Any:
    from huey import RedisHuey, SqliteHuey

    if app.config["REDIS_URL"]:
        return RedisHuey("bimtek", url=app.config["REDIS_URL"])
    path = Path(app.config["QUEUE_FILE"])
    path.parent.mkdir(parents=True, exist_ok=True)
    return SqliteHuey("bimtek", filename=str(path))


def wake() -> None:
    """Let the worker look at the rows; once is enough where it has been called and has not come yet."""
    try:
        if not current_app.extensions["huey"].pending_count():
            current_app.extensions["huey_work"]()
    except Exception as problem:  # a queue that is down delays the work until the sweep; it must not fail the request
        current_app.logger.warning("the worker could not be woken: %s", problem)


def forget_old_tries() -> None:
    """Counters of guesses whose window is long over."""
    throttle.forget_before(clock.now() - KEPT_TRIES)


def work_off() -> None:
    """Do every job and send every mail that is due."""
    while (claim := service.claim_job()) is not None:
        service.run_job(claim)
    while emails.send_due():
        pass
