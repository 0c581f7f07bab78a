"""Reads of who waits for a seat or for a decision, and of what keeps the waiting from one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.extensions import db
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.models_seats import Quota
from app.registration.queries import quotas_of
from app.registration.rules import RegistrationState
from app.registration.rules_seats import QuotaKind

SHOWN_AT_MOST = 200


@dataclass(frozen=True)
class Batch:
    """What was decided in one go and can be undone still: `state` is what became of the people, `until` when that ends."""

    state: RegistrationState
    until: datetime
    people: Sequence[Registration]

    @property
    def key(self) -> str:
        """By which a form names it."""
        return f"{self.state.value}-{self.until.isoformat()}"

    @property
    def ids(self) -> list[int]:
        return [one.id for one in self.people]


def waiting_line(stage: Stage, *, passed_on: bool = False) -> sa.Select[tuple[Registration]]:
    """Who waits, in the order in which seats are offered; `passed_on`: those instead who let an offer lapse."""
    passed = Registration.passed_on_at
    return (
        sa.select(Registration)
        .where(
            Registration.stage_id == stage.id,
            Registration.state == RegistrationState.WAITLISTED,
            passed.is_not(None) if passed_on else passed.is_(None),
        )
        .options(joinedload(Registration.category), selectinload(Registration.groups))
        .order_by(Registration.waiting_since, Registration.id)
    )


def passed_over(stage: Stage) -> list[Registration]:
    """Who let an offer lapse and has not said since that he still wants to come, the first of them."""
    return list(db.session.scalars(waiting_line(stage, passed_on=True).limit(SHOWN_AT_MOST)))


def running_offers(stage: Stage) -> list[Registration]:
    """To whom a seat is being offered, who must answer first comes first."""
    statement = (
        sa.select(Registration)
        .where(Registration.stage_id == stage.id, Registration.state == RegistrationState.OFFERED)
        .options(joinedload(Registration.category))
        .order_by(Registration.offer_until, Registration.id)
    )
    return list(db.session.scalars(statement.limit(SHOWN_AT_MOST)))


def full_quotas(stage: Stage) -> list[Quota]:
    """The limits of a stage that have no room left."""
    return [quota for quota in quotas_of(stage) if quota.seats_taken >= quota.capacity]


def blocked_by(registration: Registration, full: Iterable[Quota]) -> list[Quota]:
    """Which of these limits keep someone from a seat."""
    targets = {
        (QuotaKind.CATEGORY, registration.category_id),
        (QuotaKind.INSTITUTION, registration.institution_id),
        *((QuotaKind.GROUP, group.id) for group in registration.groups),
    }
    return [quota for quota in full if (quota.kind, quota.target_id) in targets]


def was_replaced(registration: Registration) -> bool:
    """Whether another person has taken over the seat."""
    return bool(db.session.scalar(sa.select(sa.exists().where(Registration.replaces_id == registration.id))))


def decided_lately(stage: Stage, now: datetime) -> list[Batch]:
    """The decisions that can be undone still, the latest first."""
    statement = (
        sa.select(Registration)
        .where(Registration.stage_id == stage.id, Registration.undo_until > now)
        .order_by(Registration.undo_until.desc(), Registration.state, Registration.sort_name, Registration.id)
    )
    grouped: dict[tuple[RegistrationState, datetime], list[Registration]] = {}
    for one in db.session.scalars(statement):
        if one.undo_until is not None:
            grouped.setdefault((one.state, one.undo_until), []).append(one)
    return [Batch(state, until, people) for (state, until), people in grouped.items()]


def pending_counts(stage_ids: Collection[int]) -> Mapping[int, int]:
    """How many people of each of these stages wait for approval, by the stage's id; stages without any are not named."""
    statement = (
        sa.select(Registration.stage_id, sa.func.count())
        .where(Registration.stage_id.in_(stage_ids), Registration.state == RegistrationState.PENDING)
        .group_by(Registration.stage_id)
    )
    return {stage_id: count for stage_id, count in db.session.execute(statement)}
