"""The main line in a real browser on a phone: registered, scanned, asked, certified, verified."""

import io
from typing import Any

import pytest
import zxingcpp
from flask import Flask
from PIL import Image

from app.accounts.rules import Role
from app.extensions import transaction
from app.institutions.service import seed_categories
from app.programmes.models import Stage
from tests import factories
from tests.accessibility import serious
from tests.browser.video import write_y4m
from tests.chromium import PHONE, launch
from tests.paper.reading import codes_of

pytestmark = pytest.mark.browser
MOMENT = 20_000


@pytest.fixture
def stage(app: Flask) -> Stage:
    """Today, with registration still open, a lesson, an open door and questions to answer."""
    stage = factories.stage(
        factories.programme(name="Gerakan Smart City"), name="Bimtek Tahap I", feedback_required=True
    )
    with transaction():
        stage.min_jp_percent = None
    seed_categories(stage.host)
    factories.notice(stage.host)
    for name in ("Dinas Kesehatan", "Dinas Pendidikan"):
        factories.institution(stage.host, "OPD", name=name)
    factories.agenda_session(stage)
    factories.checkpoint(stage, name="Pintu Utama")
    factories.questionnaire(stage, required=True)
    factories.certificate_design(stage.programme)
    for role in (Role.ORGANISER, Role.CERTIFIER):
        factories.membership(factories.user(email=f"{role.value}@example.org"), role, stage.programme)
    return stage


def sign_in(page: Any, url: str, role: Role) -> None:
    page.goto(f"{url}/masuk")
    page.locator("#email").fill(f"{role.value}@example.org")
    page.locator("#password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url("**/panel")


def read(picture: bytes) -> str:
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    return str(code.text)


def test_from_the_front_page_to_the_verified_certificate(
    stage: Stage, live_server: str, open_page: Any, browser: Any, tmp_path: Any, work: Any
) -> None:
    phone = open_page(live_server, phone=True)
    register(phone)
    ticket = phone.url
    code = read(phone.locator(".ticket-qr").screenshot())
    assert code == f"{live_server}/T/{ticket.rpartition('/')[2]}".upper()
    assert serious(phone) == []

    scan(browser, live_server, stage, code, tmp_path)
    answer(phone)
    issue(open_page(f"{live_server}/masuk"), live_server, stage, work)
    verify(phone, ticket, open_page)


def register(phone: Any) -> None:
    phone.get_by_role("link", name="Bimtek Tahap I").click()
    phone.get_by_role("link", name="Daftar", exact=True).click()
    phone.get_by_label("Unsur").select_option("OPD")
    phone.locator("#institution-search").fill("keseh")
    phone.get_by_role("option", name="Dinas Kesehatan").click()
    phone.get_by_label("Nama tanpa gelar").fill("Siti Aminah")
    phone.get_by_label("Nomor identitas", exact=True).fill("1985041220100120")
    phone.locator("#email").fill("siti@example.com")
    phone.locator("#phone").fill("0812-3456-7890")
    phone.get_by_role("button", name="Daftar").click()
    phone.locator("#identity_number-error").wait_for()
    assert phone.evaluate("document.activeElement.id") == "identity_number"
    assert phone.locator("#notice-error").is_visible()
    assert phone.get_by_label("Nama tanpa gelar").input_value() == "Siti Aminah"
    assert serious(phone) == []

    phone.get_by_label("Nomor identitas", exact=True).fill("19850412 201001 2 003")
    phone.locator("#notice").check()
    phone.get_by_role("button", name="Daftar").click()
    phone.wait_for_url("**/t/*")


def scan(browser: Any, url: str, stage: Stage, code: str, tmp_path: Any) -> None:
    """The organiser's phone, before whose camera the participant holds the ticket again and again."""
    video = tmp_path / "ticket.y4m"
    write_y4m(video, code, shown=2, gone=4)
    flags = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    with_camera = launch(browser.browser_type, *flags, f"--use-file-for-fake-video-capture={video}")
    try:
        page = with_camera.new_context(**PHONE).new_page()
        page.set_default_timeout(MOMENT)
        sign_in(page, url, Role.ORGANISER)
        page.get_by_role("link", name="Pindai di pintu").click()
        page.get_by_role("button", name="Mulai memindai").click()
        for kind, words in (("admitted", "Hadir"), ("repeat", "Sudah hadir")):
            box = page.locator(f"#answer.answer-{kind}")
            box.wait_for()
            assert words in box.inner_text()
            assert "Siti Aminah" in box.inner_text()
    finally:
        with_camera.close()


def answer(phone: Any) -> None:
    phone.reload()
    assert phone.locator("ol.journey li.done").count() == 2
    phone.get_by_role("link", name="Penyelenggaraan").click()
    phone.get_by_role("button", name="Kirim").click()  # the browser itself asks for what is missing, or the page does
    assert "/umpan-balik/" in phone.url
    phone.get_by_label("Sangat baik").check()
    phone.get_by_role("button", name="Kirim").click()
    phone.get_by_text("Terima kasih").first.wait_for()


def issue(desk: Any, url: str, stage: Stage, work: Any) -> None:
    sign_in(desk, url, Role.CERTIFIER)
    desk.goto(f"{url}/panel/kegiatan/{stage.slug}")
    desk.locator("nav").get_by_role("link", name="Sertifikat").first.click()
    desk.locator("details.confirm summary", has_text="Terbitkan").click()
    desk.locator("#terbitkan button").click()
    desk.locator("#progress").wait_for()
    work()
    desk.locator("#progress .alert-success").wait_for()  # without reloading: the page asks by itself


def verify(phone: Any, ticket: str, open_page: Any) -> None:
    phone.goto(ticket)
    assert phone.locator("ol.journey li.done").count() == 4
    file = phone.get_by_role("link", name="Unduh sertifikat").get_attribute("href")
    (code,) = codes_of(phone.request.get(f"{ticket.split('/t/')[0]}{file}").body())
    stranger = open_page(code, phone=True)
    assert stranger.locator("h1").inner_text() == "Sertifikat ini asli"
    assert "Siti Aminah" in stranger.locator("main").inner_text()
    assert serious(stranger) == []
