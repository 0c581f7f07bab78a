"""Seats of a stage: taken and freed by conditional UPDATEs, under the lock of the stage's row, in the order of waiting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db
from app.jobs.service import post
from app.programmes.models import Stage
from app.programmes.service import on_stage_changed
from app.registration import queries
from app.registration.models import Registration
from app.registration.rules import RegistrationState, is_over
from app.shared import clock
from app.shared.text import shorten

LONGEST_ADDRESSEE = 200


def lock(stage: Stage | int) -> Stage:
    """Read the stage anew and hold its row, so that nobody else changes who sits and who waits there.

    Every writer of a stage's registrations begins with it: were a full stage not held while someone joins the waiting list, a
    seat freed at that moment would stay empty. Rows that merely point to the stage are not kept waiting.
    """
    # The identity is asked of the mapper: reading the attribute of an expired object would be one more query.
    stage_id = stage if isinstance(stage, int) else sa.inspect(stage).identity[0]
    statement = sa.select(Stage).where(Stage.id == stage_id).with_for_update(key_share=True, of=Stage)
    return db.session.scalars(statement.execution_options(populate_existing=True)).one()


def take(stage: Stage) -> bool:
    """Take a seat if there is one."""
    free = sa.or_(Stage.capacity.is_(None), Stage.seats_taken < Stage.capacity)
    return _count(stage, 1, free)


def give_back(stage: Stage) -> None:
    """Put a seat back that its holder no longer needs."""
    _count(stage, -1, Stage.seats_taken > 0)


def fill_seats(stage: Stage, *, by: User | None = None) -> int:
    """Give the free seats to the first of the waiting list, each of whom is mailed; returns how many got one.

    Needs an open transaction. Nobody is called to a stage that is over.
    """
    stage = lock(stage)
    promoted = 0
    if is_over(queries.window_of(stage), clock.now()):
        return promoted
    while (waiting := queries.first_waiting(stage)) is not None and take(stage):
        confirm(waiting, stage, by=by)
        promoted += 1
    return promoted


def confirm(registration: Registration, stage: Stage, *, by: User | None) -> None:
    """Turn a waiting registration into a confirmed one; its seat is taken already."""
    registration.state = RegistrationState.CONFIRMED
    registration.confirmed_at = clock.now()
    registration.waiting_since = None
    record("registration.promoted", registration, by=by, host_id=stage.programme.host_id)
    mail("registration.promoted", registration, stage)


def mail(kind: str, registration: Registration, stage: Stage) -> bool:
    """Put a letter to the registered person into the outbox; False for one who gave no address."""
    if not registration.email:
        return False
    post(
        kind,
        subject_id=registration.id,
        host_id=stage.programme.host_id,
        programme_id=stage.programme_id,
        to_address=registration.email,
        to_name=shorten(registration.full_name, LONGEST_ADDRESSEE),
    )
    return True


def _count(stage: Stage, change: int, condition: sa.ColumnElement[bool]) -> bool:
    counting = sa.update(Stage).where(Stage.id == stage.id, condition).values(seats_taken=Stage.seats_taken + change)
    changed = db.session.execute(counting.execution_options(synchronize_session=False))
    db.session.expire(stage, ["seats_taken"])
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def _after_change(stage: Stage, _before: Mapping[str, Any]) -> None:
    fill_seats(stage)


on_stage_changed(_after_change)
