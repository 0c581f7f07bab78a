"""Limits of seats for an unsur, an institution or a group of a stage."""

from __future__ import annotations

import sqlalchemy as sa

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db, insert, transaction
from app.programmes.models import Stage
from app.registration.models import Registration, registration_group
from app.registration.models_seats import Invitation, Quota
from app.registration.rules import Reason
from app.registration.rules_seats import QuotaKind
from app.registration.service import seats
from app.registration.service.offers import fill_seats

TARGETS = {
    QuotaKind.CATEGORY: Quota.category_id,
    QuotaKind.INSTITUTION: Quota.institution_id,
    QuotaKind.GROUP: Quota.group_id,
}


def set_quota(stage: Stage, *, kind: QuotaKind, target_id: int, capacity: int | None, by: User | None) -> Reason | None:
    """Limit the seats of one unsur, institution or group, by its id; None takes the limit away. Freed seats are offered on.

    A reason where more seats are taken already.
    """
    target = TARGETS[kind]
    with transaction():
        stage = seats.lock(stage)
        this = sa.and_(Quota.stage_id == stage.id, target == target_id)
        before = db.session.scalar(sa.select(Quota.capacity).where(this))
        if before == capacity:
            return None
        taken = seats_taken(stage, kind, target_id)
        if capacity is not None and capacity < taken:
            return Reason.QUOTA_BELOW_SEATS
        db.session.execute(sa.delete(Quota).where(this).execution_options(synchronize_session="fetch"))
        if capacity is not None:
            values = {"stage_id": stage.id, target.key: target_id, "capacity": capacity, "seats_taken": taken}
            db.session.execute(insert(Quota).values(values))
        record("quota.changed", stage, by=by, host_id=stage.programme.host_id, fields=[f"{kind.value}:{target_id}"])
        fill_seats(stage, by=by)
        return None


def seats_taken(stage: Stage, kind: QuotaKind, target_id: int) -> int:
    """How many seats of the stage count for a target: those of people, and those that invitations keep unused."""
    holding = sa.select(sa.func.count(Registration.id)).where(Registration.stage_id == stage.id, seats.is_holding())
    if kind is QuotaKind.GROUP:
        members = sa.select(registration_group.c.registration_id).where(registration_group.c.group_id == target_id)
        return db.session.scalar(holding.where(Registration.id.in_(members))) or 0
    name = "category_id" if kind is QuotaKind.CATEGORY else "institution_id"
    people = db.session.scalar(holding.where(getattr(Registration, name) == target_id)) or 0
    unused = sa.select(sa.func.sum(Invitation.reserved - Invitation.used)).where(
        Invitation.stage_id == stage.id, getattr(Invitation, name) == target_id
    )
    return people + (db.session.scalar(unused) or 0)
