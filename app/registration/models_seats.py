"""What seats are counted in beside the stage itself: quotas, and the invitations that reserve some."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.institutions.models import Institution, InstitutionCategory
from app.programmes.models import ParticipantGroup, Stage
from app.registration.rules_seats import InvitationState, QuotaKind
from app.shared.columns import UtcDateTime, enum_column

TARGETS = ("category_id", "institution_id", "group_id")


class Quota(db.Model):
    """How many seats of a stage an unsur, an institution or a group may have; just one of the three is named.

    `seats_taken` is changed only under the lock of the stage's row (service/seats.py).
    """

    __tablename__ = "quota"
    __table_args__ = (
        *(sa.UniqueConstraint("stage_id", target) for target in TARGETS),
        sa.CheckConstraint(
            " + ".join(f"CASE WHEN {target} IS NULL THEN 0 ELSE 1 END" for target in TARGETS) + " = 1",
            name="one_target",
        ),
        sa.CheckConstraint("seats_taken BETWEEN 0 AND capacity", name="seats_within_capacity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("stage.id", ondelete="CASCADE"))
    category_id: Mapped[int | None] = mapped_column(sa.ForeignKey("institution_category.id", ondelete="CASCADE"))
    institution_id: Mapped[int | None] = mapped_column(sa.ForeignKey("institution.id", ondelete="CASCADE"))
    group_id: Mapped[int | None] = mapped_column(sa.ForeignKey("participant_group.id"))
    capacity: Mapped[int]
    seats_taken: Mapped[int] = mapped_column(default=0)

    category: Mapped[InstitutionCategory | None] = relationship()
    institution: Mapped[Institution | None] = relationship()
    group: Mapped[ParticipantGroup | None] = relationship()

    @property
    def kind(self) -> QuotaKind:
        if self.category_id is not None:
            return QuotaKind.CATEGORY
        return QuotaKind.GROUP if self.group_id is not None else QuotaKind.INSTITUTION

    @property
    def target_id(self) -> int | None:
        return next((one for one in (self.category_id, self.institution_id, self.group_id) if one is not None), None)

    @property
    def target_name(self) -> str:
        target = self.category or self.institution or self.group
        return target.name if target else ""


class Invitation(db.Model):
    """Seats of a stage that an institution is asked to fill (undangan), until a deadline.

    `reserved` seats are counted as taken, `used` of them by people. While it is open all its seats are reserved; when it ends,
    the unused are given back. `category_id` is that of the institution when it was invited. `token` is the secret of its link.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        sa.UniqueConstraint("stage_id", "institution_id"),
        sa.CheckConstraint("seats > 0", name="seats"),
        sa.CheckConstraint("0 <= used AND used <= reserved AND reserved <= seats", name="used_of_reserved"),
        sa.CheckConstraint(
            "state NOT IN ('drafted', 'sent', 'answered') OR reserved = seats", name="open_reserves_all"
        ),
        sa.Index("ix_invitation_institution", "institution_id"),
        sa.Index("ix_invitation_deadline", "state", "deadline"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("stage.id", ondelete="CASCADE"))
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"))
    category_id: Mapped[int] = mapped_column(sa.ForeignKey("institution_category.id"))
    seats: Mapped[int]
    reserved: Mapped[int]
    used: Mapped[int] = mapped_column(default=0)
    state: Mapped[InvitationState] = mapped_column(enum_column(InvitationState))
    token: Mapped[str] = mapped_column(sa.String(43), unique=True)
    contact_name: Mapped[str] = mapped_column(sa.String(120), default="")
    contact_email: Mapped[str | None] = mapped_column(sa.String(254))
    contact_phone: Mapped[str | None] = mapped_column(sa.String(20))
    letter_number: Mapped[str] = mapped_column(sa.String(80), default="")
    letter_date: Mapped[date | None]
    deadline: Mapped[datetime] = mapped_column(UtcDateTime)
    decline_reason: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    stage: Mapped[Stage] = relationship()
    institution: Mapped[Institution] = relationship()
    category: Mapped[InstitutionCategory] = relationship()
