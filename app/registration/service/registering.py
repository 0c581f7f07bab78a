"""To register: the same person once, the last seat once, and the same press of the button once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db, insert, is_writing, transaction
from app.institutions.models import InstitutionCategory
from app.programmes.models import ParticipantGroup, Stage
from app.registration import queries
from app.registration.models import Registration, registration_group
from app.registration.queries import Known
from app.registration.rules import (
    BY_STAFF,
    ConsentKind,
    Outcome,
    PersonDetails,
    Reason,
    RegistrationSource,
    may_register_now,
    outcome_of,
    person_key,
)
from app.registration.rules_answers import Value
from app.registration.rules_seats import entry_state
from app.registration.service import changes, entry, participants, questions, seats
from app.registration.service.entry import Registered
from app.registration.service.registering_quickly import Attempt, Ground, register_quickly
from app.shared import clock


@dataclass(frozen=True)
class _Entry:
    """What was sent beside the person's details, and by whom."""

    source: RegistrationSource
    submission_key: str | None
    notice_id: int | None
    consents: tuple[ConsentKind, ...]
    group_ids: frozenset[int]
    answers: Mapping[int, Value]
    by: User | None
    mailed: bool


def register(
    stage: Stage,
    person: PersonDetails,
    *,
    source: RegistrationSource,
    submission_key: str | None = None,
    notice_id: int | None = None,
    consents: Iterable[ConsentKind] = frozenset(),
    group_ids: Iterable[int] = (),
    answers: Mapping[int, Value] | None = None,
    by: User | None = None,
    mailed: bool = True,
    within: Callable[[Registered], None] | None = None,
) -> Registered:
    """Register a person at a stage, on its waiting list where it is full.

    Staff, imports and walk-ins need no open window. A second press of the same form (`submission_key`) is answered as the
    first. Someone who is registered already is mailed the ticket again where the public asked. `mailed`: tell the person.
    `within` is told the answer within the transaction, perhaps more than once; what it raises undoes everything.
    """
    groups = frozenset(group_ids)
    if source is RegistrationSource.ONLINE and by is None and mailed and not groups and not is_writing():
        attempt = Attempt(
            submission_key=submission_key, notice_id=notice_id, consents=consents, answers=answers or {}, within=within
        )
        ground = Ground.of(stage)
        quickly = register_quickly(ground, person, attempt) if ground else None
        if quickly is not None:
            return quickly
    with transaction():
        done = _register(
            seats.lock(stage),
            person,
            _Entry(source, submission_key, notice_id, tuple(consents), groups, answers or {}, by, mailed),
        )
        if within is not None:
            within(done)
        return done


def _register(stage: Stage, person: PersonDetails, sent: _Entry) -> Registered:
    """With the stage held."""
    trusted = sent.source in BY_STAFF
    known = queries.known_as(stage, person_key(person))
    standing = standing_of(known)
    if standing is not None and sent.submission_key and standing.submission_key == sent.submission_key:
        return made(standing)
    if reason := _refusal(stage, known, sent.source):
        return Registered(Outcome.REFUSED, reason=reason)
    if standing is None:
        known = participants.find_or_create(stage, person, known, trusted=trusted)
        standing = standing_of(known)
    if standing is not None:
        return _already(standing, asked=sent.by is None and not trusted)
    registration = _insert(stage, person, known[0].participant_id, sent)
    entry.add_consents(registration.id, sent.consents, now=registration.created_at)
    add_groups(registration, stage, sent.group_ids)
    questions.save_answers(registration, sent.answers)
    if sent.by is not None:
        record("registration.added", registration, by=sent.by, host_id=stage.programme.host_id)
    if sent.mailed:
        seats.mail(changes.LETTERS[registration.state], registration, stage)
    return made(registration)


def made(registration: Registration) -> Registered:
    """What a registration that was made is answered with."""
    return Registered(
        outcome_of(registration.state),
        registration,
        ticket_code=registration.ticket_code,
        mailed_to=registration.email or "",
    )


def standing_of(known: list[Known]) -> Registration | None:
    """The registration in force at the stage, of whomever it is known to be."""
    return next((one.registration for one in known if one.registration is not None), None)


def _refusal(stage: Stage, known: list[Known], source: RegistrationSource) -> Reason | None:
    held = stage.prerequisite_id is None or queries.has_place(
        [one.participant_id for one in known], stage.prerequisite_id
    )
    return may_register_now(queries.window_of(stage), clock.now(), source=source, prerequisite_held=held)


def _already(standing: Registration, *, asked: bool) -> Registered:
    if asked:
        changes.resend_ticket(standing)
    return Registered(Outcome.ALREADY, standing)


def _insert(stage: Stage, person: PersonDetails, participant_id: int, sent: _Entry) -> Registration:
    now = clock.now()
    place = seats.Place(category_id_of(stage, person), person.institution_id, sent.group_ids)
    seated = seats.take(stage, place) is None
    state = entry_state(sent.source, seated=seated, approval_required=stage.approval_required)
    values = columns(stage, person, now) | {
        "participant_id": participant_id,
        "source": sent.source,
        "notice_id": sent.notice_id,
        **entry.begins_as(state, now),
    }
    return insert_with_key(values, sent.submission_key)


def insert_with_key(values: dict[str, Any], submission_key: str | None) -> Registration:
    """Add a row of somebody who is known not to be registered; without its key where another person's form has used it.

    The page of the form may come back filled from the browser's memory for the next person.
    """
    for tried_key in (submission_key, None):
        registration = insert_registration(values | {"submission_key": tried_key})
        if registration is not None:
            return registration
    raise RuntimeError("a registration that conflicts with none could not be added")


def insert_registration(values: dict[str, Any]) -> Registration | None:
    """Add a row; None where it conflicts with another."""
    statement = insert(Registration).values(**values).on_conflict_do_nothing()
    return db.session.scalar(statement.returning(Registration))


def category_id_of(stage: Stage, person: PersonDetails) -> Any:
    """The id of the person's category, for the database to look up."""
    category = sa.select(InstitutionCategory.id).where(
        InstitutionCategory.host_id == stage.programme.host_id, InstitutionCategory.code == person.category_code
    )
    return category.scalar_subquery()


def columns(stage: Stage, person: PersonDetails, now: datetime) -> dict[str, Any]:
    """The values of a new registration that follow from the person, with codes drawn for it."""
    return entry.columns(person, now) | {"stage_id": stage.id, "category_id": category_id_of(stage, person)}


def add_groups(registration: Registration, stage: Stage, wanted: frozenset[int]) -> None:
    """Put a new registration into these groups of the programme."""
    if not wanted:
        return
    chosen = sa.select(sa.literal(registration.id), ParticipantGroup.id).where(
        ParticipantGroup.programme_id == stage.programme_id, ParticipantGroup.id.in_(wanted)
    )
    db.session.execute(sa.insert(registration_group).from_select(["registration_id", "group_id"], chosen))
