"""Static files carry the hash of what they hold, are cached long, and are sent compressed."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.web.static import static_url


@pytest.fixture
def folder(probe: Flask, tmp_path: Path) -> Iterator[Path]:
    """The static folder, for this test an empty one."""
    own = probe.static_folder
    probe.static_folder = str(tmp_path)
    yield tmp_path
    probe.static_folder = own


def address(probe: Flask, name: str) -> str:
    with probe.test_request_context():
        return static_url(name)


def test_the_address_follows_the_content(probe: Flask, folder: Path) -> None:
    sheet = folder / "a.css"
    sheet.write_text("a{}")
    first = address(probe, "a.css")
    assert re.fullmatch(r"/static/a\.css\?v=[0-9a-f]{12}", first) and address(probe, "a.css") == first
    sheet.write_text("b{}")
    os.utime(sheet, ns=(1, 1))
    assert address(probe, "a.css") != first
    assert address(probe, "missing.css") == "/static/missing.css"


def test_only_the_right_version_is_kept_for_long(probe: Flask, folder: Path, visitor: FlaskClient) -> None:
    (folder / "a.css").write_text("a{}")
    assert "immutable" in visitor.get(address(probe, "a.css")).headers["Cache-Control"]
    assert visitor.get("/static/a.css?v=0123456789ab").headers["Cache-Control"] == "no-cache"
    plain = visitor.get("/static/a.css")
    assert plain.headers["Cache-Control"] == "no-cache" and plain.text == "a{}"
    again = visitor.get("/static/a.css", headers={"If-None-Match": plain.headers["ETag"]})
    assert again.status_code == 304


def test_the_compressed_file_is_sent_unless_it_is_older(folder: Path, visitor: FlaskClient) -> None:
    (folder / "a.js").write_text("1;")
    packed = folder / "a.js.br"
    packed.write_bytes(brotli.compress(b"1;"))
    accepting = {"Accept-Encoding": "gzip, br"}
    answer = visitor.get("/static/a.js", headers=accepting)
    assert answer.headers["Content-Encoding"] == "br" and brotli.decompress(answer.data) == b"1;"
    assert answer.mimetype == "text/javascript" and "Accept-Encoding" in answer.headers["Vary"]
    assert "Content-Encoding" not in visitor.get("/static/a.js").headers
    os.utime(packed, ns=(1, 1))
    assert "Content-Encoding" not in visitor.get("/static/a.js", headers=accepting).headers


def test_nothing_outside_the_folder(visitor: FlaskClient) -> None:
    assert visitor.get("/static/../config.py").status_code == 404
    assert visitor.get("/static/%2e%2e/config.py").status_code == 404
    assert visitor.get("/static/css").status_code == 404


def test_long_pages_are_compressed(visitor: FlaskClient) -> None:
    answer = visitor.get("/probe/page?long=1", headers={"Accept-Encoding": "br"})
    assert answer.headers["Content-Encoding"] == "br" and len(answer.data) < 500


def test_first_page_of_a_phone_is_light(probe: Flask, visitor: FlaskClient) -> None:
    """Page, styles, scripts, fonts of latin letters and icons: under 150 KB over the wire."""
    accepting = {"Accept-Encoding": "br, gzip"}
    page = visitor.get("/probe/form")
    found = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page.text)) | {
        address(probe, "vendor/fonts/plus-jakarta-sans-latin-600-normal.woff2")
    }
    weight = len(visitor.get("/probe/form", headers=accepting).data)
    for one in found:
        answer = visitor.get(one, headers=accepting)
        assert answer.status_code == 200, one
        weight += len(answer.data)
    assert weight < 150_000
