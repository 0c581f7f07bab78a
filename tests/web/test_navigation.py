"""The sections of the panel."""

from types import SimpleNamespace

import pytest
from flask import Flask

from app.web import navigation
from app.web.navigation import Scope, Section, is_current_section, register_section, section_url, sections

STAGE = SimpleNamespace(slug="tahap-1")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Flask:
    """An application of three sections."""
    monkeypatch.setattr(navigation, "_sections", {})
    app = Flask("small")
    app.add_url_rule("/panel/kegiatan/<stage>", "home", lambda stage: "")
    app.add_url_rule("/panel/kegiatan/<stage>/peserta", "people", lambda stage: "")
    app.add_url_rule("/akun", "account", lambda: "")
    for key, order in (("people", 20), ("home", 10)):
        register_section(Section(key=key, label=key, endpoint=key, icon="house", order=order))
    register_section(Section(key="account", label="account", endpoint="account", icon="person", scope=Scope.PANEL))
    return app


def test_in_their_order_by_scope(small: Flask) -> None:
    assert [section.key for section in sections("stage")] == ["home", "people"]
    assert [section.key for section in sections(Scope.PANEL)] == ["account"]
    assert sections(Scope.HOST) == []


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/panel/kegiatan/tahap-1", "home"),
        ("/panel/kegiatan/tahap-1/peserta", "people"),
        ("/panel/kegiatan/tahap-1/peserta/7", "people"),
        ("/panel/kegiatan/tahap-1/other", "home"),
        ("/panel/kegiatan/tahap-10", None),
    ],
)
def test_one_is_current(small: Flask, path: str, current: str | None) -> None:
    with small.test_request_context(path):
        found = [section.key for section in sections("stage") if is_current_section(section, STAGE)]
        assert found == ([current] if current else [])
        assert section_url(sections("panel")[0]) == "/akun"
