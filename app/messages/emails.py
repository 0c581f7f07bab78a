"""Every letter of the house: a text with its placeholders filled, in one frame, plain and as HTML.

Written in the worker: no request, Indonesian, links by BASE_URL. A renderer answers None when there is nothing to say any more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from app.certificates.models import Certificate
from app.certificates.rules import CertificateState
from app.extensions import db
from app.hosts.models import Host
from app.jobs.models import OutboxMessage
from app.jobs.service import Attachment, Letter
from app.messages.defaults import Text
from app.messages.models import CampaignRecipient
from app.messages.queries import template_text
from app.messages.queries_values import StageFacts
from app.messages.rules import TemplateKind, named_in
from app.messages.rules_filling import Values, as_html, as_text, filled_line
from app.programmes.models import Stage
from app.registration import service as registrations
from app.registration.models import Registration
from app.registration.models_seats import Invitation
from app.registration.rules import ENDED, RegistrationState
from app.registration.rules_seats import OPEN_INVITATION
from app.web.locale import default_language

CALENDAR_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"
# By kind of mail: the template, and the state without which the letter has been overtaken.
REGISTRATION_LETTERS = {
    "registration.ticket": (TemplateKind.CONFIRMATION, RegistrationState.CONFIRMED),
    "registration.pending": (TemplateKind.PENDING, RegistrationState.PENDING),
    "registration.waitlisted": (TemplateKind.WAITLISTED, RegistrationState.WAITLISTED),
    "registration.offered": (TemplateKind.OFFER, RegistrationState.OFFERED),
    "registration.offer_passed": (TemplateKind.OFFER_PASSED, RegistrationState.WAITLISTED),
    "registration.rejected": (TemplateKind.REJECTED, RegistrationState.REJECTED),
    "registration.cancelled": (TemplateKind.CANCELLED, RegistrationState.CANCELLED),
    "registration.replaced": (TemplateKind.REPLACED, RegistrationState.CANCELLED),
}
INVITATION_LETTERS = {
    "invitation.letter": TemplateKind.INVITATION,
    "invitation.reminder": TemplateKind.INVITATION_REMINDER,
}


def compose(
    host: Host, text: Text, values: Values, *, note: str = "", attachments: Sequence[Attachment] = ()
) -> Letter:
    """A letter of a host out of a text and the values of its placeholders; `note` stands below it."""
    with force_locale(default_language()):
        subject = filled_line(text.subject, values)
        framed = {"host": host, "subject": subject, "note": note or _for_participants()}
        return Letter(
            subject=subject,
            text=render_template("emails/letter.txt", body=as_text(text.body, values), **framed),
            html=render_template("emails/letter.html", body=as_html(text.body, values), **framed),
            attachments=tuple(attachments),
        )


def to_person(
    registration: Registration,
    text: Text,
    *,
    facts: StageFacts | None = None,
    certificate: Certificate | None = None,
    attachments: Sequence[Attachment] = (),
) -> Letter:
    """A letter to a registered person."""
    stage = registration.stage
    with force_locale(default_language()):
        names = named_in(text.subject, text.body)
        values = (facts or StageFacts(stage)).of_person(registration, names, certificate=certificate)
    return compose(stage.host, text, values, attachments=attachments)


def to_institution(invitation: Invitation, text: Text, *, attachments: Sequence[Attachment] = ()) -> Letter:
    """A letter to the contact of an invited institution."""
    stage = invitation.stage
    with force_locale(default_language()):
        values = StageFacts(stage).of_invitation(invitation, named_in(text.subject, text.body))
        note = _("This e-mail was sent to this address as that of the institution's contact.")
    return compose(stage.host, text, values, note=note, attachments=attachments)


def of_registration(kind: TemplateKind, state: RegistrationState) -> Callable[[OutboxMessage], Letter | None]:
    """The renderer of a letter about a registration; it is dropped once the registration is in another state."""

    def write(message: OutboxMessage) -> Letter | None:
        registration = db.session.get(Registration, message.subject_id)
        if registration is None or registration.state is not state:
            return None
        text = template_text(registration.stage.programme_id, kind)
        ticket = _ticket(registration) if kind is TemplateKind.CONFIRMATION else ()
        return to_person(registration, text, attachments=ticket)

    return write


def of_invitation(kind: TemplateKind) -> Callable[[OutboxMessage], Letter | None]:
    """The renderer of a letter to an institution's contact; it is dropped once the invitation takes no names."""

    def write(message: OutboxMessage) -> Letter | None:
        invitation = db.session.get(Invitation, message.subject_id)
        if invitation is None or invitation.state not in OPEN_INVITATION:
            return None
        paper = Attachment(
            f"undangan-{invitation.stage.slug}.pdf", "application/pdf", registrations.invitation_pdf(invitation)
        )
        text = template_text(invitation.stage.programme_id, kind)
        return to_institution(invitation, text, attachments=[paper])

    return write


def certificate_ready(message: OutboxMessage) -> Letter | None:
    """The certificate can be fetched from the ticket's page; None when it is no longer in force."""
    certificate = db.session.get(Certificate, message.subject_id)
    if certificate is None or certificate.state is not CertificateState.VALID:
        return None
    text = template_text(certificate.programme_id, TemplateKind.CERTIFICATE_READY)
    return to_person(certificate.registration, text, certificate=certificate)


def campaign_letter(message: OutboxMessage) -> Letter | None:
    """A message to a segment, for one of its people; None when he has left the states that were written to."""
    recipient = db.session.get(CampaignRecipient, message.subject_id)
    if recipient is None:
        return None
    registration, campaign = recipient.registration, recipient.campaign
    states = campaign.wanted.states
    if registration.state not in states and (states or registration.state in ENDED):
        return None
    return to_person(registration, Text(campaign.subject, campaign.body))


def _ticket(registration: Registration) -> list[Attachment]:
    slug = registration.stage.slug
    return [
        Attachment(f"tiket-{slug}.pdf", "application/pdf", registrations.ticket_pdf(registration)),
        Attachment(f"{slug}.ics", CALENDAR_TYPE, registrations.ticket_calendar(registration)),
    ]


def _for_participants() -> str:
    return _(
        "This e-mail was sent because this address was given for a registration. If that was not you, tell the organiser."
    )


def preview_of(stage: Stage, text: Text, subject: Registration | Invitation) -> Letter:
    """A letter as a real person or institution of the stage would get it; what they lack is made up."""
    if isinstance(subject, Invitation):
        return to_institution(subject, text)
    return to_person(subject, text, facts=StageFacts(stage, examples=True))
