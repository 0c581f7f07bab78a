"""What machines ask: alive, and ready with which part failing."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

import config
from app.extensions import db
from app.jobs import tasks
from app.operations.queries import head_of
from tests.pages import PageClient

PARTS = {"database": "ok", "migrations": "ok", "queue": "ok", "uploads": "ok"}
REVISION = "revision = {this!r}\ndown_revision = {before!r}\n"


def stamp(migrations: Path, revision: str) -> None:
    with db.engine.begin() as connection:
        MigrationContext.configure(connection).stamp(ScriptDirectory(str(migrations)), revision)


@pytest.fixture(autouse=True)
def migrations(app: Flask, tmp_path: Path) -> Path:
    """Two migrations, of which the database has had both."""
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (versions / "1111_one.py").write_text(REVISION.format(this="1111", before=None))
    (versions / "2222_two.py").write_text(REVISION.format(this="2222", before="1111"))
    app.config["MIGRATIONS_DIR"] = versions.parent
    stamp(versions.parent, "2222")
    return versions.parent


def test_the_last_migration_is_known_by_its_name() -> None:
    folder = Path(config.ROOT) / "migrations"
    assert [head_of(folder)] == list(ScriptDirectory(str(folder)).get_heads())


def failing(client: PageClient) -> set[str]:
    answer = client.get("/readyz", status=503)
    assert answer.json["ready"] is False
    return {name for name, word in answer.json["parts"].items() if word != "ok"}


@pytest.mark.both_databases
def test_ready_when_every_part_works(client: PageClient) -> None:
    answer = client.get("/readyz")
    assert answer.json == {"ready": True, "parts": PARTS}
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.both_databases
def test_a_database_without_the_last_migration_is_not_ready(client: PageClient, migrations: Path) -> None:
    stamp(migrations, "1111")
    assert failing(client) == {"migrations"}


def test_a_database_that_does_not_answer(app: Flask, client: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_options: Any) -> None:
        raise sa.exc.OperationalError("SELECT 1", {}, Exception("the password of the database"))

    monkeypatch.setattr(db.session, "execute", refuse)
    monkeypatch.setattr(db.session, "connection", refuse)
    assert failing(client) == {"database", "migrations"}
    assert "password" not in client.get("/readyz", status=503).text


def test_a_queue_that_is_away(app: Flask, client: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise ConnectionError

    monkeypatch.setattr(app.extensions["huey"], "pending_count", refuse)
    assert failing(client) == {"queue"}


def test_a_queue_that_cannot_be_built(app: Flask, client: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.extensions, "huey", app.extensions["huey"])
    monkeypatch.setitem(app.extensions, "huey_work", app.extensions["huey_work"])
    app.config["QUEUE_FILE"] = "/dev/null/queue.sqlite"
    tasks.init_app(app)
    assert failing(client) == {"queue"}


def test_a_folder_that_takes_no_files(app: Flask, client: PageClient, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    app.config["UPLOAD_DIR"] = str(in_the_way)
    assert failing(client) == {"uploads"}


def test_alive_asks_nothing_of_the_database(app: Flask, client: PageClient) -> None:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        answer = client.get("/healthz")
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
    assert answer.json == {"alive": True}
    assert not asked
