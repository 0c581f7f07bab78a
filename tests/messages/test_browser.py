"""The pages of letters and messages in a real browser: accessible, and a letter's frame shows the letter."""

from typing import Any

import pytest

from tests import factories
from tests.accessibility import serious
from tests.personas import People

pytestmark = pytest.mark.browser


def sign_in(page: Any, url: str, email: str) -> None:
    page.goto(f"{url}/masuk")
    page.fill("[name=email]", email)
    page.fill("[name=password]", factories.PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/panel**")


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desktop"])
def test_a_message_is_written_looked_at_and_found_accessible(
    live_server: str, open_page: Any, people: People, phone: bool
) -> None:
    factories.registration(people.stage, name="Siti Aminah", phone="+6281234567890")
    page = open_page(f"{live_server}/masuk", phone=phone)
    sign_in(page, live_server, people.manager.user.email)
    page.goto(f"{live_server}/panel/kegiatan/{people.stage.slug}/pesan/tulis?jenis=pengingat")
    assert serious(page) == []
    page.click("main form[data-draft] button[type=submit]")
    page.wait_for_selector("#pratinjau iframe")
    assert "Siti Aminah" in page.frame_locator("#pratinjau iframe").locator("body").inner_text()
    assert serious(page) == []
    address = page.url
    for path in (
        f"{address}/whatsapp",
        f"{live_server}/panel/kegiatan/{people.stage.slug}/pesan",
        f"{live_server}/panel/program/{people.programme.slug}/pesan",
        f"{live_server}/panel/program/{people.programme.slug}/pesan/konfirmasi",
        f"{live_server}/panel/pesan/alamat",
        f"{live_server}/panel/pesan",
    ):
        page.goto(path)
        assert serious(page) == [], path
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
