"""A questionnaire as its participants meet it."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.extensions import db
from app.feedback import service
from app.feedback.models import FeedbackAnswer, FeedbackReceipt, Questionnaire
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.web.remembered import remember_ticket
from tests import factories
from tests.pages import Page, PageClient, browse


def with_ticket(app: Flask, *registrations: Registration) -> PageClient:
    """A phone on which these tickets were opened, the last one the latest."""
    client, cookie = browse(app), ""
    for registration in registrations:
        with app.test_request_context(headers={"Cookie": cookie}):
            set_cookie = remember_ticket(app.make_response(""), registration.ticket_code).headers["Set-Cookie"]
        cookie = set_cookie.partition(";")[0]
    name, _, value = cookie.partition("=")
    client.set_cookie(name, value)
    return client


def path(questionnaire: Questionnaire, rest: str = "") -> str:
    return f"/umpan-balik/{questionnaire.token}{rest}"


def numbers() -> list[int | None]:
    return list(db.session.scalars(sa.select(FeedbackAnswer.number).order_by(FeedbackAnswer.number)))


def fill(page: Page, questionnaire: Questionnaire, **options: Any) -> Page:
    scale, text = sorted(questionnaire.questions, key=lambda question: question.position)
    return page.submit("main form", **{f"q{scale.id}": "4", f"q{text.id}": "Lebih banyak praktik"} | options)


def test_a_participant_answers_with_the_ticket_that_the_phone_knows(app: Flask) -> None:
    stage = factories.stage()
    questionnaire, registration = factories.questionnaire(stage), factories.registration(stage, name="Siti Aminah")
    other = factories.questionnaire(stage, title="Masukan")
    client = with_ticket(app, registration)

    page = client.get(path(questionnaire))
    assert "Siti Aminah" in page.words() and page.headers["Cache-Control"] == "no-store"
    thanks = fill(page, questionnaire)

    assert thanks.url.endswith("/terima-kasih") and "Terima kasih" in thanks.texts("h1")
    assert thanks.select(f"a[href='{path(other)}']")
    again = client.get(path(questionnaire))
    assert "sudah mengisi" in again.words() and not again.select("main form")
    assert numbers() == [None, 4] or numbers() == [4, None]


def test_a_second_press_is_told_that_the_first_has_counted(app: Flask) -> None:
    stage = factories.stage()
    questionnaire, registration = factories.questionnaire(stage), factories.registration(stage)
    colleague = factories.registration(stage)
    client = with_ticket(app, colleague, registration)
    page = client.get(path(questionnaire))

    fill(page, questionnaire)
    again = fill(page, questionnaire, status=409)

    assert "sudah mengisi" in again.words()
    assert list(db.session.scalars(sa.select(FeedbackReceipt.registration_id))) == [registration.id]


def test_the_phone_offers_the_ticket_that_has_not_answered(app: Flask) -> None:
    stage = factories.stage()
    questionnaire = factories.questionnaire(stage)
    first, second = factories.registration(stage, name="Ani"), factories.registration(stage, name="Budi")
    client = with_ticket(app, first, second)

    fill(client.get(path(questionnaire)), questionnaire)

    assert "Ani" in client.get(path(questionnaire)).words()


def test_what_is_missing_is_named_and_the_rest_is_kept(app: Flask) -> None:
    stage = factories.stage()
    questionnaire, registration = factories.questionnaire(stage), factories.registration(stage)
    page = with_ticket(app, registration).get(path(questionnaire))
    text = next(question for question in questionnaire.questions if question.kind.value == "text")

    answer = page.submit("main form", status=422, **{f"q{text.id}": "Tetap di sini"})

    assert "perlu dijawab" in answer.words()
    assert answer.values("main form")[f"q{text.id}"].strip() == "Tetap di sini"
    assert numbers() == []


@pytest.mark.parametrize("value", ["9", "0", "-1", "satu", ""])
def test_forged_numbers_are_refused(app: Flask, value: str) -> None:
    stage = factories.stage()
    questionnaire, registration = factories.questionnaire(stage), factories.registration(stage)
    client = with_ticket(app, registration)
    values = client.get(path(questionnaire)).values("main form") | {f"q{questionnaire.questions[0].id}": value}

    client.post(path(questionnaire), data=values, status=422)

    assert numbers() == []


def test_the_token_of_an_old_page_gives_the_answers_back(app: Flask) -> None:
    stage = factories.stage()
    questionnaire, registration = factories.questionnaire(stage), factories.registration(stage)
    client = with_ticket(app, registration)
    values = client.get(path(questionnaire)).values("main form")
    key = f"q{questionnaire.questions[0].id}"

    page = client.post(path(questionnaire), data=values | {key: "5", "csrf_token": "basi"}, status=422)

    assert page.values("main form")[key] == "5"
    assert numbers() == []


def test_without_a_ticket_the_code_is_asked(app: Flask, client: PageClient) -> None:
    stage = factories.stage()
    questionnaire, registration = factories.questionnaire(stage), factories.registration(stage, name="Siti Aminah")
    page = client.get(path(questionnaire))
    assert "Siti" not in page.words()

    code = registration.ticket_code
    page = page.submit("main form", code=f"{code[:4].lower()}-{code[4:8]} {code[8:]}")

    assert "Siti Aminah" in page.words()
    fill(page, questionnaire)
    assert len(numbers()) == 2


def test_wrong_codes_are_refused_and_counted(app: Flask, client: PageClient) -> None:
    questionnaire = factories.questionnaire(factories.stage())
    foreign = factories.registration()
    page = client.get(path(questionnaire))

    assert "tahap lain" in page.submit("main form", status=422, code=foreign.ticket_code).words()
    assert "Pertanyaan ini" not in page.submit("main form", status=422, code="").words()
    for _ in range(10):
        page.submit("main form", status=422, code="AAAA-BBBB-CCCC-DDDD")
    page.submit("main form", status=429, code="AAAA-BBBB-CCCC-DDDD")

    browse(app).get(path(questionnaire)).submit("main form", status=422, code="AAAA-BBBB-CCCC-DDDD")


@pytest.mark.parametrize(
    ("values", "words"),
    [({"opened_at": None}, "belum dibuka"), ({"closed_at": factories.clock.now()}, "sudah ditutup")],
)
def test_one_that_is_not_open_says_so(app: Flask, values: dict[str, Any], words: str) -> None:
    stage = factories.stage()
    questionnaire = factories.questionnaire(stage, **values)

    page = with_ticket(app, factories.registration(stage)).get(path(questionnaire))

    assert words in page.words() and not page.select("main form")


def test_who_waits_for_one_to_open_sees_it_open(app: Flask) -> None:
    stage = factories.stage()
    questionnaire = factories.questionnaire(stage, opened_at=None)
    visitor, asking = with_ticket(app, factories.registration(stage)), {"HX-Request": "true"}
    waits = visitor.get(path(questionnaire)).one("[hx-get]")
    assert waits.get("hx-trigger") == "every 10s"

    assert "HX-Refresh" not in visitor.request_raw(waits.get("hx-get"), headers=asking).headers
    service.open_questionnaire(db.session.get_one(Questionnaire, questionnaire.id), by=None)
    assert visitor.request_raw(waits.get("hx-get"), headers=asking).headers["HX-Refresh"] == "true"
    assert visitor.get(path(questionnaire)).select("main form")


def test_one_that_closes_while_it_is_filled_in_takes_nothing(app: Flask) -> None:
    stage = factories.stage()
    questionnaire, registration = factories.questionnaire(stage), factories.registration(stage)
    page = with_ticket(app, registration).get(path(questionnaire))
    service.close_questionnaire(db.session.get_one(Questionnaire, questionnaire.id), by=None)

    answer = fill(page, questionnaire, status=409)

    assert "sudah ditutup" in answer.words() and numbers() == []


def test_the_waiting_list_and_the_cancelled_cannot_answer(app: Flask) -> None:
    stage = factories.stage()
    questionnaire = factories.questionnaire(stage)
    for state in (RegistrationState.WAITLISTED, RegistrationState.CANCELLED):
        page = with_ticket(app, factories.registration(stage, state=state)).get(path(questionnaire))
        assert "hanya untuk peserta" in page.words()


def test_somebody_elses_ticket_cannot_be_named(app: Flask) -> None:
    stage = factories.stage()
    questionnaire, victim = factories.questionnaire(stage), factories.registration(stage)
    client = with_ticket(app, factories.registration(stage))
    values = client.get(path(questionnaire)).values("main form") | {"registration": str(victim.id)}

    client.post(path(questionnaire), data=values, status=403)

    assert numbers() == []


def test_the_address_of_the_qr_is_in_capitals(app: Flask, client: PageClient) -> None:
    questionnaire = factories.questionnaire(factories.stage())

    assert client.get(path(questionnaire).upper()).url.endswith(path(questionnaire))
    assert client.get(path(questionnaire).lower()).url.endswith(path(questionnaire))


@pytest.mark.parametrize("token", ["0000000000000000", "x", "%00", "a" * 500, "💥"])
def test_no_questionnaire_at_this_address(client: PageClient, token: str) -> None:
    client.get(f"/umpan-balik/{token}", status=(400, 404))
