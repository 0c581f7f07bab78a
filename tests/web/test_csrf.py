"""Forged requests are refused; a form that has grown old comes back filled."""

import re

from flask.testing import FlaskClient

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def token_of(visitor: FlaskClient) -> str:
    found = TOKEN.search(visitor.get("/probe/form").text)
    assert found
    return found[1]


def test_a_form_with_its_token_is_taken(visitor: FlaskClient) -> None:
    answer = visitor.post("/probe/form", data={"csrf_token": token_of(visitor), "name": "Siti"})
    assert answer.status_code == 200 and answer.json and answer.json["name"] == "Siti"


def test_without_a_token_the_form_comes_back_filled_with_a_fresh_one(visitor: FlaskClient) -> None:
    answer = visitor.post("/probe/form", data={"name": "Siti", "story": "Long words"})
    assert answer.status_code == 422
    assert 'value="Siti"' in answer.text and "Long words" in answer.text
    assert "Halaman ini sudah terlalu lama terbuka" in answer.text
    fresh = TOKEN.search(answer.text)
    assert fresh and visitor.post("/probe/form", data={"csrf_token": fresh[1], "name": "Siti"}).status_code == 200


def test_the_token_of_another_session_is_refused(probe: object, visitor: FlaskClient) -> None:
    foreign = token_of(probe.test_client())  # type: ignore[attr-defined]
    token_of(visitor)
    assert visitor.post("/probe/form", data={"csrf_token": foreign, "name": "Siti"}).status_code == 422


def test_a_foreign_referrer_is_refused_even_where_the_form_is_kept(visitor: FlaskClient) -> None:
    https = {"base_url": "https://localhost"}
    found = TOKEN.search(visitor.get("/probe/form", **https).text)
    assert found
    data = {"csrf_token": found[1], "name": "Siti"}
    forged = visitor.post("/probe/form", data=data, headers={"Referer": "https://evil.example/"}, **https)
    assert forged.status_code == 422 and "sudah terlalu lama" in forged.text
    own = visitor.post("/probe/form", data=data, headers={"Referer": "https://localhost/probe/form"}, **https)
    assert own.status_code == 200


def test_other_views_answer_with_the_page(visitor: FlaskClient) -> None:
    answer = visitor.post("/probe/button")
    assert answer.status_code == 400
    assert "Halaman ini sudah terlalu lama terbuka" in answer.text
    assert visitor.post("/probe/button", data={"csrf_token": token_of(visitor)}).text == "pressed"


def test_the_api_knows_no_cookies_and_asks_for_no_token(visitor: FlaskClient) -> None:
    assert visitor.post("/api/v1/probe").json == {"ok": True}
