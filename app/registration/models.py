"""Participant, registration with its ticket, and consents."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.hosts.models import PrivacyNotice
from app.institutions.models import Institution, InstitutionCategory
from app.programmes.models import ParticipantGroup, Stage
from app.registration.rules import ConsentKind, RegistrationSource, RegistrationState
from app.shared.columns import UtcDateTime, enum_column
from app.shared.identity import IdentityType
from app.shared.names import full_name

ACTIVE = sa.text("state NOT IN ('cancelled', 'rejected')")
NO_NUMBER = "identity_number IS NULL"

registration_group = sa.Table(
    "registration_group",
    db.metadata,
    sa.Column("registration_id", sa.ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("group_id", sa.ForeignKey("participant_group.id", ondelete="CASCADE"), primary_key=True),
    sa.Index("ix_registration_group_group", "group_id"),
)


class Participant(db.Model):
    """A person known to a host across its programmes and stages.

    Who is the same: same identity number; without one, same name (`name_key`) and same e-mail or phone (`email` in its
    comparable form). `identity_scope` is the institution that gave the number, "" for a national one (rules.number_scope).
    """

    __tablename__ = "participant"
    __table_args__ = (
        sa.Index(
            "uq_participant_identity",
            "host_id",
            "identity_number",
            "identity_scope",
            unique=True,
            sqlite_where=sa.text("identity_number IS NOT NULL"),
            postgresql_where=sa.text("identity_number IS NOT NULL"),
        ),
        *(
            sa.Index(
                f"uq_participant_name_{contact}",
                "host_id",
                "name_key",
                contact,
                unique=True,
                sqlite_where=sa.text(NO_NUMBER),
                postgresql_where=sa.text(NO_NUMBER),
            )
            for contact in ("email", "phone")
        ),
        sa.Index("ix_participant_name", "host_id", "name_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    host_id: Mapped[int] = mapped_column(sa.ForeignKey("host.id", ondelete="CASCADE"))
    identity_type: Mapped[IdentityType] = mapped_column(enum_column(IdentityType))
    identity_number: Mapped[str | None] = mapped_column(sa.String(24))
    identity_scope: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    title_before: Mapped[str] = mapped_column(sa.String(60), default="")
    name: Mapped[str] = mapped_column(sa.String(120))
    title_after: Mapped[str] = mapped_column(sa.String(80), default="")
    name_key: Mapped[str] = mapped_column(sa.String(120))
    email: Mapped[str | None] = mapped_column(sa.String(254))
    phone: Mapped[str | None] = mapped_column(sa.String(20))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Registration(db.Model):
    """One participant at one stage, with its own copy of how the person was called then.

    `institution_name` is a copy too. `ticket_hash` and `badge_hash` are digests of the canonical codes.
    `waiting_since` orders the waiting list. `submission_key` is the form's own key: a second press of the same form finds it.
    """

    __tablename__ = "registration"
    __table_args__ = (
        sa.Index(
            "uq_registration_active",
            "stage_id",
            "participant_id",
            unique=True,
            sqlite_where=ACTIVE,
            postgresql_where=ACTIVE,
        ),
        sa.Index("ix_registration_state", "stage_id", "state"),
        sa.Index("ix_registration_name", "stage_id", "sort_name"),
        sa.Index("ix_registration_participant", "participant_id"),
        sa.Index("ix_registration_institution", "institution_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("stage.id", ondelete="CASCADE"))
    participant_id: Mapped[int] = mapped_column(sa.ForeignKey("participant.id"))
    state: Mapped[RegistrationState] = mapped_column(enum_column(RegistrationState))
    source: Mapped[RegistrationSource] = mapped_column(enum_column(RegistrationSource))
    title_before: Mapped[str] = mapped_column(sa.String(60), default="")
    name: Mapped[str] = mapped_column(sa.String(120))
    title_after: Mapped[str] = mapped_column(sa.String(80), default="")
    sort_name: Mapped[str] = mapped_column(sa.String(120))
    category_id: Mapped[int] = mapped_column(sa.ForeignKey("institution_category.id"))
    institution_id: Mapped[int | None] = mapped_column(sa.ForeignKey("institution.id"))
    institution_name: Mapped[str] = mapped_column(sa.String(200), default="")
    identity_type: Mapped[IdentityType] = mapped_column(enum_column(IdentityType))
    identity_number: Mapped[str | None] = mapped_column(sa.String(24), index=True)
    rank: Mapped[str] = mapped_column(sa.String(60), default="")
    position: Mapped[str] = mapped_column(sa.String(160), default="")
    email: Mapped[str | None] = mapped_column(sa.String(254))
    phone: Mapped[str | None] = mapped_column(sa.String(20))
    ticket_code: Mapped[str] = mapped_column(sa.String(16), unique=True)
    ticket_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    badge_code: Mapped[str] = mapped_column(sa.String(16), unique=True)
    badge_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    submission_key: Mapped[str | None] = mapped_column(sa.String(43), unique=True)
    notice_id: Mapped[int | None] = mapped_column(sa.ForeignKey("privacy_notice.id"))
    waiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_reason: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    stage: Mapped[Stage] = relationship()
    participant: Mapped[Participant] = relationship()
    category: Mapped[InstitutionCategory] = relationship()
    institution: Mapped[Institution | None] = relationship()
    notice: Mapped[PrivacyNotice | None] = relationship()
    groups: Mapped[list[ParticipantGroup]] = relationship(
        secondary=registration_group, order_by=ParticipantGroup.position
    )
    consents: Mapped[list[Consent]] = relationship(back_populates="registration", cascade="all, delete-orphan")

    @property
    def full_name(self) -> str:
        return full_name(self.title_before, self.name, self.title_after)

    def consent_to(self, kind: ConsentKind) -> Consent | None:
        """What the person once said yes to, also where it was withdrawn since."""
        return next((consent for consent in self.consents if consent.kind is kind), None)

    def consents_to(self, kind: ConsentKind) -> bool:
        consent = self.consent_to(kind)
        return consent is not None and consent.withdrawn_at is None


class Consent(db.Model):
    """A free consent as it was given; it can be withdrawn, and what was agreed to is kept."""

    __tablename__ = "consent"
    __table_args__ = (sa.UniqueConstraint("registration_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registration.id", ondelete="CASCADE"))
    kind: Mapped[ConsentKind] = mapped_column(enum_column(ConsentKind))
    wording: Mapped[str] = mapped_column(sa.Text)
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    registration: Mapped[Registration] = relationship(back_populates="consents")


class Invitation(db.Model):
    """How many people an institution was asked to send to a stage (undangan)."""

    __tablename__ = "invitation"
    __table_args__ = (
        sa.UniqueConstraint("stage_id", "institution_id"),
        sa.CheckConstraint("seats > 0", name="seats"),
        sa.Index("ix_invitation_institution", "institution_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("stage.id", ondelete="CASCADE"))
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"))
    seats: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    stage: Mapped[Stage] = relationship()
    institution: Mapped[Institution] = relationship()
