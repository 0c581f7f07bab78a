"""A database with all tables and no rows, for every test anew."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.extensions import db
from tests import services


def worker() -> str:
    """gw0, gw1, … or main without pytest-xdist."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def fast_folder() -> Path:
    """A folder of this worker's own, in memory where the system has such a place."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix=f"bimtek-{worker()}-", dir=memory if os.access(memory, os.W_OK) else None))


class Sqlite:
    """One file, which each test finds anew."""

    def __init__(self, folder: Path) -> None:
        self.file, self.template = folder / "bimtek.sqlite", folder / "template.sqlite"
        self.url = f"sqlite:///{self.file}"
        self._numbers = count()

    def prepare(self) -> None:
        """Needs an application context. Kept in WAL mode, so that opening a copy has nothing to change."""
        db.create_all()
        db.session.remove()
        db.engine.dispose()
        connection = sqlite3.connect(self.file)
        connection.execute("VACUUM INTO ?", (str(self.template),))
        connection.close()
        connection = sqlite3.connect(self.template)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.close()

    def refresh(self) -> None:
        """A request that is still under way keeps the file that it has, with the journal beside that one."""
        former = self.file.resolve() if self.file.is_symlink() else self.file.with_name("first.sqlite")
        fresh = self.file.with_name(f"bimtek-{next(self._numbers)}.sqlite")
        shutil.copyfile(self.template, fresh)
        link = self.file.with_name("next.sqlite")
        link.symlink_to(fresh)
        link.replace(self.file)
        for suffix in ("", "-wal", "-shm"):
            Path(f"{former}{suffix}").unlink(missing_ok=True)


class Postgresql:
    """One database a worker, which each test finds without rows. Copying a template would take fifty times as long."""

    def __init__(self) -> None:
        self.server = services.postgresql()
        self.name = f"bimtek_{worker()}"
        self.url = self.server + self.name
        self._admin = sa.create_engine(self.server + "postgres", isolation_level="AUTOCOMMIT")
        self._emptying = ""

    def prepare(self) -> None:
        """Needs an application context. Rows are deleted with triggers and foreign keys off, and keys count from 1 again."""
        self._execute(f"CREATE DATABASE {self.name}")
        db.create_all()
        statements = ["SET session_replication_role = replica"]
        statements += [f'DELETE FROM "{table.name}"' for table in db.metadata.sorted_tables]
        statements.append(
            "SELECT setval(c.oid::regclass, 1, false) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind = 'S' AND n.nspname = 'public'"
        )
        self._emptying = "; ".join(statements)

    def refresh(self) -> None:
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql("SET lock_timeout = '10s'; " + self._emptying)

    def empty(self, name: str) -> str:
        """The URL of an empty database of that name, for migrations."""
        self._execute(f"DROP DATABASE IF EXISTS {self.name}_{name} WITH (FORCE)")
        self._execute(f"CREATE DATABASE {self.name}_{name}")
        return f"{self.url}_{name}"

    def _execute(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)


Database = Sqlite | Postgresql


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL that runs within the block, without what begins and ends transactions."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
