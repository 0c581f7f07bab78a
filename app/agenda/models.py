"""Sessions of a stage, speakers, and who is expected where."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.agenda import rules
from app.agenda.rules import SessionKind, SpeakerPart
from app.extensions import db
from app.programmes.models import ParticipantGroup, Stage
from app.shared.columns import UtcDateTime, enum_column
from app.shared.names import full_name

session_group = sa.Table(
    "session_group",
    db.metadata,
    sa.Column("session_id", sa.ForeignKey("agenda_session.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("group_id", sa.ForeignKey("participant_group.id", ondelete="CASCADE"), primary_key=True),
    sa.Index("ix_session_group_group", "group_id"),
)


class AgendaSession(db.Model):
    """An entry of the rundown (sesi). No audience groups means everyone is expected."""

    __tablename__ = "agenda_session"
    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint("jp_override IS NULL OR jp_override BETWEEN 0 AND 24", name="jp"),
        sa.Index("ix_agenda_session_stage", "stage_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("stage.id", ondelete="CASCADE"))
    kind: Mapped[SessionKind] = mapped_column(enum_column(SessionKind))
    title: Mapped[str] = mapped_column(sa.String(200))
    room: Mapped[str] = mapped_column(sa.String(120), default="")
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    jp_override: Mapped[int | None]

    stage: Mapped[Stage] = relationship()
    groups: Mapped[list[ParticipantGroup]] = relationship(secondary=session_group, order_by=ParticipantGroup.position)
    speakers: Mapped[list[SessionSpeaker]] = relationship(
        back_populates="session", order_by="SessionSpeaker.position", cascade="all, delete-orphan"
    )

    @property
    def jp(self) -> int:
        return rules.jp(self.kind, self.starts_at, self.ends_at, self.jp_override)


class Speaker(db.Model):
    """A narasumber, moderator or facilitator known to a host; may be linked with a user."""

    __tablename__ = "speaker"
    __table_args__ = (sa.Index("ix_speaker_host", "host_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    host_id: Mapped[int] = mapped_column(sa.ForeignKey("host.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    title_before: Mapped[str] = mapped_column(sa.String(60), default="")
    name: Mapped[str] = mapped_column(sa.String(120))
    title_after: Mapped[str] = mapped_column(sa.String(80), default="")
    position: Mapped[str] = mapped_column(sa.String(160), default="")
    institution: Mapped[str] = mapped_column(sa.String(200), default="")

    @property
    def full_name(self) -> str:
        return full_name(self.title_before, self.name, self.title_after)


class SessionSpeaker(db.Model):
    """Who leads a session, in which part."""

    __tablename__ = "session_speaker"
    __table_args__ = (
        sa.UniqueConstraint("session_id", "speaker_id", "part"),
        sa.Index("ix_session_speaker_speaker", "speaker_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("agenda_session.id", ondelete="CASCADE"))
    speaker_id: Mapped[int] = mapped_column(sa.ForeignKey("speaker.id"))
    part: Mapped[SpeakerPart] = mapped_column(enum_column(SpeakerPart))
    position: Mapped[int] = mapped_column(default=0)

    session: Mapped[AgendaSession] = relationship(back_populates="speakers")
    speaker: Mapped[Speaker] = relationship(lazy="joined")
