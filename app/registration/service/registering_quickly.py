"""To register where there is room, without waiting for one another.

Those who register online at the same moment share the stage's turn: each writes its rows side by side with the others', and
holds the row of the stage only from counting the seat until the commit, which follows at once. Only whoever has the number or
the name of another waits for him, and then looks whether that was the same person. Whatever is out of the ordinary (no room,
quotas, somebody known under other details, a form that was sent before) is undone and left to `register`, which has the stage
to itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.extensions import db, is_postgresql, transaction
from app.jobs.models import OutboxMessage
from app.jobs.service import Posting, rows_of
from app.programmes.models import Stage
from app.registration import queries
from app.registration.models import Consent, Registration
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
from app.registration.service import changes, entering, participants, questions, seats
from app.registration.service.entry import Registered, columns, consent_rows
from app.shared import clock
from app.shared.names import full_name
from app.shared.text import shorten

_stage = Stage.__table__
_quota = Quota.__table__
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
    key = person_key(person)
    state = entry_state(RegistrationSource.ONLINE, seated=True, approval_required=ground.approval_required)
    rows = _rows(ground, person, key, attempt, state)
    participant_id, registration_id, is_new = _enter(connection, ground, key, rows)
    if attempt.answers:
        questions.save_answers(db.session.get_one(Registration, registration_id), attempt.answers)
    made = Registered(
        outcome_of(state),
        made_id=registration_id,
        ticket_code=rows.registration["ticket_code"],
        mailed_to=person.email or "",
    )
    found, *others = queries.known_at(connection, key, host_id=ground.host_id, stage_id=ground.stage_id)
    _unless(found != (participant_id, registration_id) or any(is_new or registered for _id, registered in others))
    if attempt.within is not None:
        attempt.within(made)
    _unless(connection.scalar(TAKING, {"stage_id": ground.stage_id}) is None)
    return made


def _rows(
    ground: Ground, person: PersonDetails, key: PersonKey, attempt: Attempt, state: RegistrationState
) -> entering.Rows:
    now = clock.now()
    registration = columns(person, now) | {
        "stage_id": ground.stage_id,
        "of_host": ground.host_id,
        "category_code": person.category_code,
        "source": RegistrationSource.ONLINE,
        "state": state,
        "confirmed_at": now if state is RegistrationState.CONFIRMED else None,
        "submission_key": attempt.submission_key,
        "notice_id": attempt.notice_id,
    }
    belonging = {
        Consent.__table__: consent_rows(attempt.consents, now=now),
        OutboxMessage.__table__: _letters(ground, person, state),
    }
    return entering.Rows(
        participant=participants.columns(person, key) | {"host_id": ground.host_id, "created_at": now},
        registration=registration,
        belonging=belonging,
    )


def _letters(ground: Ground, person: PersonDetails, state: RegistrationState) -> list[dict[str, Any]]:
    if not person.email:
        return []
    named = full_name(person.title_before, person.name, person.title_after)
    letter = Posting(subject_id=None, to_address=person.email, to_name=shorten(named, seats.LONGEST_ADDRESSEE))
    return rows_of(changes.LETTERS[state], [letter], host_id=ground.host_id, programme_id=ground.programme_id)


def _enter(connection: Connection, ground: Ground, key: PersonKey, rows: entering.Rows) -> tuple[int, int, bool]:
    """Add everything; ids of the participant, who is known or is made, and of the registration, and whether he was made."""
    if is_postgresql():
        at_once = entering.add_at_once(connection, rows)
        if at_once is not None:
            return at_once[0], _made(at_once[1]), True
    _unless(entering.share_turn(connection, rows))
    created = entering.add_participant(connection, rows)
    participant_id = _known(connection, ground, key) if created is None else created
    return participant_id, _made(entering.add_registration(connection, rows, participant_id)), created is not None


def _known(connection: Connection, ground: Ground, key: PersonKey) -> int:
    """The participant who is this person."""
    known = queries.known_at(connection, key, host_id=ground.host_id, stage_id=ground.stage_id)
    _unless(not known or any(registration_id is not None for _participant_id, registration_id in known))
    return known[0][0]


def _made(registration_id: int | None) -> int:
    if registration_id is None:
        raise _OutOfTheOrdinary
    return registration_id


def _unless(strange: Any) -> None:
    if strange:
        raise _OutOfTheOrdinary
