"""Chromium, as the system installed it, without anything that talks to the network by itself."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, BrowserType, sync_playwright

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
    return kind.launch(executable_path=program(), args=[*QUIET, *_sandbox(), *flags])


def launch_kept(kind: BrowserType, folder: Path, **options: Any) -> BrowserContext:
    """A browser whose profile is in `folder` and outlives it; its one context takes the options of a page."""
    return kind.launch_persistent_context(
        folder, executable_path=program(), args=[*QUIET, *_sandbox()], headless=True, **options
    )


def kill(folder: Path) -> None:
    """End every process of the browser whose profile is in `folder` at once, as a battery that is empty does."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"--user-data-dir={folder}".encode() in command:
            os.kill(int(process.name), signal.SIGKILL)


def program() -> str | None:
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def _sandbox() -> list[str]:
    return ["--no-sandbox"] if os.geteuid() == 0 else []


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """A browser of its own, with more `flags`."""
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium, *flags)
        try:
            yield browser
        finally:
            browser.close()
