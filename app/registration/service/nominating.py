"""Naming people for the seats of an invitation."""

from __future__ import annotations

from dataclasses import replace as with_fields

from app.audit.service import record
from app.extensions import db, transaction
from app.programmes.models import Stage
from app.registration import queries
from app.registration.models import Registration
from app.registration.models_seats import Invitation
from app.registration.rules import (
    Outcome,
    PersonDetails,
    Reason,
    RegistrationSource,
    RegistrationState,
    is_over,
    may_register_now,
    person_key,
)
from app.registration.rules_seats import InvitationState, takes_names
from app.registration.service import participants, registering, seats
from app.registration.service.decisions import forget_decision
from app.registration.service.offers import fill_seats
from app.registration.service.registering import Registered
from app.shared import clock


def nominate(invitation: Invitation, person: PersonDetails) -> Registered:
    """Register a person on a seat of the invitation; unsur and institution are the invitation's own.

    Someone of the institution who registered himself moves onto the invitation's seat. ALREADY for who is registered otherwise.
    REFUSED where the invitation takes no names any more or all its seats are used.
    """
    with transaction():
        stage = seats.lock(invitation.stage_id)
        db.session.refresh(invitation)
        person = with_fields(
            person,
            category_code=invitation.category.code,
            institution_id=invitation.institution_id,
            institution_name=invitation.institution.name,
        )
        known = queries.known_as(stage, person_key(person))
        if reason := _refusal(invitation, stage, [one.participant_id for one in known]):
            return Registered(Outcome.REFUSED, reason=reason)
        if not known:
            known = participants.find_or_create(stage, person, known, trusted=False)
        standing = registering.standing_of(known)
        if standing is not None and not _may_move(standing, invitation):
            return Registered(Outcome.ALREADY, standing)
        if standing is not None:
            return _move(standing, invitation, stage)
        if reason := seats.take_invited(stage, invitation):
            return Registered(Outcome.REFUSED, reason=reason)
        return _add(invitation, stage, person, known[0].participant_id)


def _refusal(invitation: Invitation, stage: Stage, participant_ids: list[int]) -> Reason | None:
    now = clock.now()
    window = queries.window_of(stage)
    if is_over(window, now):
        return Reason.OVER
    if not takes_names(invitation.state, deadline=invitation.deadline, now=now):
        return Reason.INVITATION_CLOSED
    held = stage.prerequisite_id is None or queries.has_place(participant_ids, stage.prerequisite_id)
    # The invitation has a deadline of its own: the window of registration online is not asked about, as with staff.
    return may_register_now(window, now, source=RegistrationSource.STAFF, prerequisite_held=held)


def _may_move(standing: Registration, invitation: Invitation) -> bool:
    return standing.invitation_id is None and standing.institution_id == invitation.institution_id


def _move(registration: Registration, invitation: Invitation, stage: Stage) -> Registered:
    """From the person's own place, or the waiting list, onto a seat of the invitation."""
    if seats.holds_seat(registration):
        seats.release(registration, stage)
    if reason := seats.take_invited(stage, invitation, seats.place_of(registration).group_ids):
        if registration.state is not RegistrationState.WAITLISTED:
            seats.take(stage, seats.place_of(registration))
        return Registered(Outcome.REFUSED, reason=reason)
    confirmed_before = registration.state is RegistrationState.CONFIRMED
    if not confirmed_before:
        forget_decision(registration)
        seats.confirm(registration, clock.now())
    registration.invitation_id = invitation.id
    _answered(invitation)
    record("registration.nominated", registration, by=None, host_id=stage.programme.host_id)
    if not confirmed_before:
        seats.mail("registration.ticket", registration, stage)
    db.session.flush()
    fill_seats(stage)
    return registering.made(registration)


def _add(invitation: Invitation, stage: Stage, person: PersonDetails, participant_id: int) -> Registered:
    now = clock.now()
    registration = registering.insert_registration(
        registering.columns(stage, person, now)
        | {
            "participant_id": participant_id,
            "source": RegistrationSource.INVITATION,
            "state": RegistrationState.CONFIRMED,
            "confirmed_at": now,
            "invitation_id": invitation.id,
        }
    )
    if registration is None:
        raise RuntimeError("a registration that conflicts with none could not be added")
    _answered(invitation)
    record("registration.nominated", registration, by=None, host_id=stage.programme.host_id)
    seats.mail("registration.ticket", registration, stage)
    return registering.made(registration)


def _answered(invitation: Invitation) -> None:
    if invitation.state is not InvitationState.ANSWERED:
        invitation.state = InvitationState.ANSWERED
        invitation.answered_at = clock.now()
