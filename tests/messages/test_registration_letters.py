"""The letters, as a mail server receives them."""

import io
from datetime import date, timedelta
from email.message import EmailMessage
from functools import partial

import icalendar
import lxml.html
import pytest
from pypdf import PdfReader

from app.programmes.models import Stage
from app.registration import service
from app.registration.models import Registration
from app.registration.rules_answers import AnswerKind
from app.shared.codes import grouped
from app.shared.dates import clock_time
from tests import factories
from tests.registration.people import fresh, online, person
from tests.registration.questions import asked


@pytest.fixture
def stage(app) -> Stage:
    app.config["BASE_URL"] = "https://bimtek.test"
    host = factories.host(name="Dinas Kominfo <Uji>", parent_name="Pemerintah Kota", email="kominfo@kota.go.id")
    programme = factories.programme(host, name="Gerakan & Smart City")
    starts_on = date.today() + timedelta(days=40)
    made = factories.stage(
        programme,
        name="Tahap “I”",
        capacity=1,
        venue="Aula",
        address="Jl. Raya 1",
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=1),
    )
    factories.category(host, "OPD")
    return made


def text_of(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content()


def entries_of(registration: Registration) -> list[icalendar.Event]:
    return icalendar.Calendar.from_ical(service.ticket_calendar(registration)).walk("VEVENT")


def html_of(mail: EmailMessage) -> lxml.html.HtmlElement:
    return lxml.html.fromstring(mail.get_body(("html",)).get_content())


def test_the_ticket_comes_with_paper_and_calendar(stage: Stage, smtp, work) -> None:
    made = online(stage, person()).registration
    code, address = made.ticket_code, f"https://bimtek.test/t/{made.ticket_code}"
    work()
    [mail] = smtp.to(person().email)
    assert mail["Subject"] == "Tiket Bapak/Ibu: Tahap “I”" and mail["Reply-To"] == "kominfo@kota.go.id"
    for text in (text_of(mail), html_of(mail).text_content()):
        assert grouped(code) in text and address in text
        assert "Siti Aminah B, S.Kom." in text and "Gerakan & Smart City" in text and "Aula, Jl. Raya 1" in text
        assert "Dinas Kominfo <Uji>" in text
    assert "&" in text_of(mail) and "&amp;" not in text_of(mail) and "\n\n\n\n" not in text_of(mail)
    ticket, forward = (link.get("href") for link in html_of(mail).findall(".//a"))
    assert ticket == address
    assert forward == f"https://wa.me/?text=Tahap%20%E2%80%9CI%E2%80%9D%3A%20https%3A%2F%2Fbimtek.test%2Ft%2F{code}"
    assert html_of(mail).get("lang") == "id"

    paper, calendar = mail.iter_attachments()
    assert (paper.get_content_type(), paper.get_filename()) == ("application/pdf", f"tiket-{stage.slug}.pdf")
    [page] = PdfReader(io.BytesIO(paper.get_content())).pages
    assert grouped(code) in page.extract_text() and "Siti Aminah B" in page.extract_text()
    assert calendar.get_content_type() == "text/calendar"
    content = calendar.get_content()
    [event] = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert (event["SUMMARY"], event["LOCATION"]) == ("Tahap “I”", "Aula, Jl. Raya 1")
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (stage.starts_on, stage.starts_on + timedelta(days=2))
    assert event["URL"] == address


def test_the_ticket_leads_to_what_is_not_answered_yet(stage: Stage, smtp, work) -> None:
    question = asked(stage, AnswerKind.SHORT_TEXT, required=True)
    open_one = online(stage, person()).registration
    done_one = online(stage, person(2), answers={question.id: "udang"}).registration
    work()
    [asks], [asks_nothing] = smtp.to(person().email), smtp.to(person(2).email)
    assert f"https://bimtek.test/t/{open_one.ticket_code}/pertanyaan" in text_of(asks)
    assert "Lengkapi pertanyaan dari panitia" in html_of(asks).text_content()
    assert "pertanyaan" not in text_of(asks_nothing) and done_one.ticket_code in "".join(
        text_of(asks_nothing).split("-")
    )


def test_the_ticket_says_when_each_day_begins_for_its_holder(stage: Stage, smtp, work) -> None:
    own, other = (factories.group(stage.programme) for _ in range(2))
    at = partial(factories.at, stage)
    factories.agenda_session(stage, starts_at=at(8), ends_at=at(9))
    factories.agenda_session(stage, starts_at=at(7, 30), ends_at=at(8))
    factories.agenda_session(stage, starts_at=at(7, day=1), ends_at=at(8, day=1), groups=[other])
    factories.agenda_session(stage, starts_at=at(9, day=1), ends_at=at(16, day=1), groups=[own])
    registration = online(stage, person(), group_ids=[own.id]).registration
    assert [line.split(", ")[-1] for line in service.when(registration)] == [
        "mulai pukul 07.30 WIB",
        "mulai pukul 09.00 WIB",
    ]
    work()
    [mail] = smtp.to(person().email)
    paper, calendar = mail.iter_attachments()
    [page] = PdfReader(io.BytesIO(paper.get_content())).pages
    for line in service.when(fresh(registration)):
        for text in (text_of(mail), html_of(mail).text_content(), page.extract_text()):
            assert line in text

    first, second = icalendar.Calendar.from_ical(calendar.get_content()).walk("VEVENT")
    assert (first["DTSTART"].dt, first["DTEND"].dt) == (at(7, 30), at(9))
    assert (second["DTSTART"].dt, second["DTEND"].dt) == (at(9, day=1), at(16, day=1))
    assert first["UID"] != second["UID"]


def test_a_calendar_taken_before_there_was_an_agenda_is_changed_and_not_doubled(stage: Stage) -> None:
    registration = online(stage, person()).registration
    [whole] = entries_of(registration)
    factories.agenda_session(stage)
    first, second = entries_of(fresh(registration))
    assert first["UID"] == whole["UID"] != second["UID"]
    assert first["DTSTART"].dt == factories.at(stage, 8) and second["DTSTART"].dt == stage.ends_on


def test_who_waits_is_told_his_place_and_is_offered_a_seat_once_one_is_free(stage: Stage, smtp, work) -> None:
    first, second, third = (online(stage, person(number)).registration for number in (1, 2, 3))
    work()
    [mail] = smtp.to(person(3).email)
    assert "daftar tunggu: 2" in text_of(mail) and not list(mail.iter_attachments())
    assert third.ticket_code in text_of(mail)

    service.cancel(fresh(first), reason="Dinas luar <kota>")
    work()
    cancelled = smtp.to(person(1).email)[-1]
    assert (
        "Alasan: Dinas luar <kota>" in text_of(cancelled) and "Dinas luar <kota>" in html_of(cancelled).text_content()
    )
    assert f"https://bimtek.test/kegiatan/{stage.slug}/daftar" in text_of(cancelled)
    offered = smtp.to(person(2).email)[-1]
    assert offered["Subject"].startswith("Tempat ditawarkan") and not list(offered.iter_attachments())
    deadline = fresh(second).offer_until
    assert f"pukul {clock_time(deadline, stage.timezone)}" in text_of(offered)
    assert f"Terima kursi ini: https://bimtek.test/t/{fresh(second).ticket_code}" in text_of(offered)


def test_a_letter_that_has_been_overtaken_is_not_sent(stage: Stage, smtp, work) -> None:
    made = online(stage, person()).registration
    service.cancel(made)
    work()
    assert [mail["Subject"].split(":")[0] for mail in smtp.messages] == ["Pendaftaran dibatalkan"]


def test_letters_are_written_without_a_request_in_indonesian(stage: Stage, smtp, work, client) -> None:
    client.get(f"/kegiatan/{stage.slug}?lang=en")
    online(stage, person())
    work()
    assert "Yth." in text_of(smtp.messages[0])
