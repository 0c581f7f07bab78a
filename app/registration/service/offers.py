"""Freed seats: offered to the first of the waiting list whose limits all have room, accepted, or passed on after the deadline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db, transaction
from app.jobs.service import on_sweep
from app.programmes.models import Stage
from app.programmes.service import on_stage_changed
from app.registration import queries
from app.registration.models import Registration
from app.registration.rules import Reason, RegistrationState, is_over
from app.registration.rules_seats import entry_state, offer_deadline
from app.registration.service import seats
from app.registration.service.holding import hold
from app.shared import clock


def fill_seats(stage: Stage, *, by: User | None = None) -> int:
    """Offer the free seats to the first of the waiting list, each of whom is mailed; returns how many were offered.

    Needs an open transaction. Nobody is called to a stage that is over.
    """
    stage = seats.lock(stage)
    offered = 0
    if is_over(queries.window_of(stage), clock.now()):
        return offered
    while (waiting := queries.first_waiting(stage)) is not None:
        if seats.take(stage, seats.place_of(waiting)) is not None:
            break
        _offer(waiting, stage, by=by)
        offered += 1
    return offered


def accept_offer(registration: Registration) -> Reason | None:
    """Take the seat that is offered. A reason where there is none, or its deadline has passed."""
    with transaction():
        stage, registration = hold(registration)
        if registration.state is not RegistrationState.OFFERED:
            return Reason.OFFER_PASSED if registration.passed_on_at else Reason.NOT_OFFERED
        now = clock.now()
        if registration.offer_until is not None and registration.offer_until <= now:
            _pass_on(registration, stage)
            fill_seats(stage)
            return Reason.OFFER_PASSED
        state = entry_state(registration.source, seated=True, approval_required=stage.approval_required)
        if state is RegistrationState.CONFIRMED:
            seats.confirm(registration, now)
            seats.mail("registration.ticket", registration, stage)
        else:
            registration.state, registration.offer_until = state, None
            seats.mail("registration.pending", registration, stage)
        record("registration.offer_accepted", registration, by=None, host_id=stage.programme.host_id)
        return None


def rejoin(registration: Registration) -> bool:
    """Put someone whose offer lapsed back into the line, at its end; False for who is not passed over."""
    with transaction():
        stage, registration = hold(registration)
        if registration.passed_on_at is None:
            return False
        registration.passed_on_at = None
        registration.waiting_since = clock.now()
        record("registration.rejoined", registration, by=None, host_id=stage.programme.host_id)
        db.session.flush()
        fill_seats(stage)
        return True


def pass_on_offers() -> None:
    """Let offers go whose deadline has passed, and offer their seats to the next."""
    lapsed = sa.and_(Registration.state == RegistrationState.OFFERED, Registration.offer_until <= clock.now())
    for stage_id in db.session.scalars(sa.select(Registration.stage_id).where(lapsed).distinct()).all():
        with transaction():
            stage = seats.lock(stage_id)
            of_stage = (
                sa.select(Registration).where(lapsed, Registration.stage_id == stage_id).order_by(Registration.id)
            )
            for registration in db.session.scalars(of_stage.execution_options(populate_existing=True)).all():
                _pass_on(registration, stage)
            fill_seats(stage)


def _offer(registration: Registration, stage: Stage, *, by: User | None) -> None:
    registration.state = RegistrationState.OFFERED
    registration.waiting_since = None
    registration.offer_until = offer_deadline(
        clock.now(), hours=stage.offer_hours, starts_on=stage.starts_on, ends_on=stage.ends_on, zone=stage.timezone
    )
    record("registration.offered", registration, by=by, host_id=stage.programme.host_id)
    seats.mail("registration.offered", registration, stage)
    db.session.flush()


def _pass_on(registration: Registration, stage: Stage) -> None:
    now = clock.now()
    seats.release(registration, stage)
    registration.state = RegistrationState.WAITLISTED
    registration.offer_until = None
    registration.waiting_since = registration.passed_on_at = now
    record("registration.offer_passed", registration, by=None, host_id=stage.programme.host_id)
    seats.mail("registration.offer_passed", registration, stage)
    db.session.flush()


def _after_change(stage: Stage, _before: Mapping[str, Any]) -> None:
    fill_seats(stage)


on_stage_changed(_after_change)
on_sweep(pass_on_offers)
