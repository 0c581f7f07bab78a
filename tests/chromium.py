"""Chromium, as the system installed it, without anything that talks to the network by itself."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserType, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "id-ID",
    "timezone_id": "Asia/Jakarta",
}
DESKTOP = {"viewport": {"width": 1280, "height": 800}, "locale": "id-ID", "timezone_id": "Asia/Jakarta"}


def launch(kind: BrowserType, *flags: str) -> Browser:
    """Another browser beside one that is open, with more `flags`, such as those of a camera fed from a file."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return kind.launch(executable_path=program, args=[*QUIET, *sandbox, *flags])


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """A browser of its own, with more `flags`."""
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium, *flags)
        try:
            yield browser
        finally:
            browser.close()
