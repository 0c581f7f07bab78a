"""transaction(): all or nothing, one writer at a time on SQLite, and nothing said before it is true."""

import multiprocessing
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.exceptions import NotFound

from app.extensions import after_commit, db, lock, transaction
from app.hosts.models import Host
from tests import factories

PROCESSES, TIMES = 4, 25


@pytest.fixture(autouse=True)
def within(app: Flask) -> None:
    """Every test needs the database."""


def names() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Host.name).order_by(Host.id)))


@pytest.mark.both_databases
def test_all_or_nothing() -> None:
    host = factories.host(name="Satu")
    with pytest.raises(ZeroDivisionError), transaction():
        host.name = "Dua"
        db.session.flush()
        raise ZeroDivisionError
    assert names() == ["Satu"]
    with transaction():
        host.name = "Dua"
    assert names() == ["Dua"]


@pytest.mark.both_databases
def test_an_inner_transaction_joins_and_the_outermost_commits() -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        factories.host(name="Satu")
        with transaction():
            factories.host(name="Dua")
        raise ZeroDivisionError
    assert names() == []


@pytest.mark.both_databases
@pytest.mark.parametrize("mode", ["update", "no_key_update", "share", "read"])
def test_a_record_is_locked_as_it_stands(mode: str) -> None:
    host = factories.host(name="Satu")
    with transaction():
        db.session.execute(sa.update(Host).values(name="Dua"), execution_options={"synchronize_session": False})
        lock(host, mode=mode)
        assert host.name == "Dua"


@pytest.mark.both_databases
@pytest.mark.parametrize("mode", ["update", "read"])
def test_a_record_that_somebody_has_removed_is_not_there(mode: str) -> None:
    host = factories.host(name="Satu")
    with transaction():
        db.session.execute(sa.delete(Host), execution_options={"synchronize_session": False})
    with pytest.raises(NotFound), transaction():
        lock(host, mode=mode)


def test_what_was_read_before_is_read_again_within() -> None:
    host = factories.host(name="Satu")
    assert host.name == "Satu"
    with sqlite3.connect(db.engine.url.database or "") as other:
        other.execute("UPDATE host SET name = 'Dua'")
    other.close()
    with transaction():
        assert host.name == "Dua"


def test_a_change_outside_a_transaction_is_a_programming_error() -> None:
    host = factories.host()
    host.name = "Diubah di luar"
    with pytest.raises(RuntimeError, match="outside a transaction"), transaction():
        raise AssertionError("never reached")
    db.session.rollback()
    with transaction():
        host.name = "Di dalam"


def test_callbacks_run_once_after_the_commit_and_never_after_a_failure() -> None:
    said: list[str] = []

    def say() -> None:
        said.append(",".join(names()))

    with transaction():
        factories.host(name="Satu")
        after_commit(say)
        after_commit(say)
        assert said == []
    assert said == ["Satu"]
    with pytest.raises(ZeroDivisionError), transaction():
        after_commit(say)
        raise ZeroDivisionError
    with transaction():
        factories.host(name="Dua")
    assert said == ["Satu"]


def test_a_callback_may_write() -> None:
    with transaction():
        after_commit(lambda: factories.host(name="Sesudahnya") and None)
    assert names() == ["Sesudahnya"]


def begun() -> list[str]:
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("BEGIN"):
            said.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    names()
    with transaction():
        db.session.execute(sa.select(Host))
    names()
    sa.event.remove(db.engine, "before_cursor_execute", note)
    return said


def test_only_writers_take_the_write_lock() -> None:
    assert begun() == ["BEGIN", "BEGIN IMMEDIATE", "BEGIN"]


def test_sqlite_is_set_up_to_lose_nothing() -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    with db.engine.connect() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
    assert found == wanted


def count_up(url: str, folder: str, times: int, barrier: Any, problems: Any) -> None:
    """What each process does: read, decide, write, as every use-case does after Flask-Login has read the user."""
    from app import extensions

    app = Flask("counter")
    app.config.update(SQLALCHEMY_DATABASE_URI=url, MIGRATIONS_DIR=folder)
    extensions.init_database(app)
    with app.app_context():
        barrier.wait()
        for _time in range(times):
            try:
                host = db.session.scalars(sa.select(Host)).one()  # opens a transaction for reading
                assert host.city
                with transaction():
                    host.city = str(int(host.city) + 1)
            except Exception as problem:
                problems.put(repr(problem))
                return


@pytest.mark.both_databases
def test_several_processes_read_then_write_and_nothing_is_locked(database: str, tmp_path: Path) -> None:
    factories.host(city="0")
    url = db.engine.url.render_as_string(hide_password=False)
    spawn = multiprocessing.get_context("spawn")
    barrier, problems = spawn.Barrier(PROCESSES), spawn.Queue()
    work = (url, str(tmp_path), TIMES, barrier, problems)
    children = [spawn.Process(target=count_up, args=work) for _child in range(PROCESSES)]
    for child in children:
        child.start()
    for child in children:
        child.join(120)
    assert problems.empty(), problems.get()
    total = int(db.session.scalar(sa.select(Host.city)) or 0)
    db.session.rollback()
    assert [child.exitcode for child in children] == [0] * PROCESSES
    # PostgreSQL locks no row that was merely read: there a use-case asks for the lock, SQLite's transaction is one.
    assert total == PROCESSES * TIMES if database == "sqlite" else 0 < total <= PROCESSES * TIMES
