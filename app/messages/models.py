"""Letters in a programme's own words, and messages to a segment of a stage's people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.extensions import db
from app.messages.rules import LONGEST_SUBJECT, TemplateKind
from app.messages.rules_segments import CampaignState, Plan, Segment, Timing, read_clock
from app.programmes.models import Programme, Stage
from app.registration.models import Registration
from app.shared.columns import JSON, UtcDateTime, enum_column


class MessageTemplate(db.Model):
    """How a programme words a kind of letter; without a row the standard text holds."""

    __tablename__ = "message_template"
    __table_args__ = (sa.UniqueConstraint("programme_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey("programme.id", ondelete="CASCADE"))
    kind: Mapped[TemplateKind] = mapped_column(enum_column(TemplateKind))
    subject: Mapped[str] = mapped_column(sa.String(LONGEST_SUBJECT))
    body: Mapped[str] = mapped_column(sa.Text)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))

    programme: Mapped[Programme] = relationship()
    updated_by: Mapped[User | None] = relationship()


class Campaign(db.Model):
    """A message to people of a stage, in its own words. `kind` is the template it began from.

    Who gets it is decided when it is due (`segment`, see rules_segments.Segment). `days` and `clock` ("07:30", the host's)
    are of a time relative to the stage and move with it; `due_at` is what the worker looks at.
    """

    __tablename__ = "campaign"
    __table_args__ = (
        sa.CheckConstraint("state NOT IN ('scheduled', 'sending', 'sent') OR due_at IS NOT NULL", name="due"),
        sa.CheckConstraint("timing NOT IN ('before', 'after') OR (days IS NOT NULL AND clock <> '')", name="relative"),
        sa.Index("ix_campaign_due", "state", "due_at"),
        sa.Index("ix_campaign_stage", "stage_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("stage.id", ondelete="CASCADE"))
    kind: Mapped[TemplateKind | None] = mapped_column(enum_column(TemplateKind))
    subject: Mapped[str] = mapped_column(sa.String(LONGEST_SUBJECT))
    body: Mapped[str] = mapped_column(sa.Text)
    segment: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[CampaignState] = mapped_column(enum_column(CampaignState), default=CampaignState.DRAFT)
    timing: Mapped[Timing] = mapped_column(enum_column(Timing), default=Timing.NOW)
    days: Mapped[int | None]
    clock: Mapped[str] = mapped_column(sa.String(5), default="")
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    without_address: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    stage: Mapped[Stage] = relationship()
    created_by: Mapped[User | None] = relationship()

    @property
    def wanted(self) -> Segment:
        return Segment.from_json(self.segment)

    @property
    def plan(self) -> Plan:
        moment = self.due_at if self.timing is Timing.AT else None
        return Plan(timing=self.timing, days=self.days, clock=read_clock(self.clock), moment=moment)


class CampaignRecipient(db.Model):
    """That a person has been written to; the row and the mail in the outbox are committed together."""

    __tablename__ = "campaign_recipient"
    __table_args__ = (
        sa.UniqueConstraint("campaign_id", "registration_id"),
        sa.Index("ix_campaign_recipient_registration", "registration_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"))
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registration.id", ondelete="CASCADE"))

    campaign: Mapped[Campaign] = relationship()
    registration: Mapped[Registration] = relationship()
