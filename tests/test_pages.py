"""The client that checks pages must itself be able to complain."""

import pytest
from flask import Flask, redirect, request

from tests.pages import PageClient, browse

GOOD = """<!doctype html><html lang="id"><head><title>Judul</title></head><body><main><h1>Judul</h1>{}</main></body></html>"""
FORM = """<form method="post" action="/terima"><input type="hidden" name="csrf_token" value="t"><input type="hidden" name="key" value="k">
<label for="a">Nama</label><input id="a" name="name" value="Siti"><label><input type="checkbox" name="agree" value="y"> Setuju</label>
<label for="s">Unsur</label><select id="s" name="category"><option value="">–</option>
<option value="OPD" selected>OPD</option><option>BUMD</option></select>
<label for="n">Catatan</label><textarea id="n" name="note">lama</textarea>
<label for="f">Berkas</label><input id="f" type="file" name="file">
<button name="do" value="save">Simpan</button></form>"""


@pytest.fixture
def visitor() -> PageClient:
    app = Flask("pages")

    @app.get("/")
    def page() -> str:
        return GOOD.format(request.args.get("body", ""))

    @app.get("/form")
    def form() -> str:
        return GOOD.format(FORM)

    @app.get("/pergi")
    def leave() -> object:
        return redirect("/?body=<p>tiba</p>")

    @app.post("/terima")
    def take() -> dict[str, str]:
        return request.form.to_dict()

    return browse(app)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<h1>Dua</h1>", "2 h1"),
        ("<p id=x></p><p id=x></p>", "id 'x' stands 2 times"),
        ("<input name=x>", "has no label"),
        ("<label for=y>Y</label>", "points nowhere"),
        ("<p style='color:red'>x</p>", "inline style or script"),
        ("<script>alert(1)</script>", "inline style or script"),
        ("<p onclick='x()'>x</p>", "inline handler"),
        ("<button></button>", "has no name"),
        ("<a href='javascript:x()'>x</a>", "script in an address"),
        ("<form method=post></form>", "has no csrf_token"),
        ("<img src=x>", "an image without alt"),
    ],
)
def test_a_badly_made_page_is_refused(visitor: PageClient, body: str, complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        visitor.get("/", query_string={"body": body})


def test_a_well_made_page_is_read(visitor: PageClient) -> None:
    page = visitor.get("/pergi")
    assert page.hops == ["/?body=%3Cp%3Etiba%3C/p%3E"]
    assert page.texts("main p") == ["tiba"]
    with pytest.raises(AssertionError, match="404, expected 200"):
        visitor.get("/hilang")


def test_a_form_is_sent_as_a_browser_would(visitor: PageClient) -> None:
    sent = visitor.get("/form").submit(button="do=save", name="Budi", agree=True, category="BUMD").json
    assert sent == {
        "csrf_token": "t",
        "key": "k",
        "name": "Budi",
        "agree": "y",
        "category": "BUMD",
        "note": "lama",
        "do": "save",
    }


def test_what_nobody_could_fill_in_is_refused(visitor: PageClient) -> None:
    page = visitor.get("/form")
    with pytest.raises(AssertionError, match="no field 'nik'"):
        page.submit(nik="1")
    with pytest.raises(AssertionError, match="'category' offers"):
        page.submit(category="LAIN")
