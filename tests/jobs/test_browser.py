"""The progress of a job in Chromium: it moves by itself and stops asking when there is nothing more to hear."""

from typing import Any

import pytest
from flask import Flask

from app.certificates import service
from app.extensions import db
from tests.certificates.scene import scene
from tests.personas import People

pytestmark = pytest.mark.browser


def test_progress_moves_by_itself_and_stops(
    app: Flask, people: People, live_server: str, open_page: Any, work: Any
) -> None:
    place = scene(stage=people.stage)
    place.crowd(2)
    token = service.enqueue_issue(place.stage, by=None).token
    client = people.certifier.client
    client.get(f"/panel/pekerjaan/{token}")
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    db.session.rollback()
    page = open_page("about:blank", phone=True)
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server}])
    page.goto(f"{live_server}/panel/pekerjaan/{token}")
    page.get_by_text("Menunggu giliran").wait_for()
    with page.expect_response(lambda answer: "/panel/pekerjaan/" in answer.url):
        pass
    work()
    page.get_by_text("2 sertifikat telah diterbitkan.").wait_for()
    assert page.locator("[hx-get]").count() == 0
    page.get_by_role("link", name="Kembali ke sertifikat").click()
    page.get_by_role("heading", name="Sertifikat", exact=True).wait_for()
