"""Redis is away: people register as ever, the rows keep the work, and the worker comes to life with Redis."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from app.jobs import tasks
from app.jobs.rules import MessageState
from tests import servers, services
from tests.faults.breaking import comes_true, kill
from tests.faults.registering import open_stage, outbox, register
from tests.mailbox import Mailbox
from tests.pages import PageClient

pytestmark = pytest.mark.fault


@pytest.fixture
def port(app: Flask, monkeypatch: pytest.MonkeyPatch) -> int:
    """Where Redis should be and is not."""
    port = services.free_port()
    for name in ("huey", "huey_work"):
        monkeypatch.setitem(app.extensions, name, app.extensions[name])
    app.config["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
    tasks.init_app(app)
    return port


@contextmanager
def redis(port: int, folder: Path) -> Iterator[None]:
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    with (folder / "redis.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        services.wait_until(lambda: services.answers(port), process, what="Redis", log=folder / "redis.log")
        yield
    finally:
        kill(process)


def sweep(app: Flask) -> None:
    """What the worker does once a minute."""
    (task,) = app.extensions["huey"]._registry.periodic_tasks
    task.execute()


@pytest.mark.both_databases
def test_people_register_and_the_sweep_does_the_work(app: Flask, client: PageClient, port: int, smtp: Mailbox) -> None:
    register(client, open_stage())
    assert [one.state for one in outbox()] == [MessageState.QUEUED]
    sweep(app)
    assert [one.state for one in outbox()] == [MessageState.SENT]
    assert len(smtp.messages) == 1


def test_readiness_names_the_queue(client: PageClient, port: int, tmp_path: Path) -> None:
    parts = client.get("/readyz", status=503).json["parts"]
    assert parts["queue"] == "failed" and parts["database"] == parts["uploads"] == "ok"
    with redis(port, tmp_path):
        assert client.get("/readyz", status=(200, 503)).json["parts"]["queue"] == "ok"


def test_a_worker_started_without_redis_works_once_it_is_there(
    app: Flask, client: PageClient, port: int, smtp: Mailbox, tmp_path: Path
) -> None:
    stage, log = open_stage(), tmp_path / "worker.log"
    with servers.process(["flask", "worker", "run"], app, log) as worker:
        register(client, stage)
        assert comes_true(lambda: "Error reading from queue" in log.read_text()), log.read_text()
        with redis(port, tmp_path):
            register(client, stage, 2)
            assert comes_true(lambda: len(smtp.messages) == 2, pause=0.1), log.read_text()
        assert worker.poll() is None


def test_redis_lost_in_the_midst_of_work(
    app: Flask, client: PageClient, port: int, smtp: Mailbox, tmp_path: Path
) -> None:
    """kill -9 of Redis, which keeps nothing: the mail of whoever registers meanwhile goes out with the next wake."""
    stage, log = open_stage(), tmp_path / "worker.log"
    with servers.process(["flask", "worker", "run"], app, log) as worker:
        with redis(port, tmp_path):
            register(client, stage)
            assert comes_true(lambda: len(smtp.messages) == 1, pause=0.1), log.read_text()
        register(client, stage, 2)
        assert client.get("/readyz", status=503).json["parts"]["queue"] == "failed"
        with redis(port, tmp_path):
            register(client, stage, 3)
            assert comes_true(lambda: len(smtp.messages) == 3, pause=0.1), log.read_text()
        assert worker.poll() is None
