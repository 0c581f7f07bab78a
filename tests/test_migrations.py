"""The migrations lead from nothing to what the models say, and back, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from app import create_app
from app.extensions import db
from tests.conftest import SETTINGS
from tests.databases import Postgresql


@pytest.fixture(params=["sqlite", "postgresql"])
def new_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application whose database is empty, within its context."""
    url = f"sqlite:///{tmp_path / 'new.sqlite'}" if request.param == "sqlite" else Postgresql().empty("migrations")
    folders = {
        "INSTANCE_DIR": str(tmp_path),
        "QUEUE_FILE": str(tmp_path / "queue.sqlite"),
        "UPLOAD_DIR": str(tmp_path / "uploads"),
    }
    app = create_app(SETTINGS | folders | {"SQLALCHEMY_DATABASE_URI": url})
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def checks() -> dict[str, set[tuple[str | None, str]]]:
    """The check constraints of every table, which Alembic does not compare."""
    inspector = sa.inspect(db.engine)
    return {
        table: {(check["name"], " ".join(check["sqltext"].split())) for check in inspector.get_check_constraints(table)}
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def test_upgrade_leads_to_the_models(new_app: Flask) -> None:
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        # on SQLite Alembic takes the default '' for another than itself
        compare_defaults = connection.dialect.name == "postgresql"
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": compare_defaults}
        )
        differences = compare_metadata(context, db.metadata)
    assert not differences
    migrated = checks()
    flask_migrate.downgrade(revision="base")
    db.create_all()
    assert checks() == migrated


def test_downgrade_leads_back_to_nothing(new_app: Flask) -> None:
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision="base")
    assert set(sa.inspect(db.engine).get_table_names()) <= {"alembic_version"}
    flask_migrate.upgrade()
    assert "host" in sa.inspect(db.engine).get_table_names()
