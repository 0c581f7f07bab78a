"""A phone as a device of the stage: enrolled by the panel's QR, kept by its browser, brought up to date, and over with its stage."""

from datetime import timedelta
from typing import Any

import pytest

from app.checkin.models import Attendance, Checkpoint, Scan, ScannerDevice
from app.checkin.rules import Decision, Reason
from app.extensions import db, transaction
from app.shared import clock
from tests import factories
from tests.browser.scanning import all_sent, be_patient, cookie_of, equip, kept, start_scanning, stored, told, when
from tests.browser.test_journey import read
from tests.network import Network
from tests.pages import forget_what_was_read
from tests.personas import People

pytestmark = pytest.mark.browser
PERSISTS = """window.persisted = 0;
const persist = navigator.storage.persist.bind(navigator.storage);
StorageManager.prototype.persist = () => (window.persisted += 1, persist());"""
ROSTER_EVERY = 30_000


def test_the_browser_is_asked_to_keep_what_the_door_writes(
    open_page: Any, people: People, point: Checkpoint, live_server: str
) -> None:
    page = open_page(f"{live_server}/presensi", phone=True)
    page.add_init_script(PERSISTS)
    page.reload()
    page.locator("#enrol-signed-out").wait_for()
    assert page.evaluate("window.persisted") == 0
    start_scanning(page, people, live_server)
    assert page.evaluate("window.persisted") > 0


def test_the_qr_of_the_panel_makes_a_phone_a_scanner(
    open_page: Any, people: People, point: Checkpoint, live_server: str
) -> None:
    desk = open_page(live_server)
    desk.context.add_cookies([cookie_of(people, live_server)])
    desk.goto(f"{live_server}/panel/kegiatan/{people.stage.slug}/presensi/perangkat")
    desk.get_by_role("button", name="Tambah perangkat").click()
    code = desk.locator(".enrolment-letters").inner_text().replace("-", "").replace(" ", "")
    address = read(desk.locator(".enrolment-code").screenshot())
    assert address == f"{live_server}/presensi#daftar={code}"
    phone = open_page(address, phone=True)
    be_patient(phone)
    phone.reload()
    phone.get_by_label("Nama perangkat ini").fill("Pintu Timur")
    phone.get_by_role("button", name="Mulai memindai").click()
    phone.locator("#door").wait_for()
    told(phone, people.participant.ticket_code, "admitted")
    assert [(one.name, one.user_id) for one in stored(ScannerDevice)] == [("Pintu Timur", people.organiser.user.id)]


def test_whoever_registered_at_the_next_table_is_known_without_network(
    open_page: Any, people: People, point: Checkpoint, network: Network
) -> None:
    """The roster is asked for what is new every half minute."""
    asked: list[str] = []
    page = open_page(f"{network.url}/presensi", phone=True)
    page.clock.install()
    page.on("request", lambda request: asked.append(request.url) if "/roster?" in request.url else None)
    start_scanning(page, people, network.url)
    equip(page)
    newcomer = factories.registration(people.stage, name="Encik Laila").ticket_code
    page.clock.fast_forward(ROSTER_EVERY // 2)
    assert len(asked) == 1
    with page.expect_response("**/roster?*since=*"):
        page.clock.fast_forward(ROSTER_EVERY // 2)
    when(page, lambda: "Encik Laila" in [one["name"] for one in kept(page, "rosters")[0]["entries"]])
    network.cut()
    text = told(page, newcomer, "admitted")
    assert "Encik Laila" in text and "Tanpa jaringan" in text
    network.mend()
    page.clock.fast_forward(ROSTER_EVERY)
    all_sent(page)
    assert len(stored(Attendance)) == 1


def test_a_phone_whose_stage_is_over_hands_over_says_so_and_forgets(
    scanner: Any, people: People, network: Network
) -> None:
    network.cut()
    told(scanner, people.participant.ticket_code, "admitted")
    [device] = stored(ScannerDevice)
    with transaction():
        db.session.get_one(ScannerDevice, device.id).expires_at = clock.now() - timedelta(minutes=1)
    forget_what_was_read()
    network.mend()
    scanner.locator("#enrol-message", has_text="kegiatannya sudah selesai").wait_for()
    assert [(one.decision, one.reason) for one in stored(Scan)] == [(Decision.PARKED, Reason.REVOKED_DEVICE)]
    assert scanner.evaluate("localStorage.getItem('scanner')") is None
    for store in ("queue", "rosters", "marks", "facts"):
        assert kept(scanner, store) == []
