"""One person in place of another: the seat stays, the old ticket dies, and both are told."""

from __future__ import annotations

from dataclasses import replace as with_fields
from typing import Any

import sqlalchemy as sa

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db, transaction
from app.programmes.models import Stage
from app.registration import queries
from app.registration.models import Registration
from app.registration.queries import Known
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
    registration: Registration,
    person: PersonDetails,
    *,
    source: RegistrationSource,
    by: User | None = None,
    notice_id: int | None = None,
    submission_key: str | None = None,
) -> Registered:
    """Give a person's seat, groups and invitation to another of the same unsur and institution.

    REFUSED where the old one holds no seat, is the same person, or the new one was not at the stage that this one asks for
    (of whom nobody asks it at the door);
    ALREADY where the new one is registered at the stage. A second press of the same form is answered as the first.
    """
    with transaction():
        stage, old = hold(registration)
        if (done := replaced_already(old, submission_key)) is not None:
            return done
        if old.state not in REPLACEABLE:
            return Registered(Outcome.REFUSED, reason=Reason.NOT_REPLACEABLE)
        person = with_fields(
            person,
            category_code=old.category.code,
            institution_id=old.institution_id,
            institution_name=old.institution_name,
        )
        known = queries.known_as(stage, person_key(person))
        if any(one.participant_id == old.participant_id for one in known):
            return Registered(Outcome.REFUSED, reason=Reason.SAME_PERSON)
        if (standing := registering.standing_of(known)) is not None:
            return Registered(Outcome.ALREADY, standing)
        if source is not RegistrationSource.WALK_IN and not _may_come(stage, known):
            return Registered(Outcome.REFUSED, reason=Reason.PREREQUISITE)
        known = known or participants.find_or_create(stage, person, known, trusted=source in BY_STAFF)
        new = _take_over(
            old,
            stage,
            person,
            {"participant_id": known[0].participant_id, "source": source, "notice_id": notice_id},
            submission_key,
        )
        record("registration.replaced", old, by=by, host_id=stage.programme.host_id, reason=str(new.id))
        seats.mail("registration.replaced", old, stage)
        seats.mail(changes.LETTERS[new.state], new, stage)
        return registering.made(new)


def replaced_already(old: Registration, submission_key: str | None) -> Registered | None:
    """What the same form made when it was sent a moment ago; None where it is sent for the first time."""
    if not submission_key:
        return None
    made_before = sa.select(Registration).where(
        Registration.replaces_id == old.id, Registration.submission_key == submission_key
    )
    new = db.session.scalar(made_before)
    return registering.made(new) if new is not None else None


def _may_come(stage: Stage, known: list[Known]) -> bool:
    required = stage.prerequisite_id
    return required is None or queries.has_place([one.participant_id for one in known], required)


def _take_over(
    old: Registration, stage: Stage, person: PersonDetails, values: dict[str, Any], submission_key: str | None
) -> Registration:
    """End the old registration, and add the new one in its state, with its groups and its seat."""
    state, groups, now = old.state, seats.place_of(old).group_ids, clock.now()
    forget_decision(old)
    seats.end(old, RegistrationState.CANCELLED, now, reason="")
    db.session.flush()
    taken_over = {
        "state": state,
        "confirmed_at": now if state is RegistrationState.CONFIRMED else None,
        "invitation_id": old.invitation_id,
        "replaces_id": old.id,
    }
    new = registering.insert_with_key(registering.columns(stage, person, now) | values | taken_over, submission_key)
    registering.add_groups(new, stage, groups)
    return new
