"""Decisions of staff on registrations that wait for approval. For a while they can be undone; only then their letters leave."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db, transaction
from app.jobs.service import on_sweep, unpost
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.rules import ENDED, RegistrationState
from app.registration.rules_seats import UNDO_FOR
from app.registration.service import seats
from app.registration.service.holding import hold_all
from app.registration.service.offers import fill_seats
from app.shared import clock


def approve(stage: Stage, ids: Collection[int], *, by: User) -> int:
    """Confirm those of these registrations that are pending; answers how many."""
    with transaction():
        stage, found = hold_all(stage, ids)
        now = clock.now()
        pending = [one for one in found if one.state is RegistrationState.PENDING]
        for registration in pending:
            seats.confirm(registration, now)
            registration.undo_until = now + UNDO_FOR
            record("registration.approved", registration, by=by, host_id=stage.programme.host_id)
            _mail_later("registration.ticket", registration, stage)
        return len(pending)


def reject(stage: Stage, ids: Collection[int], *, reason: str, by: User) -> int:
    """Reject those of these registrations that are pending, for a reason that they are told; answers how many.

    Each keeps its seat until the decision cannot be undone any more.
    """
    with transaction():
        stage, found = hold_all(stage, ids)
        now = clock.now()
        pending = [one for one in found if one.state is RegistrationState.PENDING]
        for registration in pending:
            seats.end(registration, RegistrationState.REJECTED, now, reason=reason)
            registration.undo_until = now + UNDO_FOR
            record("registration.rejected", registration, by=by, host_id=stage.programme.host_id, reason=reason)
            _mail_later("registration.rejected", registration, stage)
        return len(pending)


def undo_decisions(stage: Stage, ids: Collection[int], *, by: User) -> int:
    """Make pending again whose decision can be undone still, and keep their letters from leaving; answers how many.

    Whoever was rejected and has registered anew meanwhile stays as he is.
    """
    with transaction():
        stage, found = hold_all(stage, ids)
        undone = 0
        for registration in found:
            if not _can_be_undone(registration):
                continue
            unpost(_letter_key(registration))
            registration.state = RegistrationState.PENDING
            registration.undo_until = registration.confirmed_at = registration.ended_at = None
            registration.cancel_reason = ""
            record("registration.decision_undone", registration, by=by, host_id=stage.programme.host_id)
            db.session.flush()
            undone += 1
        return undone


def settle_decisions() -> None:
    """Make decisions final whose time to undo is over: the seats of the rejected are offered on."""
    due = Registration.undo_until <= clock.now()
    for stage_id in db.session.scalars(sa.select(Registration.stage_id).where(due).distinct()).all():
        with transaction():
            stage = seats.lock(stage_id)
            of_stage = sa.select(Registration).where(due, Registration.stage_id == stage_id).order_by(Registration.id)
            for registration in db.session.scalars(of_stage.execution_options(populate_existing=True)).all():
                if registration.state is RegistrationState.REJECTED:
                    seats.release(registration, stage)
                registration.undo_until = None
            db.session.flush()
            fill_seats(stage)


def forget_decision(registration: Registration) -> None:
    """Withdraw what an undone or overtaken decision was about to say."""
    if registration.undo_until is not None:
        unpost(_letter_key(registration))
        registration.undo_until = None


def _can_be_undone(registration: Registration) -> bool:
    if registration.undo_until is None or registration.undo_until <= clock.now():
        return False
    if registration.state is RegistrationState.CONFIRMED:
        return True
    other = aliased(Registration)
    anew = sa.exists().where(
        other.stage_id == registration.stage_id,
        other.participant_id == registration.participant_id,
        other.state.not_in(ENDED),
    )
    return not db.session.scalar(sa.select(anew))


def _mail_later(kind: str, registration: Registration, stage: Stage) -> None:
    seats.mail(kind, registration, stage, not_before=registration.undo_until, dedupe_key=_letter_key(registration))


def _letter_key(registration: Registration) -> str:
    moment = registration.undo_until.timestamp() if registration.undo_until else 0
    return f"decision:{registration.id}:{moment}"


on_sweep(settle_decisions)
