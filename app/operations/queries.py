"""Whether the system can serve: each part that it stands on is tried."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

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
        "queue": lambda: queue.pending_count(),
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
    present = db.session.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    if present != head_of(migrations):
        raise NotAtHead(f"at {present}, the code is at {head_of(migrations)}; run `flask db upgrade`")


def head_of(migrations: Path) -> str:
    """The last revision, by the names of the files, which rise: whoever asks every ten seconds does without Alembic in memory."""
    return max(path.name.partition("_")[0] for path in (migrations / "versions").glob("[0-9]*_*.py"))


def _writable(folder: Path) -> None:
    """By writing, as permissions alone say nothing of a full disk."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"ready")
        file.flush()
