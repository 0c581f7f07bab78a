"""The scanner's dialogs: names, standing in, registering on the spot, codes that are typed, what is unsent. All of it in Chromium."""

from pathlib import Path
from typing import Any

import pytest

from app.checkin.models import Attendance, Checkpoint, Scan
from app.checkin.rules import ScanSource
from app.extensions import db, transaction
from app.registration.models import Registration
from app.registration.rules import RegistrationSource, RegistrationState
from tests import factories
from tests.accessibility import serious
from tests.browser.scanning import all_sent, answered, equip, kept, scan, start_scanning, stored, told, when
from tests.network import Network
from tests.pages import forget_what_was_read
from tests.personas import People

pytestmark = pytest.mark.browser
OVERFLOWING = "[...document.querySelectorAll('dialog[open]')].some((one) => one.scrollWidth > one.clientWidth)"
SMALL = """[...document.querySelectorAll("dialog[open] button, dialog[open] input, dialog[open] select, dialog[open] .btn")]
  .map((one) => (one.type === "checkbox" ? one.parentElement : one)).filter((one) => one.offsetParent)
  .filter((one) => one.getBoundingClientRect().height < 43.5).map((one) => one.outerHTML.slice(0, 80))"""
FOREIGN_BUT_WRONG = "+1 234 5678"  # looks like a number to the phone; the server knows that there is none like it


@pytest.fixture
def scanner(open_page: Any, people: People, point: Checkpoint, network: Network) -> Any:
    """A phone at the door that knows everybody by now."""
    assert people.participant.id
    factories.institution(people.stage.host, name="Dinas Pariwisata")
    page = start_scanning(open_page(f"{network.url}/presensi", phone=True), people, network.url)
    equip(page)
    when(page, lambda: any("institutions" in fact for fact in kept(page, "facts") if isinstance(fact, dict)))
    return page


def register(page: Any, name: str, institution: str, phone: str = "") -> None:
    page.get_by_role("button", name="Daftar di tempat").click()
    page.get_by_label("Nama lengkap").fill(name)
    page.get_by_role("combobox", name="Instansi").fill(institution)
    page.get_by_label("Nomor HP").fill(phone)
    page.locator("#walk-in-submit").click()


def away(page: Any) -> None:
    page.locator("#answer").dispatch_event("click")


def walked_in() -> list[Registration]:
    return [one for one in stored(Registration) if one.source is RegistrationSource.WALK_IN]


def test_a_code_is_looked_at_while_it_is_typed(scanner: Any, people: People) -> None:
    scanner.get_by_role("button", name="Ketik kode").click()
    field = scanner.get_by_label("Kode di bawah QR")
    field.press_sequentially("abcdolu", delay=80)
    assert field.input_value() == "ABCD-01U"
    assert scanner.locator("#typed-letters .impossible").all_inner_texts() == ["U"]
    assert "Karakter ke-7, “U”" in scanner.locator("#typed-note").inner_text()
    field.press("Enter")
    assert scanner.locator("#typing").is_visible()
    field.press("Backspace")
    assert "6 dari 16" in scanner.locator("#typed-note").inner_text()
    field.fill(f" https://bimtek.example.org/t/{people.participant.ticket_code.lower()}/?a=b ")
    assert "16 dari 16" in scanner.locator("#typed-note").inner_text()
    field.press("Enter")
    assert "Siti Aminah" in answered(scanner, "admitted")
    assert stored(Scan)[0].source is ScanSource.TYPED


def test_a_letter_in_the_middle_keeps_the_caret(scanner: Any) -> None:
    scanner.get_by_role("button", name="Ketik kode").click()
    field = scanner.get_by_label("Kode di bawah QR")
    field.fill("ABCDEFGH")
    field.evaluate("(one) => one.setSelectionRange(2, 2)")
    field.press_sequentially("12", delay=80)
    assert field.input_value() == "AB12-CDEF-GH"


def test_a_name_is_found_without_network(scanner: Any, people: People, network: Network) -> None:
    network.cut()
    scanner.get_by_role("button", name="Cari nama").click()
    scanner.get_by_label("Nama atau instansi").fill("aminah")
    scanner.locator(".person", has_text="Siti Aminah").click()
    text = answered(scanner, "admitted")
    assert "Siti Aminah" in text and "Tanpa jaringan" in text
    [entry] = kept(scanner, "queue")
    assert entry["body"]["source"] == "search" and "code" not in entry["body"]
    network.mend()
    all_sent(scanner)
    assert [attendance.registration_id for attendance in stored(Attendance)] == [people.participant.id]


def test_whoever_registered_a_moment_ago_is_found(scanner: Any, people: People) -> None:
    factories.registration(people.stage, name="Encik Laila")
    scanner.get_by_role("button", name="Cari nama").click()
    scanner.get_by_label("Nama atau instansi").fill("laila")
    scanner.locator(".person", has_text="Encik Laila").click()
    assert "Encik Laila" in answered(scanner, "admitted")


def test_somebody_stands_in(scanner: Any, people: People) -> None:
    scanner.get_by_role("button", name="Cari nama").click()
    scanner.get_by_label("Nama atau instansi").fill("aminah")
    scanner.get_by_role("button", name="Mewakili: Siti Aminah").click()
    assert "Mewakili Siti Aminah" in scanner.get_by_role("dialog").inner_text()
    assert not scanner.get_by_role("combobox", name="Instansi").is_visible()
    scanner.get_by_label("Nama lengkap").fill("Raja Haji")
    scanner.locator("#walk-in-submit").click()
    assert "Raja Haji" in answered(scanner, "admitted")
    away(scanner)
    [holder] = [one for one in stored(Registration) if one.id == people.participant.id]
    assert holder.state is RegistrationState.CANCELLED
    [newcomer] = [one for one in stored(Registration) if one.name == "Raja Haji"]
    assert newcomer.institution_id == holder.institution_id
    assert "dibatalkan" in told(scanner, people.participant.ticket_code, "refused")


def test_somebody_stands_in_without_network(scanner: Any, people: People, network: Network) -> None:
    network.cut()
    scanner.get_by_role("button", name="Cari nama").click()
    scanner.get_by_label("Nama atau instansi").fill("aminah")
    scanner.get_by_role("button", name="Mewakili: Siti Aminah").click()
    scanner.get_by_label("Nama lengkap").fill("Raja Haji")
    scanner.locator("#walk-in-submit").click()
    text = answered(scanner, "repeat")
    assert "Tersimpan di perangkat" in text and "Raja Haji" in text and "Tanpa jaringan" in text
    away(scanner)
    assert [entry["kind"] for entry in kept(scanner, "queue")] == ["walk_in"]
    network.mend()
    all_sent(scanner)
    [newcomer] = walked_in()
    assert (newcomer.name, newcomer.replaces_id) == ("Raja Haji", people.participant.id)
    assert [one.registration_id for one in stored(Attendance)] == [newcomer.id]
    code = people.participant.ticket_code
    assert "dibatalkan" in told(scanner, code, "refused")
    when(scanner, lambda: len(kept(scanner, "rosters")[0]["entries"]) == 2)
    network.cut()
    text = told(scanner, code, "refused")
    assert "dibatalkan" in text and "Tanpa jaringan" in text


def test_an_institution_is_chosen_by_keys(scanner: Any) -> None:
    scanner.get_by_role("button", name="Daftar di tempat").click()
    scanner.get_by_label("Nama lengkap").fill("Tengku Amir")
    field = scanner.get_by_role("combobox", name="Instansi")
    field.press_sequentially("pariw", delay=80)
    scanner.get_by_role("option", name="Dinas Pariwisata").wait_for()
    field.press("Escape")
    assert scanner.locator("#walk-in").is_visible() and not scanner.get_by_role("option", name="Dinas").count()
    field.press("ArrowDown")
    field.press("ArrowDown")
    field.press("Enter")
    assert field.input_value() == "Dinas Pariwisata"
    assert not scanner.locator("#walk-in-category").is_visible()
    scanner.locator("#walk-in-submit").click()
    text = answered(scanner, "admitted")
    assert "terdaftar di tempat" in text and "Tengku Amir" in text and "Dinas Pariwisata" in text
    [newcomer] = walked_in()
    assert newcomer.institution_name == "Dinas Pariwisata"
    assert [one.registration_id for one in stored(Attendance)] == [newcomer.id]


def test_a_typed_institution_asks_for_its_category_and_errors_lose_nothing(scanner: Any, people: People) -> None:
    factories.category(people.stage.host, "SWASTA", name="Swasta")
    register(scanner, "", "PT Laut Biru", "12")
    assert "Tulis nama lengkap" in scanner.locator("#walk-in-name-note").inner_text()
    assert "pilih unsurnya" in scanner.locator("#walk-in-category-note").inner_text()
    assert "0812-3456-7890" in scanner.locator("#walk-in-phone-note").inner_text()
    assert scanner.evaluate("document.activeElement.id") == "walk-in-name"
    scanner.locator("#walk-in [data-close]").click()
    scanner.get_by_role("button", name="Daftar di tempat").click()
    assert scanner.get_by_label("Nomor HP").input_value() == "12"
    scanner.get_by_label("Nama lengkap").fill("Wan Rahmah")
    scanner.get_by_label("Unsur").select_option(label="Swasta")
    scanner.get_by_label("Nomor HP").fill("0812-3456-7890")
    scanner.locator("#walk-in-submit").click()
    assert "Wan Rahmah" in answered(scanner, "admitted")
    [newcomer] = walked_in()
    assert (newcomer.institution_name, newcomer.phone) == ("PT Laut Biru", "+6281234567890")


def test_what_the_server_finds_wrong_comes_back_into_the_form(scanner: Any) -> None:
    register(scanner, "Wan Rahmah", "Dinas Pariwisata", FOREIGN_BUT_WRONG)
    scanner.locator("#walk-in-phone-note:not(:empty)").wait_for()
    assert scanner.get_by_label("Nama lengkap").input_value() == "Wan Rahmah"
    assert kept(scanner, "queue") == []
    scanner.get_by_label("Nomor HP").fill("")
    scanner.locator("#walk-in-submit").click()
    assert "Wan Rahmah" in answered(scanner, "admitted")
    assert len(walked_in()) == 1


def test_a_walk_in_without_network_is_registered_later(scanner: Any, network: Network) -> None:
    network.cut()
    register(scanner, "Wan Rahmah", "Dinas Pariwisata")
    text = answered(scanner, "repeat")
    assert "Tersimpan di perangkat" in text and "Wan Rahmah" in text and "Tanpa jaringan" in text
    away(scanner)
    assert "1 belum terkirim – jangan tutup halaman" in scanner.locator("#unsent").inner_text()
    network.mend()
    all_sent(scanner)
    scanner.locator("#last .entry-admitted", has_text="Wan Rahmah").wait_for()
    assert len(walked_in()) == 1


def test_what_the_server_cannot_take_is_shown_saved_and_sent_again(
    scanner: Any, network: Network, tmp_path: Path
) -> None:
    network.cut()
    register(scanner, "Wan Rahmah", "Dinas Pariwisata", FOREIGN_BUT_WRONG)
    answered(scanner, "repeat")
    away(scanner)
    network.mend()
    scanner.locator("#unsent", has_text="1 perlu diperiksa").wait_for()
    scanner.locator("#unsent").click()
    assert "Wan Rahmah" in scanner.locator("#outbox-parked").inner_text()
    with scanner.expect_download() as saving:
        scanner.get_by_role("button", name="Simpan sebagai berkas teks").click()
    saving.value.save_as(tmp_path / "belum.txt")
    assert "Wan Rahmah" in (tmp_path / "belum.txt").read_text(encoding="utf-8")
    scanner.get_by_role("button", name="Kirim lagi").click()
    scanner.locator("#outbox-note:empty").wait_for(state="attached")
    assert [entry["state"] for entry in kept(scanner, "queue")] == ["parked"]


def test_a_door_is_told_of_whom_it_should_not_have_let_in(scanner: Any, people: People, network: Network) -> None:
    network.cut()
    assert "Tanpa jaringan" in told(scanner, people.participant.ticket_code, "admitted")
    forget_what_was_read()
    with transaction():
        db.session.get_one(Registration, people.participant.id).state = RegistrationState.CANCELLED
    network.mend()
    scanner.locator("#later", has_text="Siti Aminah – Ditolak").wait_for()
    scanner.locator("#later-seen").click()
    assert not scanner.locator("#later").is_visible()


def test_who_was_taken_for_the_holder_is_annulled_and_stands_in(scanner: Any, people: People) -> None:
    told(scanner, people.participant.ticket_code, "admitted")
    scanner.get_by_role("button", name="Batalkan: Siti Aminah").click()
    scanner.locator("#undo-form button[type=submit]").click()
    assert "Tulis alasannya" in scanner.locator("#undo-note").inner_text()
    scanner.get_by_role("button", name="Diwakili orang lain").click()
    scanner.locator("#undo-form button[type=submit]").click()
    scanner.get_by_role("button", name="Mewakili: Siti Aminah").wait_for()
    assert [one.annul_reason for one in stored(Attendance)] == ["Diwakili orang lain"]


@pytest.mark.parametrize("phone", [True, False])
def test_nothing_keeps_people_out(
    open_page: Any, people: People, point: Checkpoint, network: Network, *, phone: bool
) -> None:
    long = "Badan Perencanaan Pembangunan, Penelitian dan Pengembangan Daerah"
    for number in range(12):
        factories.registration(people.stage, name=f"Raja Ismail bin Abdullah {number}", institution_name=long)
    page = start_scanning(open_page(f"{network.url}/presensi", phone=phone), people, network.url)
    equip(page)
    scan(page, people.participant.ticket_code)
    answered(page, "admitted")
    away(page)
    wrong = serious(page)
    for opener, name in (
        ("open-search", "search"),
        ("open-typing", "typing"),
        ("open-walk-in", "walk-in"),
        ("more", "device"),
    ):
        page.locator(f"#{opener}").click()
        if name == "search":
            page.locator("#search-text").fill("raja")
            page.locator(".found-row").first.wait_for()
        wrong += serious(page) + [f"{name}: {one}" for one in page.evaluate(SMALL)]
        assert not page.evaluate(OVERFLOWING), name
        page.locator(f"#{name} [data-close]").click()
        assert page.evaluate("document.activeElement.id") == opener
    assert wrong == []


def test_a_code_that_nobody_has_is_there_to_be_looked_at_again(scanner: Any, people: People) -> None:
    for code, stays in (("0000111122223333", "0000-1111-2222-3333"), (people.participant.ticket_code, "")):
        scanner.locator("#open-typing").click()
        scanner.locator("#typed").fill(code)
        scanner.keyboard.press("Enter")
        answered(scanner, "refused" if stays else "admitted")
        scanner.locator("#answer").dispatch_event("click")
        scanner.locator("#open-typing").click()
        assert scanner.locator("#typed").input_value() == stays
        scanner.locator("#typing [data-close]").click()
