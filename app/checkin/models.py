"""Checkpoints, scanner devices, scans and attendance."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.agenda.models import AgendaSession
from app.checkin.rules import CorrectionKind, Decision, DeviceKind, Reason, ScanSource
from app.extensions import db
from app.programmes.models import Stage
from app.registration.models import Registration
from app.shared import clock
from app.shared.columns import UtcDateTime, enum_column

IN_FORCE = sa.text("annulled_at IS NULL")
NOT_WITHDRAWN = sa.text("withdrawn_at IS NULL")
OWN_PHONE = sa.text("kind = 'phone' AND revoked_at IS NULL")

checkpoint_session = sa.Table(
    "checkpoint_session",
    db.metadata,
    sa.Column("checkpoint_id", sa.ForeignKey("checkpoint.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("session_id", sa.ForeignKey("agenda_session.id", ondelete="CASCADE"), primary_key=True),
    sa.Index("ix_checkpoint_session_session", "session_id"),
)


class Checkpoint(db.Model):
    """Where and when people are scanned (titik presensi); covers the sessions whose attendance it proves.

    Without `sessions` of its own it covers all sessions that start on its local day. `day_number` counts the days of the
    stage from 1 and is kept while the checkpoint follows the stage's dates by itself; None once staff have edited it.
    """

    __tablename__ = "checkpoint"
    __table_args__ = (
        sa.CheckConstraint("closes_at > opens_at", name="window_in_order"),
        sa.UniqueConstraint("stage_id", "day_number"),
        sa.CheckConstraint("day_number IS NULL OR day_number > 0", name="day_number"),
        sa.Index("ix_checkpoint_stage", "stage_id", "opens_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("stage.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(120))
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    day_number: Mapped[int | None]

    stage: Mapped[Stage] = relationship()
    sessions: Mapped[list[AgendaSession]] = relationship(secondary=checkpoint_session, order_by=AgendaSession.starts_at)


class ScannerDevice(db.Model):
    """A browser that may scan for one stage until `expires_at`; its token is kept as a digest only.

    `user_id`: who enrolled it, and without whose role it may scan no more. `unsent`: how many scans it said last that it holds.
    """

    __tablename__ = "scanner_device"
    __table_args__ = (
        sa.Index("ix_scanner_device_stage", "stage_id"),
        sa.Index(
            "uq_scanner_device_phone",
            "stage_id",
            "user_id",
            unique=True,
            sqlite_where=OWN_PHONE,
            postgresql_where=OWN_PHONE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("stage.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(sa.String(80))
    kind: Mapped[DeviceKind] = mapped_column(
        enum_column(DeviceKind), default=DeviceKind.SCANNER, server_default=DeviceKind.SCANNER.value
    )
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    unsent: Mapped[int] = mapped_column(default=0, server_default="0")

    stage: Mapped[Stage] = relationship()


class DeviceEnrolment(db.Model):
    """A code shown as a QR that makes one browser without account a scanner of the stage; used once, within minutes."""

    __tablename__ = "device_enrolment"
    __table_args__ = (sa.Index("ix_device_enrolment_stage", "stage_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("stage.id", ondelete="CASCADE"))
    code_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("scanner_device.id", ondelete="SET NULL"))

    stage: Mapped[Stage] = relationship()
    device: Mapped[ScannerDevice | None] = relationship()


class Scan(db.Model):
    """An attempt at a checkpoint with its decision; append-only. `occurred_at` is corrected by the clock skew of the device.

    `first_at`, `first_by` are what a repeat was answered with, so that a replay gets the same answer.
    """

    __tablename__ = "scan"
    __table_args__ = (
        sa.Index("ix_scan_checkpoint", "checkpoint_id", "received_at"),
        sa.Index("ix_scan_registration", "registration_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scan_id: Mapped[str] = mapped_column(sa.String(36), unique=True)  # drawn by the device
    checkpoint_id: Mapped[int] = mapped_column(sa.ForeignKey("checkpoint.id"))
    device_id: Mapped[int] = mapped_column(sa.ForeignKey("scanner_device.id"))
    registration_id: Mapped[int | None] = mapped_column(sa.ForeignKey("registration.id"))
    code_hash: Mapped[str] = mapped_column(sa.String(64))
    source: Mapped[ScanSource] = mapped_column(enum_column(ScanSource))
    decision: Mapped[Decision] = mapped_column(enum_column(Decision))
    reason: Mapped[Reason | None] = mapped_column(enum_column(Reason))
    offline_decision: Mapped[Decision | None] = mapped_column(
        sa.Enum(
            Decision,
            native_enum=False,
            length=24,
            name="offline_decision",
            values_callable=lambda members: [member.value for member in members],
        )
    )
    first_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_by: Mapped[str] = mapped_column(sa.String(120), default="")
    device_time: Mapped[datetime] = mapped_column(UtcDateTime)
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Attendance(db.Model):
    """That a person was at a checkpoint: at most one in force for a registration and checkpoint.

    Its annulment ends a period; what happened before it belongs to that period, whenever it arrives. `at` is the earliest
    admission of the period. `changed_at`: when its row changed last, for rosters.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        sa.Index(
            "uq_attendance_in_force",
            "checkpoint_id",
            "registration_id",
            unique=True,
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
        sa.CheckConstraint("(annulled_at IS NULL) OR (annul_reason <> '')", name="annulled_with_reason"),
        sa.Index("ix_attendance_registration", "registration_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registration.id"))
    checkpoint_id: Mapped[int] = mapped_column(sa.ForeignKey("checkpoint.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    scan_id: Mapped[str | None] = mapped_column(
        sa.String(36), index=True
    )  # Scan.scan_id of the admission; None for a correction by hand
    device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("scanner_device.id"))
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    correction: Mapped[CorrectionKind | None] = mapped_column(enum_column(CorrectionKind))  # None for an admitted scan
    reason: Mapped[str] = mapped_column(sa.Text, default="")  # why it was added by hand
    annulled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    annulled_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    annulled_device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("scanner_device.id"))
    annul_reason: Mapped[str] = mapped_column(sa.Text, default="")
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)

    registration: Mapped[Registration] = relationship()
    checkpoint: Mapped[Checkpoint] = relationship()
    device: Mapped[ScannerDevice | None] = relationship(foreign_keys=[device_id])
    recorded_by: Mapped[User | None] = relationship(foreign_keys=[recorded_by_id])


class Excuse(db.Model):
    """That a person was excused from a checkpoint (izin), with or without the JP of its sessions. Being there counts before it."""

    __tablename__ = "excuse"
    __table_args__ = (
        sa.Index(
            "uq_excuse_in_force",
            "checkpoint_id",
            "registration_id",
            unique=True,
            sqlite_where=NOT_WITHDRAWN,
            postgresql_where=NOT_WITHDRAWN,
        ),
        sa.CheckConstraint("reason <> ''", name="has_reason"),
        sa.Index("ix_excuse_registration", "registration_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registration.id"))
    checkpoint_id: Mapped[int] = mapped_column(sa.ForeignKey("checkpoint.id", ondelete="CASCADE"))
    with_jp: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(sa.Text)
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    given_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))

    registration: Mapped[Registration] = relationship()
    checkpoint: Mapped[Checkpoint] = relationship()
    given_by: Mapped[User | None] = relationship(foreign_keys=[given_by_id])
