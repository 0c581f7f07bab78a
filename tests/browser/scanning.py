"""The scanner page as an organiser uses it, and what of it is on the server and in the browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from PIL import Image

from app.extensions import db
from app.paper import qr
from tests.pages import forget_what_was_read
from tests.personas import People
from tests.servers import ROOT

MOMENT = 40_000
KEPT = """
(store) => new Promise((resolve, reject) => {
  const opening = indexedDB.open("bimtek-scanner");
  opening.onerror = reject;
  opening.onsuccess = () => {
    const asking = opening.result.transaction(store).objectStore(store).getAll();
    asking.onerror = reject;
    asking.onsuccess = () => (opening.result.close(), resolve(asking.result));
  };
})
"""

PATIENT = """
const [later, timeout] = [window.setTimeout, AbortSignal.timeout.bind(AbortSignal)];
const isMoment = (delay) => delay === 1500 && !sessionStorage.getItem("hurries");
window.setTimeout = (work, delay, ...more) => later(work, work.name === "dismiss" || isMoment(delay) ? 15000 : delay, ...more);
AbortSignal.timeout = (delay) => timeout(isMoment(delay) ? 15000 : delay);
"""
assert "const PATIENCE = 1500;" in (ROOT / "static/js/checkin/book.js").read_text(), "what PATIENT looks for"
assert "function dismiss(" in (ROOT / "static/js/checkin/answers.js").read_text(), "what PATIENT looks for"
IN_STEPS = """
(step) => {
  const seen = new WeakMap();
  let now = performance.now();
  const get = function () {
    if (!seen.has(this)) seen.set(this, (now += step));
    return seen.get(this);
  };
  window.stamped = Object.getOwnPropertyDescriptor(Event.prototype, "timeStamp");
  Object.defineProperty(Event.prototype, "timeStamp", { configurable: true, get });
}
"""
AS_TIME_GOES = "() => Object.defineProperty(Event.prototype, 'timeStamp', window.stamped)"


def cookie_of(people: People, url: str) -> dict[str, str]:
    """The organiser's session."""
    people.organiser.client.get("/presensi/kegiatan")
    cookie = people.organiser.client.get_cookie("session")
    assert cookie is not None
    return {"name": "session", "value": cookie.value, "url": url}


def start_scanning(page: Any, people: People, url: str) -> Any:
    """Enrol by one tap, as an organiser does, on a page that is patient."""
    be_patient(page)
    page.context.add_cookies([cookie_of(people, url)])
    page.goto(f"{url}/presensi?kegiatan={people.stage.slug}")
    page.get_by_label("Nama perangkat ini").fill("Ponsel Panitia")
    page.get_by_role("button", name="Mulai memindai").click()
    page.locator("#door").wait_for()
    page.locator("#present", has_text="0").wait_for()
    return page


def draw_ticket(code: str, path: Path) -> Path:
    """A picture of the QR on a ticket."""
    modules = qr.matrix(f"HTTPS://BIMTEK.EXAMPLE.ORG/T/{code}")
    picture = Image.new("L", (len(modules) + 8,) * 2, 255)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            picture.putpixel((x + 4, y + 4), 0 if dark else 255)
    picture.resize((900, 900), Image.Resampling.NEAREST).save(path)
    return path


def be_patient(page: Any) -> None:
    """From the next page on: wait longer for the server than at a real door (but see `hurry`), and let an answer stay longer. On a busy
    machine it would decide alone where a test asks what the server says, or be gone before the test has looked."""
    page.context.add_init_script(PATIENT)


def hurry(page: Any) -> None:
    """Wait for the server no longer than at a real door, from now on."""
    page.evaluate("sessionStorage.setItem('hurries', 'yes')")


def scan(page: Any, code: str, *, step: float = 2) -> None:
    """By a USB scanner, which needs no field. By the page's clock a key comes `step` milliseconds after the one before, and goes up as
    many later, however busy the machine of the test is."""
    page.evaluate(IN_STEPS, step)
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.evaluate(AS_TIME_GOES)


def answered(page: Any, kind: str) -> str:
    """The text of the answer that fills the screen."""
    box = page.locator(f"#answer.answer-{kind}")
    box.wait_for(timeout=MOMENT)
    assert box.bounding_box() == {
        "x": 0,
        "y": 0,
        "width": page.viewport_size["width"],
        "height": page.viewport_size["height"],
    }
    return str(box.inner_text())


def told(page: Any, code: str, kind: str) -> str:
    """What the door is told of a code; the answer is out of the way afterwards."""
    scan(page, code)
    text = answered(page, kind)
    page.locator("#answer").dispatch_event("click")
    return text


def kept(page: Any, store: str) -> list[Any]:
    """What the browser keeps in a store of its own."""
    found: list[Any] = page.evaluate(KEPT, store)
    return found


def when(page: Any, holds: Callable[[], bool]) -> None:
    """Wait until something holds that no element shows."""
    for _ in range(MOMENT // 50):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never held")


def equip(page: Any) -> None:
    """Wait until the page needs no network any more: its files are kept, and the roster."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    when(page, lambda: len(kept(page, "rosters")) > 0)


def all_sent(page: Any) -> None:
    when(page, lambda: kept(page, "queue") == [])
    page.locator("#unsent").wait_for(state="hidden")


def stored(kind: type) -> list[Any]:
    """What the server has, in the order in which it came."""
    forget_what_was_read()
    return list(db.session.scalars(sa.select(kind).order_by(kind.id)))
