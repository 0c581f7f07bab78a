"""The registration form as people meet it."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.extensions import db
from app.institutions.service import seed_categories
from app.jobs.models import OutboxMessage
from app.programmes.models import Stage
from app.registration.models import Consent, Registration
from app.registration.rules import ConsentKind, RegistrationState
from app.shared import clock
from app.shared.identity import IdentityType
from tests import factories
from tests.pages import PageClient, browse
from tests.registration.people import fresh, registrations

FORM = "main form"
TYPED = {
    "category": "OPD",
    "title_before": "drs.",
    "name": "Raja  Nur’aini",
    "title_after": "S.Kom.,M.T",
    "identity_type": "NIP",
    "identity_number": "19850720 201001 2 001",
    "rank": "penata (III/c)",
    "position": "Analis",
    "email": "raja@TANJUNGPINANGKOTA.go.id",
    "phone": "0812 3456-7890",
    "notice": "y",
}


@pytest.fixture
def stage(app) -> Stage:
    made = factories.stage(capacity=1, ends_on=clock.now().date() + timedelta(days=3))
    seed_categories(made.host)
    factories.notice(made.host, body="Data dipakai untuk Bimtek.")
    return fresh(made)


@pytest.fixture
def dinas(stage: Stage) -> Any:
    return factories.institution(stage.host, "OPD", name="Dinas Kominfo")


def address(stage: Stage) -> str:
    return f"/kegiatan/{stage.slug}/daftar"


def typed(**values: Any) -> dict[str, Any]:
    return TYPED | values


def send(client: PageClient, stage: Stage, **values: Any) -> TestResponse:
    """Open the form, fill it in and send it; None leaves a field out."""
    filled = {**client.get(address(stage)).values(FORM), **typed(**values)}
    return client.request_raw(address(stage), method="POST", data={k: v for k, v in filled.items() if v is not None})


def test_a_person_registers_and_is_led_to_his_ticket(client: PageClient, stage: Stage, dinas) -> None:
    answer = send(client, stage, institution=str(dinas.id), consent_whatsapp="y")
    made = registrations(stage)[0]
    assert answer.status_code == 303 and answer.headers["Location"] == f"/t/{made.ticket_code}"
    assert (made.title_before, made.name, made.title_after) == ("drs.", "Raja Nur'aini", "S.Kom., M.T")
    assert (made.institution_id, made.institution_name) == (dinas.id, "Dinas Kominfo")
    assert (made.identity_type, made.identity_number) == (IdentityType.NIP, "198507202010012001")
    assert (made.rank, made.position, made.phone) == ("III/c", "Analis", "+6281234567890")
    assert made.email == "raja@tanjungpinangkota.go.id"
    assert made.notice.body == "Data dipakai untuk Bimtek."
    assert [one.kind for one in db.session.scalars(sa.select(Consent))] == [ConsentKind.WHATSAPP]
    assert client.get_cookie("tickets") is not None


def test_titles_typed_with_the_name_go_where_they_belong(client: PageClient, stage: Stage) -> None:
    send(client, stage, title_before="", name="drs. Joko Susilo, M.Si", title_after="", institution_other="Dinas")
    [made] = registrations(stage)
    assert (made.title_before, made.name, made.title_after) == ("drs.", "Joko Susilo", "M.Si")


def test_who_has_registered_is_told_where_the_ticket_went(client: PageClient, stage: Stage, dinas) -> None:
    send(client, stage, institution=str(dinas.id))
    page = client.get(f"/t/{registrations(stage)[0].ticket_code}")
    assert "Pendaftaran berhasil. Tiket dikirim ke r***@tanjungpinangkota.go.id." in page.one("#flashes").text_content()
    assert not client.get(page.url).select("#flashes .alert")


def test_who_joins_the_waiting_list_is_told_so_and_not_of_a_ticket(client: PageClient, stage: Stage, dinas) -> None:
    factories.registration(stage)
    send(client, stage, institution=str(dinas.id))
    text = client.get(f"/t/{registrations(stage)[1].ticket_code}").one("#flashes").text_content()
    assert "daftar tunggu" in text and "r***@tanjungpinangkota.go.id" in text and "berhasil" not in text


def test_the_form_is_ready_for_a_phone(client: PageClient, stage: Stage, dinas) -> None:
    page = client.get(address(stage))
    assert page.one("#phone").get("type") == "tel" and page.one("#email").get("autocomplete") == "email"
    assert page.one(f"option[value='{dinas.id}']").get("data-category") == "OPD"
    assert "OPD" in page.one("#identity_type option[value=NIP]").get("data-category").split()
    assert len(page.select("#category option")) == 16
    assert not page.select("[name^=consent][checked]") and not page.select("[name=notice][checked]")
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"category": ""}, "category", "unsur"),
        ({"category": "PARTAI"}, "category", "daftar"),
        ({"institution_other": ""}, "institution", "instansi"),
        ({"institution_other": "", "institution": "other"}, "institution_other", "nama instansi"),
        ({"institution_other": "", "institution": "999999"}, "institution", "instansi"),
        ({"institution_other": "", "institution": "1; DROP"}, "institution", "instansi"),
        ({"institution_other": "", "institution": "9" * 30}, "institution", "instansi"),
        ({"name": ""}, "name", "nama"),
        ({"name": "x" * 121}, "name", "120"),
        ({"name": "https://judi.example"}, "name", "nama"),
        ({"title_before": "x" * 61}, "title_before", "60"),
        ({"title_after": "M.T," * 20}, "title_after", "80"),
        ({"institution_other": "\u0958" * 199}, "institution_other", "200"),
        ({"name": "\u0958" * 61}, "name", "120"),
        ({"position": "\u0958" * 81}, "position", "160"),
        ({"identity_number": "1985072020100120"}, "identity_number", "18"),
        ({"identity_number": "198513202010012001"}, "identity_number", "bulan"),
        ({"identity_number": ""}, "identity_number", "NIP"),
        ({"identity_type": "NRP", "identity_number": "12345678"}, "identity_type", "NIP"),
        ({"identity_type": "KTP"}, "identity_type", "NIP"),
        ({"rank": "Kolonel"}, "rank", "III/a"),
        ({"email": "raja@gmail.con"}, "email", "raja@gmail.com"),
        ({"email": ""}, "email", "surel"),
        ({"phone": "0771 123"}, "phone", "08"),
        ({"phone": ""}, "phone", "nomor"),
        ({"notice": ""}, "notice", "privasi"),
    ],
)
def test_each_error_says_what_to_mend_and_keeps_what_was_typed(
    client: PageClient, stage: Stage, wrong: dict[str, Any], field: str, sentence: str
) -> None:
    values = client.get(address(stage)).values(FORM) | typed(institution_other="Dinas Baru") | wrong
    page = client.post(address(stage), data=values, status=422)
    assert [one.get("id") for one in page.select(".invalid-feedback")] == [f"{field}-error"]
    assert sentence.lower() in page.one(f"#{field}-error").text_content().lower()
    assert page.one(f"#{field}").get("aria-invalid") == "true"
    values = page.values(FORM)
    for name, text in typed(**wrong).items():
        if name not in {"notice", "category", "institution", "identity_type", "name", field}:
            assert values[name] == text
    assert registrations(stage) == []


def test_several_things_wrong_are_said_at_once(client: PageClient, stage: Stage) -> None:
    page = client.get(address(stage)).submit(FORM, **typed(category="", name="", email="x", phone="1"), status=422)
    assert {one.get("id") for one in page.select(".invalid-feedback")} == {
        f"{name}-error" for name in ("category", "name", "email", "phone")
    }


def test_an_institution_belongs_to_its_category(client: PageClient, stage: Stage, dinas) -> None:
    bank = factories.institution(stage.host, "PERBANKAN", name="Bank Riau Kepri")
    page = client.get(address(stage)).submit(FORM, **typed(institution=str(bank.id)), status=422)
    assert "Bank Riau Kepri" in page.one("#institution-error").text_content()
    retired = factories.institution(stage.host, "OPD", name="Dinas Lama", retired=True)
    foreign = factories.institution(factories.host(), "OPD")
    for other in (retired, foreign):
        client.post(address(stage), data={**page.values(FORM), "institution": str(other.id)}, status=422)


@pytest.mark.parametrize(
    ("values", "kind", "number"),
    [
        ({"category": "PAKAR", "identity_type": "NONE", "identity_number": ""}, IdentityType.NONE, None),
        ({"category": "MASYARAKAT", "identity_type": None, "identity_number": ""}, IdentityType.NONE, None),
        ({"category": "MASYARAKAT", "identity_type": "", "identity_number": ""}, IdentityType.NONE, None),
        ({"category": "MASYARAKAT", "identity_type": "NIP", "identity_number": ""}, IdentityType.NONE, None),
        (
            {"category": "MASYARAKAT", "identity_type": "", "identity_number": "E1E117001"},
            IdentityType.NIM,
            "E1E117001",
        ),
        (
            {"category": "MASYARAKAT", "identity_type": "NIM", "identity_number": "e1e1-17001"},
            IdentityType.NIM,
            "E1E117001",
        ),
        (
            {"category": "OPD", "identity_type": None, "institution_other": "Dinas"},
            IdentityType.NIP,
            "198507202010012001",
        ),
    ],
)
def test_what_a_category_does_not_ask_may_be_left_out(
    client: PageClient, stage: Stage, values: dict[str, Any], kind: IdentityType, number: str | None
) -> None:
    assert send(client, stage, rank="", **values).status_code == 303
    made = registrations(stage)[0]
    assert (made.identity_type, made.identity_number) == (kind, number)


@pytest.mark.parametrize(
    ("category", "kind", "number", "field"),
    [
        ("VERTIKAL", "NONE", "12345678", "identity_type"),
        ("VERTIKAL", "", "12345678", "identity_number"),
        ("PAKAR", "", "12345678", "identity_type"),
    ],
)
def test_a_number_and_its_kind_must_agree(
    client: PageClient, stage: Stage, category: str, kind: str, number: str, field: str
) -> None:
    values = typed(category=category, institution_other="Kodim", identity_type=kind, identity_number=number)
    page = client.get(address(stage)).submit(FORM, **values, status=422)
    assert len(page.select(f"#{field}-error")) == 1


def test_a_form_left_as_it_opens_asks_nobody_for_a_kind_of_number(client: PageClient, stage: Stage) -> None:
    """Without scripts no kind follows the category."""
    page = client.get(address(stage))
    assert page.values(FORM)["identity_type"] == ""
    page.submit(FORM, category="MASYARAKAT", name="Budi", email="budi@example.com", phone="081234567890", notice="y")
    assert registrations(stage)[0].identity_type is IdentityType.NONE


def test_a_notice_that_changed_while_the_form_was_open_is_read_first(client: PageClient, stage: Stage) -> None:
    page = client.get(address(stage))
    newer = factories.notice(stage.host, version=2, body="Kini foto pun dipakai.")
    back = page.submit(FORM, **typed(institution_other="Dinas"), status=422)
    assert registrations(stage) == []
    assert back.texts(".invalid-feedback") and back.one("#notice-error") is not None
    assert not back.select("[name=notice][checked]") and "Kini foto pun" in back.one("details[open]").text_content()
    assert back.values(FORM)["name"] == "Raja Nur’aini"
    back.submit(FORM, notice="y")
    assert registrations(stage)[0].notice_id == newer.id


def test_the_same_person_again_learns_only_that_a_letter_went_out(client: PageClient, stage: Stage) -> None:
    send(client, stage, institution_other="Dinas")
    made = registrations(stage)[0]
    stranger = browse(client.application)
    page = stranger.get(address(stage)).submit(
        FORM, **typed(institution_other="Dinas", email="penipu@x.id", phone="081111111111", name="Penipu")
    )
    shown = page.text.upper()
    for secret in (made.ticket_code, made.badge_code, made.email.upper(), "RAJA", made.phone, made.identity_number):
        assert secret not in shown
    assert stranger.get_cookie("tickets") is None
    mails = list(db.session.scalars(sa.select(OutboxMessage.to_address)))
    assert mails == [made.email] * 2


def test_the_ticket_is_offered_again_only_where_this_browser_has_it(client: PageClient, stage: Stage) -> None:
    send(client, stage, institution_other="Dinas")
    [made] = registrations(stage)
    again = typed(institution_other="Dinas")
    known = client.get(address(stage)).submit(FORM, **again)
    assert known.one("main a.btn-primary").get("href") == f"/t/{made.ticket_code}"
    elsewhere = browse(client.application)
    page = elsewhere.get(address(stage)).submit(FORM, **again)
    assert not page.select("main a[href^='/t/']") and made.ticket_code not in page.text


def test_a_double_press_registers_once_and_leads_to_one_ticket(client: PageClient, stage: Stage) -> None:
    values = {**client.get(address(stage)).values(FORM), **typed(institution_other="Dinas")}
    answers = [client.request_raw(address(stage), method="POST", data=values) for _ in range(2)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert len(registrations(stage)) == 1


def test_a_full_stage_says_so_before_anything_is_sent(client: PageClient, stage: Stage) -> None:
    factories.registration(stage)
    page = client.get(address(stage))
    assert "daftar tunggu" in page.one(".alert-warning").text_content()
    assert "daftar tunggu" in page.one(f"{FORM} button[type=submit]").text_content()
    assert send(client, stage, institution_other="Dinas").status_code == 303
    assert registrations(stage)[1].state is RegistrationState.WAITLISTED


@pytest.mark.parametrize("days", [-30, 2, 30])
def test_a_window_that_is_not_open_is_explained_with_its_dates(
    client: PageClient, stage: Stage, frozen_clock, days: int
) -> None:
    values = {**client.get(address(stage)).values(FORM), **typed(institution_other="Dinas")}
    frozen_clock(clock.now() + timedelta(days=days))
    page = client.get(address(stage))
    assert not page.select(FORM) and len(page.select("main dl")) == 2
    client.post(address(stage), data=values, status=409)
    assert registrations(stage) == []


def test_without_a_place_in_the_stage_before_the_form_comes_back(client: PageClient, stage: Stage) -> None:
    following = factories.stage(stage.programme, prerequisite_id=stage.id)
    page = client.get(address(following)).submit(FORM, **typed(institution_other="Dinas"), status=422)
    assert page.values(FORM)["position"] == "Analis" and page.select(".alert-danger")


def test_a_lost_session_gives_the_form_back_filled(client: PageClient, stage: Stage) -> None:
    values = {**client.get(address(stage)).values(FORM), **typed(institution_other="Dinas"), "csrf_token": "old"}
    page = browse(client.application).post(address(stage), data=values, status=422)
    assert page.values(FORM)["name"] == "Raja Nur’aini" and registrations(stage) == []
    client = page.client
    assert client.request_raw(address(stage), method="POST", data=page.values(FORM)).status_code == 303
    assert len(registrations(stage)) == 1


def test_a_program_that_fills_every_field_is_held_up_once(client: PageClient, stage: Stage) -> None:
    page = client.get(address(stage)).submit(
        FORM, **typed(institution_other="Dinas"), second_address="http://spam", status=422
    )
    assert registrations(stage) == []
    assert client.request_raw(address(stage), method="POST", data=page.values(FORM)).status_code == 303


def test_addresses_and_methods_that_do_not_exist(client: PageClient, stage: Stage) -> None:
    client.get("/kegiatan/tidak-ada/daftar", status=404)
    client.put(address(stage), status=405)
    hidden = factories.stage(stage.programme, published=False)
    client.get(address(hidden), status=404)


def test_registering_from_the_page_needs_few_statements(client: PageClient, stage: Stage, dinas) -> None:
    values = {**client.get(address(stage)).values(FORM), **typed(institution=str(dinas.id), consent_photo="y")}
    seen: list[str] = []

    def count(*args: Any) -> None:
        seen.append(args[2])

    sa.event.listen(db.engine, "before_cursor_execute", count)
    try:
        client.request_raw(address(stage), method="POST", data=values)
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", count)
    statements = [one for one in seen if not one.startswith("BEGIN")]
    assert len(statements) <= 12, statements
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Registration)) == 1
