"""Long work with progress, and the outbox of mail. The rows are the truth; the queue only wakes the worker."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.jobs.rules import JobState, MessageState
from app.shared.columns import JSON, UtcDateTime, enum_column


class Job(db.Model):
    """Work of a registered kind. `args` are its plain arguments, `result` what it says of its outcome."""

    __tablename__ = "job"
    __table_args__ = (sa.Index("ix_job_state", "state", "lease_until"), sa.Index("ix_job_subject", "kind", "stage_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(sa.String(43), unique=True)  # its address for whoever waits
    kind: Mapped[str] = mapped_column(sa.String(60))
    args: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    host_id: Mapped[int | None] = mapped_column(sa.ForeignKey("host.id", ondelete="CASCADE"))
    stage_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stage.id", ondelete="CASCADE"))
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    state: Mapped[JobState] = mapped_column(enum_column(JobState), default=JobState.QUEUED)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    error: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OutboxMessage(db.Model):
    """An e-mail to be sent. Its letter is written at sending by the renderer of its kind, from `subject_id`."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        sa.Index("ix_outbox_message_due", "state", "next_attempt_at"),
        sa.Index("ix_outbox_message_host", "host_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(
        sa.String(120), unique=True
    )  # the Message-ID header, the same at each attempt
    dedupe_key: Mapped[str | None] = mapped_column(sa.String(120), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(60))
    subject_id: Mapped[int]
    host_id: Mapped[int] = mapped_column(sa.ForeignKey("host.id", ondelete="CASCADE"))
    programme_id: Mapped[int | None] = mapped_column(sa.ForeignKey("programme.id", ondelete="CASCADE"), index=True)
    to_address: Mapped[str] = mapped_column(sa.String(254))
    to_name: Mapped[str] = mapped_column(sa.String(200), default="")
    subject: Mapped[str] = mapped_column(sa.String(250), default="")
    state: Mapped[MessageState] = mapped_column(enum_column(MessageState), default=MessageState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(sa.Text, default="")
    failing_since: Mapped[datetime | None] = mapped_column(
        UtcDateTime
    )  # since when the mail server has not been there for it
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BadAddress(db.Model):
    """An address (in its comparable form) that a host's mail does not reach, and why."""

    __tablename__ = "bad_address"
    __table_args__ = (sa.UniqueConstraint("host_id", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    host_id: Mapped[int] = mapped_column(sa.ForeignKey("host.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(sa.String(254))
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    since: Mapped[datetime] = mapped_column(UtcDateTime)
