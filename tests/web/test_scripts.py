"""The scripts of every page, in a real browser at the size of a phone."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from tests import servers

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(probe: Flask) -> Iterator[str]:
    with servers.in_thread(probe) as url:
        yield f"{url}/probe/form"


@pytest.fixture
def page(address: str, open_page: Callable[..., Any]) -> Any:
    return open_page(address, phone=True)


def institutions(page: Any) -> list[str]:
    options: list[str] = page.locator("#institution-list [role=option]").all_inner_texts()
    return options


def test_an_institution_is_searched_and_chosen_by_keyboard(page: Any) -> None:
    box = page.get_by_role("combobox", name="Institution")
    box.fill("dinas k")
    assert institutions(page) == ["Dinas Kesehatan", "Dinas Komunikasi dan Informatika"]
    box.press("ArrowDown")
    assert page.locator(f"#{box.get_attribute('aria-activedescendant')}").inner_text().startswith("Dinas Komunikasi")
    box.press("Enter")
    assert page.input_value("#institution") == "2" and box.get_attribute("aria-expanded") == "false"
    box.fill("no such office")
    assert page.locator("#institution-list").inner_text() == "Nothing"
    box.press("Escape")
    assert box.input_value() == "Dinas Komunikasi dan Informatika"
    box.fill("")
    box.press("Tab")
    assert page.input_value("#institution") == ""


def test_the_list_follows_the_unsur(page: Any) -> None:
    box = page.get_by_role("combobox", name="Institution")
    page.select_option("#unsur", "OPD")
    box.fill("kesehatan")
    page.get_by_role("option", name="Dinas Kesehatan").tap()
    page.select_option("#unsur", "BANK")
    assert page.input_value("#institution") == "" and box.input_value() == ""
    box.tap()
    assert institutions(page) == ["Bank Riau Kepri", "Lainnya"]


def test_what_was_typed_comes_back_but_never_a_password(page: Any, address: str) -> None:
    page.fill("#name", "Siti")
    page.fill("#secret", "hush")
    page.select_option("#unsur", "BANK")
    page.locator("#institution").evaluate(
        "box => { box.value = '3'; box.dispatchEvent(new Event('change', {bubbles: true})) }"
    )
    page.check("#agreed")
    kept = page.evaluate("JSON.stringify(sessionStorage)")
    assert "Siti" in kept and "hush" not in kept and "csrf" not in kept
    page.goto("about:blank")
    page.goto(address)
    assert page.input_value("#name") == "Siti" and page.input_value("#secret") == ""
    assert page.input_value("#institution-search") == "Bank Riau Kepri" and page.is_checked("#agreed")
    assert page.is_visible("[data-draft-note]")


def test_cancelling_leaves_no_draft_behind(page: Any, address: str) -> None:
    page.fill("#name", "Siti")
    page.locator("#name").blur()
    page.get_by_role("link", name="Batal").tap()
    page.wait_for_url("**/")
    page.goto(address)
    assert page.input_value("#name") == "" and not page.is_visible("[data-draft-note]")


def test_a_lost_session_gives_the_form_back_and_an_accepted_one_leaves_nothing(page: Any, address: str) -> None:
    page.fill("#name", "Siti")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save").tap()
    assert page.locator("[data-first-error]").inner_text().startswith("Halaman ini sudah terlalu lama terbuka")
    assert page.input_value("#name") == "Siti"
    assert page.evaluate("document.activeElement.matches('[data-first-error]')")
    page.get_by_role("button", name="Save").tap()
    page.wait_for_function("!document.querySelector('form')")
    page.goto(address.replace("/form", "/thanks"))
    assert not page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('draft'))")


def test_a_double_press_sends_once(page: Any) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.fill("#name", "Siti")
    page.evaluate(
        "() => { const button = document.querySelector('form button[type=submit]'); button.click(); button.click() }"
    )
    page.wait_for_function("!document.querySelector('form')")
    assert len(sent) == 1


def test_a_date_is_told_in_words(page: Any) -> None:
    page.fill("#starts", "2026-12-22T13:15")
    page.locator("#starts").blur()
    assert page.locator("#starts + .told").inner_text() == "Selasa, 22 Desember 2026, 13.15 WIB"
    page.fill("#starts", "")
    page.locator("#starts").blur()
    assert page.locator("#starts + .told").inner_text() == ""
    page.fill("#day", "2026-12-21")
    page.locator("#day").blur()
    assert page.locator("#day + .told").inner_text() == "Senin, 21 Desember 2026"


def test_the_first_wrong_field_has_the_focus(page: Any) -> None:
    page.fill("#name", "x" * 10)
    page.fill("#name", "")
    page.get_by_role("button", name="Save").tap()
    page.wait_for_selector("#name-error")
    assert page.evaluate("document.activeElement.id") == "name"


def test_nothing_scrolls_sideways_or_moves(page: Any) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    moved = page.evaluate(
        """new Promise(done => {
            let sum = 0;
            new PerformanceObserver(list => list.getEntries().forEach(entry => (sum += entry.value)))
                .observe({type: "layout-shift", buffered: true});
            setTimeout(() => done(sum), 300);
        })"""
    )
    assert moved < 0.02
