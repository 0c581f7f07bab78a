"""The questions that a stage asks of its own at registration, and what was answered."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.programmes.models import Stage
from app.registration.rules_questions import AnswerKind, QuestionTerms
from app.shared.columns import JSON, UtcDateTime, enum_column


class RegistrationQuestion(db.Model):
    """A question, in the order of `position`, then `id`. One with answers is retired, never destroyed.

    `options`: what can be chosen, as strings. `least` and `most`: the range as rules_questions writes it, "" for none.
    `categories`: codes of the unsur that are asked, [] for all. `depends_on_id` and `depends_value`: it is shown once that
    question, which stands earlier, has that answer.
    """

    __tablename__ = "registration_question"
    __table_args__ = (
        sa.CheckConstraint("depends_on_id IS NULL OR depends_on_id <> id", name="depends_on_another"),
        sa.CheckConstraint("(depends_on_id IS NULL) = (depends_value = '')", name="dependence_whole"),
        sa.Index("ix_registration_question_stage", "stage_id", "position"),
        sa.Index("ix_registration_question_depends", "depends_on_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("stage.id", ondelete="CASCADE"))
    kind: Mapped[AnswerKind] = mapped_column(enum_column(AnswerKind))
    text: Mapped[str] = mapped_column(sa.String(500))
    help: Mapped[str] = mapped_column(sa.String(500), default="")
    required: Mapped[bool] = mapped_column(default=False)
    options: Mapped[list[str]] = mapped_column(JSON, default=list)
    least: Mapped[str] = mapped_column(sa.String(24), default="")
    most: Mapped[str] = mapped_column(sa.String(24), default="")
    categories: Mapped[list[str]] = mapped_column(JSON, default=list)
    depends_on_id: Mapped[int | None] = mapped_column(sa.ForeignKey("registration_question.id"))
    depends_value: Mapped[str] = mapped_column(sa.String(200), default="")
    position: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    stage: Mapped[Stage] = relationship()

    @property
    def terms(self) -> QuestionTerms:
        """What decides about it, as plain values."""
        return QuestionTerms(
            id=self.id,
            kind=self.kind,
            text=self.text,
            help=self.help,
            required=self.required,
            options=tuple(self.options),
            least=self.least,
            most=self.most,
            categories=frozenset(self.categories),
            depends_on=self.depends_on_id,
            depends_value=self.depends_value,
        )


class RegistrationAnswer(db.Model):
    """What a person answered, in the canonical form of rules_questions: one text, several choices one a line.

    `wording` is the statement as it stood when it was agreed to. An answer that is a file is a Document beside it; the value
    is its name.
    """

    __tablename__ = "registration_answer"
    __table_args__ = (
        sa.UniqueConstraint("registration_id", "question_id"),
        sa.CheckConstraint("value <> ''", name="answered"),
        sa.Index("ix_registration_answer_question", "question_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registration.id", ondelete="CASCADE"))
    question_id: Mapped[int] = mapped_column(sa.ForeignKey("registration_question.id"))
    value: Mapped[str] = mapped_column(sa.Text)
    wording: Mapped[str] = mapped_column(sa.Text, default="")
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)

    question: Mapped[RegistrationQuestion] = relationship()
