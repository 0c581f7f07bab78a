"""The ticket as its holder keeps it: its address, on paper, and in a calendar."""

from __future__ import annotations

from datetime import date, timedelta

from icalendar import Calendar, Event

from app.agenda.queries import sessions_of
from app.agenda.rules import expects
from app.hosts.queries import letterhead_of
from app.registration import pdf
from app.registration.models import Registration
from app.registration.rules_days import CourseDay, course_days, when_lines
from app.web.places import public_url


def ticket_address(registration: Registration) -> str:
    """What the QR holds: all in upper case, which makes the code smaller."""
    return public_url(f"/t/{registration.ticket_code}").upper()


def ticket_page(registration: Registration) -> str:
    """The address of the ticket's page, as it is mailed."""
    return public_url(f"/t/{registration.ticket_code}")


def ticket_pdf(registration: Registration) -> bytes:
    """The ticket on a sheet of A5; its words are Indonesian whoever reads it, as those of every paper."""
    stage = registration.stage
    return pdf.ticket(
        pdf.TicketPaper(
            qr_text=ticket_address(registration),
            code=registration.ticket_code,
            name=registration.full_name,
            institution=registration.institution_name,
            position=registration.position,
            category=registration.category.name,
            programme=stage.programme.name,
            stage=stage.name,
            dates=tuple(when(registration)),
            place=stage.place,
            letterhead=letterhead_of(stage.host),
            address=ticket_page(registration),
        )
    )


def course_days_of(registration: Registration) -> list[CourseDay]:
    """The days of the stage, each with the times between which the person is expected."""
    stage = registration.stage
    own = frozenset(group.id for group in registration.groups)
    spans = [
        (session.starts_at, session.ends_at)
        for session in sessions_of(stage)
        if expects(frozenset(group.id for group in session.groups), own)
    ]
    return course_days(stage.starts_on, stage.ends_on, spans, stage.timezone)


def when(registration: Registration, locale: str = "id") -> list[str]:
    """When to come, in lines: "8 s.d. 9 Juli 2019, mulai pukul 07.30 WIB"."""
    return when_lines(course_days_of(registration), registration.stage.timezone, locale)


def ticket_calendar(registration: Registration) -> bytes:
    """The stage for a calendar (.ics): an entry for each day once there is an agenda, else one for all days.

    UIDs stay, and the first day keeps that of the whole, so that a second download changes entries instead of adding them.
    """
    days = course_days_of(registration)
    calendar = Calendar()
    calendar.add("prodid", "-//Bimtek//ID")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    if any(day.starts_at for day in days):
        for number, day in enumerate(days, start=1):
            calendar.add_component(_entry(registration, day, day.day, number=number))
    else:
        calendar.add_component(_entry(registration, days[0], days[-1].day))
    return bytes(calendar.to_ical())


def _entry(registration: Registration, day: CourseDay, last: date, *, number: int = 1) -> Event:
    """A day between its times, or whole days until `last` where it has none."""
    stage = registration.stage
    event = Event()
    event.add("uid", f"{stage.slug}-{registration.id}{f'-{number}' if number > 1 else ''}@bimtek")
    event.add("dtstamp", registration.created_at)
    event.add("summary", stage.name)
    event.add("description", f"{stage.programme.name}\n{ticket_page(registration)}")
    event.add("location", stage.place)
    event.add("url", ticket_page(registration))
    event.add("dtstart", day.starts_at or day.day)
    event.add("dtend", day.ends_at or last + timedelta(days=1))
    event.add("transp", "OPAQUE")
    return event
