"""The rows that a change of a registration holds, always in the same order."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from app.extensions import db
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.service import seats


def hold(registration: Registration) -> tuple[Stage, Registration]:
    """The stage and the registration, read anew with their rows held."""
    stage = seats.lock(registration.stage_id)
    statement = sa.select(Registration).where(Registration.id == registration.id).with_for_update(of=Registration)
    return stage, db.session.scalars(statement.execution_options(populate_existing=True)).one()


def hold_all(stage: Stage, ids: Collection[int]) -> tuple[Stage, list[Registration]]:
    """The stage and those of its registrations that have these ids, read anew with their rows held, in the order of ids."""
    stage = seats.lock(stage)
    statement = (
        sa.select(Registration)
        .where(Registration.stage_id == stage.id, Registration.id.in_(ids))
        .order_by(Registration.id)
        .with_for_update(of=Registration)
    )
    return stage, list(db.session.scalars(statement.execution_options(populate_existing=True)))
