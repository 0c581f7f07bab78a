"""The agenda for calendars, for paper, and on the stage's page."""

import io

import pytest
from flask import Flask
from icalendar import Calendar
from pypdf import PdfReader

from app.agenda.rules import SessionKind
from app.extensions import db, transaction
from app.programmes.models import Stage
from tests import factories
from tests.factories import at
from tests.pages import PageClient
from tests.personas import People


def planned_stage(zone: str = "Asia/Makassar") -> Stage:
    stage = factories.stage(factories.programme(factories.host(timezone=zone)), venue="Aula Lantai 3")
    lesson = factories.agenda_session(
        stage, title="Kebijakan Smart City", room="Aula", groups=[factories.group(stage.programme, name="Smart Living")]
    )
    factories.session_speaker(lesson, factories.speaker(stage.host, name="Siti Rahmah", title_after="M.Kom."))
    times = {"starts_at": at(stage, 9, 30), "ends_at": at(stage, 10)}
    factories.agenda_session(stage, title="Rehat kopi", kind=SessionKind.BREAK, **times)
    return stage


def test_the_calendar_has_every_session_but_the_breaks(app: Flask, client: PageClient) -> None:
    stage = planned_stage()

    answer = client.get(f"/kegiatan/{stage.slug}/agenda.ics", check=False)
    again = client.get(f"/kegiatan/{stage.slug}/agenda.ics", check=False)

    assert answer.headers["Content-Type"].startswith("text/calendar")
    calendar = Calendar.from_ical(answer.data)
    [event] = calendar.walk("VEVENT")
    assert event["SUMMARY"] == "Kebijakan Smart City"
    assert event["DTSTART"].params["TZID"] == "Asia/Makassar"
    assert event["DTSTART"].dt == at(stage, 8) and event["DTEND"].dt == at(stage, 9, 30)
    assert event["LOCATION"] == "Aula, Aula Lantai 3"
    assert "Narasumber: Siti Rahmah, M.Kom." in event["DESCRIPTION"] and event["DTSTAMP"]
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["Asia/Makassar"]
    assert Calendar.from_ical(again.data).walk("VEVENT")[0]["UID"] == event["UID"]


def test_the_rundown_is_printed(app: Flask, client: PageClient) -> None:
    stage = planned_stage()

    answer = client.get(f"/kegiatan/{stage.slug}/agenda.pdf", check=False)

    assert answer.headers["Content-Type"] == "application/pdf"
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)
    for words in (
        "SUSUNAN ACARA",
        "Kebijakan Smart City",
        "Siti Rahmah, M.Kom.",
        "08.00–09.30",
        "Rehat kopi",
        "Smart Living",
    ):
        assert words in " ".join(text.split())


def test_the_stage_page_shows_the_rundown(app: Flask, client: PageClient) -> None:
    stage = planned_stage()

    words = client.get(f"/kegiatan/{stage.slug}").words()

    for expected in ("(WITA)", "08.00–09.30", "Kebijakan Smart City", "Siti Rahmah, M.Kom.", "2 JP", "Smart Living"):
        assert expected in words


@pytest.mark.parametrize("name", ["agenda.ics", "agenda.pdf"])
def test_a_stage_that_is_not_published_is_for_its_staff(people: People, name: str) -> None:
    with transaction():
        db.session.get_one(Stage, people.stage.id).published = False
    path = f"/kegiatan/{people.stage.slug}/{name}"

    people.visitor.get(path, status=404)
    people.outsider.client.get(path, status=404)
    people.viewer.client.get(path, check=False)
    people.visitor.get(f"/kegiatan/tidak-ada/{name}", status=404)
