"""The real servers that tests talk to: PostgreSQL and Redis, started by the first test of a run that needs them.

Every worker of a run shares them: a record with the address and the process lies in a folder that the run's controller makes
(`begin`) and whose servers it ends (`end`), however the run went. Nothing of it lies in the checkout.
"""

import fcntl
import http.client
import json
import os
import pwd
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

FOLDER = "BIMTEK_TEST_SERVICES"
SECONDS_TO_START = 60
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "autovacuum": "on"}


def begin() -> None:
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="bimtek-test-")
    _folder().chmod(0o711)


def end() -> None:
    for record in _folder().glob("*.json"):
        _stop(json.loads(record.read_text()))
    shutil.rmtree(_folder(), ignore_errors=True)
    del os.environ[FOLDER]  # whoever looks whether there are servers shall begin anew


def postgresql() -> str:
    """The URL of a server, without the name of a database: postgresql+psycopg://…:port/"""
    return _shared("postgresql", _start_postgresql)


def durable_postgresql() -> str:
    """One that waits for the disk at each commit, as in production: for measuring."""
    return _shared("postgresql-durable", lambda folder: _start_postgresql(folder, **DURABLE))


def redis() -> str:
    return _shared("redis", _start_redis)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def lock(name: str) -> Iterator[None]:
    """One worker of the run at a time."""
    with (_folder() / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def wait_until(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], *, what: str, log: Path | None = None
) -> None:
    """Look again and again until `ready`; RuntimeError with the end of the log when the process dies or the time is over."""
    deadline = time.monotonic() + SECONDS_TO_START
    while not ready():
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
        if process.poll() is not None or time.monotonic() > deadline:
            tail = log.read_text(errors="replace")[-3000:] if log and log.exists() else ""
            raise RuntimeError(f"{what} did not start\n{tail}")


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def serves(port: int) -> bool:
    """Whether a web server answers, whatever it says."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _folder() -> Path:
    return Path(os.environ[FOLDER])


def _shared(name: str, start: Callable[[Path], dict[str, Any]]) -> str:
    record = _folder() / f"{name}.json"
    with lock(name):
        if not record.exists():
            folder = _folder() / name
            folder.mkdir()
            record.write_text(json.dumps(start(folder)))
    return str(json.loads(record.read_text())["url"])


def _start(command: list[str], folder: Path, **options: Any) -> subprocess.Popen[bytes]:
    """In a session of its own, so that Ctrl-C on the run does not end it before the tests let go."""
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, start_new_session=True, **options
        )


def _stop(record: dict[str, Any]) -> None:
    """By a handle on the very process, which another worker may have started."""
    try:
        handle = os.pidfd_open(record["pid"])
    except ProcessLookupError:
        return
    watch = select.poll()
    watch.register(handle, select.POLLIN)
    for number in (record["signal"], signal.SIGKILL):
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, number)
        if watch.poll(10_000):
            break
    os.close(handle)


def _postgresql_program(name: str) -> str:
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    found = str(versions[-1]) if versions else shutil.which(name)
    if not found:
        raise RuntimeError(f"PostgreSQL's {name} is not installed; `make test` installs it or says how")
    return found


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: choose who runs it, for subprocess."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("no user postgres or nobody to run PostgreSQL as")


def _start_postgresql(folder: Path, **changed: str) -> dict[str, Any]:
    who, data, port = _unprivileged(), folder / "data", free_port()
    if who:
        os.chown(folder, who["user"], who["group"])
    initdb = [
        _postgresql_program("initdb"),
        "-D",
        str(data),
        "-U",
        "bimtek",
        "--auth=trust",
        "-E",
        "UTF8",
        "--locale=C",
        "-N",
    ]
    subprocess.run(initdb, cwd=folder, check=True, stdout=subprocess.DEVNULL, **who)
    settings = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "port": port,
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "max_connections": 200,
        "shared_buffers": "64MB",
        "autovacuum": "off",
    }
    command = [_postgresql_program("postgres"), "-D", str(data)]
    for name, value in (settings | changed).items():
        command += ["-c", f"{name}={value}"]
    process = _start(command, folder, **who)
    wait_until(lambda: _accepts(port), process, what="PostgreSQL", log=folder / "log")
    url = f"postgresql+psycopg://bimtek@127.0.0.1:{port}/"
    return {"url": url, "pid": process.pid, "signal": int(signal.SIGINT)}


def _accepts(port: int) -> bool:
    import psycopg

    try:
        psycopg.connect(f"host=127.0.0.1 port={port} user=bimtek dbname=postgres", connect_timeout=1).close()
    except psycopg.OperationalError:
        return False
    return True


def _start_redis(folder: Path) -> dict[str, Any]:
    port = free_port()
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    process = _start([*command, "--dir", str(folder)], folder)
    wait_until(lambda: answers(port), process, what="Redis", log=folder / "log")
    return {"url": f"redis://127.0.0.1:{port}/0", "pid": process.pid, "signal": int(signal.SIGTERM)}
