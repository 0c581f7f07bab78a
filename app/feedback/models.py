"""Questionnaires, and answers that nothing joins to the person who gave them.

A receipt says who has answered, a response what was answered. Neither has a time or a running number, and on SQLite both
lie in the order of their random or natural keys (WITHOUT ROWID), so that not even their order joins them.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.agenda.models import AgendaSession, Speaker
from app.extensions import db
from app.feedback.rules import QuestionKind, QuestionnaireKind, QuestionnaireState
from app.programmes.models import Stage
from app.shared.columns import UtcDateTime, enum_column


class Questionnaire(db.Model):
    """Questions about a stage, a session or a speaker of a session. `token` is its public address.

    `answers_seen`: how many answers the results held that were on show when it was last opened again; 0 where none were.
    """

    __tablename__ = "questionnaire"
    __table_args__ = (
        sa.UniqueConstraint("session_id", "speaker_id"),
        sa.CheckConstraint(
            "(kind = 'speaker') = (session_id IS NOT NULL AND speaker_id IS NOT NULL)", name="speaker_of_session"
        ),
        sa.CheckConstraint("closed_at IS NULL OR opened_at IS NOT NULL", name="closed_after_opened"),
        sa.Index("ix_questionnaire_stage", "stage_id", "position"),
        sa.Index("ix_questionnaire_speaker", "speaker_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("stage.id", ondelete="CASCADE"))
    session_id: Mapped[int | None] = mapped_column(sa.ForeignKey("agenda_session.id", ondelete="CASCADE"))
    speaker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("speaker.id"))
    kind: Mapped[QuestionnaireKind] = mapped_column(enum_column(QuestionnaireKind))
    title: Mapped[str] = mapped_column(sa.String(200))
    token: Mapped[str] = mapped_column(sa.String(16), unique=True)
    required: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answers_seen: Mapped[int] = mapped_column(default=0, server_default="0")

    stage: Mapped[Stage] = relationship()
    session: Mapped[AgendaSession | None] = relationship()
    speaker: Mapped[Speaker | None] = relationship()
    questions: Mapped[list[Question]] = relationship(
        back_populates="questionnaire", order_by="Question.position", cascade="all, delete-orphan"
    )

    @property
    def state(self) -> QuestionnaireState:
        if self.opened_at is None:
            return QuestionnaireState.DRAFT
        return QuestionnaireState.OPEN if self.closed_at is None else QuestionnaireState.CLOSED


class Question(db.Model):
    """A question; one that has answers is retired, not destroyed."""

    __tablename__ = "question"
    __table_args__ = (sa.Index("ix_question_questionnaire", "questionnaire_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    questionnaire_id: Mapped[int] = mapped_column(sa.ForeignKey("questionnaire.id", ondelete="CASCADE"))
    kind: Mapped[QuestionKind] = mapped_column(enum_column(QuestionKind))
    text: Mapped[str] = mapped_column(sa.String(300))
    required: Mapped[bool] = mapped_column(default=True)
    retired: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)

    questionnaire: Mapped[Questionnaire] = relationship(back_populates="questions")


class FeedbackReceipt(db.Model):
    """That a person has answered a questionnaire."""

    __tablename__ = "feedback_receipt"
    __table_args__ = {"sqlite_with_rowid": False}

    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True)
    questionnaire_id: Mapped[int] = mapped_column(
        sa.ForeignKey("questionnaire.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class FeedbackResponse(db.Model):
    """What someone answered; its key is random."""

    __tablename__ = "feedback_response"
    __table_args__ = {"sqlite_with_rowid": False}

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    questionnaire_id: Mapped[int] = mapped_column(sa.ForeignKey("questionnaire.id", ondelete="CASCADE"), index=True)

    answers: Mapped[list[FeedbackAnswer]] = relationship(cascade="all, delete-orphan")


class FeedbackAnswer(db.Model):
    """The answer to one question: a number (scale 1–5; commitment 1 or 0) or a text."""

    __tablename__ = "feedback_answer"
    __table_args__ = {"sqlite_with_rowid": False}

    response_id: Mapped[str] = mapped_column(
        sa.ForeignKey("feedback_response.id", ondelete="CASCADE"), primary_key=True
    )
    question_id: Mapped[int] = mapped_column(
        sa.ForeignKey("question.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    number: Mapped[int | None]
    text: Mapped[str] = mapped_column(sa.Text, default="")
