"""Scans recorded over HTTP beside a bare Flask view on the same gunicorn (2 workers, threads), on SQLite with synchronous=FULL."""

import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app import create_app
from app.checkin import service
from app.checkin.rules import ScanSource
from app.checkin.service import ScanItem
from app.extensions import db, transaction
from app.registration.models import Participant, Registration
from app.shared import clock
from app.shared.codes import digest, new_code, token_digest
from tests import factories, servers, services
from tests.bench import load
from tests.bench.figures import Figure

BATCH = 100
SESSIONS_A_DAY = 8
ROUNDS = 3
WARM_UP = 100


class Door:
    """A stage of two full days with people, and a device at its checkpoint."""

    def __init__(self, people: int) -> None:
        stage = factories.stage()
        for day in (0, 1):
            for hour in range(8, 8 + SESSIONS_A_DAY):
                starts, ends = factories.at(stage, hour, day=day), factories.at(stage, hour, 45, day=day)
                factories.agenda_session(stage, starts_at=starts, ends_at=ends)
        checkpoint, place = factories.checkpoint(stage), factories.institution(stage.host)
        self.codes = iter(_crowd(factories.registration(stage, institution=place), people))
        self.checkpoint_id, self.token = checkpoint.id, factories.device(stage)[1]
        db.session.remove()

    def request(self, scans: int) -> bytes:
        """An upload of people who have not been scanned yet."""
        moment = clock.now().isoformat()
        items = [
            {"scan_id": new_code(), "code": next(self.codes), "occurred_at": moment, "source": "camera"}
            for _ in range(scans)
        ]
        body = json.dumps({"sent_at": moment, "scans": items}).encode()
        return load.request("POST", f"/api/v1/checkpoints/{self.checkpoint_id}/scans", body, token=self.token)

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
        service.record_scans(token_hash=token_digest(self.token), checkpoint_id=self.checkpoint_id, items=[item])
        sa.event.remove(db.engine, "before_cursor_execute", note)
        return len(counted)


def _crowd(first: Registration, people: int) -> list[str]:
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
def bare_view(app: Flask, folder: Path) -> Iterator[int]:
    """The bare Flask view on gunicorn with the house's own settings."""
    port = services.free_port()
    command = ["gunicorn", "tests.bench.bare:app"]
    settings = {"PORT": str(port), "WEB_CONCURRENCY": "2", "LOG_LEVEL": "warning"}
    with servers.process(command, app, folder / "bare.log", **settings) as child:
        services.wait_until(lambda: services.answers(port), child, what="gunicorn", log=folder / "bare.log")
        yield port


def bare_commits(folder: Path, count: int) -> float:
    """INSERT and COMMIT a second of sqlite3 alone, as durable as ours."""
    connection = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE scan (id INTEGER PRIMARY KEY, scan_id TEXT UNIQUE, at TEXT)")
    began = time.perf_counter()
    for number in range(count):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO scan (scan_id, at) VALUES (?, ?)", (f"{number:032}", "2019-07-08T08:00:00"))
        connection.execute("COMMIT")
    return count / (time.perf_counter() - began)


def run(*, quick: bool) -> list[Figure]:
    singles, batches = (200, 5) if quick else (1000, 15)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        app = create_app(
            {
                "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'scans.sqlite'}",
                "INSTANCE_DIR": str(folder),
                "UPLOAD_DIR": str(folder / "uploads"),
                "QUEUE_FILE": str(folder / "queue.sqlite"),
            }
        )
        with app.app_context():
            db.create_all()
            door = Door(ROUNDS * (singles + batches * BATCH) + WARM_UP + 1)
            statements = door.statements()
            db.session.remove()
            single, batch, bare = measure(app, folder, door, singles, batches)
        commits = bare_commits(folder, singles * 2)
    slowest = statistics.quantiles(single.latencies, n=20)[-1] * 1000
    batched = batch.per_second * BATCH
    return [
        Figure(what="single scans", value=single.per_second, unit="/s", baseline=bare.per_second, least=0.1),
        Figure(what="single scans beside bare SQLite commits", value=single.per_second, unit="/s", baseline=commits),
        Figure(what="95 of 100 single scans, 8 doors at once, within", value=slowest, unit="ms"),
        Figure(what="SQL statements of a scan", value=statements, unit="", most=6),
        Figure(what=f"scans in batches of {BATCH}", value=batched, unit="/s", baseline=single.per_second, least=5),
    ]


def measure(app: Flask, folder: Path, door: Door, singles: int, batches: int) -> tuple[load.Load, load.Load, load.Load]:
    """Single scans from eight doors, batches from two, and the bare view in turns; the best round of each."""
    body = json.dumps({"scans": [{"scan_id": new_code(), "code": new_code(), "source": "camera"}]}).encode()
    bare_request = load.request("POST", "/", body)
    rounds: list[tuple[load.Load, load.Load, load.Load]] = []
    with bare_view(app, folder) as bare_port, servers.gunicorn(app, folder / "gunicorn.log") as url:
        port = int(url.rpartition(":")[2])
        load.run(port, [door.request(1) for _ in range(WARM_UP)])
        load.run(bare_port, [bare_request] * WARM_UP)
        for _ in range(ROUNDS):
            single = load.run(port, [door.request(1) for _ in range(singles)])
            batch = load.run(port, [door.request(BATCH) for _ in range(batches)], connections=2)
            rounds.append((single, batch, load.run(bare_port, [bare_request] * singles * 2)))
    single, batch, bare = (max(loads, key=lambda one: one.per_second) for loads in zip(*rounds, strict=True))
    return single, batch, bare


if __name__ == "__main__":
    for figure in run(quick="--quick" in sys.argv):
        print(figure.row())
