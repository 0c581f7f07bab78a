"""Whether the system can serve: each part that it stands on is tried."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.extensions import db


class NotAtHead(RuntimeError):
    """The database is of another version than the code."""


def readiness(*, migrations: Path, uploads: Path, queue: Any) -> dict[str, bool]:
    """Which parts work: the database, its migrations, the worker's queue, the folder of uploads.

    What is wrong with a part goes to the log, never to whoever asks.
    """
    parts: dict[str, Callable[[], object]] = {
        "database": lambda: db.session.execute(sa.select(1)),
        "migrations": lambda: _at_head(migrations),
        "queue": queue.pending_count,
        "uploads": lambda: _writable(uploads),
    }
    return {name: _works(name, attempt) for name, attempt in parts.items()}


def _works(name: str, attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except Exception as problem:  # whatever fails makes the part unfit, and the others are still asked
        logging.getLogger("bimtek.operations").warning("not ready, %s: %s", name, problem)
        db.session.rollback()
        return False
    return True


def _at_head(migrations: Path) -> None:
    wanted = set(ScriptDirectory(str(migrations)).get_heads())
    present = set(MigrationContext.configure(db.session.connection()).get_current_heads())
    if present != wanted:
        raise NotAtHead(f"at {sorted(present)}, the code is at {sorted(wanted)}; run `flask db upgrade`")


def _writable(folder: Path) -> None:
    """By writing, as permissions alone say nothing of a full disk."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"ready")
        file.flush()
