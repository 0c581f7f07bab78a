"""The ticket as its holder keeps it: its address, on paper, and in a calendar."""

from __future__ import annotations

from datetime import timedelta

from icalendar import Calendar, Event

from app.hosts.queries import letterhead_of
from app.registration import pdf
from app.registration.models import Registration
from app.shared.dates import date_span
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
            dates=date_span(stage.starts_on, stage.ends_on),
            place=stage.place,
            letterhead=letterhead_of(stage.host),
            address=ticket_page(registration),
        )
    )


def ticket_calendar(registration: Registration) -> bytes:
    """The days of the stage as one entry (.ics). Its UID stays, so that a second download changes the entry instead of adding one."""
    stage = registration.stage
    event = Event()
    event.add("uid", f"{stage.slug}-{registration.id}@bimtek")
    event.add("dtstamp", registration.created_at)
    event.add("summary", stage.name)
    event.add("description", f"{stage.programme.name}\n{ticket_page(registration)}")
    event.add("location", stage.place)
    event.add("url", ticket_page(registration))
    event.add("dtstart", stage.starts_on)
    event.add("dtend", stage.ends_on + timedelta(days=1))
    event.add("transp", "OPAQUE")
    calendar = Calendar()
    calendar.add("prodid", "-//Bimtek//ID")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
