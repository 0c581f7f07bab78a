"""Indonesian by default, English on request, nothing else."""

import pytest
from flask.testing import FlaskClient


def lang(visitor: FlaskClient, query: str = "") -> str:
    return visitor.get(f"/probe/form{query}").text.split('<html lang="')[1][:2]


def test_the_choice_is_remembered(visitor: FlaskClient) -> None:
    assert lang(visitor) == "id"
    assert lang(visitor, "?lang=en") == "en"
    assert lang(visitor) == "en"
    assert lang(visitor, "?lang=id") == "id"
    assert lang(visitor) == "id"


@pytest.mark.parametrize("code", ["xx", "", "../../etc", "en_GB", "<b>"])
def test_unknown_languages_are_passed_over(visitor: FlaskClient, code: str) -> None:
    assert lang(visitor, f"?lang={code}") == "id"
    assert not visitor.get_cookie("lang")


def test_the_switch_keeps_the_address(visitor: FlaskClient) -> None:
    text = visitor.get("/probe/form?cari=a%26b&_external=1&endpoint=x").text
    assert 'href="/probe/form?cari=a%26b&amp;_external=1&amp;endpoint=x&amp;lang=en"' in text
