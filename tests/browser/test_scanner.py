"""The scanner in a real browser: by camera, without one, and while the network is gone."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.checkin import service
from app.checkin.models import Attendance, Checkpoint, Scan, ScannerDevice
from app.checkin.rules import Decision, ScanSource
from tests import factories
from tests.browser.scanning import answered, be_patient, draw_ticket, kept, scan, start_scanning, stored, when
from tests.browser.video import write_y4m
from tests.chromium import PHONE, launch
from tests.personas import People

pytestmark = pytest.mark.browser


@pytest.fixture
def scanner(open_page: Any, people: People, point: Checkpoint, live_server: str) -> Any:
    """The scanner on a phone without a camera."""
    return start_scanning(open_page(f"{live_server}/presensi", phone=True), people, live_server)


@pytest.fixture
def with_camera(browser: Any, people: People, tmp_path: Path) -> Iterator[Any]:
    """A browser before whose camera the participant holds the ticket for two seconds, and again some seconds later."""
    video = tmp_path / "ticket.y4m"
    write_y4m(video, f"HTTPS://BIMTEK.EXAMPLE.ORG/T/{people.participant.ticket_code}", shown=2, gone=4)
    flags = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    camera = launch(browser.browser_type, *flags, f"--use-file-for-fake-video-capture={video}")
    yield camera
    camera.close()


def test_by_camera_on_a_phone_admitted_then_repeat(
    with_camera: Any, people: People, point: Checkpoint, live_server: str
) -> None:
    page = with_camera.new_context(**PHONE).new_page()
    start_scanning(page, people, live_server)
    first = answered(page, "admitted")
    assert "Hadir" in first and "Siti Aminah" in first
    assert page.locator("#present").inner_text() == "1"
    again = answered(page, "repeat")
    assert "Sudah hadir" in again and "Ponsel Panitia" in again
    scans = stored(Scan)
    assert [scan.decision for scan in scans[:2]] == [Decision.ADMITTED, Decision.REPEAT]
    assert scans[1].received_at - scans[0].received_at > timedelta(seconds=3)
    assert {scan.source for scan in scans} == {ScanSource.CAMERA}
    assert len(stored(Attendance)) == 1


def test_without_a_camera_it_says_what_else_there_is(scanner: Any) -> None:
    scanner.locator("#no-camera").wait_for()
    assert "tidak memiliki kamera" in scanner.locator("#no-camera-text").inner_text()
    for name in ("Cari nama", "Ketik kode"):
        assert scanner.get_by_role("button", name=name).is_visible()


def test_a_usb_scanner_needs_no_field(scanner: Any, people: People) -> None:
    scan(scanner, people.participant.ticket_code)
    assert "Siti Aminah" in answered(scanner, "admitted")
    assert stored(Scan)[0].source is ScanSource.WEDGE


def test_letters_that_come_one_by_one_are_no_scan(scanner: Any, people: People) -> None:
    scan(scanner, people.participant.badge_code, step=400)
    scan(scanner, people.participant.ticket_code)
    assert "Siti Aminah" in answered(scanner, "admitted")
    assert len(stored(Scan)) == 1


def test_a_typed_code_is_counted_before_it_is_sent(scanner: Any, people: People) -> None:
    scanner.get_by_role("button", name="Ketik kode").click()
    field = scanner.get_by_label("Kode di bawah QR")
    field.press_sequentially("ABC", delay=80)
    field.press("Enter")
    scanner.locator("#typed-note", has_text="yang diketik 3").wait_for()
    field.fill("0000-0000-0000-0000")
    scanner.get_by_role("button", name="Catat hadir").click()
    assert "tidak dikenal" in answered(scanner, "refused")
    assert stored(Attendance) == []


def test_a_photo_of_the_ticket_and_one_of_nothing(scanner: Any, people: People, tmp_path: Path) -> None:
    photo = draw_ticket(people.participant.ticket_code, tmp_path / "tiket.png")
    scanner.locator("#photo").set_input_files(photo)
    assert "Siti Aminah" in answered(scanner, "admitted")
    Image.new("L", (300, 300), 255).save(photo)
    scanner.locator("#photo").set_input_files(photo)
    assert "Tidak ada kode QR" in answered(scanner, "repeat")
    assert [scan.source for scan in stored(Scan)] == [ScanSource.PHOTO]


def test_by_name_and_annulled_again(scanner: Any, people: People) -> None:
    assert people.participant.id
    scanner.get_by_role("button", name="Cari nama").click()
    scanner.get_by_label("Nama atau instansi").fill("aminah")
    scanner.get_by_role("button", name="Siti Aminah Dinas").click()
    assert "Siti Aminah" in answered(scanner, "admitted")
    scanner.locator("#answer").click()
    scanner.get_by_role("button", name="Batalkan: Siti Aminah").click()
    scanner.get_by_role("button", name="Salah orang").click()
    scanner.locator("#undo").get_by_role("button", name="Batalkan kehadiran").click()
    scanner.locator("#present", has_text="0").wait_for()
    assert [attendance.annul_reason for attendance in stored(Attendance)] == ["Salah orang"]


def type_code(page: Any, code: str) -> None:
    page.get_by_role("button", name="Ketik kode").click()
    page.get_by_label("Kode di bawah QR").fill(code)
    page.locator("#typing-form button").click()


def test_a_refusal_says_what_helps(scanner: Any, people: People) -> None:
    other = factories.stage(people.programme, name="Tahap Kedua")
    type_code(scanner, factories.registration(other).ticket_code)
    assert "Tiket ini untuk kegiatan lain: Tahap Kedua." in answered(scanner, "refused")
    entry = scanner.locator("#last .entry").first.inner_text()
    assert "Tahap Kedua" in entry and "Ditolak ·" in entry and "WIB" in entry


def test_a_scan_without_network_is_kept_and_sent_once(scanner: Any, people: People) -> None:
    code = people.participant.ticket_code
    scanner.context.set_offline(True)
    scan(scanner, code)
    scanner.locator("#answer", has_text="Tanpa jaringan").wait_for()  # whether it has heard of her by now or not
    scanner.locator("#answer").dispatch_event("click")
    scanner.locator("#unsent", has_text="1 belum terkirim").wait_for()
    scanner.context.set_offline(False)
    scanner.locator("#unsent").wait_for(state="hidden")
    scanner.locator("#last .entry-admitted", has_text="Siti Aminah").wait_for()
    assert len(stored(Scan)) == 1


def test_a_scan_whose_answer_was_lost_is_not_made_twice(scanner: Any, people: People) -> None:
    """The server has it, the door does not know: the same scan is sent again and gets the same answer."""
    lost: list[str] = []

    def lose_the_first_answer(route: Any) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().text())
            route.abort()

    scanner.route("**/scans", lose_the_first_answer)
    scan(scanner, people.participant.ticket_code)
    scanner.locator("#last .entry-admitted", has_text="Siti Aminah").wait_for()
    scanner.locator("#unsent").wait_for(state="hidden")
    assert len(lost) == 1
    assert len(stored(Scan)) == 1


def test_unsent_scans_survive_a_reload(scanner: Any, people: People) -> None:
    scanner.route("**/scans", lambda route: route.abort())
    scan(scanner, people.participant.ticket_code)
    scanner.locator("#answer", has_text="Tanpa jaringan").wait_for()
    scanner.unroute("**/scans")
    scanner.reload()
    scanner.locator("#present", has_text="1").wait_for()
    assert len(stored(Attendance)) == 1


def test_a_revoked_phone_hands_over_and_forgets(scanner: Any, people: People) -> None:
    when(scanner, lambda: len(kept(scanner, "rosters")) > 0)  # else it asks for that first, and is told
    service.revoke_device(stored(ScannerDevice)[0], by=None)
    scan(scanner, people.participant.ticket_code)
    scanner.locator("#enrol-message", has_text="tidak boleh memindai lagi").wait_for()
    assert stored(Scan)[0].decision is Decision.PARKED
    assert scanner.evaluate("localStorage.getItem('scanner')") is None


def test_released_by_oneself(scanner: Any) -> None:
    scanner.get_by_role("button", name="Perangkat ini").click()
    scanner.get_by_role("button", name="Lepaskan perangkat ini").click()
    scanner.locator("#enrol-message", has_text="sudah dilepaskan").wait_for()
    assert scanner.evaluate("localStorage.getItem('scanner')") is None


def test_a_stranger_is_told_to_sign_in(open_page: Any, point: Checkpoint, live_server: str) -> None:
    page = open_page(f"{live_server}/presensi", phone=True)
    link = page.get_by_role("link", name="Masuk")
    link.wait_for()
    assert link.get_attribute("href") == "/masuk?next=%2Fpresensi"


def test_a_phone_without_account_scans_by_a_code(
    open_page: Any, people: People, point: Checkpoint, live_server: str
) -> None:
    _offered, code = service.offer_enrolment(people.stage, by=people.organiser.user)
    page = open_page(f"{live_server}/presensi#daftar={code}", phone=True)
    be_patient(page)
    page.reload()
    page.get_by_role("button", name="Mulai memindai").click()
    page.locator("#enrol-message").wait_for()
    page.get_by_label("Nama perangkat ini").fill("Pintu Timur")
    page.get_by_role("button", name="Mulai memindai").click()
    page.locator("#door").wait_for()
    assert "#" not in page.url
    scan(page, people.participant.ticket_code)
    assert "Siti Aminah" in answered(page, "admitted")
    assert [device.name for device in stored(ScannerDevice)] == ["Pintu Timur"]


def test_a_code_that_nobody_offered_enrols_nobody(open_page: Any, point: Checkpoint, live_server: str) -> None:
    page = open_page(f"{live_server}/presensi", phone=True)
    page.get_by_label("Kode yang ditunjukkan panitia").fill("0000-0000-0000-0000")
    page.get_by_label("Nama perangkat ini").fill("Pintu Timur")
    page.get_by_role("button", name="Mulai memindai").click()
    page.locator("#enrol-message", has_text="tidak dikenal").wait_for()
    assert stored(ScannerDevice) == []


def test_a_phone_that_is_revoked_before_it_knows_its_stage_says_so(scanner: Any) -> None:
    """Enrolled, and the line broke before the first answer."""
    when(scanner, lambda: len(kept(scanner, "rosters")) > 0)  # nothing is on its way that would hear of it first
    service.revoke_device(stored(ScannerDevice)[0], by=None)
    scanner.evaluate(
        """() => new Promise((done) => {
            const opening = indexedDB.open("bimtek-scanner");
            opening.onsuccess = () => {
                const change = opening.result.transaction("facts", "readwrite");
                change.objectStore("facts").delete("stage");
                change.oncomplete = () => { opening.result.close(); done(); };
            };
        })"""
    )
    scanner.reload()
    scanner.locator("#enrol-message", has_text="tidak boleh memindai lagi").wait_for()
