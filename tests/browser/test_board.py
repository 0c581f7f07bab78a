"""The board in a real browser: it refreshes by itself and leaves alone what is being read; one tap settles without leaving."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.checkin import service
from app.checkin.models import Checkpoint
from app.checkin.rules import Decision
from app.shared import clock
from tests import factories
from tests.checkin.doors import at_two_doors, scan, waiting
from tests.pages import forget_what_was_read
from tests.personas import People

pytestmark = pytest.mark.browser
CHART = "Chart.getChart(document.querySelector('#chart canvas'))"
# The page's own timer of ten seconds, made quick; what it does when it rings stays as it is.
QUICK = (
    "const real = setTimeout; setTimeout = (what, after, ...more) => real(what, after === 10000 ? 150 : after, ...more)"
)

HIDE = """(hidden) => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
}"""


@pytest.fixture
def open_board(open_page: Any, people: People, point: Checkpoint, live_server: str) -> Iterator[Any]:
    """`open_board(quick=True)`: the organiser's board, which refreshes all the time where it is quick."""

    opened = []

    def open_one(*, quick: bool = False, **options: Any) -> Any:
        people.organiser.client.get("/presensi/kegiatan")
        cookie = people.organiser.client.get_cookie("session")
        assert cookie is not None
        page = open_page(f"{live_server}/healthz", **options)
        page.context.add_cookies([{"name": "session", "value": cookie.value, "url": live_server}])
        if quick:
            page.add_init_script(QUICK)
        page.goto(f"{live_server}/panel/kegiatan/{people.stage.slug}/presensi")
        opened.append(page)
        return page

    yield open_one
    for page in opened:  # nothing is asked any more when the next test begins
        page.evaluate(HIDE, True)
        page.wait_for_load_state("networkidle")


def come(people: People, point: Checkpoint, device: Any, number: int = 1) -> None:
    for _ in range(number):
        scan(device, point, factories.registration(people.stage))
    forget_what_was_read()


def shown(page: Any, number: int) -> None:
    page.locator("#points .value", has_text=f"{number} dari").wait_for()


def test_it_refreshes_by_itself_and_leaves_alone_what_is_read(
    people: People, point: Checkpoint, open_board: Any
) -> None:
    device, _token = factories.device(people.stage, name="Timur")
    come(people, point, device)
    absent = factories.registration(people.stage, name="Aminah Belum")
    page = open_board(quick=True)
    page.locator("#chart:not([hidden])").wait_for()
    assert page.evaluate(f"{CHART}.data.datasets[0].data") == [1]
    page.locator("#by-institution > summary").click()
    page.locator("details.confirm > summary").first.click()
    page.locator("details.confirm[open] input[name=reason]").fill("tanda tangan")
    page.evaluate("scrollTo(0, 300)")
    height = page.evaluate("scrollY")
    come(people, point, device, 2)
    shown(page, 3)
    page.wait_for_function(f"{CHART}.data.datasets[0].data.reduce((sum, one) => sum + one) === 3")
    assert page.locator("#by-institution").get_attribute("open") is not None
    assert page.locator("details.confirm[open] input[name=reason]").input_value() == "tanda tangan"
    assert page.evaluate("document.activeElement.name") == "reason"
    assert page.evaluate("scrollY") == height
    assert len(page.locator("#last-scans li").all()) == 3
    assert absent.id


def test_one_tap_settles_without_leaving_and_the_focus_goes_on(
    people: People, point: Checkpoint, open_board: Any
) -> None:
    ones = [factories.registration(people.stage, name=name) for name in ("Aminah Satu", "Budi Dua")]
    device, _token = factories.device(people.stage, name="Timur")
    service.revoke_device(device, by=None)
    for minutes, person in ((9, ones[0]), (8, ones[1])):
        scan(device, point, person, offline=Decision.ADMITTED, at=clock.now() - timedelta(minutes=minutes))
    page = open_board()
    page.evaluate("window.same = true")
    row = page.locator("li.waiting", has_text="Aminah Satu")
    row.get_by_role("button", name="Hadir").click()
    page.locator("#flashes .alert-success").wait_for()
    assert row.count() == 0
    shown(page, 1)
    assert page.evaluate("window.same")
    assert page.evaluate("document.activeElement.closest('li').textContent.includes('Budi Dua')")
    page.keyboard.press("Enter")
    shown(page, 2)
    page.locator("#waiting").wait_for(state="detached")
    forget_what_was_read()
    assert not waiting()


def test_it_says_that_the_server_is_away_and_goes_on_when_it_is_back(
    people: People, point: Checkpoint, open_board: Any
) -> None:
    device, _token = factories.device(people.stage)
    page = open_board(quick=True)
    away = page.locator("#away")
    page.route("**/angka", lambda route: route.abort())
    away.wait_for()
    assert "tidak terjangkau" in away.inner_text()
    page.unroute("**/angka")
    come(people, point, device)
    shown(page, 1)
    away.wait_for(state="hidden")
    page.context.clear_cookies()
    page.get_by_text("Anda tidak lagi masuk").wait_for()


def test_a_tap_that_did_not_arrive_is_said_and_can_be_made_again(
    people: People, point: Checkpoint, open_board: Any
) -> None:
    devices = [factories.device(people.stage)[0] for _ in range(2)]
    at_two_doors(devices[0], devices[1], point, people.participant)
    page = open_board()
    page.route("**/insiden/*", lambda route: route.abort())
    button = page.get_by_role("button", name="Sudah diperiksa")
    button.click()
    page.locator("#away").wait_for()
    page.unroute("**/insiden/*")
    button.click()
    page.locator("#flashes .alert-success").wait_for()
    assert button.count() == 0


def test_it_stops_while_nobody_looks(people: People, point: Checkpoint, open_board: Any) -> None:
    device, _token = factories.device(people.stage)
    page = open_board(quick=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/angka") else None)
    page.evaluate(HIDE, True)
    page.wait_for_load_state("networkidle")
    before = len(asked)
    page.wait_for_timeout(600)
    assert len(asked) == before
    come(people, point, device)
    page.evaluate(HIDE, False)
    shown(page, 1)


def test_on_a_phone_an_officer_lets_somebody_in_by_the_tickets_link(
    people: People, point: Checkpoint, open_board: Any, live_server: str
) -> None:
    page = open_board(phone=True)
    page.goto(f"{live_server}/T/{people.participant.ticket_code}")
    button = page.get_by_role("button", name="Hadir")
    box = button.bounding_box()
    assert box["width"] > 300 and box["height"] > 200
    button.click()
    answer = page.locator("main.answer-admitted")
    answer.wait_for()
    assert answer.bounding_box()["height"] == page.viewport_size["height"]
    assert people.participant.full_name in answer.inner_text()
