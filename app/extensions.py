"""The libraries that the application stands on, and `transaction()`, the only way to write."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask, current_app
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_login import LoginManager
from flask_mail import Mail
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy.engine import Connection
from sqlalchemy.exc import InvalidRequestError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase
from werkzeug.exceptions import NotFound

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_MILLISECONDS = 15_000


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=CONVENTION)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
login = LoginManager()
csrf = CSRFProtect()
mail = Mail()
babel = Babel()
bootstrap = Bootstrap5()


def init_database(app: Flask) -> None:
    """Bind the database and migrations, and set up SQLite so that it neither loses nor blocks."""
    db.init_app(app)
    app.teardown_appcontext(_end_request)  # before the session is removed: what is registered last comes first
    with app.app_context():
        engine = db.engine
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", _set_up_sqlite)
            sa.event.listen(engine, "begin", _begin_sqlite)
        else:
            sa.event.listen(engine, "connect", _set_up_postgresql)
    os.register_at_fork(after_in_child=lambda: engine.dispose(close=False))


def init_migrations(app: Flask) -> None:
    """Make `flask db` and flask_migrate's functions work. Commands call it; a web worker does without Alembic's ten megabytes."""
    from flask_migrate import Migrate

    Migrate(app, db, directory=str(app.config["MIGRATIONS_DIR"]), render_as_batch=True)


def _set_up_sqlite(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event opens transactions; the driver must not
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MILLISECONDS}"):
        connection.execute(f"PRAGMA {pragma}")


def _set_up_postgresql(connection: Any, record: Any) -> None:
    """Without compiling statements: the house asks small questions, and compiling one takes longer than answering it."""
    connection.autocommit = True
    connection.execute("SET jit = off")
    connection.autocommit = False


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def transaction() -> Iterator[None]:
    """All or nothing. Joins the transaction that is open, else opens one and commits it at the end.

    A transaction opened by reading alone cannot be upgraded on SQLite, so it is ended first: whatever was loaded before
    is read again inside, under the write lock. RuntimeError if something was changed outside a transaction.
    """
    session = db.session()
    if is_writing():
        yield
        return
    if session.new or session.dirty or session.deleted:
        raise RuntimeError(
            "changed outside a transaction: " + ", ".join(map(repr, [*session.new, *session.dirty, *session.deleted]))
        )
    _begin_anew()
    with _turn_to_write():
        session.info["writing"] = True
        session.info["after_commit"], session.info["after_rollback"] = [], []
        try:
            session.connection(execution_options=None if is_postgresql() else {"writes": True})
            yield
            session.commit()
        except BaseException:
            session.rollback()
            for callback in session.info["after_rollback"]:
                callback()
            raise
        else:
            callbacks = session.info["after_commit"]
        finally:
            session.info["writing"] = False
            session.info["after_commit"], session.info["after_rollback"] = [], []
    for callback in callbacks:
        callback()


@contextmanager
def core_transaction() -> Iterator[Connection]:
    """As transaction(), for a hot path that speaks Core alone: a connection without session and objects.

    Within an open transaction() it is that one's connection.
    """
    if is_writing():
        yield db.session.connection()
        return
    end_reading()
    with _turn_to_write(), db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


@contextmanager
def single_statements() -> Iterator[Connection]:
    """A connection on which each statement is a transaction of its own: two round trips less where one statement does all of it."""
    end_reading()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


def _begin_anew() -> None:
    """Whatever was loaded is read again. PostgreSQL sees in each statement what was committed before it, so it need not end first."""
    session = db.session()
    if is_postgresql() and session.is_active:
        session.expire_all()
    else:
        end_reading()


def end_reading() -> None:
    """Let go of what the session has open: objects are read again when they are looked at.

    By COMMIT, since nothing was written: after a ROLLBACK psycopg forgets the statements that it has prepared, and PostgreSQL
    would parse and plan every one anew with each request.
    """
    if not db.session.registry.has():
        return
    session = db.session()
    if session.is_active and not (session.new or session.dirty or session.deleted):
        with suppress(SQLAlchemyError):  # a connection that was lost has nothing to keep
            session.commit()
            return
    session.rollback()


def _end_request(problem: BaseException | None) -> None:
    if problem is None and not is_writing():
        end_reading()


@contextmanager
def _turn_to_write() -> Iterator[None]:
    """Writers of SQLite wait at a file lock, whose release wakes the next one at once, whichever process it is in.

    SQLite's own waiting sleeps and tries again: eight doors at once then spend half of their time asleep.
    """
    file = db.engine.url.database
    if is_postgresql() or not file or file == ":memory:":
        yield
        return
    queue = os.open(f"{file}-writers", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(queue, fcntl.LOCK_EX)
        yield
    finally:
        os.close(queue)


def lock(record: Any, *, mode: str = "update") -> None:
    """Read a record again and hold its row until the transaction ends. NotFound (404) if somebody has removed it meanwhile.

    `mode` "update" keeps out every other lock; "no_key_update" lets rows that refer to it be added meanwhile; "share" lets
    others share it; "read" holds nothing. On SQLite the transaction itself is the lock.
    """
    options = {"update": {}, "no_key_update": {"key_share": True}, "share": {"read": True}, "read": None}[mode]
    try:
        # Of its own table alone: PostgreSQL does not lock the missing side of an outer join.
        db.session.refresh(record, with_for_update=None if options is None else {"of": type(record), **options})
    except InvalidRequestError as gone:
        raise NotFound from gone


def wait_turn(kind: str, number: int) -> None:
    """Hold a turn of PostgreSQL's own kind until the transaction ends, before any row; `number` is an id of what `kind` names.

    On SQLite the transaction itself is the turn.
    """
    if is_postgresql():
        turn = sa.func.pg_advisory_xact_lock(turn_space(kind), number)
        db.session.connection().execute(sa.select(turn))


def turn_space(kind: str) -> int:
    """The first number of PostgreSQL's advisory locks of this kind."""
    return zlib.crc32(kind.encode()) - 2**31


def is_writing() -> bool:
    """Whether a transaction() is open."""
    return db.session.registry.has() and bool(db.session().info.get("writing"))


def after_commit(callback: Callable[[], None]) -> None:
    """Run `callback` once the open transaction is committed; not at all if it is not."""
    callbacks: list[Callable[[], None]] = db.session().info["after_commit"]
    if callback not in callbacks:
        callbacks.append(callback)


def after_rollback(callback: Callable[[], None]) -> None:
    """Run `callback` if the open transaction is given up: what was done outside the database is undone with it."""
    callbacks: list[Callable[[], None]] = db.session().info["after_rollback"]
    callbacks.append(callback)


def is_postgresql() -> bool:
    """Whether the database is PostgreSQL (else SQLite)."""
    return bool(db.engine.dialect.name == "postgresql")


def insert(table: Any) -> Any:
    """An INSERT of the database's own dialect, which knows ON CONFLICT."""
    from sqlalchemy.dialects import postgresql, sqlite

    return (postgresql if is_postgresql() else sqlite).insert(table)


def password_hasher() -> PasswordHasher:
    """argon2id at the configured cost. Hashing takes tens of milliseconds: never within a transaction."""
    return PasswordHasher(
        time_cost=current_app.config["ARGON2_TIME_COST"],
        memory_cost=current_app.config["ARGON2_MEMORY_KIB"],
        parallelism=1,
    )


__all__ = [
    "after_commit",
    "after_rollback",
    "core_transaction",
    "end_reading",
    "babel",
    "bootstrap",
    "csrf",
    "db",
    "init_database",
    "init_migrations",
    "insert",
    "is_postgresql",
    "is_writing",
    "lock",
    "login",
    "mail",
    "password_hasher",
    "transaction",
    "turn_space",
    "wait_turn",
]
