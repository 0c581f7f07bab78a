"""The scanner as an app: what its service worker keeps, and its manifest."""

import json
import re
import shutil
from pathlib import Path

import pytest
from flask import Flask

from tests.pages import browse
from tests.personas import People


def script(app: Flask) -> str:
    return browse(app).request_raw("/presensi/sw.js").text


def test_the_worker_keeps_the_whole_page_and_nothing_else(app: Flask) -> None:
    client = browse(app)
    answer = client.request_raw("/presensi/sw.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Service-Worker-Allowed"] == "/presensi"
    assert answer.headers["Cache-Control"] == "public, no-cache"
    found = re.search(r"new Set\((\[.*?\])\)", answer.text)
    assert found
    files = set(json.loads(found[1]))
    asked = re.findall(r'(?:src|href)="(/static/[^"?]+)', client.get("/presensi").text)
    modules = {f"/static/js/checkin/{path.name}" for path in Path(app.static_folder or "").glob("js/checkin/*.js")}
    assert {*asked, *modules} - files == {"/static/css/without-script.css"}
    for file in files:
        assert client.request_raw(file).status_code == 200
    decoder = "/static/js/checkin/decode_worker.js"
    assert client.request_raw(f"/presensi{decoder}").data == client.request_raw(decoder).data
    assert client.request_raw("/presensi/static/../config.py").status_code == 404
    assert client.request_raw("/presensi/static/tidak-ada.js").status_code == 404


def test_a_change_of_any_file_or_of_the_language_makes_another_version(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "static"
    shutil.copytree(app.static_folder or "", copy)
    monkeypatch.setattr(app, "static_folder", str(copy))
    before = script(app)
    assert script(app) == before
    assert browse(app).request_raw("/presensi/sw.js?lang=en").text != before
    (copy / "js/checkin/rule.js").write_text("another rule", encoding="utf-8")
    assert script(app) != before


def test_the_manifest_makes_it_installable(app: Flask) -> None:
    client = browse(app)
    assert '<link rel="manifest" href="/presensi/manifest.webmanifest">' in client.get("/presensi").text
    answer = client.request_raw("/presensi/manifest.webmanifest")
    assert answer.headers["Content-Type"] == "application/manifest+json"
    manifest = answer.json
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/presensi", "/presensi", "standalone")
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
    for icon in manifest["icons"]:
        assert client.request_raw(icon["src"]).headers["Content-Type"] == "image/png"


def test_nothing_of_it_is_anybodys(app: Flask, people: People) -> None:
    assert people.participant.full_name
    for path in ("/presensi/sw.js", "/presensi/manifest.webmanifest"):
        signed_in = people.organiser.client.request_raw(path)
        assert signed_in.data == people.visitor.request_raw(path).data
        assert "Set-Cookie" not in people.visitor.request_raw(path).headers
