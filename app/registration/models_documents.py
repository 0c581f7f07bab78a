"""Files that belong to a registration or an invitation: surat tugas, and answers that are files."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.programmes.models import Stage
from app.shared.columns import UtcDateTime


class Document(db.Model):
    """A file that was judged and kept below UPLOAD_DIR as `stored_name`; `file_name` is what whoever handed it in calls it.

    `size` and `sha256` are of what is kept. An answer's file carries its `question_id`.
    """

    __tablename__ = "document"
    __table_args__ = (
        sa.CheckConstraint("registration_id IS NOT NULL OR invitation_id IS NOT NULL", name="owned"),
        sa.CheckConstraint("question_id IS NULL OR registration_id IS NOT NULL", name="answer_of_registration"),
        sa.CheckConstraint("size > 0", name="size"),
        sa.Index("ix_document_registration", "registration_id"),
        sa.Index("ix_document_invitation", "invitation_id"),
        sa.Index("ix_document_question", "question_id"),
        sa.Index("ix_document_stage", "stage_id"),
        sa.Index("ix_document_host", "host_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    host_id: Mapped[int] = mapped_column(sa.ForeignKey("host.id", ondelete="CASCADE"))
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("stage.id", ondelete="CASCADE"))
    registration_id: Mapped[int | None] = mapped_column(sa.ForeignKey("registration.id", ondelete="CASCADE"))
    invitation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invitation.id", ondelete="CASCADE"))
    question_id: Mapped[int | None] = mapped_column(sa.ForeignKey("registration_question.id", ondelete="CASCADE"))
    file_name: Mapped[str] = mapped_column(sa.String(160))
    stored_name: Mapped[str] = mapped_column(sa.String(48), unique=True)
    media_type: Mapped[str] = mapped_column(sa.String(40))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    stage: Mapped[Stage] = relationship()
