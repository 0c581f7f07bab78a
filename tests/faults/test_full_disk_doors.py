"""A disk that takes no scan more: the door is told to come again, and what was acknowledged is there. SQLite's files are the app's
own; PostgreSQL tells of its full disk by the same kind of error."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from app.checkin.models import Attendance, Scan
from app.extensions import db
from app.shared.codes import new_code
from tests import factories
from tests.faults.breaking import assert_sound
from tests.faults.scanning import Door, Server, scan

pytestmark = pytest.mark.fault
MOST_BATCHES = 300


@contextmanager
def no_room(server: Server) -> Iterator[None]:
    """The files of the database grow no more. Only for processes beside the test, which itself must write."""
    path = Path(db.engine.url.database or "")
    most = max(one.stat().st_size for one in path.parent.glob(f"{path.name}*"))
    unlimited = resource.RLIM_INFINITY
    try:
        for pid in server.processes:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, unlimited))
        yield
    finally:
        for pid in server.processes:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))


def test_scans_on_a_full_disk_are_sent_again(app: Flask, server: Server) -> None:
    stage = factories.stage()
    checkpoint = factories.checkpoint(stage)
    codes = [factories.registration(stage).ticket_code for _ in range(20)]
    door = Door(server.address, stage, checkpoint.id)
    db.session.remove()
    acknowledged: list[str] = []
    refused = []
    with no_room(server):
        for _ in range(MOST_BATCHES):
            batch = [scan(code) for code in (*codes, *(new_code() for _ in range(180)))]
            answer = door.send(batch)
            if answer.status != 200:
                refused = batch
                break
            acknowledged += [one["scan_id"] for one in answer.results]
        assert refused, "the disk never filled"
        assert answer.status == 503 and answer.headers["Content-Type"] == "application/problem+json"
        assert int(answer.headers["Retry-After"]) > 0 and answer.body["status"] == 503
        assert door.send(refused).status == 503
    again = door.send(refused)
    assert again.status == 200 and not any(one["replay"] for one in again.results)
    acknowledged += [one["scan_id"] for one in again.results]
    kept = db.session.scalars(sa.select(Scan.scan_id)).all()
    assert sorted(kept) == sorted(acknowledged)
    assert db.session.scalar(sa.select(sa.func.count(Attendance.id))) == len(codes)
    assert_sound(app)
