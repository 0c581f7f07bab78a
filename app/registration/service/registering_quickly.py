"""To register where there is room, without waiting for one another.

Those who register online at the same moment share the stage's turn: each writes its rows side by side with the others', and
holds the row of the stage only from counting the seat until the commit. Then, with that row held, it looks once more whether the
person is registered meanwhile. Whatever is out of the ordinary (no room, quotas, somebody known under other details, a form
that was sent before) is undone and left to `register`, which has the stage to itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.extensions import db, insert, is_postgresql, transaction, turn_space
from app.institutions.models import InstitutionCategory
from app.jobs.service import post
from app.programmes.models import Stage
from app.programmes.rules import TURN
from app.registration import queries
from app.registration.models import Participant, Registration
from app.registration.models_seats import Quota
from app.registration.rules import (
    ConsentKind,
    PersonDetails,
    PersonKey,
    RegistrationSource,
    RegistrationState,
    outcome_of,
    person_key,
    sees_full,
    window_reason,
)
from app.registration.rules_answers import Value
from app.registration.rules_seats import entry_state
from app.registration.service import changes, participants, questions, seats
from app.registration.service.entry import Registered, add_consents, columns
from app.shared import clock
from app.shared.names import full_name
from app.shared.text import shorten

_stage = Stage.__table__
_quota = Quota.__table__
_category = InstitutionCategory.__table__
HAS_QUOTAS = sa.select(sa.exists().where(_quota.c.stage_id == sa.bindparam("stage_id")))
CATEGORY_ID = (
    sa.select(_category.c.id)
    .where(_category.c.host_id == sa.bindparam("of_host"), _category.c.code == sa.bindparam("category_code"))
    .scalar_subquery()
)
TAKING = (
    sa.update(_stage)
    .where(
        _stage.c.id == sa.bindparam("stage_id"),
        sa.or_(_stage.c.capacity.is_(None), _stage.c.seats_taken < _stage.c.capacity),
        ~sa.exists().where(_quota.c.stage_id == _stage.c.id),
    )
    .values(seats_taken=_stage.c.seats_taken + 1)
    .returning(_stage.c.id)
)


class _OutOfTheOrdinary(Exception):
    """Nothing of this attempt may stay."""


@dataclass(frozen=True)
class Ground:
    """What is known of the stage before the transaction, whose start forgets what was read."""

    stage_id: int
    host_id: int
    programme_id: int
    approval_required: bool

    @classmethod
    def of(cls, stage: Stage) -> Ground | None:
        """None where the ordinary is not to be expected."""
        full = sees_full(capacity=stage.capacity, seats_taken=stage.seats_taken)
        closed = window_reason(queries.window_of(stage), clock.now())
        if full or closed or stage.prerequisite_id is not None:
            return None
        return cls(stage.id, stage.programme.host_id, stage.programme_id, stage.approval_required)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What was sent. `within` is told the answer before the commit, within the transaction."""

    submission_key: str | None
    notice_id: int | None
    consents: Iterable[ConsentKind]
    answers: Mapping[int, Value]
    within: Callable[[Registered], None] | None


def register_quickly(ground: Ground, person: PersonDetails, attempt: Attempt) -> Registered | None:
    """A seat for a person who is not registered; None, and nothing has happened, where anything is out of the ordinary."""
    try:
        with transaction():
            return _register(db.session.connection(), ground, person, attempt)
    except _OutOfTheOrdinary:
        return None


def _register(connection: Connection, ground: Ground, person: PersonDetails, attempt: Attempt) -> Registered:
    _unless(connection.scalar(_sharing_turn(is_postgresql()), {"stage_id": ground.stage_id}))
    key = person_key(person)
    participant_id, is_new = _participant(connection, ground, person, key)
    made = _add(connection, ground, person, participant_id, attempt)
    if attempt.within is not None:
        attempt.within(made)
    _unless(connection.scalar(TAKING, {"stage_id": ground.stage_id}) is None)
    found, *others = queries.known_at(connection, key, host_id=ground.host_id, stage_id=ground.stage_id)
    _unless(found != (participant_id, made.made_id) or any(is_new or registered for _id, registered in others))
    return made


def _participant(connection: Connection, ground: Ground, person: PersonDetails, key: PersonKey) -> tuple[int, bool]:
    """The participant who is this person, and whether he was made just now."""
    adding = participants.columns(person, key) | {"host_id": ground.host_id, "created_at": clock.now()}
    created = connection.scalar(_adding_participant(is_postgresql()), adding)
    if created is not None:
        return created, True
    known = queries.known_at(connection, key, host_id=ground.host_id, stage_id=ground.stage_id)
    _unless(not known or any(registration_id is not None for _participant_id, registration_id in known))
    return known[0][0], False


def _add(
    connection: Connection, ground: Ground, person: PersonDetails, participant_id: int, attempt: Attempt
) -> Registered:
    now = clock.now()
    state = entry_state(RegistrationSource.ONLINE, seated=True, approval_required=ground.approval_required)
    values = columns(person, now) | {
        "stage_id": ground.stage_id,
        "participant_id": participant_id,
        "of_host": ground.host_id,
        "category_code": person.category_code,
        "source": RegistrationSource.ONLINE,
        "state": state,
        "confirmed_at": now if state is RegistrationState.CONFIRMED else None,
        "submission_key": attempt.submission_key,
        "notice_id": attempt.notice_id,
    }
    registration_id = connection.scalar(_adding_registration(is_postgresql()), values)
    _unless(registration_id is None)
    add_consents(registration_id, attempt.consents, now=now)
    if attempt.answers:
        questions.save_answers(db.session.get_one(Registration, registration_id), attempt.answers)
    if person.email:
        named = full_name(person.title_before, person.name, person.title_after)
        post(
            changes.LETTERS[state],
            subject_id=registration_id,
            host_id=ground.host_id,
            programme_id=ground.programme_id,
            to_address=person.email,
            to_name=shorten(named, seats.LONGEST_ADDRESSEE),
        )
    return Registered(
        outcome_of(state), made_id=registration_id, ticket_code=values["ticket_code"], mailed_to=person.email or ""
    )


def _unless(strange: Any) -> None:
    if strange:
        raise _OutOfTheOrdinary


@cache
def _sharing_turn(postgresql: bool) -> sa.Select[Any]:
    """Waits until nobody has the stage to himself, and answers whether it has quotas."""
    if not postgresql:
        return HAS_QUOTAS
    return HAS_QUOTAS.add_columns(
        sa.func.pg_advisory_xact_lock_shared(turn_space(TURN), sa.bindparam("stage_id", type_=sa.Integer))
    )


@cache
def _adding_participant(postgresql: bool) -> Any:
    table = Participant.__table__
    return insert(table).on_conflict_do_nothing().returning(table.c.id)


@cache
def _adding_registration(postgresql: bool) -> Any:
    table = Registration.__table__
    return insert(table).values(category_id=CATEGORY_ID).on_conflict_do_nothing().returning(table.c.id)
