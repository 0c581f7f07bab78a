"""Reads of registrations for other systems."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.extensions import db
from app.programmes.models import Stage
from app.registration.models import Registration


def registrations_after(stage: Stage, registration_id: int, limit: int) -> list[Registration]:
    """Those of a stage with a higher id, by id; with category and groups. What was merged into another is left out."""
    statement = (
        sa.select(Registration)
        .where(
            Registration.stage_id == stage.id,
            Registration.id > registration_id,
            Registration.merged_into_id.is_(None),
        )
        .options(joinedload(Registration.category), selectinload(Registration.groups))
    )
    return list(db.session.scalars(statement.order_by(Registration.id).limit(limit)))
