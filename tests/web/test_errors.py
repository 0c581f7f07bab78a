"""Every error has a page in the look of the rest, problem details for the API, a fragment for htmx."""

import logging
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.web.errors import EXPLANATIONS
from tests.web.conftest import application


@pytest.mark.parametrize("code", sorted(EXPLANATIONS))
def test_each_error_has_a_page(visitor: FlaskClient, code: int) -> None:
    answer = visitor.get(f"/probe/error/{code}")
    assert answer.status_code == code
    assert answer.text.count("<h1") == 1 and 'lang="id"' in answer.text
    assert "Ke halaman depan" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_error_without_words_of_its_own_has_a_page_too(visitor: FlaskClient) -> None:
    answer = visitor.get("/probe/error/418")
    assert answer.status_code == 418 and "<h1" in answer.text


def test_a_given_sentence_is_shown(visitor: FlaskClient) -> None:
    answer = visitor.get("/probe/told")
    assert answer.status_code == 410 and "The offer ended on Monday." in answer.text


def test_wrong_address_and_wrong_method(visitor: FlaskClient) -> None:
    assert visitor.get("/no/such/page").status_code == 404
    wrong = visitor.delete("/probe/page")
    assert wrong.status_code in (400, 405)
    assert visitor.put("/api/v1/probe").headers["Allow"]


def test_a_crash_is_logged_and_not_shown(visitor: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answer = visitor.get("/probe/crash")
    assert answer.status_code == 500
    assert "secret" not in answer.text and "Terjadi gangguan di pihak kami" in answer.text
    assert "a secret of the inside" in caplog.text


def test_without_a_database_there_is_still_a_page(tmp_path: Path) -> None:
    visitor = application(tmp_path, f"sqlite:///{tmp_path / 'missing' / 'x.sqlite'}").test_client()
    with visitor.session_transaction() as session:
        session["_user_id"] = "1.1"
    answer = visitor.get("/probe/database")
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert answer.text.count("<h1") == 1 and "Traceback" not in answer.text
    assert visitor.get("/no/such/page").status_code == 404


def test_in_english(visitor: FlaskClient) -> None:
    assert "Page not found" in visitor.get("/no/such/page?lang=en").text


def test_problem_details_for_the_api(visitor: FlaskClient) -> None:
    answer = visitor.get("/api/v1/no-such-call")
    assert answer.status_code == 404 and answer.mimetype == "application/problem+json"
    assert answer.json and answer.json["status"] == 404 and answer.json["title"] and answer.json["detail"]
    crash = visitor.get("/api/v1/probe/crash")
    assert crash.status_code == 500 and crash.mimetype == "application/problem+json" and "secret" not in crash.text


def test_a_fragment_for_htmx(visitor: FlaskClient) -> None:
    answer = visitor.get("/probe/error/404", headers={"HX-Request": "true"})
    assert answer.status_code == 404 and "<html" not in answer.text and 'role="alert"' in answer.text
    assert answer.headers["HX-Retarget"] == "#flashes"


@pytest.mark.parametrize("address", ["/probe/page?x=a%00b", "/probe/page%00", "/probe/page?%00=1"])
def test_nul_in_an_address_is_refused(visitor: FlaskClient, address: str) -> None:
    assert visitor.get(address).status_code in (400, 404)


def test_below_the_panel_the_way_leads_back_to_the_panel(visitor: FlaskClient) -> None:
    assert 'href="/panel"' in visitor.get("/panel/no/such/page").text
    assert 'href="/panel"' not in visitor.get("/no/such/page").text
