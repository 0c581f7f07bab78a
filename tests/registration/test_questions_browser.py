"""The stage's own questions in Chromium: they come and go with the answers, and are laid in order by hand."""

from pathlib import Path
from typing import Any

import pytest

from app.institutions.service import seed_categories
from app.programmes.models import Stage
from app.registration.rules import RegistrationSource
from app.registration.rules_answers import AnswerKind
from app.registration.service import register
from tests.accessibility import serious
from tests.personas import People
from tests.registration.people import fresh, person
from tests.registration.questions import asked, editor
from tests.shared.test_documents import pdf

pytestmark = pytest.mark.browser


@pytest.fixture
def stage(people: People) -> Stage:
    seed_categories(people.host)
    return fresh(people.stage)


def test_questions_come_and_go(stage: Stage, live_server: str, open_page: Any, tmp_path: Path) -> None:
    needs = asked(stage, AnswerKind.SEVERAL_CHOICES, text="Kebutuhan khusus")
    which = asked(stage, AnswerKind.ONE_CHOICE, depends_on=needs.id, depends_value="L")
    why = asked(stage, AnswerKind.SHORT_TEXT, depends_on=which.id, depends_value="M")
    letter = asked(stage, AnswerKind.FILE, categories=frozenset({"OPD"}))
    page = open_page(f"{live_server}/kegiatan/{stage.slug}/daftar", phone=True)
    assert not page.locator(".asked-note").first.is_visible()
    assert [page.locator(f"#q{one.id}").is_visible() for one in (needs, which, why, letter)] == [
        True,
        False,
        False,
        False,
    ]
    page.select_option("#category", "OPD")
    page.get_by_label("L", exact=True).first.check()
    page.locator(f"#q{which.id}").get_by_label("M", exact=True).check()
    assert page.locator(f"#q{why.id}").is_visible() and page.locator(f"#q{letter.id}").is_visible()
    assert not serious(page)

    surat = tmp_path / "surat tugas.pdf"
    surat.write_bytes(pdf())
    page.set_input_files(f"#q{letter.id}", surat)
    page.fill(f"#q{why.id}", "Kursi roda")
    page.click("main form button[type=submit]:not([data-draft-clear])")
    page.get_by_text("surat tugas.pdf sudah diterima").wait_for()
    assert page.input_value(f"#q{why.id}") == "Kursi roda"
    page.locator(f"#q{needs.id}").get_by_label("L", exact=True).uncheck()
    assert not page.locator(f"#q{which.id}").is_visible() and not page.locator(f"#q{why.id}").is_visible()


def test_questions_are_laid_in_order_by_mouse_and_by_keys(
    people: People, stage: Stage, live_server: str, open_page: Any
) -> None:
    for text in ("satu", "dua", "tiga"):
        asked(stage, AnswerKind.SHORT_TEXT, text=text)
    page = open_page(f"{live_server}/masuk", phone=False)
    page.fill("[name=email]", people.manager.user.email)
    page.fill("[name=password]", "kata-sandi-uji-2019")
    page.click("main button[type=submit]")
    page.goto(live_server + editor(stage))
    texts = page.locator(".asked-text strong")
    assert not page.locator("#order-form").is_visible() and not serious(page)

    handle, first = (
        page.locator(".drag-handle").nth(2).bounding_box(),
        page.locator(".asked-list li").first.bounding_box(),
    )
    page.mouse.move(handle["x"] + 10, handle["y"] + 10)
    page.mouse.down()
    page.mouse.move(first["x"] + 10, first["y"] + 4, steps=6)
    page.mouse.up()
    assert texts.all_inner_texts() == ["tiga", "satu", "dua"]
    page.locator(".drag-handle").nth(1).focus()
    page.keyboard.press("ArrowDown")
    assert texts.all_inner_texts() == ["tiga", "dua", "satu"]
    page.click("#order-form button")
    page.get_by_text("Urutan sudah disimpan").wait_for()
    assert texts.all_inner_texts() == ["tiga", "dua", "satu"]


def test_the_editor_shows_what_belongs_to_the_kind(
    people: People, stage: Stage, live_server: str, open_page: Any
) -> None:
    page = open_page(f"{live_server}/masuk", phone=True)
    page.fill("[name=email]", people.manager.user.email)
    page.fill("[name=password]", "kata-sandi-uji-2019")
    page.click("main button[type=submit]")
    page.goto(live_server + editor(stage, "/tambah"))
    assert not page.locator("#options").is_visible() and page.locator("#most").is_visible()
    page.select_option("#kind", "one_choice")
    assert page.locator("#options").is_visible() and not page.locator("#least").is_visible()
    page.select_option("#kind", "number")
    assert page.locator("#least").is_visible()
    assert not serious(page)


@pytest.mark.parametrize("phone", [True, False])
def test_the_holder_of_a_ticket_answers(stage: Stage, live_server: str, open_page: Any, phone: bool) -> None:
    needs = asked(stage, AnswerKind.YES_NO, text="Perlu penginapan?", required=True)
    nights = asked(stage, AnswerKind.NUMBER, required=True, depends_on=needs.id, depends_value="yes")
    made = register(stage, person(), source=RegistrationSource.IMPORT)
    page = open_page(f"{live_server}/t/{made.ticket_code}", phone=phone)
    assert serious(page) == []
    page.click(".alert a")
    page.wait_for_url("**/pertanyaan")  # and for its scripts
    assert not page.locator(f"#q{nights.id}").is_visible()
    assert serious(page) == []
    page.get_by_label("Ya", exact=True).check()
    page.fill(f"#q{nights.id}", "2")
    page.click("main button[type=submit]")
    page.wait_for_url(f"**/t/{made.ticket_code}")
    assert page.locator(f".alert a[href$='/t/{made.ticket_code}/pertanyaan']").count() == 0
    page.get_by_text("Jawaban Bapak/Ibu", exact=True).click()
    assert page.locator("dd.answer-text").all_inner_texts() == ["Ya", "2"]
    assert serious(page) == []
