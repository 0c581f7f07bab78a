"""How those who do not know the system find their way through it: by links and forms, by a scanner, by a QR on paper."""

from datetime import UTC
from typing import Any

from flask import Flask

from app.shared import clock
from app.shared.codes import new_code
from tests.mailbox import Mailbox
from tests.pages import Page, browse

PASSWORD = "empat kata yang panjang"


def click(page: Page, words: str, within: str = "body") -> Page:
    """Follow the first link with these words in it; what prints is not checked as a page."""
    for link in page.select(f"{within} a[href]"):
        if words in " ".join(f"{link.text_content()} {link.get('aria-label') or ''}".split()):
            return page.client.get(link.get("href"))
    raise AssertionError(f"{page.url}: no link {words!r}\n{page.excerpt()}")


def form_to(ending: str) -> str:
    return f"main form[action$='{ending}']"


class Programme:
    """What has come about so far."""

    def __init__(self, app: Flask, smtp: Mailbox, work: Any) -> None:
        self.app, self.smtp, self.work = app, smtp, work
        self.ticket_address = ""
        self.token = ""
        self.tickets: list[str] = []

    def signed_in(self, email: str) -> Page:
        """The panel of whoever signs in from the front page."""
        page = click(browse(self.app).get("/"), "Untuk petugas").submit(email=email, password=PASSWORD)
        assert page.url == "/panel"
        return page

    def letter(self, address: str) -> Any:
        """The newest mail to an address, once the worker has done what is due."""
        self.work()
        return self.smtp.to(address)[-1]


def scan(programme: Programme, code: str) -> Any:
    """By the device alone: a browser that has never signed in."""
    device, headers = browse(programme.app), {"Authorization": f"Bearer {programme.token}"}
    (point,) = device.get("/api/v1/checkpoints", headers=headers).json["checkpoints"]
    item = {"scan_id": new_code(), "code": f"HTTP://LOCALHOST/T/{code}", "source": "camera"}
    item["occurred_at"] = clock.now().astimezone(UTC).isoformat()
    answer = device.post(f"/api/v1/checkpoints/{point['id']}/scans", json={"scans": [item]}, headers=headers)
    return answer.json["results"][0]


def scanned(programme: Programme, code: str) -> Page:
    """The page behind the QR of a certificate, opened by anyone."""
    return browse(programme.app).get(code.removeprefix("HTTP://LOCALHOST"))
