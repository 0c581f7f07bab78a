"""Twenty writers from four processes, each reading first: SQLite lets them wait for each other, and none is turned away."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.extensions import db
from app.jobs.models import OutboxMessage
from app.programmes.models import Stage
from app.registration.models import Registration
from tests import servers, services
from tests.faults.breaking import assert_sound
from tests.faults.registering import open_stage
from tests.faults.writer import COUNTED, THREADS

pytestmark = [pytest.mark.fault, pytest.mark.both_databases]
PROCESSES = 4


def test_twenty_that_read_and_then_write(app: Flask, tmp_path: Path, counts: Any) -> None:
    stage_id, go, log = open_stage().id, tmp_path / "go", tmp_path / "log"
    each = THREADS * counts(3, full=40)
    db.session.remove()
    with ExitStack() as stack:
        writers = []
        for number in range(PROCESSES):
            arguments = [str(stage_id), str(number * each), str(each), str(go)]
            child = servers.process(["tests.faults.writer", *arguments], app, log)
            writers.append(stack.enter_context(child))
        services.wait_until(
            lambda: len(list(tmp_path.glob("ready-*"))) == PROCESSES, writers[0], what="writers", log=log
        )
        go.touch()
        codes = [writer.wait(240) for writer in writers]
    assert codes == [0] * PROCESSES, log.read_text()
    people = PROCESSES * each
    assert db.session.scalar(sa.select(sa.func.count(Registration.id))) == people
    assert db.session.scalar(sa.select(Stage.seats_taken)) == people
    assert db.session.scalar(sa.select(Stage.summary)) == str(people * COUNTED)
    assert db.session.scalar(sa.select(sa.func.count(OutboxMessage.id))) == people
    assert_sound(app)
