"""Use-cases of registration: to register, to change what was registered, and to hand out seats and tickets."""

from app.registration.service.changes import cancel, correct, give_seat, resend_ticket, set_groups
from app.registration.service.decisions import approve, reject, undo_decisions
from app.registration.service.invitations import (
    SEATS_LACK,
    InvitationRefused,
    change_invitation,
    create_invitation,
    decline,
    expire_invitations,
    free_for,
    invitations_of,
    invite,
    usual_deadline_of,
    withdraw_invitation,
)
from app.registration.service.inviting import Asked, mark_sent, remind, send_invitations
from app.registration.service.letters import (
    invitation_address,
    invitation_pdf,
    invitations_pdf,
    save_letter_settings,
    whatsapp_text,
)
from app.registration.service.making_room import seat
from app.registration.service.nominating import (
    attach_named,
    correct_named,
    correctable,
    may_correct,
    nominate,
    replace_named,
    withdraw_named,
)
from app.registration.service.offers import accept_offer, fill_seats, pass_on_offers, rejoin
from app.registration.service.quotas import seats_taken, set_quota
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
    "SEATS_LACK",
    "Asked",
    "InvitationRefused",
    "Registered",
    "accept_offer",
    "approve",
    "attach_named",
    "cancel",
    "change_invitation",
    "correct",
    "correct_named",
    "correctable",
    "course_days_of",
    "create_invitation",
    "decline",
    "expire_invitations",
    "fill_seats",
    "free_for",
    "give_seat",
    "invitation_address",
    "invitation_pdf",
    "invitations_of",
    "invitations_pdf",
    "invite",
    "mark_sent",
    "may_correct",
    "nominate",
    "pass_on_offers",
    "register",
    "reject",
    "rejoin",
    "remind",
    "replace",
    "replace_named",
    "resend_ticket",
    "save_letter_settings",
    "seat",
    "seats_taken",
    "send_invitations",
    "set_groups",
    "set_quota",
    "ticket_address",
    "ticket_calendar",
    "ticket_page",
    "ticket_pdf",
    "undo_decisions",
    "usual_deadline_of",
    "whatsapp_text",
    "when",
    "withdraw_invitation",
    "withdraw_named",
]
