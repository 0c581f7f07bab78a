"""Use-cases of registration: to register, to change what was registered, and to hand out seats and tickets."""

from app.registration.service.changes import cancel, correct, give_seat, resend_ticket, set_groups
from app.registration.service.invitations import invitations_of, invite
from app.registration.service.registering import Registered, register
from app.registration.service.seats import fill_seats
from app.registration.service.sheets import people_sheet
from app.registration.service.tickets import (
    course_days_of,
    ticket_address,
    ticket_calendar,
    ticket_page,
    ticket_pdf,
    when,
)

__all__ = [
    "Registered",
    "cancel",
    "correct",
    "course_days_of",
    "fill_seats",
    "give_seat",
    "people_sheet",
    "invitations_of",
    "invite",
    "register",
    "resend_ticket",
    "set_groups",
    "ticket_address",
    "ticket_calendar",
    "ticket_page",
    "ticket_pdf",
    "when",
]
