"""What a shared link shows of itself."""

import io

from flask import Flask
from PIL import Image

from tests import factories
from tests.messages import scene
from tests.pages import PageClient


def test_a_stages_links_show_its_card(app: Flask, client: PageClient) -> None:
    app.config["BASE_URL"] = "https://bimtek.test"
    stage = factories.stage()
    factories.notice(stage.host)
    for path in ("", "/daftar"):
        page = client.get(f"/kegiatan/{stage.slug}{path}")
        address = page.one("meta[property='og:image']").get("content")
        assert address.startswith(f"https://bimtek.test/kegiatan/{stage.slug}/kartu.png?v=")
        assert page.one("meta[property='og:image:width']").get("content") == "1200"
        assert page.one("meta[property='og:description']").get("content")
    answer = client.request_raw(address.removeprefix("https://bimtek.test"))
    assert answer.content_type == "image/png" and "public" in answer.headers["Cache-Control"]
    assert Image.open(io.BytesIO(answer.data)).size == (1200, 630)


def test_another_name_has_another_card(client: PageClient) -> None:
    first, second = factories.stage(name="Tahap I"), factories.stage(name="Tahap II")
    addresses = {
        client.get(f"/kegiatan/{stage.slug}").one("meta[property='og:image']").get("content").partition("?")[2]
        for stage in (first, second)
    }
    assert len(addresses) == 2


def test_a_stage_that_is_not_published_has_none(client: PageClient) -> None:
    stage = factories.stage(published=False)
    assert client.request_raw(f"/kegiatan/{stage.slug}/kartu.png").status_code == 404


def test_private_links_name_nobody(client: PageClient) -> None:
    stage = scene.stage_of_2019()
    registration = factories.registration(stage, name="Siti Aminah")
    invitation = scene.invitation(stage, contact_name="Raja Ismail")
    for path in (f"/t/{registration.ticket_code}", f"/undangan/{invitation.token}"):
        page = client.get(path)
        shown = " ".join(one.get("content") for one in page.select("meta[property^='og:'], meta[name='description']"))
        assert "Siti" not in shown and "Raja" not in shown and "Bank" not in shown
        assert (
            page.one("meta[property='og:image']").get("content").partition("?")[0].endswith("/static/img/preview.png")
        )
        assert "noindex" in page.one("meta[name='robots']").get("content")
