"""Jobs are tested with kinds of their own."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.hosts.models import Host
from tests import factories
from tests.jobs import letters


@pytest.fixture(autouse=True)
def kinds(app: Flask) -> Iterator[None]:
    with letters.registered():
        yield


@pytest.fixture
def host(app: Flask) -> Host:
    return factories.host(email="diskominfo@example.org")
