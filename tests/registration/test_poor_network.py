"""Registering from a phone whose network is slow and breaks once: nothing typed is lost, and nobody is registered twice."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Error

from app.extensions import db
from app.institutions.service import seed_categories
from app.programmes.models import Stage
from tests import factories
from tests.network import Direction, Network
from tests.registration.people import registrations

pytestmark = pytest.mark.browser
TYPED = {
    "#name": "Siti Aminah",
    "#title_after": "S.Kom.",
    "#identity_number": "19850720 201001 2 001",
    "#position": "Pranata Komputer",
    "#email": "siti@tanjungpinangkota.go.id",
    "#phone": "0812 3456 7890",
}


@pytest.fixture
def stage(app) -> Stage:
    made = factories.stage()
    seed_categories(made.host)
    factories.notice(made.host)
    factories.institution(made.host, "OPD", name="Dinas Kominfo")
    return made


@pytest.fixture
def network(live_server: str) -> Iterator[Network]:
    with Network(live_server, delay=0.05) as between:
        yield between


@pytest.mark.parametrize("lost", ["request", "answer"])
def test_what_was_typed_outlives_a_connection_that_breaks(
    stage: Stage, network: Network, open_page: Any, lost: Direction
) -> None:
    address = f"{network.url}/kegiatan/{stage.slug}/daftar"
    page = open_page(address, phone=True)
    page.select_option("#category", "OPD")
    page.click("#institution-search")
    page.keyboard.type("kominfo")
    page.keyboard.press("Enter")
    for selector, value in TYPED.items():
        page.fill(selector, value)
    page.check("#notice")

    network.loses = lost
    with pytest.raises(Error, match="ERR_"), page.expect_navigation():
        page.click("main form button[type=submit]")
    page.wait_for_function("location.protocol === 'chrome-error:'")
    assert network.cuts
    network.loses = None

    page.goto(address)
    page.wait_for_selector("[data-draft-note]:not([hidden])")
    assert {selector: page.input_value(selector) for selector in TYPED} == TYPED
    assert page.input_value("#institution-search") == "Dinas Kominfo"
    page.check("#notice")
    page.click("main form button[type=submit]")
    page.wait_for_function("location.pathname.startsWith('/t/') || document.querySelector('form') === null")
    db.session.rollback()
    [made] = registrations(stage)
    assert (made.name, made.institution_name, made.position) == ("Siti Aminah", "Dinas Kominfo", "Pranata Komputer")
