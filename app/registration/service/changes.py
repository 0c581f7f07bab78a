"""To change what was registered: correct, cancel, give a seat out of turn, choose groups, send the ticket again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db, transaction
from app.institutions.models import InstitutionCategory
from app.jobs.service import post
from app.programmes.models import ParticipantGroup, Stage
from app.programmes.service import on_group_renamed
from app.registration import queries
from app.registration.models import Participant, Registration, registration_group
from app.registration.rules import (
    ENDED,
    LONGEST,
    PersonDetails,
    Reason,
    RegistrationState,
    changed_fields,
)
from app.registration.rules_seats import told_state
from app.registration.service import participants, seats
from app.registration.service.decisions import forget_decision
from app.registration.service.holding import hold
from app.registration.service.offers import fill_seats
from app.shared import clock
from app.shared.names import sort_key
from app.shared.text import shorten
from app.web import throttle

LETTERS = {
    RegistrationState.CONFIRMED: "registration.ticket",
    RegistrationState.PENDING: "registration.pending",
    RegistrationState.OFFERED: "registration.offered",
    RegistrationState.WAITLISTED: "registration.waitlisted",
}
MAILED_AGAIN = 3
WITHIN = timedelta(hours=1)


def cancel(registration: Registration, *, by: User | None = None, reason: str = "") -> bool:
    """End a registration; its seat is offered to the first of the waiting list. False where it had ended already.

    The holder of one whose rejection can be undone still has not been told of it, and cancels as long as he waits.
    The seat of an open invitation stays its institution's. What the holder writes as his reason stays with the registration;
    the trail, which outlives it, keeps only that of staff.
    """
    with transaction():
        stage, registration = hold(registration)
        standing = _as_told(registration) if by is None else registration.state
        if standing in ENDED:
            return False
        held_seat = seats.holds_seat(registration)
        forget_decision(registration)
        seats.end(registration, RegistrationState.CANCELLED, clock.now(), reason=reason)
        kept = reason if by is not None else ""
        record("registration.cancelled", registration, by=by, host_id=stage.programme.host_id, reason=kept)
        seats.mail("registration.cancelled", registration, stage)
        if held_seat:
            seats.release(registration, stage)
            fill_seats(stage, by=by)
        return True


def give_seat(registration: Registration, *, by: User, reason: str = "") -> Reason | None:
    """Give a seat to someone of the waiting list out of turn, for a reason that the trail keeps; what is full where none is free.

    Whom a seat is offered gets it confirmed at once.
    """
    with transaction():
        stage, registration = hold(registration)
        if registration.state not in (RegistrationState.WAITLISTED, RegistrationState.OFFERED):
            return Reason.NOT_WAITING
        if not seats.holds_seat(registration) and (full := seats.take(stage, seats.place_of(registration))):
            return full
        seats.confirm(registration, clock.now())
        record("registration.promoted", registration, by=by, host_id=stage.programme.host_id, reason=reason)
        seats.mail("registration.ticket", registration, stage)
        return None


def correct(
    registration: Registration, person: PersonDetails, *, by: User | None, of_participant: bool = True
) -> Reason | None:
    """Put right how a person is called; what is changed is changed of the participant too, but where `of_participant` is not.

    What the registration says otherwise than the participant stays with it: anyone may type another's number and an address of
    his own, and by the participant's address one comes to all that is held about him. `by` None: he did it himself, or the
    contact who named him. A reason, and nothing changed, where the new details are those of another person, or of an unsur or
    institution whose seats are all taken.
    """
    with transaction():
        stage, registration = hold(registration)
        before = queries.details_of(registration)
        changed = changed_fields(before, person)
        if not changed:
            return None
        own = participants.with_changes(registration.participant, person, changed) if of_participant else person
        if reason := participants.conflict(registration.participant, own):
            return reason
        place = seats.Place(_category_id(stage, person.category_code), person.institution_id)
        moves = (place.category_id, place.institution_id) != (registration.category_id, registration.institution_id)
        if moves and seats.holds_seat(registration) and (full := seats.move(registration, stage, place)):
            return full
        if of_participant:
            former = registration.participant.email
            participants.correct_participant(registration.participant, own)
            if by is not None:
                _tell_former(registration.participant, former)
        _rewrite(registration, person, stage)
        record("registration.corrected", registration, by=by, host_id=stage.programme.host_id, fields=changed)
        if moves:
            fill_seats(stage, by=by)
        return None


def resend_ticket(registration: Registration, *, by: User | None = None) -> bool:
    """Mail the ticket (or what else was last said) again, to the address on file.

    False where it was not: no address, the registration has ended, or the public has asked for it too often within the hour.
    """
    with transaction():
        kind = LETTERS.get(registration.state)
        if kind is None or not registration.email:
            return False
        if by is None and not throttle.hit("ticket", str(registration.id), limit=MAILED_AGAIN, window=WITHIN):
            return False
        host_id = registration.stage.programme.host_id
        record("registration.ticket_sent_again", registration, by=by, host_id=host_id)
        return seats.mail(kind, registration, registration.stage)


def set_groups(registration: Registration, group_ids: Iterable[int], *, by: User) -> Reason | None:
    """Put a person into these groups of the programme and no others; a reason where a group that is new to him is full."""
    with transaction():
        stage, registration = hold(registration)
        wanted = sa.select(ParticipantGroup).where(
            ParticipantGroup.programme_id == stage.programme_id, ParticipantGroup.id.in_(set(group_ids))
        )
        chosen = list(db.session.scalars(wanted.order_by(ParticipantGroup.position)))
        new, old = {group.id for group in chosen}, {group.id for group in registration.groups}
        if new == old:
            return None
        if seats.holds_seat(registration):
            if full := seats.take_groups(stage, new - old):
                return full
            seats.give_back_groups(stage, old - new)
        registration.groups = chosen
        registration.changed_at = clock.now()  # its row stays as it is, and rosters ask for what has changed
        record("registration.grouped", registration, by=by, host_id=stage.programme.host_id, fields=["groups"])
        db.session.flush()
        fill_seats(stage, by=by)
        return None


def _tell_rosters(group: ParticipantGroup) -> None:
    """Phones hold the names of groups with each of their people."""
    members = sa.select(registration_group.c.registration_id).where(registration_group.c.group_id == group.id)
    touching = sa.update(Registration).where(Registration.id.in_(members)).values(changed_at=clock.now())
    db.session.execute(touching.execution_options(synchronize_session=False))


on_group_renamed(_tell_rosters)


def _as_told(registration: Registration) -> RegistrationState:
    return told_state(registration.state, undo_until=registration.undo_until, now=clock.now())


def _tell_former(participant: Participant, former: str | None) -> None:
    """Staff of one programme can change by what address a person comes to his data of all: whoever reads the old one learns it."""
    if not former or participant.email == former:
        return
    participants.leave_address(participant, former)
    post(
        "privacy.address_corrected",
        subject_id=participant.id,
        host_id=participant.host_id,
        to_address=former,
        to_name=shorten(participant.name, seats.LONGEST_ADDRESSEE),
    )


def _category_id(stage: Stage, code: str) -> int:
    category = sa.select(InstitutionCategory.id).where(
        InstitutionCategory.host_id == stage.programme.host_id, InstitutionCategory.code == code
    )
    return db.session.scalars(category).one()


def _rewrite(registration: Registration, person: PersonDetails, stage: Stage) -> None:
    registration.category_id = _category_id(stage, person.category_code)
    registration.sort_name = sort_key(person.name, LONGEST["name"])
    for name in PersonDetails.__dataclass_fields__:
        if name != "category_code":
            setattr(registration, name, getattr(person, name))
    db.session.flush()
