"""The private page of an institution in Chromium, on a phone."""

from datetime import timedelta
from typing import Any

import pytest

from app.extensions import db
from app.registration import service
from app.registration.models_seats import Invitation
from app.registration.rules import RegistrationState
from app.shared import clock
from tests import factories
from tests.accessibility import serious
from tests.registration.people import NIP, registrations, seats_taken

pytestmark = pytest.mark.browser


@pytest.fixture
def invitation(app: Any) -> Invitation:
    stage = factories.stage(capacity=20)
    factories.category(stage.host, "OPD", identity_types=["NIP"], identity_required=True)
    factories.notice(stage.host)
    of = factories.institution(stage.host, "OPD", name="Dinas Kesehatan")
    until = clock.now() + timedelta(hours=5)
    return service.create_invitation(stage, of, seats_asked=2, deadline=until, by=None)


def fill(page: Any, number: int, name: str) -> None:
    page.fill("#name", name)
    page.fill("#identity_number", NIP.format(number))
    page.fill("#position", "Pranata Komputer")
    page.fill("#email", f"peserta{number}@tanjungpinangkota.go.id")
    page.fill("#phone", f"0812 3450 {number:04}")
    page.check("#told")
    page.click("main form button[type=submit]")
    page.wait_for_selector("#flashes .alert-success")


def test_two_are_named_and_one_is_replaced_on_a_phone(invitation: Invitation, live_server: str, open_page: Any) -> None:
    stage, address = invitation.stage, f"{live_server}/undangan/{invitation.token}"
    stage_id = stage.id
    db.session.rollback()
    page = open_page(address, phone=True)
    assert serious(page) == []
    for number, name in ((1, "Siti Aminah"), (2, "Raja Ismail")):
        page.click("text=Tambah peserta")
        assert serious(page) == []
        fill(page, number, name)
    assert page.locator(".named-people > li").count() == 2
    assert not page.locator("text=Tambah peserta").count()

    row = page.locator(".named-people > li", has_text="Siti Aminah")
    row.locator("summary").first.click()
    assert serious(page) == []
    row.locator("a", has_text="Ganti").click()
    fill(page, 3, "Nurul Huda")
    assert page.locator(".named-people > li").all_inner_texts()[0].startswith("Nurul Huda")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("summary", has_text="ditarik atau diganti").click()
    assert page.locator("text=digantikan oleh Nurul Huda").is_visible()

    db.session.rollback()
    stage = db.session.get_one(type(stage), stage_id)
    states = {one.name: one.state for one in registrations(stage)}
    confirmed = RegistrationState.CONFIRMED
    assert states == {
        "Siti Aminah": RegistrationState.CANCELLED,
        "Raja Ismail": confirmed,
        "Nurul Huda": confirmed,
    }
    assert seats_taken(stage) == 2


def test_a_table_is_pasted_looked_at_and_taken_over(invitation: Invitation, live_server: str, open_page: Any) -> None:
    address, stage_id = f"{live_server}/undangan/{invitation.token}", invitation.stage_id
    db.session.rollback()
    page = open_page(f"{address}/tabel", phone=True)
    rows = [("Siti Aminah", 1), ("Raja Ismail", 2), ("Nurul Huda", 3)]
    text = "Nama\tNIP\tNo. HP\n" + "".join(f"{name}\t{NIP.format(n)}\t0812345000{n}\n" for name, n in rows)
    page.fill("textarea", text)
    page.click("text=Periksa tabel")
    page.wait_for_selector("td .state")
    assert page.locator("td .state").all_inner_texts() == ["Akan didaftarkan", "Akan didaftarkan", "Kursi habis"]
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.check("#told")
    page.click("text=Daftarkan 2 orang")
    page.wait_for_selector("#flashes .alert-success")
    db.session.rollback()
    stage = db.session.get_one(type(invitation.stage), stage_id)
    assert [one.name for one in registrations(stage)] == ["Siti Aminah", "Raja Ismail"]
