"""Who is in a segment, as staff see it before they send: how many, who cannot be reached, and the list for WhatsApp."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import selectinload

from app.checkin.queries import find_checkpoint
from app.extensions import db
from app.feedback.queries import find_questionnaire
from app.institutions.models import Institution, InstitutionCategory
from app.jobs.models import OutboxMessage
from app.jobs.queries import bad_addresses_of
from app.jobs.rules import MessageState
from app.messages.defaults import Text
from app.messages.models import Campaign, CampaignRecipient
from app.messages.queries import addressed, count_of, people_in
from app.messages.queries_values import StageFacts
from app.messages.rules import LETTER, named_in
from app.messages.rules_filling import Value, as_text, filled_line
from app.messages.rules_segments import Segment
from app.programmes.models import ParticipantGroup, Stage
from app.registration.models import Registration
from app.registration.rules import STATE_LABELS, ConsentKind
from app.registration.rules_people import ANSWERING_LABELS
from app.shared.phone import shown_phone
from app.web.locale import default_language


@dataclass(frozen=True)
class Counts:
    """How many a segment holds; `bad` of those with an address are known not to be reached by it."""

    people: int
    with_address: int
    bad: int

    @property
    def without_address(self) -> int:
        return self.people - self.with_address


@dataclass(frozen=True)
class WhatsAppEntry:
    """One person with the text for him. `consents`: he has agreed to be written to by WhatsApp."""

    registration: Registration
    text: str
    consents: bool

    @property
    def may_write(self) -> bool:
        return self.consents and bool(self.registration.phone)

    @property
    def line(self) -> str:
        """Name and number, as the whole list is copied."""
        return f"{self.registration.full_name}\t{shown_phone(self.registration.phone)}"


def delivery_of(campaign: Campaign) -> dict[MessageState, int]:
    """How many of a message's mails are in which state of the outbox."""
    recipients = sa.select(CampaignRecipient.id).where(CampaignRecipient.campaign_id == campaign.id)
    statement = (
        sa.select(OutboxMessage.state, sa.func.count())
        .where(OutboxMessage.kind == LETTER, OutboxMessage.subject_id.in_(recipients))
        .group_by(OutboxMessage.state)
    )
    return {state: count for state, count in db.session.execute(statement)}


def without_address(people: sa.Select[Any]) -> sa.Select[Any]:
    """Those of a segment whom mail cannot reach, for they gave no address."""
    return people.where(sa.or_(Registration.email.is_(None), Registration.email == ""))


def counts_of(stage: Stage, segment: Segment) -> Counts:
    """How many are in a segment, and how many of them mail reaches."""
    with_address = addressed(stage, segment)
    unreached = with_address.where(_address().in_(bad_addresses_of(stage.programme.host_id)))
    return Counts(count_of(people_in(stage, segment)), count_of(with_address), count_of(unreached))


def bad_in(stage: Stage) -> set[str]:
    """The addresses, in small letters, that mail of the stage's host does not reach."""
    return set(db.session.scalars(bad_addresses_of(stage.programme.host_id)))


def first_of(people: sa.Select[Any]) -> Registration | None:
    return db.session.scalar(people.limit(1))


def with_consents(people: sa.Select[Any]) -> sa.Select[Any]:
    return people.options(selectinload(Registration.consents))


def whatsapp_entries(stage: Stage, people: Sequence[Registration], text: Text) -> list[WhatsAppEntry]:
    """The text for each of these people; without the link that forwards it, which WhatsApp itself does."""
    facts = StageFacts(stage)
    facts.prepare(people)
    names = named_in(text.subject, text.body)
    entries = []
    with force_locale(default_language()):
        for one in people:
            values = facts.of_person(one, names) | {"tautan_whatsapp": Value()}
            said = f"*{filled_line(text.subject, values)}*\n\n{as_text(text.body, values)}"
            entries.append(WhatsAppEntry(one, said, one.consents_to(ConsentKind.WHATSAPP)))
    return entries


def described(stage: Stage, segment: Segment) -> list[str]:
    """What a segment is narrowed to, in words; a thing that is gone meanwhile is said to be."""
    states = [str(STATE_LABELS[state]) for state in segment.states] or [str(_("everybody who has not ended"))]
    parts = [", ".join(states)]
    if segment.category:
        parts.append(_name(InstitutionCategory, InstitutionCategory.code == segment.category, stage))
    if segment.institution is not None:
        parts.append(_name(Institution, Institution.id == segment.institution, stage))
    if segment.group is not None:
        group = db.session.get(ParticipantGroup, segment.group)
        parts.append(group.name if group else _("a group that is gone"))
    if segment.checkpoint is not None:
        point = find_checkpoint(stage, segment.checkpoint)
        label = _("Present: %(name)s") if segment.present else _("Expected, not present: %(name)s")
        parts.append(label % {"name": point.name if point else _("a checkpoint that is gone")})
    if segment.questionnaire is not None:
        asked = find_questionnaire(stage, segment.questionnaire)
        label = _("Has answered: %(name)s") if segment.answered else _("Has not answered: %(name)s")
        parts.append(label % {"name": asked.title if asked else _("a questionnaire that is gone")})
    if segment.answering is not None:
        parts.append(f"{_('Questions of the stage')}: {ANSWERING_LABELS[segment.answering]}")
    return parts


def _name(kind: type[Institution] | type[InstitutionCategory], condition: Any, stage: Stage) -> str:
    found = db.session.scalar(sa.select(kind.name).where(condition, kind.host_id == stage.programme.host_id))
    return found or _("an entry of the directory that is gone")


def _address() -> Any:
    return sa.func.lower(Registration.email)
