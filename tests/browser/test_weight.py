"""How heavy the first pages are on a phone that has never been here, and whether they stand still while they load."""

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from tests.chromium import PHONE

pytestmark = pytest.mark.browser
MOST_BYTES = 150_000
MOST_SHIFT = 0.05
WATCH = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""


@dataclass
class Visit:
    bytes: int
    shift: float
    heaviest: list[tuple[int, str]]


def visit(browser: Any, url: str) -> Visit:
    """A first visit, with an empty cache; bytes are those on the wire, headers and all."""
    context = browser.new_context(**PHONE)
    try:
        page = context.new_page()
        page.add_init_script(WATCH)
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        addresses: dict[str, str] = {}
        sizes: dict[str, int] = {}
        session.on(
            "Network.requestWillBeSent", lambda event: addresses.update({event["requestId"]: event["request"]["url"]})
        )
        session.on(
            "Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]})
        )
        page.goto(url, wait_until="networkidle")
        page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
        heaviest = sorted(((int(size), addresses.get(key, "")) for key, size in sizes.items()), reverse=True)
        return Visit(sum(size for size, _ in heaviest), page.evaluate("window.shift"), heaviest)
    finally:
        context.close()


@pytest.mark.parametrize("path", ["/", "/kegiatan/tahap-3", "/kegiatan/tahap-3/daftar"])
def test_light_and_still(demo: Flask, live_server: str, browser: Any, path: str) -> None:
    seen = visit(browser, f"{live_server}{path}")
    assert len(seen.heaviest) > 3
    assert seen.bytes < MOST_BYTES, seen.heaviest
    assert seen.shift < MOST_SHIFT
