"""How Alembic reaches the database: through the application, with SQLite's foreign keys switched off while tables are rebuilt."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context

from app.extensions import db
from app.shared.columns import UtcDateTime


def render_item(kind: str, item: Any, autogenerate_context: Any) -> str | bool:
    """Write our own column types as what they are in the database, so that an old migration needs none of our code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, sa.Enum):
        values = ", ".join(map(repr, item.enums))
        options = (
            f"name={item.name!r}, native_enum=False, create_constraint={item.create_constraint}, length={item.length}"
        )
        return f"sa.Enum({values}, {options})"
    if kind == "type" and isinstance(item, sa.JSON):
        autogenerate_context.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def compare_type(migration_context: Any, column: Any, known: Any, known_type: Any, model_type: Any) -> bool | None:
    """An enum is a text of its length."""
    if isinstance(model_type, sa.Enum):
        return getattr(known_type, "length", None) != model_type.length
    return None


def run() -> None:
    """Upgrade or downgrade in one transaction.

    SQLite rebuilds a table by dropping it; with foreign keys on, that would delete what points to it. They can be switched off
    only outside a transaction, and what was broken meanwhile is looked for before the commit.
    """
    engine = db.engine
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if sqlite:
            raw = connection.connection.driver_connection
            raw.execute("PRAGMA foreign_keys=OFF")
        try:
            _migrate(connection, check=sqlite)
        finally:
            if sqlite:
                raw.execute("PRAGMA foreign_keys=ON")


def _migrate(connection: Any, *, check: bool) -> None:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        compare_type=compare_type,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()
        if check:
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise RuntimeError(f"the migration broke foreign keys: {broken[:5]}")


run()
