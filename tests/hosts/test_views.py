"""What everyone sees of an agency."""

import pytest

from app.hosts import service
from tests.hosts.test_rules import picture


@pytest.fixture
def host(app):
    host = service.create_host(slug="dinas-a", name="Dinas A", city="Kota A", address="Jalan A", email="a@x.go.id")
    service.set_emblem(host, picture("JPEG"), by=None)
    return host


def test_notices_for_everyone(client, host):
    service.create_host(slug="dinas-b", name="Dinas B")
    page = client.get("/privasi")
    assert "Dinas B" in page.words()
    page = page.follow("main a[href='/privasi/dinas-a']")
    assert "Undang-Undang Nomor 27 Tahun 2022" in page.words()
    service.publish_notice(host, "Paragraf satu.\n\n<script>alert(1)</script> Paragraf dua.")
    page = client.get("/privasi/dinas-a")
    assert "Paragraf satu." in page.texts(".prose p")
    assert "<script>alert" not in page.text
    client.get("/privasi/tidak-ada", status=404)


def test_no_agency_yet(client):
    client.get("/privasi")


def test_the_emblem_is_public_and_kept_by_its_name(client, host):
    page = client.get(f"/lambang/dinas-a?v={host.emblem}")
    assert page.headers["Content-Type"] == "image/png"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in page.headers["Cache-Control"]
    assert "Set-Cookie" not in page.headers
    page = client.get("/lambang/dinas-a")
    assert page.headers["Cache-Control"] == "public, max-age=300"
    client.get("/lambang/dinas-a", headers={"If-None-Match": page.headers["ETag"]}, status=304)
    assert "immutable" not in client.get("/lambang/dinas-a?v=" + "0" * 32 + ".png").headers["Cache-Control"]


def test_where_there_is_none(client, host):
    client.get("/lambang/tidak-ada", status=404)
    service.remove_emblem(host, by=None)
    client.get("/lambang/dinas-a", status=404)
