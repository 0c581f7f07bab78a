"""What staff found out about people who look like one."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.shared.columns import UtcDateTime


class DistinctPair(db.Model):
    """Two participants who look like one person and are two: they are not shown as suspected any more."""

    __tablename__ = "distinct_pair"
    __table_args__ = (
        sa.CheckConstraint("first_id < second_id", name="in_order"),
        sa.Index("ix_distinct_pair_second", "second_id"),
    )

    first_id: Mapped[int] = mapped_column(sa.ForeignKey("participant.id", ondelete="CASCADE"), primary_key=True)
    second_id: Mapped[int] = mapped_column(sa.ForeignKey("participant.id", ondelete="CASCADE"), primary_key=True)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
