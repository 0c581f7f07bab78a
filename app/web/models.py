"""What counts attempts, so that limits hold over several machines."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.shared.columns import UtcDateTime


class ThrottleCounter(db.Model):
    """Attempts of one kind on one target within one window. The target is kept as a hash: it may be an address or a code."""

    __tablename__ = "throttle_counter"
    __table_args__ = (sa.CheckConstraint("count > 0", name="count_is_positive"),)

    kind: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    target_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    window_start: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True, index=True)
    count: Mapped[int] = mapped_column(default=1)
