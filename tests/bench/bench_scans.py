"""Scans over HTTP beside a bare Flask view on the same gunicorn (4 workers), on PostgreSQL and SQLite that wait for the disk."""

import json
import os
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from flask import Flask

from app import create_app
from app.checkin import service
from app.checkin.rules import ScanSource
from app.checkin.service import ScanItem
from app.extensions import db, is_postgresql, transaction
from app.registration.models import Participant, Registration
from app.shared import clock
from app.shared.codes import digest, new_code, token_digest
from tests import factories, servers, services
from tests.bench import load
from tests.bench.figures import Figure

WORKERS = 4
DOORS = 16
BARE = 5_800
"""Requests a second of the bare view where the targets of scans were set; on another machine the ratio to it is what counts."""
SINGLE, BATCHED = 640, 5_000
WITHIN = 50
MEGABYTES = 120
BATCH = 100
SESSIONS_A_DAY = 8
ROUNDS = 3
WARM_UP = 100
INSERT = "INSERT INTO bare_scan (id, scan_id, at) VALUES (?, ?, ?)"


class Door:
    """A stage of two full days with people, and two devices at its checkpoint, which take turns: batches of one wait for each other."""

    def __init__(self, people: int) -> None:
        stage = factories.stage()
        for day in (0, 1):
            for hour in range(8, 8 + SESSIONS_A_DAY):
                starts, ends = factories.at(stage, hour, day=day), factories.at(stage, hour, 45, day=day)
                factories.agenda_session(stage, starts_at=starts, ends_at=ends)
        checkpoint, place = factories.checkpoint(stage), factories.institution(stage.host)
        self.codes = iter(crowd(factories.registration(stage, institution=place), people))
        self.checkpoint_id = checkpoint.id
        self.tokens = cycle([factories.device(stage)[1] for _ in range(2)])
        db.session.remove()

    def request(self, scans: int) -> bytes:
        """An upload of people who have not been scanned yet."""
        moment = clock.now().isoformat()
        items = [
            {"scan_id": new_code(), "code": next(self.codes), "occurred_at": moment, "source": "camera"}
            for _ in range(scans)
        ]
        body = json.dumps({"sent_at": moment, "scans": items}).encode()
        return load.request("POST", f"/api/v1/checkpoints/{self.checkpoint_id}/scans", body, token=next(self.tokens))

    def statements(self) -> int:
        """SQL statements of one admitted scan, BEGIN and COMMIT apart."""
        counted: list[str] = []

        def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
            if not statement.startswith(("BEGIN", "COMMIT")):
                counted.append(statement)

        now = clock.now()
        item = ScanItem(
            scan_id=new_code(), code_hash=digest(next(self.codes)), occurred_at=now, source=ScanSource.CAMERA
        )
        sa.event.listen(db.engine, "before_cursor_execute", note)
        service.record_scans(token_hash=token_digest(next(self.tokens)), checkpoint_id=self.checkpoint_id, items=[item])
        sa.event.remove(db.engine, "before_cursor_execute", note)
        return len(counted)


def crowd(first: Registration, people: int) -> list[str]:
    """Register `people` more like the first, all at once; their ticket codes."""
    codes = [new_code() for _ in range(people)]
    person, place = _row(first.participant), _row(first)
    with transaction():
        connection = db.session.connection()
        last = person["id"]
        connection.execute(
            sa.insert(Participant),
            [
                person | {"id": last + number, "email": f"p{number}@example.org", "phone": f"+62811{number:08}"}
                for number in range(1, people + 1)
            ],
        )
        connection.execute(
            sa.insert(Registration),
            [
                place
                | {"id": place["id"] + number, "participant_id": last + number}
                | {"ticket_code": code, "ticket_hash": digest(code)}
                | {"badge_code": (badge := new_code()), "badge_hash": digest(badge)}
                for number, code in enumerate(codes, start=1)
            ],
        )
    return codes


def _row(record: Any) -> dict[str, Any]:
    return {column.key: getattr(record, column.key) for column in record.__table__.columns}


@contextmanager
def bare_view(app: Flask, folder: Path, *, workers: int = 2) -> Iterator[int]:
    """The bare Flask view on gunicorn with the house's own settings."""
    port = services.free_port()
    command = ["gunicorn", "tests.bench.bare:app"]
    settings = {"PORT": str(port), "WEB_CONCURRENCY": str(workers), "LOG_LEVEL": "warning"}
    with servers.process(command, app, folder / "bare.log", **settings) as child:
        services.wait_until(lambda: services.answers(port), child, what="gunicorn", log=folder / "bare.log")
        yield port


def bare_commits(url: str, folder: Path, count: int) -> float:
    """INSERT and COMMIT a second of the driver alone, as durable as ours; without `url` on a file of SQLite."""
    begin, insert = ("BEGIN", INSERT.replace("?", "%s")) if url else ("BEGIN IMMEDIATE", INSERT)
    connection: Any
    if url:
        connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    else:
        connection = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE bare_scan (id INTEGER PRIMARY KEY, scan_id TEXT UNIQUE, at TEXT)")
    began = time.perf_counter()
    for number in range(count):
        connection.execute(begin)
        connection.execute(insert, (number, f"{number:032}", "2019-07-08T08:00:00"))
        connection.execute("COMMIT")
    seconds = time.perf_counter() - began
    connection.close()
    return count / seconds


@dataclass(frozen=True)
class Loads:
    """The best of their rounds; `largest` is the resident memory of the largest worker after them, in megabytes."""

    single: load.Load
    crowded: load.Load
    batch: load.Load
    bare: load.Load
    bare_crowded: load.Load
    largest: float
    bare_largest: float


def run(*, quick: bool) -> list[Figure]:
    singles, batches = (200, 5) if quick else (1000, 15)
    lent = services.FOLDER in os.environ
    if not lent:
        services.begin()
    try:
        server = services.durable_postgresql()
        with sa.create_engine(server + "postgres", isolation_level="AUTOCOMMIT").connect() as admin:
            admin.exec_driver_sql("CREATE DATABASE door")
        found = [*on(server + "door", "PostgreSQL", singles, batches), *on("", "SQLite", singles, batches)]
    finally:
        if not lent:
            services.end()
    return found


def on(url: str, name: str, singles: int, batches: int) -> list[Figure]:
    """Everything on one database; on SQLite the file of a laptop, whose commits one after the other set the pace."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        app = create_app(
            {
                "SQLALCHEMY_DATABASE_URI": url or f"sqlite:///{folder / 'scans.sqlite'}",
                "INSTANCE_DIR": str(folder),
                "UPLOAD_DIR": str(folder / "uploads"),
                "QUEUE_FILE": str(folder / "queue.sqlite"),
            }
        )
        with app.app_context():
            db.create_all()
            door = Door(ROUNDS * (2 * singles + batches * BATCH) + WARM_UP + 1)
            look_at_tables()
            statements = door.statements()
            db.session.remove()
            loads = measure(app, folder, door, singles, batches)
            db.engine.dispose()
        commits = bare_commits(url, folder, singles * 2)
    return figures(name, loads, statements, commits, aims=bool(url))


def figures(name: str, loads: Loads, statements: int, commits: float, *, aims: bool) -> list[Figure]:
    """Each with what is bare beside it; a target on milliseconds or megabytes has a line of its own. `aims`: the targets hold here."""
    single, bare, batched = loads.single.per_second, loads.bare.per_second, loads.batch.per_second * BATCH
    within, largest = slowest(loads.crowded), loads.largest
    crowded = f"95 of 100, {DOORS} doors at once, {name}"
    found = [
        Figure(what=f"single scans, {name}", value=single, unit="/s", baseline=bare),
        Figure(what=f"{crowded}, within", value=within, unit="ms"),
        Figure(what=f"scans in batches of {BATCH}, {name}", value=batched, unit="/s", baseline=bare),
        Figure(what=f"single scans beside bare {name} commits", value=single, unit="/s", baseline=commits),
        Figure(what=f"{crowded}, beside the bare view", value=within, unit="ms", baseline=slowest(loads.bare_crowded)),
        Figure(what=f"SQL statements of a scan, {name}", value=statements, unit="", most=5),
        Figure(what=f"memory of the largest worker, {name}", value=largest, unit="MB", most=MEGABYTES),
        Figure(what=f"memory beside a bare worker, {name}", value=largest, unit="MB", baseline=loads.bare_largest),
    ]
    if aims:
        found[0] = replace(found[0], least=SINGLE / BARE)
        found[1] = replace(found[1], most=WITHIN)
        found[2] = replace(found[2], least=BATCHED / BARE)
    return found


def slowest(of: load.Load) -> float:
    """Milliseconds within which 95 of 100 had their answer."""
    return statistics.quantiles(of.latencies, n=20)[-1] * 1000


def look_at_tables() -> None:
    """Let PostgreSQL learn how large the tables of people are, as its autovacuum does within a minute; empty ones it never looks at."""
    if is_postgresql():
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE participant, registration")


def largest_worker(port: int) -> float:
    """Megabytes resident in the largest process of the gunicorn at this port."""
    sizes = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"PORT={port}".encode() in (process / "environ").read_bytes().split(b"\0"):
                sizes.append(int((process / "statm").read_text().split()[1]) * resource.getpagesize() / 2**20)
        except OSError:  # it has ended, or is somebody else's
            continue
    return max(sizes)


def measure(app: Flask, folder: Path, door: Door, singles: int, batches: int) -> Loads:
    """Single scans from eight doors and from sixteen, batches from two, and the bare view in turns."""
    body = json.dumps({"scans": [{"scan_id": new_code(), "code": new_code(), "source": "camera"}]}).encode()
    bare_request = load.request("POST", "/", body)
    rounds: list[tuple[load.Load, ...]] = []
    with (
        bare_view(app, folder, workers=WORKERS) as bare_port,
        servers.gunicorn(app, folder / "gunicorn.log", workers=WORKERS) as url,
    ):
        port = int(url.rpartition(":")[2])
        load.run(port, [door.request(1) for _ in range(WARM_UP)])
        load.run(bare_port, [bare_request] * WARM_UP)
        for _ in range(ROUNDS):
            rounds.append(
                (
                    load.run(port, [door.request(1) for _ in range(singles)]),
                    load.run(port, [door.request(1) for _ in range(singles)], connections=DOORS),
                    load.run(port, [door.request(BATCH) for _ in range(batches)], connections=2),
                    load.run(bare_port, [bare_request] * singles * 2),
                    load.run(bare_port, [bare_request] * singles, connections=DOORS),
                )
            )
        memory = largest_worker(port), largest_worker(bare_port)
    return Loads(*(max(loads, key=lambda one: one.per_second) for loads in zip(*rounds, strict=True)), *memory)


if __name__ == "__main__":
    for figure in run(quick="--quick" in sys.argv):
        print(figure.row())
