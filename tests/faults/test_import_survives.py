"""kill -9 of the worker while it imports people: each of them is registered once, and mailed once."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.extensions import db
from app.jobs.models import Job, OutboxMessage
from app.jobs.rules import JobState
from app.registration.models import Participant, Registration
from app.registration.models_imports import ImportRun
from app.registration.rules_import import ImportMode, ImportState, Verdict
from app.registration.service import importing
from tests import factories, servers
from tests.faults.breaking import assert_sound, comes_true, kill, let_time_pass
from tests.registration.imports import handed_in, line, verdicts

pytestmark = pytest.mark.fault
PEOPLE = 150


@pytest.fixture
def worker(app: Flask, tmp_path: Path) -> Iterator[Any]:
    """Starts `flask worker run` with something in its queue, so that it need not wait for the sweep; it is ended after the test."""
    with ExitStack() as stack:

        def start() -> Any:
            app.extensions["huey_work"]()
            return stack.enter_context(servers.process(["flask", "worker", "run"], app, tmp_path / "worker.log"))

        yield start


def count(model: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def state_of(run_id: int) -> ImportState:
    return db.session.scalars(sa.select(ImportRun.state).where(ImportRun.id == run_id)).one()


@pytest.mark.both_databases
@pytest.mark.parametrize("mode", list(ImportMode))
def test_everybody_is_registered_once(app: Flask, worker: Any, counts: Any, mode: ImportMode) -> None:
    """Killed in the midst: chunks that were committed stay, and of one transaction for all nothing stays until all is there."""
    stage = factories.stage()
    factories.category(stage.host)
    factories.institution(stage.host, name="Dinas Uji")
    run = handed_in(stage, *(line(number) for number in range(1, PEOPLE + 1)))
    run_id = run.id
    importing.begin_check(run, columns=run.columns, category="", locale="id", by=None)
    process = worker()
    assert comes_true(lambda: state_of(run_id) is ImportState.CHECKED)
    kill(process)
    run = db.session.get_one(ImportRun, run_id)
    importing.begin_import(run, mode=mode, mailed=True, locale="id", by=None)
    for _round in range(counts(1, full=3)):
        before, process = count(Registration), worker()
        assert comes_true(lambda before=before: _is_amidst(mode, before), pause=0.005)
        kill(process)
        let_time_pass()
        assert mode is ImportMode.GOOD or count(Registration) in (0, PEOPLE)
    process = worker()
    assert comes_true(lambda: state_of(run_id) is ImportState.DONE, pause=0.2)
    kill(process)
    _assert_once(app, run_id)


def _is_amidst(mode: ImportMode, before: int) -> bool:
    """Some are there that were not; or, of one transaction that nobody sees into, all rows have been read."""
    if mode is ImportMode.GOOD:
        return count(Registration) > before or before == PEOPLE
    job = db.session.scalars(sa.select(Job).where(Job.kind == importing.IMPORT)).one()
    return job.state is JobState.DONE or job.done >= PEOPLE - 100


def _assert_once(app: Flask, run_id: int) -> None:
    db.session.rollback()
    assert count(Registration) == count(Participant) == PEOPLE
    letters = Counter(db.session.scalars(sa.select(OutboxMessage.subject_id)))
    assert len(letters) == PEOPLE and max(letters.values()) == 1
    assert verdicts(db.session.get_one(ImportRun, run_id)) == {Verdict.NEW: PEOPLE}
    assert_sound(app)
