"""gunicorn that can be killed while doors scan, and a door that speaks to it over HTTP alone."""

import json
import os
import random
import signal
import subprocess
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from email.message import Message
from pathlib import Path
from typing import Any

from flask import Flask

from app.programmes.models import Stage
from app.shared import clock
from app.shared.codes import new_code
from tests import factories, servers, services
from tests.faults.breaking import children, kill


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

    @property
    def processes(self) -> list[int]:
        """The master and its workers."""
        return [self.process.pid, *children(self.process.pid)]


@dataclass
class Answer:
    status: int
    headers: Message
    body: dict[str, Any]

    @property
    def results(self) -> list[dict[str, Any]]:
        return list(self.body["results"])

    @property
    def decisions(self) -> list[tuple[str, str | None]]:
        return [(one["decision"], one["reason"]) for one in self.results]


class Door:
    """A phone at a checkpoint of a stage."""

    def __init__(self, address: str, stage: Stage, checkpoint_id: int, **values: Any) -> None:
        record, self.token = factories.device(stage, **values)
        self.id = record.id
        self.api = f"{address}/api/v1"
        self.path = f"/checkpoints/{checkpoint_id}/scans"

    def request(self, path: str, body: Any = None) -> urllib.request.Request:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        return urllib.request.Request(self.api + path, data, headers, method="POST" if data else "GET")

    def ask(self, path: str, body: Any = None) -> Answer:
        """Whatever is answered; raises OSError where nothing is."""
        try:
            with urllib.request.urlopen(self.request(path, body), timeout=60) as answer:
                return Answer(answer.status, answer.headers, json.load(answer))
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, json.load(error))

    def send(self, scans: list[Any], **body: Any) -> Answer:
        return self.ask(self.path, {"scans": scans, **body})


def scan(code: str, *, ago: timedelta = timedelta(), **values: Any) -> dict[str, Any]:
    known = {"scan_id": new_code(), "code": code, "occurred_at": (clock.now() - ago).isoformat(), "source": "camera"}
    return known | values
