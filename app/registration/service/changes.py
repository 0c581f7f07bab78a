"""To change what was registered: correct, cancel, give a seat by hand, choose groups, send the ticket again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db, transaction
from app.institutions.models import InstitutionCategory
from app.programmes.models import ParticipantGroup, Stage
from app.registration import queries
from app.registration.models import Registration
from app.registration.rules import (
    ENDED,
    HOLDS_SEAT,
    LONGEST,
    PersonDetails,
    Reason,
    RegistrationState,
    changed_fields,
)
from app.registration.service import participants, seats
from app.shared import clock
from app.shared.names import sort_key
from app.web import throttle

MAILED_AGAIN = 3
WITHIN = timedelta(hours=1)


def cancel(registration: Registration, *, by: User | None = None, reason: str = "") -> bool:
    """End a registration; its seat goes at once to the first of the waiting list. False where it had ended already.

    What the holder writes as his reason stays with the registration; the trail, which outlives it, keeps only that of staff.
    """
    with transaction():
        stage, registration = _hold(registration)
        if registration.state in ENDED:
            return False
        held_seat = registration.state in HOLDS_SEAT
        registration.state = RegistrationState.CANCELLED
        registration.cancel_reason = reason
        registration.ended_at = clock.now()
        registration.waiting_since = None
        kept = reason if by is not None else ""
        record("registration.cancelled", registration, by=by, host_id=stage.programme.host_id, reason=kept)
        seats.mail("registration.cancelled", registration, stage)
        if held_seat:
            seats.give_back(stage)
            seats.fill_seats(stage, by=by)
        return True


def give_seat(registration: Registration, *, by: User) -> Reason | None:
    """Give a free seat to someone on the waiting list out of turn; a reason where that cannot be."""
    with transaction():
        stage, registration = _hold(registration)
        if registration.state is not RegistrationState.WAITLISTED:
            return Reason.NOT_WAITING
        if not seats.take(stage):
            return Reason.FULL
        seats.confirm(registration, stage, by=by)
        return None


def correct(registration: Registration, person: PersonDetails, *, by: User) -> Reason | None:
    """Put right how a person is called; the participant is corrected with the registration.

    A reason, and nothing changed, where the new details are those of another person.
    """
    with transaction():
        stage, registration = _hold(registration)
        before = queries.details_of(registration)
        changed = changed_fields(before, person)
        if not changed:
            return None
        if reason := participants.correct_participant(registration.participant, person):
            return reason
        _rewrite(registration, person, stage)
        record("registration.corrected", registration, by=by, host_id=stage.programme.host_id, fields=changed)
        return None


def resend_ticket(registration: Registration, *, by: User | None = None) -> bool:
    """Mail the ticket (or the place on the waiting list) again, to the address on file.

    False where it was not: no address, the registration has ended, or the public has asked for it too often within the hour.
    """
    letters = {
        RegistrationState.CONFIRMED: "registration.ticket",
        RegistrationState.WAITLISTED: "registration.waitlisted",
    }
    with transaction():
        kind = letters.get(registration.state)
        if kind is None or not registration.email:
            return False
        if by is None and not throttle.hit("ticket", str(registration.id), limit=MAILED_AGAIN, window=WITHIN):
            return False
        host_id = registration.stage.programme.host_id
        record("registration.ticket_sent_again", registration, by=by, host_id=host_id)
        return seats.mail(kind, registration, registration.stage)


def set_groups(registration: Registration, group_ids: Iterable[int], *, by: User) -> None:
    """Put a person into these groups of the programme and no others."""
    with transaction():
        stage, registration = _hold(registration)
        wanted = sa.select(ParticipantGroup).where(
            ParticipantGroup.programme_id == stage.programme_id, ParticipantGroup.id.in_(set(group_ids))
        )
        chosen = list(db.session.scalars(wanted.order_by(ParticipantGroup.position)))
        if {group.id for group in chosen} == {group.id for group in registration.groups}:
            return
        registration.groups = chosen
        record("registration.grouped", registration, by=by, host_id=stage.programme.host_id, fields=["groups"])


def _hold(registration: Registration) -> tuple[Stage, Registration]:
    """The stage and the registration, read anew with their rows held, always in this order."""
    stage = seats.lock(registration.stage_id)
    statement = sa.select(Registration).where(Registration.id == registration.id).with_for_update()
    return stage, db.session.scalars(statement.execution_options(populate_existing=True)).one()


def _rewrite(registration: Registration, person: PersonDetails, stage: Stage) -> None:
    category = sa.select(InstitutionCategory.id).where(
        InstitutionCategory.host_id == stage.programme.host_id, InstitutionCategory.code == person.category_code
    )
    registration.category_id = db.session.scalars(category).one()
    registration.sort_name = sort_key(person.name, LONGEST["name"])
    for name in PersonDetails.__dataclass_fields__:
        if name != "category_code":
            setattr(registration, name, getattr(person, name))
    db.session.flush()
