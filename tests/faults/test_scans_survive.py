"""kill -9 of the web server while doors scan: what was acknowledged is stored, once."""

import json
import os
import random
import signal
import subprocess
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.checkin.models import Attendance, Scan
from app.extensions import db
from app.shared import clock
from app.shared.codes import new_code
from tests import factories, servers, services
from tests.faults.breaking import assert_sound, children, comes_true, kill

pytestmark = [pytest.mark.fault, pytest.mark.both_databases]
DOORS = 6
PATIENCE = 240


class Doors:
    """Scanners that each hold all people in an order of their own and send a scan again until it is acknowledged."""

    def __init__(self, address: str, people: int) -> None:
        stage = factories.stage()
        checkpoint = factories.checkpoint(stage)
        self.codes = [factories.registration(stage).ticket_code for _ in range(people)]
        self.tokens = [factories.device(stage, name=f"Pintu {number}")[1] for number in range(DOORS)]
        self.address = f"{address}/api/v1/checkpoints/{checkpoint.id}/scans"
        self.acknowledged: dict[str, dict[str, Any]] = {}
        self.cut = 0
        self._over = threading.Event()
        self._deadline = time.monotonic() + PATIENCE
        db.session.remove()

    @contextmanager
    def scanning(self) -> Iterator[None]:
        """While the block runs; at its end every scan is acknowledged, or the test fails."""
        threads = [threading.Thread(target=self._scan_all, args=(token,)) for token in self.tokens]
        for thread in threads:
            thread.start()
        try:
            yield
            for thread in threads:
                thread.join(PATIENCE)
        finally:
            self._over.set()
            for thread in threads:
                thread.join()
        assert len(self.acknowledged) == DOORS * len(self.codes)

    def _scan_all(self, token: str) -> None:
        for code in random.Random(token).sample(self.codes, len(self.codes)):
            moment = clock.now().isoformat()
            self._send(token, {"scan_id": new_code(), "code": code, "occurred_at": moment, "source": "camera"})

    def _send(self, token: str, scan: dict[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        body = json.dumps({"scans": [scan]}).encode()
        while not self._over.is_set() and time.monotonic() < self._deadline:
            try:
                request = urllib.request.Request(self.address, body, headers, method="POST")
                with urllib.request.urlopen(request, timeout=10) as answer:
                    self.acknowledged[scan["scan_id"]] = json.load(answer)["results"][0]
                return
            except urllib.error.HTTPError:
                raise
            except (OSError, HTTPException, ValueError):
                self.cut += 1
                self._over.wait(0.02)


class Server:
    """gunicorn with two workers at one address, which can be killed and started again."""

    def __init__(self, app: Flask, log: Path, stack: ExitStack) -> None:
        self.app, self.log, self.stack, self.port = app, log, stack, services.free_port()
        self.address = app.config["BASE_URL"] = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        settings = {"PORT": str(self.port), "WEB_CONCURRENCY": "2", "LOG_LEVEL": "error"}
        serving = servers.process(["gunicorn", "wsgi:app"], self.app, self.log, **settings)
        self.process: subprocess.Popen[bytes] = self.stack.enter_context(serving)
        services.wait_until(lambda: services.serves(self.port), self.process, what="gunicorn", log=self.log)

    def kill_worker(self) -> None:
        os.kill(random.choice(children(self.process.pid)), signal.SIGKILL)

    def kill_all(self) -> None:
        kill(self.process)
        self.start()


@pytest.fixture
def server(app: Flask, tmp_path: Path) -> Iterator[Server]:
    with ExitStack() as stack:
        yield Server(app, tmp_path / "gunicorn.log", stack)


def test_every_acknowledged_scan_is_stored_once(app: Flask, server: Server, counts: Any) -> None:
    kills = counts(2, full=20)
    doors = Doors(server.address, people=8 * (kills + 1))
    every = DOORS * len(doors.codes) // (kills + 1)
    with doors.scanning():
        for number in range(kills):
            sent = every * number + every // 2
            assert comes_true(lambda sent=sent: len(doors.acknowledged) >= sent, pause=0.005)
            server.kill_all() if number % 2 else server.kill_worker()
    assert doors.cut
    stored = {scan.scan_id: scan for scan in db.session.scalars(sa.select(Scan))}
    assert db.session.scalar(sa.select(sa.func.count(Scan.id))) == len(stored) == len(doors.acknowledged)
    for scan_id, result in doors.acknowledged.items():
        assert stored[scan_id].decision.value == result["decision"]
    decisions = Counter(result["decision"] for result in doors.acknowledged.values())
    assert decisions == {"admitted": len(doors.codes), "repeat": (DOORS - 1) * len(doors.codes)}
    present = db.session.scalars(sa.select(Attendance.registration_id).where(Attendance.annulled_at.is_(None))).all()
    assert len(present) == len(set(present)) == len(doors.codes)
    assert_sound(app)
