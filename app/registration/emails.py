"""Letters to the registered person, written in the worker: no request, Indonesian, links by BASE_URL."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from app.extensions import db
from app.jobs.models import OutboxMessage
from app.jobs.service import Attachment, Letter
from app.registration import queries
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.registration.service import ticket_calendar, ticket_page, ticket_pdf, when
from app.web.locale import default_language
from app.web.places import public_url


def ticket(message: OutboxMessage) -> Letter | None:
    """The ticket of a confirmed place; None when the place is gone before the mail went out."""
    registration = _registration(message, RegistrationState.CONFIRMED)
    return registration and _write(registration, "ticket", with_ticket=True)


def promoted(message: OutboxMessage) -> Letter | None:
    """A seat has become free for who was waiting: the ticket."""
    registration = _registration(message, RegistrationState.CONFIRMED)
    return registration and _write(registration, "ticket_promoted", with_ticket=True)


def waitlisted(message: OutboxMessage) -> Letter | None:
    """On the waiting list, at which place; None for who has a seat by now and was told so."""
    registration = _registration(message, RegistrationState.WAITLISTED)
    return registration and _write(registration, "ticket_waitlisted", place=queries.waiting_place(registration))


def cancelled(message: OutboxMessage) -> Letter | None:
    """The registration has ended, and why where a reason was given."""
    registration = _registration(message, RegistrationState.CANCELLED)
    return registration and _write(registration, "ticket_cancelled")


def _registration(message: OutboxMessage, state: RegistrationState) -> Registration | None:
    registration = db.session.get(Registration, message.subject_id)
    return registration if registration is not None and registration.state is state else None


def _write(registration: Registration, template: str, *, with_ticket: bool = False, **values: Any) -> Letter:
    stage = registration.stage
    with force_locale(default_language()):
        subjects = {
            "ticket": _("Your ticket: %(stage)s", stage=stage.name),
            "ticket_promoted": _("You have a seat: %(stage)s", stage=stage.name),
            "ticket_waitlisted": _("Waiting list: %(stage)s", stage=stage.name),
            "ticket_cancelled": _("Registration cancelled: %(stage)s", stage=stage.name),
        }
        values |= {
            "registration": registration,
            "stage": stage,
            "host": stage.host,
            "subject": subjects[template],
            "ticket_page": ticket_page(registration),
            "register_again": public_url(f"/kegiatan/{stage.slug}/daftar"),
            "place_name": stage.place,
            "when": when(registration, default_language()),
        }
        return Letter(
            subject=subjects[template],
            text=render_template(f"emails/{template}.txt", **values),
            html=render_template(f"emails/{template}.html", **values),
            attachments=_attachments(registration) if with_ticket else (),
        )


def _attachments(registration: Registration) -> tuple[Attachment, ...]:
    slug = registration.stage.slug
    return (
        Attachment(f"tiket-{slug}.pdf", "application/pdf", ticket_pdf(registration)),
        Attachment(f"{slug}.ics", "text/calendar; charset=utf-8; method=PUBLISH", ticket_calendar(registration)),
    )
