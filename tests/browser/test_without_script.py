"""Every form without JavaScript: registration, cancelling, feedback, sign-in."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.extensions import db, transaction
from app.institutions.service import seed_categories
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.shared import clock
from tests import factories
from tests.pages import forget_what_was_read
from tests.personas import People

pytestmark = pytest.mark.browser


@pytest.fixture
def stage(app: Flask) -> Stage:
    """In a week, with registration open."""
    day = clock.now().date() + timedelta(days=7)
    stage = factories.stage(name="Bimtek Tahap III", starts_on=day, ends_on=day)
    seed_categories(stage.host)
    factories.notice(stage.host)
    factories.institution(stage.host, "OPD", name="Dinas Kesehatan")
    return stage


@pytest.fixture
def bare(open_page: Any, live_server: str) -> Any:
    """A phone whose browser runs no script, on the front page."""
    return open_page(live_server, phone=True, java_script_enabled=False)


def test_register_with_an_error_and_then_cancel(stage: Stage, bare: Any) -> None:
    bare.get_by_role("link", name="Bimtek Tahap III").click()
    bare.get_by_role("link", name="Daftar", exact=True).click()
    bare.locator("#category").select_option("OPD")
    bare.locator("#institution").select_option(label="Dinas Kesehatan")
    bare.locator("#name").fill("Siti Aminah")
    bare.locator("#identity_number").fill("1985041220100120")
    bare.locator("#email").fill("siti@example.com")
    bare.locator("#phone").fill("0812-3456-7890")
    bare.locator("#notice").check()
    bare.get_by_role("button", name="Daftar").click()
    bare.locator("#identity_number-error").wait_for()
    assert bare.locator("#name").input_value() == "Siti Aminah"
    assert bare.locator("#notice").is_checked()
    bare.locator("#identity_number").fill("198504122010012003")
    bare.get_by_role("button", name="Daftar").click()
    bare.locator(".ticket-qr svg").wait_for()

    bare.locator("details.confirm summary").click()
    bare.locator("form[action$='/batal'] [name=sure]").check()
    bare.get_by_role("button", name="Batalkan pendaftaran").click()
    bare.get_by_text("Pendaftaran ini sudah dibatalkan").wait_for()
    forget_what_was_read()
    assert [one.state for one in db.session.query(Registration)] == [RegistrationState.CANCELLED]


def test_answer_a_questionnaire(bare: Any, app: Flask, live_server: str) -> None:
    person = factories.registration()
    questionnaire = factories.questionnaire(person.stage)
    bare.goto(f"{live_server}/umpan-balik/{questionnaire.token}")
    bare.locator("#code").fill(person.ticket_code.lower())
    bare.locator("main button[type=submit]").first.click()
    bare.locator("main input[type=radio]").last.check()
    bare.get_by_role("button", name="Kirim").click()
    bare.get_by_text("Terima kasih").first.wait_for()
    bare.goto(f"{live_server}/t/{person.ticket_code}")
    assert bare.locator("ul.task-list a").count() == 0


def test_sign_in_and_out(bare: Any, people: People, live_server: str) -> None:
    bare.goto(f"{live_server}/panel/kegiatan/{people.stage.slug}")
    assert "/masuk" in bare.url
    bare.locator("#email").fill(people.organiser.user.email)
    bare.locator("#password").fill(factories.PASSWORD)
    bare.get_by_role("button", name="Masuk").click()
    bare.wait_for_url(f"**/panel/kegiatan/{people.stage.slug}")
    bare.goto(f"{live_server}/panel")
    bare.locator("form[action='/keluar'] button").dispatch_event("click")
    bare.wait_for_url("**/masuk")


def test_the_progress_of_long_work_is_seen_by_refreshing(
    bare: Any, people: People, live_server: str, work: Any
) -> None:
    with transaction():
        people.stage.min_jp_percent = None
    factories.certificate_design(people.programme)
    factories.registration(people.stage)
    bare.goto(f"{live_server}/panel/kegiatan/{people.stage.slug}/sertifikat")
    bare.locator("#email").fill(people.certifier.user.email)
    bare.locator("#password").fill(factories.PASSWORD)
    bare.get_by_role("button", name="Masuk").click()
    bare.locator("details.confirm summary", has_text="Terbitkan").click()
    bare.locator("#terbitkan button").click()
    bare.locator("#progress").wait_for()
    work()
    bare.locator("#progress .alert-success").wait_for()
