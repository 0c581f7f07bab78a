"""The Tanjungpinang demo: loaded once a worker, then copied into the test's database in milliseconds."""

import shutil
import sqlite3
from pathlib import Path

from flask import Flask

from app.extensions import db
from app.shared import clock


def lay(app: Flask, folder: Path) -> None:
    """Put the demo of today into the (SQLite) database and the folder of uploads of `app`; needs its context."""
    kept = folder / f"demo-{clock.now():%Y-%m-%d-%H}"
    database, uploads = Path(db.engine.url.database or ""), Path(app.config["UPLOAD_DIR"])
    if not kept.exists():
        _load(app)
        db.session.remove()
        db.engine.dispose()
        kept.mkdir()
        _copy(database, kept / "database")
        shutil.copytree(uploads, kept / "uploads")
        return
    db.session.remove()
    db.engine.dispose()
    _copy(kept / "database", database)
    shutil.copytree(kept / "uploads", uploads, dirs_exist_ok=True)


def _load(app: Flask) -> None:
    loaded = app.test_cli_runner().invoke(args=["demo", "load"])
    assert loaded.exit_code == 0, loaded.output


def _copy(source: Path, target: Path) -> None:
    """Whole, with what still lies in the write-ahead log."""
    with sqlite3.connect(source) as read, sqlite3.connect(target) as write:
        read.backup(write)
    read.close()
    write.close()
