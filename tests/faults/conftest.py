"""What several tests of faults start."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask

from tests.faults.scanning import Server
from tests.faults.working import Worker


@pytest.fixture
def worker(app: Flask, tmp_path: Path) -> Iterator[Worker]:
    with ExitStack() as stack:
        yield Worker(app, tmp_path / "worker.log", stack)


@pytest.fixture
def server(app: Flask, tmp_path: Path) -> Iterator[Server]:
    with ExitStack() as stack:
        yield Server(app, tmp_path / "gunicorn.log", stack)
