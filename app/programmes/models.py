"""Programme, stage (tahap) and participant group: their records."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.hosts.models import Host
from app.shared.columns import UtcDateTime


class Programme(db.Model):
    """A programme of stages; owns the numbering of certificates."""

    __tablename__ = "programme"
    __table_args__ = (sa.Index("ix_programme_host", "host_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    host_id: Mapped[int] = mapped_column(sa.ForeignKey("host.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    summary: Mapped[str] = mapped_column(sa.Text, default="")
    published: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    host: Mapped[Host] = relationship(lazy="joined")
    stages: Mapped[list[Stage]] = relationship(back_populates="programme", order_by="Stage.number")
    groups: Mapped[list[ParticipantGroup]] = relationship(
        back_populates="programme", order_by="ParticipantGroup.position"
    )


class Stage(db.Model):
    """One Bimtek event (tahap, kegiatan). Dates are days in the host's zone, both included.

    `seats_taken` counts the registrations that hold a seat and is changed only by conditional UPDATEs.
    `approval_required`: whoever registers online waits for staff; `offer_hours`: how long a freed seat is held for the first
    of the waiting list. `min_jp_percent`, `feedback_required`: the stage's rule for the certificate (None: no such condition).
    """

    __tablename__ = "stage"
    __table_args__ = (
        sa.UniqueConstraint("programme_id", "number"),
        sa.CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        sa.CheckConstraint("registration_closes_at > registration_opens_at", name="window_in_order"),
        sa.CheckConstraint(
            "capacity IS NULL OR (capacity > 0 AND seats_taken <= capacity)", name="seats_within_capacity"
        ),
        sa.CheckConstraint("seats_taken >= 0", name="seats_not_negative"),
        sa.CheckConstraint("min_jp_percent IS NULL OR min_jp_percent BETWEEN 1 AND 100", name="percent"),
        sa.CheckConstraint("offer_hours BETWEEN 1 AND 336", name="offer"),
        sa.CheckConstraint("late_tolerance_minutes BETWEEN 0 AND 1440", name="tolerance"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey("programme.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(sa.String(60), unique=True)
    number: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(200))
    summary: Mapped[str] = mapped_column(sa.Text, default="")
    result: Mapped[str] = mapped_column(sa.String(300), default="")
    venue: Mapped[str] = mapped_column(sa.String(200), default="")
    address: Mapped[str] = mapped_column(sa.String(300), default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    registration_opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    registration_closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    capacity: Mapped[int | None]
    seats_taken: Mapped[int] = mapped_column(default=0, server_default="0")
    approval_required: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    offer_hours: Mapped[int] = mapped_column(default=24, server_default="24")
    prerequisite_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stage.id", ondelete="SET NULL"))
    late_tolerance_minutes: Mapped[int] = mapped_column(default=30)
    min_jp_percent: Mapped[int | None] = mapped_column(default=80)
    feedback_required: Mapped[bool] = mapped_column(default=False)
    published: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    programme: Mapped[Programme] = relationship(back_populates="stages", lazy="joined")
    prerequisite: Mapped[Stage | None] = relationship(remote_side=[id])

    @property
    def host(self) -> Host:
        return self.programme.host

    @property
    def place(self) -> str:
        """Venue and address in one line; "" while neither is known."""
        return ", ".join(part for part in (self.venue, self.address) if part)

    @property
    def timezone(self) -> str:
        return self.programme.host.timezone


class ParticipantGroup(db.Model):
    """A group of a programme (kelompok), e.g. Smart Living or Tim Pelaksana; a person may be in several."""

    __tablename__ = "participant_group"
    __table_args__ = (sa.UniqueConstraint("programme_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey("programme.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(120))
    position: Mapped[int] = mapped_column(default=0)

    programme: Mapped[Programme] = relationship(back_populates="groups")
