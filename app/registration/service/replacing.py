"""One person in place of another: the seat stays, the old ticket dies, and both are told."""

from __future__ import annotations

from dataclasses import replace as with_fields

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db, transaction
from app.registration import queries
from app.registration.models import Registration
from app.registration.rules import (
    BY_STAFF,
    Outcome,
    PersonDetails,
    Reason,
    RegistrationSource,
    RegistrationState,
    person_key,
)
from app.registration.rules_seats import REPLACEABLE
from app.registration.service import changes, participants, registering, seats
from app.registration.service.decisions import forget_decision
from app.registration.service.holding import hold
from app.registration.service.registering import Registered
from app.shared import clock


def replace(
    registration: Registration, person: PersonDetails, *, source: RegistrationSource, by: User | None = None
) -> Registered:
    """Give a person's seat, groups and invitation to another of the same unsur and institution.

    REFUSED where the old one holds no seat or is the same person; ALREADY where the new one is registered at the stage.
    """
    with transaction():
        stage, old = hold(registration)
        if old.state not in REPLACEABLE:
            return Registered(Outcome.REFUSED, reason=Reason.NOT_REPLACEABLE)
        person = with_fields(
            person,
            category_code=old.category.code,
            institution_id=old.institution_id,
            institution_name=old.institution_name,
        )
        known = queries.known_as(stage, person_key(person))
        known = known or participants.find_or_create(stage, person, known, trusted=source in BY_STAFF)
        if any(one.participant_id == old.participant_id for one in known):
            return Registered(Outcome.REFUSED, reason=Reason.SAME_PERSON)
        if (standing := registering.standing_of(known)) is not None:
            return Registered(Outcome.ALREADY, standing)
        state, groups, now = old.state, seats.place_of(old).group_ids, clock.now()
        forget_decision(old)
        seats.end(old, RegistrationState.CANCELLED, now, reason="")
        db.session.flush()
        new = registering.insert_registration(
            registering.columns(stage, person, now)
            | {
                "participant_id": known[0].participant_id,
                "source": source,
                "state": state,
                "confirmed_at": now if state is RegistrationState.CONFIRMED else None,
                "invitation_id": old.invitation_id,
                "replaces_id": old.id,
            }
        )
        if new is None:
            raise RuntimeError("a registration that conflicts with none could not be added")
        registering.add_groups(new, stage, groups)
        record("registration.replaced", old, by=by, host_id=stage.programme.host_id, reason=str(new.id))
        seats.mail("registration.replaced", old, stage)
        seats.mail(changes.LETTERS[state], new, stage)
        return registering.made(new)
