"""Decisions of staff on registrations that wait for approval. For a while they can be undone; only then their letters leave."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa

from app.accounts.models import User
from app.audit.service import record_all
from app.extensions import db, transaction
from app.jobs.service import on_sweep, unpost, unpost_all
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.rules import ENDED, RegistrationState
from app.registration.rules_seats import UNDO_FOR
from app.registration.service import seats
from app.registration.service.holding import hold_all
from app.registration.service.offers import fill_seats
from app.shared import clock

AT_ONCE = 500


def approve(stage: Stage, ids: Sequence[int], *, by: User) -> int:
    """Confirm those of these registrations that are pending; answers how many."""
    with transaction():
        return sum(_approve(stage, part, by) for part in _parts(ids))


def reject(stage: Stage, ids: Sequence[int], *, reason: str, by: User) -> int:
    """Reject those of these registrations that are pending, for a reason that they are told; answers how many.

    Each keeps its seat until the decision cannot be undone any more.
    """
    with transaction():
        return sum(_reject(stage, part, reason, by) for part in _parts(ids))


def undo_decisions(stage: Stage, ids: Sequence[int], *, by: User) -> int:
    """Make pending again whose decision can be undone still, and keep their letters from leaving; answers how many.

    Whoever was rejected and has registered anew meanwhile stays as he is.
    """
    with transaction():
        return sum(_undo(stage, part, by) for part in _parts(ids))


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


def _approve(stage: Stage, ids: Sequence[int], by: User) -> int:
    stage, pending = _pending(stage, ids)
    now = clock.now()
    for registration in pending:
        seats.confirm(registration, now)
        registration.undo_until = now + UNDO_FOR
    record_all("registration.approved", pending, by=by, host_id=stage.programme.host_id)
    _mail_later("registration.ticket", pending, stage, now)
    return len(pending)


def _reject(stage: Stage, ids: Sequence[int], reason: str, by: User) -> int:
    stage, pending = _pending(stage, ids)
    now = clock.now()
    for registration in pending:
        seats.end(registration, RegistrationState.REJECTED, now, reason=reason)
        registration.undo_until = now + UNDO_FOR
    record_all("registration.rejected", pending, by=by, host_id=stage.programme.host_id, reason=reason)
    _mail_later("registration.rejected", pending, stage, now)
    return len(pending)


def _undo(stage: Stage, ids: Sequence[int], by: User) -> int:
    stage, found = hold_all(stage, ids)
    now = clock.now()
    undoable = [one for one in found if one.undo_until is not None and one.undo_until > now]
    standing = _standing_again(stage, undoable)
    undone = []
    for registration in undoable:
        if registration.state is RegistrationState.REJECTED and registration.participant_id in standing:
            continue
        standing.add(registration.participant_id)
        undone.append(registration)
    unpost_all([_letter_key(one) for one in undone])
    for registration in undone:
        registration.state = RegistrationState.PENDING
        registration.undo_until = registration.confirmed_at = registration.ended_at = None
        registration.cancel_reason = ""
    record_all("registration.decision_undone", undone, by=by, host_id=stage.programme.host_id)
    return len(undone)


def _pending(stage: Stage, ids: Sequence[int]) -> tuple[Stage, list[Registration]]:
    stage, found = hold_all(stage, ids)
    return stage, [one for one in found if one.state is RegistrationState.PENDING]


def _standing_again(stage: Stage, decided: Collection[Registration]) -> set[int]:
    """Which participants of these have a registration in force."""
    statement = sa.select(Registration.participant_id).where(
        Registration.stage_id == stage.id,
        Registration.participant_id.in_({one.participant_id for one in decided}),
        Registration.state.not_in(ENDED),
    )
    return set(db.session.scalars(statement))


def _mail_later(kind: str, decided: Sequence[Registration], stage: Stage, now: datetime) -> None:
    letters = {one: _letter_key(one) for one in decided}
    seats.mail_all(kind, letters, stage, not_before=now + UNDO_FOR)


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Some hundreds at a time, each by as many statements as one alone."""
    return (ids[first : first + AT_ONCE] for first in range(0, len(ids), AT_ONCE))


def _letter_key(registration: Registration) -> str:
    moment = registration.undo_until.timestamp() if registration.undo_until else 0
    return f"decision:{registration.id}:{moment}"


on_sweep(settle_decisions)
