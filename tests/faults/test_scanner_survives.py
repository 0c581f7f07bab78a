"""A phone at a door without network whose page is reloaded and whose browser is killed: every scan arrives once, in order."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error

from app.checkin.models import Attendance, Scan
from app.checkin.rules import Decision
from tests import factories
from tests.browser.scanning import all_sent, equip, scan, start_scanning, stored
from tests.chromium import PHONE, kill, launch_kept
from tests.network import Network
from tests.personas import People

pytestmark = [pytest.mark.fault, pytest.mark.browser]


class Phone:
    """A browser with a profile of its own, which outlives it."""

    def __init__(self, kind: Any, folder: Path) -> None:
        self.kind, self.folder = kind, folder
        self.switch_on()

    def switch_on(self) -> None:
        self.context = launch_kept(self.kind, self.folder, **PHONE)
        self.page: Any = self.context.pages[0]

    def die(self) -> None:
        kill(self.folder)
        with suppress(Error):
            self.context.close()


@pytest.fixture
def phone(browser: Any, tmp_path: Path) -> Iterator[Phone]:
    one = Phone(browser.browser_type, tmp_path / "profile")
    yield one
    with suppress(Error):
        one.context.close()


def admit(page: Any, holders: list[Any]) -> None:
    for holder in holders:
        scan(page, holder.ticket_code)
        page.locator("#answer.answer-admitted .answer-name", has_text=holder.full_name).wait_for()


def test_scans_survive_a_reload_and_a_killed_browser(
    phone: Phone, people: People, live_server: str, counts: Any
) -> None:
    many = counts(12, full=300)
    factories.checkpoint(people.stage, name="Pintu Utama")
    place = factories.institution(people.host)
    holders = [
        factories.registration(people.stage, name=f"Peserta Nomor {number:03}", institution=place)
        for number in range(many)
    ]
    ids = [holder.id for holder in holders]
    with Network(live_server) as network:
        equip(start_scanning(phone.page, people, network.url))
        network.cut()
        admit(phone.page, holders[: many // 2])
        phone.page.reload()
        phone.page.locator("#unsent", has_text=f"{many // 2} belum terkirim").wait_for()
        admit(phone.page, holders[many // 2 :])
        phone.die()
        phone.switch_on()
        phone.page.goto(f"{network.url}/presensi")
        phone.page.locator("#unsent", has_text=f"{many} belum terkirim").wait_for()
        network.mend()
        all_sent(phone.page)
    scans = stored(Scan)
    assert [one.registration_id for one in scans] == ids
    assert {one.offline_decision for one in scans} == {Decision.ADMITTED}
    assert scans == sorted(scans, key=lambda one: one.device_time)
    assert len(stored(Attendance)) == many
