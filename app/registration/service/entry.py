"""What a registration begins with, whichever way it is made: its own values, the consents, and what is answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.extensions import db
from app.registration.models import Consent, Registration
from app.registration.rules import (
    CONSENT_WORDINGS,
    LONGEST,
    ConsentKind,
    Outcome,
    PersonDetails,
    Reason,
    RegistrationState,
)
from app.shared.codes import digest, new_code
from app.shared.names import sort_key


@dataclass(frozen=True)
class Registered:
    """What became of it. ALREADY carries the registration in force, which whoever typed must not be shown.

    `ticket_code` and `mailed_to` are for whoever has just registered; they spare reading the registration, which is read
    only where somebody looks at it.
    """

    outcome: Outcome
    read: Registration | None = None
    reason: Reason | None = None
    ticket_code: str = ""
    mailed_to: str = ""
    made_id: int | None = None

    @property
    def registration(self) -> Registration | None:
        return self.read if self.made_id is None else db.session.get_one(Registration, self.made_id)

    @property
    def registration_id(self) -> int | None:
        return self.made_id if self.read is None else self.read.id


def columns(person: PersonDetails, now: datetime) -> dict[str, Any]:
    """The values of a new registration that follow from the person alone, with codes drawn for it."""
    ticket, badge = new_code(), new_code()
    return {
        "title_before": person.title_before,
        "name": person.name,
        "title_after": person.title_after,
        "sort_name": sort_key(person.name, LONGEST["name"]),
        "institution_id": person.institution_id,
        "institution_name": person.institution_name,
        "identity_type": person.identity_type,
        "identity_number": person.identity_number,
        "rank": person.rank,
        "position": person.position,
        "email": person.email,
        "phone": person.phone,
        "ticket_code": ticket,
        "ticket_hash": digest(ticket),
        "badge_code": badge,
        "badge_hash": digest(badge),
        "cancel_reason": "",
        "created_at": now,
    }


def consent_rows(consents: Iterable[ConsentKind], *, now: datetime) -> list[dict[str, Any]]:
    """What the person said yes to, in the words that were shown."""
    return [{"kind": kind, "wording": str(CONSENT_WORDINGS[kind]), "given_at": now} for kind in consents]


def begins_as(state: RegistrationState, now: datetime) -> dict[str, Any]:
    """The values of a new registration that follow from the state in which it begins."""
    return {
        "state": state,
        "confirmed_at": now if state is RegistrationState.CONFIRMED else None,
        "waiting_since": now if state is RegistrationState.WAITLISTED else None,
    }


def add_consents(registration_id: int, consents: Iterable[ConsentKind], *, now: datetime) -> None:
    """Keep what the person said yes to."""
    rows = [{"registration_id": registration_id, **row} for row in consent_rows(consents, now=now)]
    if rows:
        db.session.connection().execute(ADDING_CONSENTS, rows)


ADDING_CONSENTS = sa.insert(Consent.__table__).inline()
