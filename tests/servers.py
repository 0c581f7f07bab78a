"""The application on a real port, for browsers and for tests of many requests at once."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from werkzeug.serving import make_server

from tests import services

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def in_thread(app: Flask) -> Iterator[str]:
    """Serve `app` itself from a thread a request; quick to start. Answers the address, which is BASE_URL meanwhile."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    url = app.config["BASE_URL"] = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield url
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
        for request in threading.enumerate():  # a page that polls must not write into the next test's database
            if "process_request_thread" in request.name:
                request.join(5)


def environment(app: Flask, **more: str) -> dict[str, str]:
    """What another process needs to run on the database and folders of `app`."""
    names = {"SQLALCHEMY_DATABASE_URI": "DATABASE_URL"}
    copied = ("SECRET_KEY", "BASE_URL", "SQLALCHEMY_DATABASE_URI", "INSTANCE_DIR", "UPLOAD_DIR", "QUEUE_FILE")
    copied += ("MAIL_SERVER", "MAIL_PORT", "MAIL_TIMEOUT", "REDIS_URL")
    values = {names.get(name, name): str(app.config[name]) for name in copied}
    return os.environ | values | {"APP_ENV": "test", "FLASK_APP": "wsgi"} | more


@contextmanager
def process(command: list[str], app: Flask, log: Path, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m …` beside the test, ended with it."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=environment(app, **more),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield child
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


@contextmanager
def gunicorn(app: Flask, log: Path, *, workers: int = 2) -> Iterator[str]:
    """Serve the database of `app` from gunicorn as in production, in processes of its own. Answers the address."""
    port = services.free_port()
    url = app.config["BASE_URL"] = f"http://127.0.0.1:{port}"
    settings = {"PORT": str(port), "WEB_CONCURRENCY": str(workers), "LOG_LEVEL": "warning"}
    with process(["gunicorn", "wsgi:app"], app, log, **settings) as child:
        services.wait_until(lambda: services.serves(port), child, what="gunicorn", log=log)
        yield url


@contextmanager
def worker(app: Flask, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`flask worker run` on the database of `app`, once it has started, which takes long on a busy machine."""
    from app.jobs.cli import STARTED

    with process(["flask", "worker", "run"], app, log) as child:
        services.wait_until(lambda: STARTED in log.read_text(errors="replace"), child, what="the worker", log=log)
        yield child
