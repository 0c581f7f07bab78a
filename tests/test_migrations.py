"""The migrations lead from nothing to what the models say, and back, on both databases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from app import create_app
from app.extensions import db, init_migrations
from tests.conftest import SETTINGS
from tests.databases import Postgresql

MOMENT = datetime(2019, 7, 8, tzinfo=UTC)


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
    init_migrations(app)
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


def put(connection: sa.Connection, table_name: str, /, **values: Any) -> None:
    """A row of a table as it is at this migration; what it needs beside `values` is filled with something."""
    table = sa.Table(table_name, sa.MetaData(), autoload_with=connection)
    something: dict[type, Any] = {
        str: "",
        int: 0,
        bool: False,
        datetime: MOMENT,
        date: MOMENT.date(),
        dict: [],
        object: [],
    }
    needed = [column for column in table.columns if not column.nullable and column.name not in values]
    connection.execute(sa.insert(table).values(values | {one.name: something[one.type.python_type] for one in needed}))


def test_what_was_there_before_registration_in_depth_is_kept(new_app: Flask) -> None:
    """A plain invitation becomes an ended one with a link of its own; a withdrawn consent can be given again."""
    flask_migrate.upgrade(revision="0001")
    consent = {"registration_id": 1, "kind": "photo", "wording": "yes"}
    with db.engine.begin() as connection:
        put(connection, "host", id=1, slug="host")
        put(connection, "institution_category", id=1, host_id=1, code="OPD")
        put(connection, "institution", id=1, host_id=1, category_id=1, name="Dinas Kominfo")
        put(connection, "programme", id=1, host_id=1, slug="programme")
        later = MOMENT + timedelta(days=1)
        put(connection, "stage", id=1, programme_id=1, slug="stage", seats_taken=1, registration_closes_at=later)
        put(connection, "participant", id=1, host_id=1, identity_type="NONE", name="Siti")
        known = {"stage_id": 1, "participant_id": 1, "category_id": 1, "identity_type": "NONE"}
        put(connection, "registration", id=1, state="confirmed", source="online", **known)
        put(connection, "consent", id=1, withdrawn_at=MOMENT, **consent)
        put(connection, "invitation", id=1, stage_id=1, institution_id=1, seats=4)
    flask_migrate.upgrade()
    with db.engine.begin() as connection:
        [invitation] = connection.execute(sa.text("SELECT * FROM invitation")).mappings()
        assert (invitation["seats"], invitation["reserved"], invitation["used"]) == (4, 0, 0)
        assert invitation["state"] == "expired" and len(invitation["token"]) == 43
        assert (invitation["category_id"], invitation["contact_name"]) == (1, "")
        [stage] = connection.execute(sa.text("SELECT * FROM stage")).mappings()
        assert (stage["seats_taken"], stage["offer_hours"], bool(stage["approval_required"])) == (1, 24, False)
        put(connection, "consent", id=2, **consent)
    flask_migrate.downgrade(revision="0001")
    with db.engine.begin() as connection:
        assert connection.scalar(sa.text("SELECT seats FROM invitation")) == 4
        assert connection.scalar(sa.text("SELECT seats_taken FROM stage")) == 1
        assert connection.scalars(sa.text("SELECT id FROM consent")).all() == [2]
