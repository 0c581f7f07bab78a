"""What happened at the door that somebody must settle."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.checkin.models import Checkpoint, Scan
from app.checkin.rules import IncidentKind, Settlement
from app.extensions import db
from app.registration.models import Registration
from app.shared.columns import JSON, UtcDateTime, enum_column


class ScanIncident(db.Model):
    """A scan that staff must settle, at most one for each. `counted_id`: of two doors, the scan whose admission counts.

    `person` is what a walk-in form said of somebody who could not be registered; it is cleared when the incident is settled.
    `registration_id`: whom it turned out to be about, where the scan itself could not know.
    """

    __tablename__ = "scan_incident"
    __table_args__ = (
        sa.Index("ix_scan_incident_checkpoint", "checkpoint_id", "settled_at"),
        sa.CheckConstraint("(settled_at IS NULL) = (settlement IS NULL)", name="settled_as"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    checkpoint_id: Mapped[int] = mapped_column(sa.ForeignKey("checkpoint.id"))
    scan_id: Mapped[int] = mapped_column(sa.ForeignKey("scan.id"), unique=True)
    counted_id: Mapped[int | None] = mapped_column(sa.ForeignKey("scan.id"))
    registration_id: Mapped[int | None] = mapped_column(sa.ForeignKey("registration.id"), index=True)
    kind: Mapped[IncidentKind] = mapped_column(enum_column(IncidentKind))
    person: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settlement: Mapped[Settlement | None] = mapped_column(enum_column(Settlement))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    note: Mapped[str] = mapped_column(sa.Text, default="")

    checkpoint: Mapped[Checkpoint] = relationship()
    scan: Mapped[Scan] = relationship(foreign_keys=[scan_id])
    counted: Mapped[Scan | None] = relationship(foreign_keys=[counted_id])
    registration: Mapped[Registration | None] = relationship()
    settled_by: Mapped[User | None] = relationship()
