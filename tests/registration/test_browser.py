"""The registration form in Chromium, on a phone."""

from typing import Any

import pytest

from app.extensions import db
from app.institutions.service import seed_categories
from app.programmes.models import Stage
from app.registration import service
from tests import factories
from tests.accessibility import serious
from tests.personas import People
from tests.registration.people import registrations

pytestmark = pytest.mark.browser


@pytest.fixture
def stage(app) -> Stage:
    made = factories.stage()
    seed_categories(made.host)
    factories.notice(made.host)
    for code, name in (("OPD", "Dinas Kesehatan"), ("OPD", "Dinas Kominfo"), ("PERBANKAN", "Bank Riau Kepri")):
        factories.institution(made.host, code, name=name)
    return made


def test_the_form_follows_the_category_and_keeps_what_is_typed(stage: Stage, live_server: str, open_page: Any) -> None:
    page = open_page(f"{live_server}/kegiatan/{stage.slug}/daftar", phone=True)
    page.select_option("#category", "PERBANKAN")
    assert page.input_value("#identity_type") == "COMPANY"
    page.click("#institution-search")
    assert page.locator("#institution-list [role=option]").all_inner_texts() == [
        "Bank Riau Kepri",
        "Tidak ada dalam daftar",
    ]
    assert page.locator("#institution_other").is_hidden()
    page.keyboard.type("bank lain")
    assert page.locator("#institution-list .nothing").is_visible()
    page.click("#institution-list [role=option]")
    assert page.locator("#institution_other").is_visible()

    page.select_option("#category", "KOMUNITAS")
    assert page.input_value("#identity_type") == "NONE" and page.locator("#identity_number").is_hidden()

    page.select_option("#category", "OPD")
    assert page.locator("#identity_type option").all_inner_texts() == ["Pilih jenis nomor", "NIP / NI PPPK"]
    assert page.input_value("#identity_type") == "NIP"
    page.click("#institution-search")
    page.keyboard.type("kominfo")
    page.keyboard.press("Enter")
    assert page.input_value("#institution-search") == "Dinas Kominfo"
    assert page.locator("#institution_other").is_hidden()
    page.fill("#name", "Siti Aminah")
    page.fill("#identity_number", "1985072020100120")
    page.fill("#email", "siti@tanjungpinangkota.go.id")
    page.fill("#phone", "0812 3456 7890")
    page.click("main form button[type=submit]")

    page.wait_for_selector("#identity_number-error")
    assert page.evaluate("document.activeElement.id") == "identity_number"
    assert page.input_value("#institution-search") == "Dinas Kominfo" and serious(page) == []
    page.fill("#identity_number", "19850720 201001 2 001")
    page.check("#notice")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/t/*")
    db.session.rollback()
    [made] = registrations(stage)
    assert (made.institution_name, made.identity_number) == ("Dinas Kominfo", "198507202010012001")


def test_the_form_works_without_scripts(stage: Stage, live_server: str, open_page: Any) -> None:
    page = open_page(f"{live_server}/kegiatan/{stage.slug}/daftar", phone=True, java_script_enabled=False)
    page.select_option("#category", "OPD")
    page.select_option("#institution", label="Dinas Kominfo")
    page.fill("#name", "Siti Aminah")
    page.fill("#identity_number", "198507202010012001")
    page.fill("#email", "siti@tanjungpinangkota.go.id")
    page.fill("#phone", "081234567890")
    page.check("#notice")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/t/*")
    db.session.rollback()
    assert len(registrations(stage)) == 1


def test_a_lost_tab_finds_what_was_typed_again(stage: Stage, live_server: str, open_page: Any) -> None:
    page = open_page(f"{live_server}/kegiatan/{stage.slug}/daftar", phone=True)
    page.select_option("#category", "PERBANKAN")
    page.select_option("#identity_type", "NONE")
    page.fill("#name", "Siti Aminah")
    page.press("#name", "Tab")
    page.reload()
    page.wait_for_selector("[data-draft-note]:not([hidden])")
    assert page.input_value("#name") == "Siti Aminah"
    assert (page.input_value("#category"), page.input_value("#identity_type")) == ("PERBANKAN", "NONE")


def test_searching_among_the_invitations_keeps_every_number_typed(
    people: People, live_server: str, open_page: Any
) -> None:
    dinas, bank = (
        factories.institution(people.host, code, name=name)
        for code, name in (("OPD", "Dinas Kesehatan"), ("PERBANKAN", "Bank Riau Kepri"))
    )
    for number in range(30):
        factories.institution(people.host, "OPD", name=f"Badan {number}")
    address = f"/panel/kegiatan/{people.stage.slug}/undangan/jumlah"
    people.organiser.client.get(address)
    cookie = people.organiser.client.get_cookie("session")
    assert cookie is not None
    db.session.rollback()
    page = open_page("about:blank")
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server}])
    page.goto(live_server + address)
    save = page.locator("main form[method=post] button[type=submit]")
    assert save.is_visible() and save.bounding_box()["y"] < 800
    page.fill(f"[name=seats_{dinas.id}]", "4")
    page.fill("#filter-q", "riau")
    page.keyboard.press("Enter")
    assert page.locator("tr[data-named]:visible").count() == 1
    page.fill(f"[name=seats_{bank.id}]", "2")
    page.fill("#filter-q", "tidak ada")
    assert page.locator("[data-nothing-found]").is_visible()
    assert serious(page) == []
    save.click()
    page.wait_for_selector("#flashes .alert-success")
    db.session.rollback()
    assert {one.institution_id: one.seats for one in service.invitations_of(people.stage)} == {dinas.id: 4, bank.id: 2}
