"""Seats: counted in the stage, in the quotas of category, institution and groups, and in an invitation, by conditional UPDATEs.

All of it under the lock of the stage's row, in that order, all or none; freed ones are offered on (service/offers.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.extensions import db, wait_turn
from app.jobs.service import Posting, post_all
from app.programmes.models import Stage
from app.programmes.rules import TURN
from app.registration.models import Registration, registration_group
from app.registration.models_seats import Invitation, Quota
from app.registration.rules import HOLDS_SEAT, Reason, RegistrationState
from app.registration.rules_seats import FULL, OPEN_INVITATION
from app.shared.text import shorten

LONGEST_ADDRESSEE = 200


@dataclass(frozen=True)
class Place:
    """What a seat is counted in beside the stage. `category_id` may be a subquery that answers it."""

    category_id: Any
    institution_id: int | None = None
    group_ids: frozenset[int] = frozenset()

    @property
    def quotas(self) -> sa.ColumnElement[bool]:
        """Its quotas, of whichever stage."""
        nets: list[sa.ColumnElement[bool]] = [Quota.category_id == self.category_id]
        if self.institution_id is not None:
            nets.append(Quota.institution_id == self.institution_id)
        if self.group_ids:
            nets.append(Quota.group_id.in_(self.group_ids))
        # Two of a quota's three targets are NULL: what is not equal must be false, for who asks for the others.
        return sa.func.coalesce(sa.or_(*nets), sa.false())

    def of_groups(self, group_ids: Collection[int]) -> Place:
        return Place(self.category_id, self.institution_id, frozenset(group_ids))


def lock(stage: Stage | int) -> Stage:
    """Read the stage anew and hold its row, so that nobody else changes who sits and who waits there.

    Every writer of a stage's registrations begins with it: were a full stage not held while someone joins the waiting list, a
    seat freed at that moment would stay empty. Rows that merely point to the stage are not kept waiting. Those who register
    where there is room share the turn (service/registering_quickly.py), and whoever holds the stage waits for them first.
    """
    # The identity is asked of the mapper: reading the attribute of an expired object would be one more query.
    stage_id = stage if isinstance(stage, int) else sa.inspect(stage).identity[0]
    wait_turn(TURN, stage_id)
    statement = sa.select(Stage).where(Stage.id == stage_id).with_for_update(key_share=True, of=Stage)
    return db.session.scalars(statement.execution_options(populate_existing=True)).one()


def place_of(registration: Registration) -> Place:
    """In what the seat of a registration is counted."""
    chosen = sa.select(registration_group.c.group_id).where(registration_group.c.registration_id == registration.id)
    return Place(registration.category_id, registration.institution_id, frozenset(db.session.scalars(chosen)))


def holds_seat(registration: Registration) -> bool:
    """Whether it is counted: also a rejected one, while that can be undone."""
    undoable = registration.state is RegistrationState.REJECTED and registration.undo_until is not None
    return undoable or registration.state in HOLDS_SEAT


def is_holding() -> sa.ColumnElement[bool]:
    """`holds_seat` for the database."""
    undoable = sa.and_(Registration.state == RegistrationState.REJECTED, Registration.undo_until.is_not(None))
    return sa.or_(Registration.state.in_(HOLDS_SEAT), undoable)


def take(stage: Stage, place: Place, number: int = 1) -> Reason | None:
    """Take seats in everything that counts them, or in nothing; answers what is full."""
    matching = (Quota.stage_id == stage.id) & place.quotas
    full = sa.exists().where(matching, Quota.seats_taken + number > Quota.capacity)
    taking = (
        sa.update(Stage)
        .where(
            Stage.id == stage.id, sa.or_(Stage.capacity.is_(None), Stage.seats_taken + number <= Stage.capacity), ~full
        )
        .values(seats_taken=Stage.seats_taken + number)
        .returning(sa.select(sa.func.count(Quota.id)).where(matching).scalar_subquery())
    )
    counted = db.session.scalar(taking.execution_options(synchronize_session=False))
    if counted is None:
        return _what_is_full(matching, number)
    db.session.expire(stage, ["seats_taken"])
    if counted:
        _count_quotas(matching, number)
    return None


def give_back(stage: Stage, place: Place, number: int = 1) -> None:
    """Put back seats that nobody needs any more."""
    giving = sa.update(Stage).where(Stage.id == stage.id).values(seats_taken=Stage.seats_taken - number)
    db.session.execute(giving.execution_options(synchronize_session=False))
    db.session.expire(stage, ["seats_taken"])
    _count_quotas((Quota.stage_id == stage.id) & place.quotas, -number)


def take_invited(stage: Stage, invitation: Invitation, group_ids: Collection[int] = ()) -> Reason | None:
    """Take one of an invitation's reserved seats, which stage, category and institution have counted already."""
    reason = take_groups(stage, group_ids)
    if reason is not None:
        return reason
    taking = sa.update(Invitation).where(
        Invitation.id == invitation.id,
        Invitation.used < Invitation.reserved,
        Invitation.state.in_(OPEN_INVITATION),
    )
    used = db.session.scalar(_quietly(taking.values(used=Invitation.used + 1).returning(Invitation.used)))
    if used is None:
        give_back_groups(stage, group_ids)
        return Reason.NO_SEAT_LEFT
    db.session.expire(invitation, ["used"])
    return None


def take_groups(stage: Stage, group_ids: Collection[int], number: int = 1) -> Reason | None:
    """Count seats in the quotas of groups alone."""
    if not group_ids or not number:
        return None
    matching = (Quota.stage_id == stage.id) & Quota.group_id.in_(group_ids)
    if db.session.scalar(sa.select(sa.exists().where(matching, Quota.seats_taken + number > Quota.capacity))):
        return Reason.GROUP_FULL
    _count_quotas(matching, number)
    return None


def give_back_groups(stage: Stage, group_ids: Collection[int], number: int = 1) -> None:
    if group_ids and number:
        _count_quotas((Quota.stage_id == stage.id) & Quota.group_id.in_(group_ids), -number)


def release(registration: Registration, stage: Stage) -> None:
    """Give up the seat of a registration that held one. One of an open invitation stays reserved for its institution."""
    place = place_of(registration)
    if _leave_invitation(registration):
        give_back_groups(stage, place.group_ids)
    else:
        give_back(stage, place)


def move(registration: Registration, stage: Stage, place: Place) -> Reason | None:
    """Count the seat of a registration where the person belongs now, in the same groups; answers what is full there.

    A seat of an open invitation goes back to it, and one that is free is taken.
    """
    old = place_of(registration)
    place = place.of_groups(old.group_ids)
    invitation = registration.invitation
    if invitation is not None and invitation.state in OPEN_INVITATION:
        full = take(stage, place.of_groups(()))
    else:
        full = _move_between_quotas(stage, old, place)
    if full is not None:
        return full
    _leave_invitation(registration)
    registration.invitation = None
    db.session.flush()
    return None


def confirm(registration: Registration, now: datetime) -> None:
    """Make a registration whose seat is taken already a confirmed one."""
    registration.state = RegistrationState.CONFIRMED
    registration.confirmed_at = now
    registration.waiting_since = registration.passed_on_at = registration.offer_until = registration.undo_until = None


def end(registration: Registration, state: RegistrationState, now: datetime, *, reason: str) -> None:
    """Make a registration one that has ended; what it held is not touched."""
    registration.state = state
    registration.cancel_reason = reason
    registration.ended_at = now
    registration.waiting_since = registration.passed_on_at = registration.offer_until = registration.undo_until = None


def mail(kind: str, registration: Registration, stage: Stage) -> bool:
    """Put a letter to the registered person into the outbox; False for one who gave no address."""
    return mail_all(kind, {registration: None}, stage) > 0


def mail_all(
    kind: str, letters: Mapping[Registration, str | None], stage: Stage, *, not_before: datetime | None = None
) -> int:
    """Put the same letter to many into the outbox, each under its key, for `unpost`; answers how many gave an address."""
    postings = [
        Posting(
            subject_id=registration.id,
            to_address=registration.email,
            to_name=shorten(registration.full_name, LONGEST_ADDRESSEE),
            dedupe_key=key,
        )
        for registration, key in letters.items()
        if registration.email
    ]
    post_all(
        kind,
        postings,
        host_id=stage.programme.host_id,
        programme_id=stage.programme_id,
        not_before=not_before,
    )
    return len(postings)


def _leave_invitation(registration: Registration) -> bool:
    """Count a seat of an invitation as used no more; whether it stays reserved, as those of an open one do."""
    invitation = registration.invitation
    if invitation is None:
        return False
    kept = invitation.state in OPEN_INVITATION
    freed = {"used": Invitation.used - 1} | ({} if kept else {"reserved": Invitation.reserved - 1})
    db.session.execute(_quietly(sa.update(Invitation).where(Invitation.id == invitation.id).values(**freed)))
    db.session.expire(invitation, ["used", "reserved"])
    return kept


def _move_between_quotas(stage: Stage, old: Place, new: Place) -> Reason | None:
    """The same seat of the stage, counted in what is new to it and not in what it leaves."""
    of_stage = Quota.stage_id == stage.id
    entered = sa.and_(of_stage, new.quotas, ~old.quotas)
    if db.session.scalar(sa.select(sa.exists().where(entered, Quota.seats_taken >= Quota.capacity))):
        return _what_is_full(entered, 1)
    left = sa.and_(of_stage, old.quotas, ~new.quotas)
    _count_quotas(entered, 1)
    _count_quotas(left, -1)
    return None


def _what_is_full(matching: sa.ColumnElement[bool], number: int) -> Reason:
    quotas = db.session.scalars(sa.select(Quota).where(matching, Quota.seats_taken + number > Quota.capacity)).all()
    kinds = {quota.kind for quota in quotas}
    return next((reason for kind, reason in FULL.items() if kind in kinds), Reason.FULL)


def _count_quotas(matching: sa.ColumnElement[bool], change: int) -> None:
    counting = sa.update(Quota).where(matching).values(seats_taken=Quota.seats_taken + change)
    db.session.execute(_quietly(counting))
    for quota in [one for one in db.session.identity_map.values() if isinstance(one, Quota)]:
        db.session.expire(quota, ["seats_taken"])


def _quietly(statement: Any) -> Any:
    return statement.execution_options(synchronize_session=False)
