"""Killing what a test started, making good the time that would pass, and looking whether the database is sound."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Event

import sqlalchemy as sa
from flask import Flask

from app.extensions import db, is_postgresql, transaction
from app.jobs.models import Job, OutboxMessage
from app.jobs.rules import JobState, MessageState
from app.shared import clock

PATIENCE = 60


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9 of a process and of all that it started: they are a session of their own."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return sorted(found)


def comes_true(condition: Callable[[], bool], *, pause: float = 0.02) -> bool:
    """Look again and again, each time at what the database has by then; False when the patience is over."""
    deadline, waiting = time.monotonic() + PATIENCE, Event()
    while time.monotonic() < deadline:
        db.session.rollback()
        if condition():
            return True
        waiting.wait(pause)
    return False


def let_time_pass() -> None:
    """As after an hour: leases of the dead have ended, and mail that failed is due again."""
    past = clock.now() - timedelta(seconds=1)
    with transaction():
        db.session.execute(sa.update(Job).where(Job.state == JobState.RUNNING).values(lease_until=past))
        sending = OutboxMessage.state == MessageState.SENDING
        db.session.execute(sa.update(OutboxMessage).where(sending).values(lease_until=past))
        waiting = OutboxMessage.state == MessageState.QUEUED
        db.session.execute(sa.update(OutboxMessage).where(waiting).values(next_attempt_at=past, attempts=1))


def assert_sound(app: Flask) -> None:
    """SQLite's file is whole and every reference leads somewhere; PostgreSQL's indexes agree with their tables."""
    db.session.rollback()
    if is_postgresql():
        tables = db.session.scalars(sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        assert tables
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in tables:
                connection.exec_driver_sql(f'REINDEX TABLE "{table}"')
            unproven = connection.exec_driver_sql("SELECT conname FROM pg_constraint WHERE NOT convalidated")
            assert unproven.all() == []
        return
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").all() == [("ok",)]
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
