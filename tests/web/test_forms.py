"""The base form, and how its fields are drawn."""

from datetime import UTC, datetime

import lxml.html
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from tests.web.conftest import ProbeForm


def form_of(probe: Flask, zone: str = "Asia/Jakarta", **typed: str) -> ProbeForm:
    with probe.test_request_context():
        form = ProbeForm(MultiDict(typed), zone=zone, meta={"csrf": False})
        form.validate()
        return form


def test_lines_are_tidied_and_passwords_are_not(probe: Flask) -> None:
    form = form_of(probe, name="  Siti \t Nur'aini\0 ", secret=" as typed ", story=" one\r\ntwo \n")
    assert (form.name.data, form.secret.data, form.story.data) == ("Siti Nur'aini", " as typed ", "one\ntwo")


def test_what_spoils_a_spreadsheet_is_not_kept(probe: Flask) -> None:
    form = form_of(probe, name="Staf \uffff", story="satu\x0bdua \ufffe\x01")
    assert (form.name.data, form.story.data) == ("Staf", "satu\ndua")


def test_spaces_alone_fill_nothing(probe: Flask) -> None:
    assert form_of(probe, name="   ", seats="").name.data == ""


@pytest.mark.parametrize("typed", ["9" * 400, "-" + "9" * 400, "9" * 5000])
def test_a_number_beyond_all_bounds_is_wrong_and_no_error_of_the_server(probe: Flask, typed: str) -> None:
    form = form_of(probe, name="a", seats=typed)
    assert form.seats.errors and typed in str(form.seats())


@pytest.mark.parametrize(("zone", "hour"), [("Asia/Jakarta", 1), ("Asia/Makassar", 0)])
def test_wall_clock_of_the_host(probe: Flask, zone: str, hour: int) -> None:
    form = form_of(probe, zone, name="a", starts="2019-07-08T08:00")
    assert form.starts.data == datetime(2019, 7, 8, hour, 0, tzinfo=UTC)
    with probe.test_request_context():
        shown = ProbeForm(formdata=None, zone=zone, data={"starts": form.starts.data})
        assert 'value="2019-07-08T08:00"' in str(shown.starts())


@pytest.mark.parametrize("typed", ["yesterday", "2019-02-30T08:00", "2019-07-08"])
def test_a_wrong_moment_is_said_and_kept(probe: Flask, typed: str) -> None:
    form = form_of(probe, name="a", starts=typed)
    assert form.starts.errors and typed in str(form.starts())


def test_sentences_are_indonesian(probe: Flask) -> None:
    form = form_of(probe, name="x" * 21, seats="many", day="soon", unsur="MARS")
    said = {field.name: sentence for field, sentence in form.visible_errors}
    assert said == {
        "name": "Panjang isian paling banyak 20 karakter.",
        "day": "Tanggal belum benar.",
        "seats": "Isi dengan bilangan bulat.",
        "unsur": "Pilih salah satu dari daftar.",
    }


def test_what_is_wrong_is_tied_to_its_field(visitor: FlaskClient) -> None:
    page = lxml.html.fromstring(visitor.post("/probe/form", data={"name": ""}).text)
    name = page.get_element_by_id("name")
    assert name.get("aria-invalid") == "true" and name.get("autocomplete") == "name"
    described = [page.get_element_by_id(one).text_content().strip() for one in name.get("aria-describedby").split()]
    assert described == ["As on the card", "Bagian ini wajib diisi."]
    assert page.get_element_by_id("seats").get("inputmode") == "numeric"
    assert page.get_element_by_id("institution").get("data-search") == "Search"
    assert not page.xpath("//*[@style]")


def test_optional_fields_say_so(visitor: FlaskClient) -> None:
    page = lxml.html.fromstring(visitor.get("/probe/form").text)
    labels = {label.get("for"): " ".join(label.text_content().split()) for label in page.xpath("//form//label")}
    assert labels["name"] == "Name" and labels["story"] == "Story (opsional)"
