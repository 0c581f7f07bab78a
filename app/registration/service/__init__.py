"""Use-cases of registration: to register, to change what was registered, and to hand out seats and tickets."""

from app.registration.service.changes import cancel, correct, give_seat, resend_ticket, set_groups
from app.registration.service.decisions import approve, reject, undo_decisions
from app.registration.service.invitations import (
    InvitationRefused,
    change_invitation,
    create_invitation,
    decline,
    expire_invitations,
    invitations_of,
    invite,
    withdraw_invitation,
)
from app.registration.service.nominating import nominate
from app.registration.service.offers import accept_offer, fill_seats, pass_on_offers, rejoin
from app.registration.service.quotas import set_quota
from app.registration.service.registering import Registered, register
from app.registration.service.replacing import replace
from app.registration.service.tickets import (
    course_days_of,
    ticket_address,
    ticket_calendar,
    ticket_page,
    ticket_pdf,
    when,
)

__all__ = [
    "InvitationRefused",
    "Registered",
    "accept_offer",
    "approve",
    "cancel",
    "change_invitation",
    "correct",
    "course_days_of",
    "create_invitation",
    "decline",
    "expire_invitations",
    "fill_seats",
    "give_seat",
    "invitations_of",
    "invite",
    "nominate",
    "pass_on_offers",
    "register",
    "reject",
    "rejoin",
    "replace",
    "resend_ticket",
    "set_groups",
    "set_quota",
    "ticket_address",
    "ticket_calendar",
    "ticket_page",
    "ticket_pdf",
    "undo_decisions",
    "when",
    "withdraw_invitation",
]
