"""A door with its phone, for the tests of the scanner."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.checkin.models import Checkpoint
from tests import factories
from tests.browser.scanning import equip, start_scanning
from tests.network import Network
from tests.personas import People


@pytest.fixture
def point(people: People) -> Checkpoint:
    return factories.checkpoint(people.stage, name="Pintu Utama")


@pytest.fixture
def network(live_server: str) -> Iterator[Network]:
    """A way to the server that can be cut; a browser's own offline mode may spare its service worker."""
    with Network(live_server) as between:
        yield between


@pytest.fixture
def scanner(open_page: Any, people: People, point: Checkpoint, network: Network) -> Any:
    """A phone at the door that knows everybody by now."""
    assert people.participant.id
    page = start_scanning(open_page(f"{network.url}/presensi", phone=True), people, network.url)
    equip(page)
    return page
