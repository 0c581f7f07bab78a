"""The scanner page in Chromium at a stage of 5,000 people: from a camera's frame to the verdict, and how soon everybody is known."""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from app import create_app
from app.extensions import db
from tests import factories, servers
from tests.bench.bench_scans import crowd
from tests.bench.figures import Figure
from tests.browser.scanning import equip, kept, when
from tests.browser.video import write_y4m
from tests.chromium import PHONE, launch
from tests.network import Network

PEOPLE = 5000
ROUNDS = 5
VERDICTS = """performance.getEntriesByName("verdict").map((one) => one.duration)"""
ROSTER = """
async (checkpoint) => {
  const { Roster } = await import("/static/js/checkin/roster.js");
  const began = performance.now();
  const roster = new Roster(checkpoint);
  await roster.refresh();
  const known = performance.now() - began;
  const again = new Roster(checkpoint);
  const from = performance.now();
  await again.load();
  return [known, performance.now() - from, roster.entries.length, again.entries.length];
}
"""


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, str, int, list[str]]]:
    """Address, token, checkpoint and codes of a stage with people, on gunicorn with SQLite."""
    app = create_app(
        {
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'scanner.sqlite'}",
            "INSTANCE_DIR": str(folder),
            "UPLOAD_DIR": str(folder / "uploads"),
            "QUEUE_FILE": str(folder / "queue.sqlite"),
        }
    )
    with app.app_context():
        db.create_all()
        stage = factories.stage()
        checkpoint_id = factories.checkpoint(stage).id
        token = factories.device(stage)[1]
        codes = crowd(factories.registration(stage), PEOPLE - 1)
        db.session.remove()
        with servers.gunicorn(app, folder / "gunicorn.log") as url:
            yield url, token, checkpoint_id, codes


def open_scanner(browser: Any, url: str, token: str) -> Any:
    page = browser.new_context(**PHONE).new_page()
    page.add_init_script(f"""localStorage.scanner = JSON.stringify({{token: "{token}", stage: "", device: "Pintu"}})""")
    page.goto(f"{url}/presensi")
    equip(page)
    return page


def measure(folder: Path, verdicts: int) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds from frame to verdict without network; until the roster is known from the server, and from the phone."""
    with served(folder) as (url, token, checkpoint_id, codes), Network(url) as network, sync_playwright() as playwright:
        video = folder / "tickets.y4m"
        write_y4m(video, *(f"HTTPS://BIMTEK.EXAMPLE.ORG/T/{code}" for code in codes[:verdicts]), shown=0.6, gone=0.4)
        flags = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
        browser = launch(playwright.chromium, *flags, f"--use-file-for-fake-video-capture={video}")
        page = open_scanner(browser, network.url, token)
        loads = [page.evaluate(ROSTER, checkpoint_id) for _ in range(ROUNDS)]
        assert all(fetched == stored == PEOPLE for _, _, fetched, stored in loads), loads
        network.cut()
        page.reload()
        page.locator("#offline").wait_for(timeout=60_000)
        page.evaluate("performance.clearMeasures()")
        before = time.monotonic()
        when(page, lambda: len(page.evaluate(VERDICTS)) >= verdicts or time.monotonic() - before > 60)
        found: list[float] = page.evaluate(VERDICTS)
        assert found and {entry["body"].get("offline_decision") for entry in kept(page, "queue")[-3:]} & {
            "admitted",
            "repeat",
        }
        browser.close()
    return found, [one[0] for one in loads], [one[1] for one in loads]


def run(*, quick: bool) -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        verdicts, fetched, loaded = measure(Path(name), 10 if quick else 30)
    return [
        Figure(
            what="camera frame to verdict without network, median",
            value=statistics.median(verdicts),
            unit="ms",
            most=150,
        ),
        Figure(
            what=f"roster of {PEOPLE:,} people known from the server, median",
            value=statistics.median(fetched),
            unit="ms",
            most=1000,
        ),
        Figure(
            what=f"roster of {PEOPLE:,} people known from the phone, median",
            value=statistics.median(loaded),
            unit="ms",
            most=1000,
        ),
    ]


if __name__ == "__main__":
    for figure in run(quick="--quick" in sys.argv):
        print(figure.row())
