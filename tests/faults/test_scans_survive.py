"""kill -9 of the web server while doors scan: what was acknowledged is stored, once."""

import json
import random
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.checkin.models import Attendance, Scan
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import Decision
from app.extensions import db
from app.shared import clock
from app.shared.codes import new_code
from tests import factories
from tests.faults.breaking import assert_sound, comes_true
from tests.faults.scanning import Server

pytestmark = [pytest.mark.fault, pytest.mark.both_databases]
PATIENCE_FOR_EACH = 60  # kill, in seconds: all of gunicorn starts anew at half of them


class Doors:
    """Scanners that each hold all people in an order of their own and send a scan again until it is acknowledged."""

    def __init__(self, address: str, *, doors: int, people: int, patience: float) -> None:
        stage = factories.stage()
        checkpoint = factories.checkpoint(stage)
        self.codes = [factories.registration(stage).ticket_code for _ in range(people)]
        self.tokens = [factories.device(stage, name=f"Pintu {number}")[1] for number in range(doors)]
        self.address = f"{address}/api/v1/checkpoints/{checkpoint.id}/scans"
        self.acknowledged: dict[str, dict[str, Any]] = {}
        self.cut = 0
        self._over = threading.Event()
        self._deadline = time.monotonic() + patience
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
                thread.join(max(0, self._deadline - time.monotonic()))
        finally:
            self._over.set()
            for thread in threads:
                thread.join()
        assert len(self.acknowledged) == len(self.tokens) * len(self.codes)

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


def test_every_acknowledged_scan_is_stored_once(app: Flask, server: Server, counts: Any) -> None:
    kills, number_of_doors = counts(2, full=200), counts(6, full=20)
    patience = PATIENCE_FOR_EACH * (kills + 2)
    doors = Doors(server.address, doors=number_of_doors, people=8 * (kills + 1), patience=patience)
    every = number_of_doors * len(doors.codes) // (kills + 1)
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
    assert_each_came_once(stored, len(doors.codes))
    assert_sound(app)


def assert_each_came_once(stored: dict[str, Scan], people: int) -> None:
    """Of all doors one alone was told that it admits, and that is the attendance."""
    decisions = Counter(scan.decision for scan in stored.values())
    assert decisions == {Decision.ADMITTED: people, Decision.REPEAT: len(stored) - people}
    admitted = {scan.registration_id: scan.scan_id for scan in stored.values() if scan.decision is Decision.ADMITTED}
    present = db.session.scalars(sa.select(Attendance).where(Attendance.annulled_at.is_(None))).all()
    assert len(present) == people
    assert {one.registration_id: one.scan_id for one in present} == admitted
    assert db.session.scalar(sa.select(sa.func.count(ScanIncident.id))) == 0
