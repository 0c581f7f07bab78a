"""A confirmed seat for whoever stands at the door: at once where one is free, beyond the limits where staff say so."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db, transaction
from app.programmes.models import Stage
from app.registration import queries
from app.registration.models import Registration
from app.registration.models_seats import Quota
from app.registration.rules import (
    Outcome,
    PersonDetails,
    Reason,
    RegistrationSource,
    RegistrationState,
    person_key,
)
from app.registration.service import entry, participants, registering, seats
from app.registration.service.entry import Registered
from app.registration.service.holding import hold
from app.shared import clock


def seat(stage: Stage, person: PersonDetails, *, by: User | None, beyond: str = "") -> Registered:
    """Give a person a confirmed seat at the door; approval, window and prerequisite are not asked for.

    CONFIRMED with the registration, which may have been waiting for approval, an offer or a seat until now; ALREADY with one
    that was confirmed before. REFUSED, and nothing changed, where the seat is counted in something full, unless `beyond` says
    why limits are to be raised: then what is full is raised by one, and the trail keeps the reason.
    """
    with transaction():
        stage = seats.lock(stage)
        known = queries.known_as(stage, person_key(person))
        standing = registering.standing_of(known)
        if standing is not None:
            return confirm(standing, by=by, beyond=beyond)
        place = seats.Place(registering.category_id_of(stage, person), person.institution_id)
        if full := _take(stage, place, by=by, beyond=beyond):
            return Registered(Outcome.REFUSED, reason=full)
        known = participants.find_or_create(stage, person, known, trusted=True)
        now = clock.now()
        values: dict[str, Any] = {
            "participant_id": known[0].participant_id,
            "source": RegistrationSource.WALK_IN,
            "notice_id": None,  # as of whoever staff add: it hangs at the door
            **entry.begins_as(RegistrationState.CONFIRMED, now),
        }
        new = registering.insert_with_key(registering.columns(stage, person, now) | values, None)
        record("registration.added", new, by=by, host_id=stage.programme.host_id, reason=beyond)
        seats.mail("registration.ticket", new, stage)
        return registering.made(new)


def confirm(standing: Registration, *, by: User | None, beyond: str = "") -> Registered:
    """The same for somebody whose registration is in force, in whichever state."""
    with transaction():
        stage, registration = hold(standing)
        if registration.state is RegistrationState.CONFIRMED:
            return Registered(Outcome.ALREADY, registration)
        if not seats.holds_seat(registration):
            full = _take(stage, seats.place_of(registration), by=by, beyond=beyond)
            if full is not None:
                return Registered(Outcome.REFUSED, registration, reason=full)
        seats.confirm(registration, clock.now())
        record("registration.promoted", registration, by=by, host_id=stage.programme.host_id, reason=beyond)
        seats.mail("registration.ticket", registration, stage)
        db.session.flush()
        return registering.made(registration)


def _take(stage: Stage, place: seats.Place, *, by: User | None, beyond: str) -> Reason | None:
    full = seats.take(stage, place)
    if full is None or not beyond:
        return full
    _raise(stage, place, by=by, reason=beyond)
    return seats.take(stage, place)


def _raise(stage: Stage, place: seats.Place, *, by: User | None, reason: str) -> None:
    """One more where there is no seat left: in the stage, and in the quotas that count it."""
    of_stage = sa.update(Stage).where(Stage.id == stage.id, Stage.seats_taken >= Stage.capacity)
    of_quotas = sa.update(Quota).where(Quota.stage_id == stage.id, place.quotas, Quota.seats_taken >= Quota.capacity)
    raised = [
        *("capacity" for _ in _raised(of_stage.values(capacity=Stage.seats_taken + 1).returning(Stage.id))),
        *(f"quota:{one}" for one in _raised(of_quotas.values(capacity=Quota.seats_taken + 1).returning(Quota.id))),
    ]
    db.session.expire(stage, ["capacity"])
    for quota in [one for one in db.session.identity_map.values() if isinstance(one, Quota)]:
        db.session.expire(quota, ["capacity"])
    record("stage.room_made", stage, by=by, host_id=stage.programme.host_id, fields=raised, reason=reason)


def _raised(statement: Any) -> list[int]:
    return list(db.session.scalars(statement.execution_options(synchronize_session=False)))
