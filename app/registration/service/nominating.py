"""Naming people for the seats of an invitation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace as with_fields
from typing import Any

from app.audit.service import record
from app.extensions import db, transaction
from app.programmes.models import Stage
from app.registration import queries
from app.registration.models import Registration
from app.registration.models_documents import Document
from app.registration.models_seats import Invitation
from app.registration.queries_invitations import corrected_themselves
from app.registration.queries_questions import documents_of_invitation
from app.registration.rules import (
    Outcome,
    PersonDetails,
    Reason,
    RegistrationSource,
    RegistrationState,
    is_over,
    may_register_now,
    person_key,
    same_number,
)
from app.registration.rules_answers import Value
from app.registration.rules_documents import HandedIn
from app.registration.rules_duplicates import one_name_spelled_twice
from app.registration.rules_invitations import MOST_DOCUMENTS
from app.registration.rules_seats import REPLACEABLE, InvitationState, takes_names
from app.registration.service import changes, documents, participants, questions, registering, seats
from app.registration.service.decisions import forget_decision
from app.registration.service.offers import fill_seats
from app.registration.service.registering import Registered
from app.registration.service.replacing import replace, replaced_already
from app.shared import clock

_ELSEWHERE = Reason.NOT_REPLACEABLE


def nominate(
    invitation: Invitation,
    person: PersonDetails,
    *,
    notice_id: int | None = None,
    submission_key: str | None = None,
    group_ids: Iterable[int] = (),
    answers: Mapping[int, Value] | None = None,
) -> Registered:
    """Register a person on a seat of the invitation; unsur and institution are the invitation's own.

    Someone of the institution who registered himself moves onto the invitation's seat. ALREADY for who is registered otherwise.
    REFUSED where the invitation takes no names any more or all its seats are used. A second press of the same form
    (`submission_key`) is answered as the first.
    """
    with transaction():
        stage, invitation = _hold(invitation)
        person = _of_institution(person, invitation)
        known = queries.known_as(stage, person_key(person))
        standing = registering.standing_of(known)
        if standing is not None and submission_key and standing.submission_key == submission_key:
            return registering.made(standing)
        if reason := _refusal(invitation, stage, [one.participant_id for one in known]):
            return Registered(Outcome.REFUSED, reason=reason)
        if standing is not None and not _may_move(standing, invitation):
            return Registered(Outcome.ALREADY, standing)
        if invitation.used >= invitation.reserved:
            return Registered(Outcome.REFUSED, reason=Reason.NO_SEAT_LEFT)
        if standing is not None:
            return _move(standing, invitation, stage)
        wanted = frozenset(group_ids)
        if reason := seats.take_invited(stage, invitation, wanted):
            return Registered(Outcome.REFUSED, reason=reason)
        known = known or participants.find_or_create(stage, person, known, trusted=False)
        values = {"participant_id": known[0].participant_id, "notice_id": notice_id}
        made = _add(invitation, stage, person, values, wanted, submission_key)
        if made.registration is not None:
            questions.save_answers(made.registration, answers or {})
        return made


def replace_named(
    invitation: Invitation,
    registration: Registration,
    person: PersonDetails,
    *,
    notice_id: int | None = None,
    submission_key: str | None = None,
    answers: Mapping[int, Value] | None = None,
) -> Registered:
    """A contact gives the seat of one of his people to another, while the invitation takes names."""
    with transaction():
        stage, invitation = _hold(invitation)
        done = replaced_already(registration, submission_key)
        if done is not None:
            return done
        reason = _closed(invitation, stage) or (None if registration.invitation_id == invitation.id else _ELSEWHERE)
        if reason:
            return Registered(Outcome.REFUSED, reason=reason)
        made = replace(
            registration,
            person,
            source=RegistrationSource.INVITATION,
            notice_id=notice_id,
            submission_key=submission_key,
        )
        if made.registration is not None and made.outcome is not Outcome.ALREADY:
            questions.save_answers(made.registration, answers or {})
        return made


def withdraw_named(invitation: Invitation, registration: Registration, *, reason: str) -> Reason | None:
    """A contact withdraws one of his people, whose seat can be given to another; a reason where that is not possible."""
    with transaction():
        stage, invitation = _hold(invitation)
        if closed := _closed(invitation, stage):
            return closed
        if registration.invitation_id != invitation.id:
            return _ELSEWHERE
        changes.cancel(registration, reason=reason)
        return None


def correct_named(invitation: Invitation, registration: Registration, person: PersonDetails) -> Reason | None:
    """A contact puts a typing error right, of somebody whom he named himself; another person would be a replacement.

    Who is known from elsewhere keeps his own name and address there: by the address he comes to all that is held about him.
    """
    with transaction():
        stage, invitation = _hold(invitation)
        if closed := _closed(invitation, stage):
            return closed
        if not may_correct(invitation, registration):
            return _ELSEWHERE
        if _is_another(queries.details_of(registration), _of_institution(person, invitation)):
            return Reason.ANOTHER_PERSON
        only_here = not participants.known_from_elsewhere(registration.participant, invitation)
        return changes.correct(registration, _of_institution(person, invitation), by=None, of_participant=only_here)


def _is_another(before: PersonDetails, after: PersonDetails) -> bool:
    """Whether more than a typing error was put right: another name, or one spelled otherwise beside another number."""
    known, mended = person_key(before), person_key(after)
    if known.name == mended.name or same_number(known, mended):
        return False
    return bool(known.number and mended.number) or not one_name_spelled_twice(before.name, after.name)


def may_correct(invitation: Invitation, registration: Registration) -> bool:
    """Whether a contact sees what was typed of a person, and may change it."""
    return registration.id in correctable(invitation, [registration])


def correctable(invitation: Invitation, registrations: Collection[Registration]) -> set[int]:
    """Of which of these (ids) a contact sees what was typed: only what came from the institution, while it is in force, and
    until the person has put something right himself, which may be his private number or address."""
    named_here = [
        one
        for one in registrations
        if one.invitation_id == invitation.id
        and one.source is RegistrationSource.INVITATION
        and one.state in REPLACEABLE
    ]
    theirs = corrected_themselves([one.participant_id for one in named_here]) if named_here else set()
    return {one.id for one in named_here if one.participant_id not in theirs}


def attach_named(invitation: Invitation, handed: HandedIn) -> Document | None:
    """Keep a file of the institution, such as the surat tugas; None where it has too many or the invitation is closed."""
    with transaction():
        stage, invitation = _hold(invitation)
        if _closed(invitation, stage) or len(documents_of_invitation(invitation)) >= MOST_DOCUMENTS:
            return None
        return documents.keep(handed, stage=stage, invitation=invitation)


def _hold(invitation: Invitation) -> tuple[Stage, Invitation]:
    stage = seats.lock(invitation.stage_id)
    db.session.refresh(invitation)
    return stage, invitation


def _of_institution(person: PersonDetails, invitation: Invitation) -> PersonDetails:
    return with_fields(
        person,
        category_code=invitation.category.code,
        institution_id=invitation.institution_id,
        institution_name=invitation.institution.name,
    )


def _closed(invitation: Invitation, stage: Stage) -> Reason | None:
    now = clock.now()
    if is_over(queries.window_of(stage), now):
        return Reason.OVER
    open_still = takes_names(invitation.state, deadline=invitation.deadline, now=now)
    return None if open_still else Reason.INVITATION_CLOSED


def _refusal(invitation: Invitation, stage: Stage, participant_ids: list[int]) -> Reason | None:
    if closed := _closed(invitation, stage):
        return closed
    held = stage.prerequisite_id is None or queries.has_place(participant_ids, stage.prerequisite_id)
    # The invitation has a deadline of its own: the window of registration online is not asked about, as with staff.
    return may_register_now(
        queries.window_of(stage), clock.now(), source=RegistrationSource.STAFF, prerequisite_held=held
    )


def _may_move(standing: Registration, invitation: Invitation) -> bool:
    return standing.invitation_id is None and standing.institution_id == invitation.institution_id


def _move(registration: Registration, invitation: Invitation, stage: Stage) -> Registered:
    """From the person's own place, or the waiting list, onto a seat of the invitation."""
    place = seats.place_of(registration)
    held_seat = seats.holds_seat(registration)
    if reason := seats.take_invited(stage, invitation, () if held_seat else place.group_ids):
        return Registered(Outcome.REFUSED, reason=reason)
    if held_seat:
        seats.give_back(stage, place.of_groups(()))
    confirmed_before = registration.state is RegistrationState.CONFIRMED
    if not confirmed_before:
        forget_decision(registration)
        seats.confirm(registration, clock.now())
    registration.invitation = invitation
    registration.category_id = invitation.category_id  # in which the invitation's seats are counted
    _answered(invitation)
    record("registration.nominated", registration, by=None, host_id=stage.programme.host_id)
    if not confirmed_before:
        seats.mail("registration.ticket", registration, stage)
    db.session.flush()
    fill_seats(stage)
    return registering.made(registration)


def _add(
    invitation: Invitation,
    stage: Stage,
    person: PersonDetails,
    values: dict[str, Any],
    groups: frozenset[int],
    submission_key: str | None,
) -> Registered:
    now = clock.now()
    values = (
        registering.columns(stage, person, now)
        | values
        | {
            "source": RegistrationSource.INVITATION,
            "state": RegistrationState.CONFIRMED,
            "confirmed_at": now,
            "invitation_id": invitation.id,
        }
    )
    registration = registering.insert_with_key(values, submission_key)
    registering.add_groups(registration, stage, groups)
    _answered(invitation)
    record("registration.nominated", registration, by=None, host_id=stage.programme.host_id)
    seats.mail("registration.ticket", registration, stage)
    return registering.made(registration)


def _answered(invitation: Invitation) -> None:
    if invitation.state is not InvitationState.ANSWERED:
        invitation.state = InvitationState.ANSWERED
        invitation.answered_at = clock.now()
