"""One's own pages in Chromium, from the mailed link to leaving: at both sizes, with axe, and without scripts."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.extensions import db
from app.hosts.models import Host
from app.registration.models import Participant
from tests.accessibility import serious
from tests.chromium import DESKTOP, PHONE
from tests.mailbox import Mailbox
from tests.privacy.scene import ADDRESS, a_host, coming, link_in, registered
from tests.privacy.test_own_data import certified

pytestmark = pytest.mark.browser
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
Work = Callable[[], None]


@pytest.fixture
def host(app: Flask) -> Host:
    """Two people share an address; one of them has a certificate and something to come."""
    host = a_host()
    certified(host)
    stage = coming(host)
    registered(stage)
    registered(stage, name="Rahmat Hidayat", identity_number="197001011995031001")
    return host


def looked_at(page: Any) -> list[str]:
    wrong = serious(page)
    over = page.evaluate(OVERFLOW)
    return [f"{page.url}: {problem}" for problem in wrong] + ([f"{page.url}: {over} px too wide"] if over > 0 else [])


def came_in(page: Any, live_server: str, smtp: Mailbox, work: Work) -> list[str]:
    """From the form through the mail and the button to the choice of oneself."""
    page.goto(f"{live_server}/saya")
    wrong = looked_at(page)
    page.fill("[name=email]", ADDRESS)
    page.click("main form button")
    page.wait_for_url("**/saya/terkirim")
    wrong += looked_at(page)
    work()
    page.goto(f"{live_server}{link_in(smtp)}")
    wrong += looked_at(page)
    page.click("main form button")
    page.wait_for_url("**/saya/pilih")
    wrong += looked_at(page)
    page.click("text=Siti Aminah")
    page.click("main form.form button")
    page.wait_for_url("**/saya")
    return wrong + looked_at(page)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_the_whole_way(
    live_server: str, browser: Any, host: Host, smtp: Mailbox, work: Work, size: dict[str, Any]
) -> None:
    context = browser.new_context(**size)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    wrong += came_in(page, live_server, smtp, work)
    page.goto(f"{live_server}/saya/permintaan")
    page.fill("textarea", "Nama ayah saya salah.")
    page.click("main form.form button[type=submit]")
    page.wait_for_selector(".own-requests")
    wrong += looked_at(page)
    page.goto(f"{live_server}/saya/data")
    page.fill("[name=phone]", "0812 1111 2222")
    page.click("main form.form button[type=submit]")
    page.wait_for_selector("#flashes .alert-success")
    wrong += looked_at(page)
    page.goto(f"{live_server}/saya")
    page.click("a[href^='/saya/pendaftaran/'] >> nth=0")
    page.click(".own-consent form button >> nth=0")
    page.wait_for_selector("#flashes .alert-success")
    wrong += looked_at(page)
    page.click(".own-head button")
    page.wait_for_selector("[name=email]")
    assert not [cookie for cookie in context.cookies() if cookie["name"] == "saya"]
    context.close()
    assert wrong == []
    db.session.rollback()
    phones = db.session.scalars(sa.select(Participant.phone).where(Participant.name == "Siti Aminah")).all()
    assert phones == ["+6281211112222"]


def test_without_scripts(live_server: str, browser: Any, host: Host, smtp: Mailbox, work: Work) -> None:
    context = browser.new_context(**PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server}/saya")
    page.fill("[name=email]", ADDRESS)
    page.click("main form button")
    work()
    page.goto(f"{live_server}{link_in(smtp)}")
    page.click("main form button")
    page.click("text=Siti Aminah")
    page.click("main form.form button")
    page.goto(f"{live_server}/saya/data")
    page.fill("[name=position]", "Kepala Seksi")
    page.click("main form.form button[type=submit]")
    assert page.locator("#flashes .alert-success").count() == 1
    context.close()
