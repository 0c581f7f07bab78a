"""The scanner in the hand: a camera that rests and is chosen, sounds, a screen that stays awake, chat apps, sheets keyed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.checkin.models import Attendance, Checkpoint, Scan
from app.checkin.rules import Decision, ScanSource
from app.shared import clock
from tests import factories
from tests.browser.scanning import answered, equip, scan, start_scanning, stored, told, when
from tests.browser.video import write_rows, write_y4m
from tests.chromium import PHONE, launch
from tests.personas import People

pytestmark = pytest.mark.browser
CHAT_APP = "Mozilla/5.0 (Linux; Android 14; SM-A155F; wv) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36 Telegram-Android/11"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
SAFARI = "Version/18.5 Mobile/15E148 Safari/604.1"
FELT = "window.felt = []; navigator.vibrate = (pulses) => window.felt.push(String(pulses));"
LOCKS = """window.locks = [];
Object.defineProperty(navigator, "wakeLock", {value: {request: async () => {
  const lock = {released: false, release: async () => (lock.released = true)};
  window.locks.push(lock);
  return lock;
}}});"""
HEARD = """window.heard = [];
window.AudioContext = class extends AudioContext {
  constructor() { super(); window.audio = this; }
  createOscillator() {
    const tone = super.createOscillator();
    const start = tone.start.bind(tone);
    tone.start = (at) => (window.heard.push(`${tone.type} ${tone.frequency.value}`), start(at));
    return tone;
  }
};"""
TORCH = """window.lit = [];
MediaStreamTrack.prototype.getCapabilities = () => ({torch: true});
MediaStreamTrack.prototype.applyConstraints = async (wish) => window.lit.push(wish.advanced[0].torch);"""
SLOW_CAMERA = """window.opened = [];
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wish) => {
  await new Promise((resolve) => setTimeout(resolve, 600));
  const stream = await open(wish);
  window.opened.push(...stream.getTracks());
  return stream;
};"""
DETECTOR = """let turn = 0;
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect(video) { return (SEEN)(video.videoWidth, video.videoHeight, turn++); }
};"""
KEYING_IN = "sessionStorage.setItem('scanner-paper', 'yes')"
OTHER_CLOCK = """const Real = Date;
window.Date = class extends Real {
  constructor(...parts) { parts.length ? super(...parts) : super(Real.now() + WRONG); }
  static now() { return Real.now() + WRONG; }
};"""
LIVE = "window.opened.filter((track) => track.readyState === 'live').length"


@contextmanager
def camera_phone(browser: Any, *flags: str) -> Iterator[Any]:
    """A page of a browser that has cameras."""
    fake = "--use-fake-ui-for-media-stream"
    camera = launch(browser.browser_type, fake, *flags)
    try:
        yield camera.new_context(**PHONE).new_page()
    finally:
        camera.close()


def runs(page: Any) -> bool:
    return bool(page.evaluate("document.getElementById('video').srcObject !== null"))


def test_the_camera_rests_when_nothing_moves(
    browser: Any, people: People, point: Checkpoint, live_server: str, tmp_path: Path
) -> None:
    video = tmp_path / "table.y4m"
    write_y4m(video, "-", shown=0, gone=2)
    flags = ("--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={video}")
    with camera_phone(browser, *flags) as page:
        page.clock.install()
        page.add_init_script(LOCKS)
        start_scanning(page, people, live_server)
        when(page, lambda: runs(page))
        page.clock.run_for(5_000)
        assert not page.locator("#resting").is_visible()
        page.clock.fast_forward(120_000)
        page.locator("#resting", has_text="Kamera beristirahat").wait_for()
        assert not runs(page)
        assert page.evaluate("window.locks.length > 0 && window.locks.every((one) => one.released)")
        scan(page, people.participant.ticket_code)  # a USB scanner still works
        assert "Siti Aminah" in answered(page, "admitted")
        page.locator("#answer").dispatch_event("click")
        page.locator("#resting").click()
        when(page, lambda: runs(page))
        assert not page.locator("#resting").is_visible()


def test_the_chosen_camera_is_remembered(browser: Any, people: People, point: Checkpoint, live_server: str) -> None:
    with camera_phone(browser, "--use-fake-device-for-media-stream=device-count=2") as page:
        start_scanning(page, people, live_server)
        when(page, lambda: runs(page))
        page.locator("#more").click()
        choice = page.get_by_label("Kamera", exact=True)
        choice.wait_for()
        used = "document.getElementById('video').srcObject?.getVideoTracks()[0].getSettings().deviceId"
        others = choice.locator("option").evaluate_all("all => all.map((one) => one.value)")
        others.remove(page.evaluate(used))
        choice.select_option(others[0])
        when(page, lambda: page.evaluate(used) == others[0])
        page.reload()
        when(page, lambda: page.evaluate(used) == others[0])


def test_a_camera_that_opens_slowly_is_opened_once(
    browser: Any, people: People, point: Checkpoint, live_server: str
) -> None:
    """At every reopening the stage is known twice: as it was kept, and as the server says a moment later."""
    with camera_phone(browser, "--use-fake-device-for-media-stream") as page:
        start_scanning(page, people, live_server)
        when(page, lambda: runs(page))
        page.add_init_script(SLOW_CAMERA)
        with page.expect_response("**/api/v1/checkpoints"):
            page.reload()
        when(page, lambda: runs(page))
        page.wait_for_timeout(1000)
        assert not page.locator("#no-camera").is_visible()
        assert page.evaluate("window.opened.length") == page.evaluate(LIVE) == 1
        page.evaluate("window.opened[0].dispatchEvent(new Event('ended'))")  # a phone call takes it away
        page.get_by_role("button", name="Coba kamera lagi").click()
        when(page, lambda: runs(page))
        page.locator("#no-camera").wait_for(state="hidden")
        assert page.evaluate(LIVE) == 1


def test_a_torch_is_offered_where_the_camera_has_one(
    browser: Any, people: People, point: Checkpoint, live_server: str
) -> None:
    with camera_phone(browser, "--use-fake-device-for-media-stream") as page:
        start_scanning(page, people, live_server)
        when(page, lambda: runs(page))
        torch = page.get_by_role("button", name="Senter")
        assert not torch.is_visible()
        page.add_init_script(TORCH)
        page.reload()
        for on in ("true", "false"):
            torch.click()
            page.locator(f"#torch[aria-pressed={on}]").wait_for()
        assert page.evaluate("window.lit") == [True, False]


def test_who_enrols_where_somebody_signed_out_stays(
    open_page: Any, people: People, point: Checkpoint, live_server: str
) -> None:
    page = start_scanning(open_page(f"{live_server}/presensi", phone=True), people, live_server)
    page.evaluate("localStorage.setItem('scanner-leaving', 'yes')")
    page.reload()
    when(page, lambda: page.evaluate("localStorage.getItem('scanner') === null"))
    page.get_by_label("Nama perangkat ini").fill("Ponsel Lain")
    page.get_by_role("button", name="Mulai memindai").click()
    page.locator("#door").wait_for()
    told(page, people.participant.ticket_code, "admitted")
    assert page.evaluate("localStorage.getItem('scanner') !== null")


def test_each_answer_feels_different_and_mute_is_remembered(
    open_page: Any, people: People, point: Checkpoint, live_server: str
) -> None:
    page = open_page(f"{live_server}/presensi", phone=True)
    page.add_init_script(FELT)
    start_scanning(page, people, live_server)
    told(page, people.participant.ticket_code, "admitted")
    told(page, people.participant.ticket_code, "repeat")
    told(page, "0000000000000000", "refused")
    felt = page.evaluate("window.felt")
    assert len(felt) == len(set(felt)) == 3
    page.get_by_role("button", name="Bisukan").click()
    page.reload()
    assert page.get_by_role("button", name="Bisukan").get_attribute("aria-pressed") == "true"


def test_each_answer_sounds_different_unless_it_is_muted(
    open_page: Any, people: People, point: Checkpoint, live_server: str
) -> None:
    page = open_page(f"{live_server}/presensi", phone=True)
    page.add_init_script(HEARD)
    start_scanning(page, people, live_server)
    mute = page.get_by_role("button", name="Bisukan")
    mute.click()
    when(page, lambda: page.evaluate("window.audio?.state") == "running")
    assert heard(page, "1111111111111111", "refused") == ""
    mute.click()
    code = people.participant.ticket_code
    sounds = [heard(page, code, "admitted"), heard(page, code, "repeat"), heard(page, "0000000000000000", "refused")]
    assert all(sounds) and len(set(sounds)) == 3


def heard(page: Any, code: str, kind: str) -> str:
    """The tones of an answer."""
    told(page, code, kind)
    return str(page.evaluate("window.heard.splice(0).join()"))


def test_the_screen_is_kept_awake_anew(open_page: Any, people: People, point: Checkpoint, live_server: str) -> None:
    page = open_page(f"{live_server}/presensi", phone=True)
    page.add_init_script(LOCKS)
    start_scanning(page, people, live_server)
    page.wait_for_function("window.locks.length === 1")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert page.evaluate("window.locks.length") == 1
    page.evaluate("window.locks[0].released = true; document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function("window.locks.length === 2")


def test_a_chat_app_is_told_to_open_the_real_browser(
    open_page: Any, people: People, point: Checkpoint, live_server: str
) -> None:
    page = open_page(f"{live_server}/presensi", phone=True, user_agent=CHAT_APP)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    start_scanning(page, people, live_server)
    page.locator("#in-app", has_text="Buka di Chrome").wait_for()
    assert str(page.locator("#in-app-open").get_attribute("href")).startswith("intent://")
    page.get_by_role("button", name="Salin tautan").click()
    page.get_by_role("button", name="Tersalin").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


@pytest.mark.parametrize(("agent", "chats"), [(IPHONE + "Mobile/15E148 Instagram", True), (IPHONE + SAFARI, False)])
def test_a_chat_app_of_an_iphone_is_told_of_safari(
    open_page: Any, people: People, point: Checkpoint, live_server: str, agent: str, chats: bool
) -> None:
    page = open_page(f"{live_server}/presensi", phone=True, user_agent=agent)
    start_scanning(page, people, live_server)
    page.locator("#no-camera").wait_for()
    assert page.locator("#in-app").is_visible() is chats
    assert "Safari" in page.locator("#in-app-text").evaluate("(one) => one.textContent")
    assert not page.locator("#in-app-open").is_visible()


def test_a_sheet_counts_from_its_first_session(open_page: Any, people: People, live_server: str) -> None:
    now = clock.now()
    began = factories.agenda_session(people.stage, starts_at=now - timedelta(minutes=40))
    later = factories.agenda_session(people.stage, starts_at=now + timedelta(minutes=40))
    factories.checkpoint(people.stage, opens_at=now - timedelta(hours=2), sessions=[later, began])
    page = start_scanning(open_page(f"{live_server}/presensi", phone=True), people, live_server)
    page.evaluate(KEYING_IN)
    page.reload()
    page.locator("#paper-text", has_text="saat acara dimulai").wait_for()
    told(page, people.participant.badge_code, "admitted")
    [attendance] = stored(Attendance)
    assert timedelta(0) <= attendance.at - began.starts_at < timedelta(seconds=15)


def test_sheets_are_keyed_in_under_a_clear_sign(
    open_page: Any, people: People, point: Checkpoint, live_server: str
) -> None:
    page = start_scanning(open_page(f"{live_server}/presensi", phone=True), people, live_server)
    page.locator("#more").click()
    page.get_by_role("switch", name="Mode kertas").click()
    page.locator("#device [data-close]").click()
    assert "Mode kertas" in page.locator("#paper").inner_text()
    told(page, people.participant.badge_code, "admitted")
    page.reload()
    page.locator("#paper").wait_for()
    page.get_by_role("button", name="Selesai").click()
    assert not page.locator("#paper").is_visible()
    told(page, people.participant.badge_code, "repeat")
    assert [one.source for one in stored(Scan)] == [ScanSource.PAPER, ScanSource.WEDGE]


@pytest.mark.parametrize("native", [True, False])
def test_of_a_sheet_the_row_in_the_middle_counts(
    browser: Any, people: People, point: Checkpoint, live_server: str, tmp_path: Path, native: bool
) -> None:
    video = tmp_path / "sheet.y4m"
    others = ["0000000000000000", "1111111111111111"]
    write_rows(video, others[0], people.participant.badge_code, others[1])
    flags = ("--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={video}")
    with camera_phone(browser, *flags) as page:
        page.add_init_script(KEYING_IN)
        if native:
            page.add_init_script(DETECTOR.replace("SEEN", rows_seen(others[0], people.participant.badge_code)))
        start_scanning(page, people, live_server)
        assert "Siti Aminah" in answered(page, "admitted")
        page.wait_for_timeout(1000)
        assert [(one.decision, one.source) for one in stored(Scan)] == [(Decision.ADMITTED, ScanSource.PAPER)]


def rows_seen(*codes: str) -> str:
    """What a detector answers of rows one above the other, the last in the middle."""
    rows = [f"{{rawValue: '{code}', boundingBox: box({place})}}" for place, code in enumerate(reversed(codes))]
    box = "(up) => ({x: w / 2 - 40, y: h / 2 - 40 - 100 * up, width: 80, height: 80})"
    return f"(w, h) => {{ const box = {box}; return [{', '.join(reversed(rows))}]; }}"


def test_two_tickets_in_view_are_scanned_once_each(
    browser: Any, people: People, point: Checkpoint, live_server: str
) -> None:
    codes = [people.participant.ticket_code, "0000000000000000"]
    box = "{x: 0, y: 0, width: w, height: h}"
    seen = f"(w, h, turn) => [{{rawValue: {codes}[turn % 2], boundingBox: {box}}}]"
    with camera_phone(browser, "--use-fake-device-for-media-stream") as page:
        page.add_init_script(DETECTOR.replace("SEEN", seen))
        start_scanning(page, people, live_server)
        when(page, lambda: len(stored(Scan)) >= 2)
        page.wait_for_timeout(1500)
        assert len(stored(Scan)) == 2


def test_a_usb_scanner_does_not_choose_another_checkpoint(open_page: Any, people: People, live_server: str) -> None:
    first = factories.checkpoint(people.stage, name="Hari 1")
    factories.checkpoint(people.stage, name="Hari 2")
    page = start_scanning(open_page(f"{live_server}/presensi", phone=True), people, live_server)
    page.locator("#checkpoint").select_option(label="Hari 1")
    page.locator("#checkpoint").focus()
    told(page, f"https://bimtek.example.org/t/{people.participant.ticket_code}", "admitted")
    assert page.locator("#checkpoint option:checked").inner_text() == "Hari 1"
    assert [one.checkpoint_id for one in stored(Scan)] == [first.id]


@pytest.mark.parametrize("hours", [0, 2, -2])
def test_sheets_of_a_checkpoint_that_has_closed_count_from_its_opening(
    open_page: Any, people: People, live_server: str, hours: int
) -> None:
    """Whatever the clock of the phone says."""
    now = clock.now()
    closed = factories.checkpoint(
        people.stage, name="Pagi", opens_at=now - timedelta(hours=5), closes_at=now - timedelta(hours=1)
    )
    page = open_page(f"{live_server}/presensi", phone=True)
    page.add_init_script(OTHER_CLOCK.replace("WRONG", str(hours * 3_600_000)))
    start_scanning(page, people, live_server)
    equip(page)
    page.locator("#more").click()
    page.get_by_role("switch", name="Mode kertas").click()
    page.locator("#device [data-close]").click()
    assert "saat acara dimulai" in page.locator("#paper-text").inner_text()
    scan(page, people.participant.badge_code)
    assert "Siti Aminah" in answered(page, "admitted")
    [attendance] = stored(Attendance)
    assert timedelta(0) <= attendance.at - closed.opens_at < timedelta(seconds=15)
