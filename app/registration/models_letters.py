"""What the letters of invitation of a stage have in common."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.paper.pages import Paper
from app.shared.columns import enum_column


class LetterSettings(db.Model):
    """Texts and signer of a stage's letters of invitation; a stage without a row has the usual ones.

    `opening` and `closing` may hold the placeholders of rules_invitations; empty ones stand for the usual text.
    `copies` (tembusan) are lines. `signer_capacity` is "a.n. …", "Plt." and the like; `signer_nip` is in its canonical form.
    """

    __tablename__ = "letter_settings"

    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("stage.id", ondelete="CASCADE"), primary_key=True)
    paper: Mapped[Paper] = mapped_column(enum_column(Paper), default=Paper.A4)
    place: Mapped[str] = mapped_column(sa.String(100), default="")
    subject: Mapped[str] = mapped_column(sa.String(200), default="")
    attachment: Mapped[str] = mapped_column(sa.String(60), default="")
    opening: Mapped[str] = mapped_column(sa.Text, default="")
    closing: Mapped[str] = mapped_column(sa.Text, default="")
    copies: Mapped[str] = mapped_column(sa.Text, default="")
    signer_capacity: Mapped[str] = mapped_column(sa.String(120), default="")
    signer_position: Mapped[str] = mapped_column(sa.String(160), default="")
    signer_name: Mapped[str] = mapped_column(sa.String(200), default="")
    signer_rank: Mapped[str] = mapped_column(sa.String(60), default="")
    signer_nip: Mapped[str] = mapped_column(sa.String(18), default="")
