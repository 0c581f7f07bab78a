"""Participant, registration with its ticket, and consents."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.hosts.models import PrivacyNotice
from app.institutions.models import Institution, InstitutionCategory
from app.programmes.models import ParticipantGroup, Stage
from app.registration.models_seats import Invitation
from app.registration.rules import ConsentKind, RegistrationSource, RegistrationState
from app.shared import clock
from app.shared.columns import UtcDateTime, enum_column
from app.shared.identity import IdentityType
from app.shared.names import full_name

ACTIVE = sa.text("state NOT IN ('cancelled', 'rejected')")
NO_NUMBER = "identity_number IS NULL"
IN_FORCE = sa.text("withdrawn_at IS NULL")

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
    Who was merged into another (`merged_into_id`) has no registrations any more: the other stays known by these details too.
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
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("participant.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Registration(db.Model):
    """One participant at one stage, with its own copy of how the person was called then.

    `institution_name` is a copy too. `ticket_hash` and `badge_hash` are digests of the canonical codes.
    `waiting_since` orders the waiting list; whose offer lapsed (`passed_on_at`) is passed over until he says that he still
    wants to come. `offer_until`: how long an offered seat is held. `undo_until`: how long a decision can be undone; a rejected
    one keeps its seat until it is cleared. `replaces_id`: whose seat this person took over.
    `submission_key` is the form's own key: a second press of the same form finds it. `changed_at`: when its row or its groups
    changed last, for rosters; None since it was created.
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
        sa.CheckConstraint("(state = 'offered') = (offer_until IS NOT NULL)", name="offer_has_deadline"),
        sa.CheckConstraint("(state = 'waitlisted') = (waiting_since IS NOT NULL)", name="waits_since"),
        sa.CheckConstraint("passed_on_at IS NULL OR state = 'waitlisted'", name="passed_on_waits"),
        sa.CheckConstraint("undo_until IS NULL OR state IN ('confirmed', 'rejected')", name="undo_of_decision"),
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
    invitation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invitation.id"), index=True)
    replaces_id: Mapped[int | None] = mapped_column(sa.ForeignKey("registration.id", ondelete="SET NULL"), unique=True)
    waiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    passed_on_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    offer_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undo_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("registration.id"), index=True)
    cancel_reason: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, onupdate=clock.now)

    stage: Mapped[Stage] = relationship()
    participant: Mapped[Participant] = relationship()
    category: Mapped[InstitutionCategory] = relationship()
    institution: Mapped[Institution | None] = relationship()
    notice: Mapped[PrivacyNotice | None] = relationship()
    groups: Mapped[list[ParticipantGroup]] = relationship(
        secondary=registration_group, order_by=ParticipantGroup.position
    )
    invitation: Mapped[Invitation | None] = relationship()
    consents: Mapped[list[Consent]] = relationship(back_populates="registration", cascade="all, delete-orphan")

    @property
    def full_name(self) -> str:
        return full_name(self.title_before, self.name, self.title_after)

    def consents_of(self, kind: ConsentKind) -> list[Consent]:
        """Every time the person said yes to it, the latest first."""
        given = [consent for consent in self.consents if consent.kind is kind]
        return sorted(given, key=lambda consent: (consent.given_at, consent.id), reverse=True)

    def consent_to(self, kind: ConsentKind) -> Consent | None:
        """What the person said yes to last, also where it was withdrawn since."""
        return next(iter(self.consents_of(kind)), None)

    def consents_to(self, kind: ConsentKind) -> bool:
        return any(consent.withdrawn_at is None for consent in self.consents if consent.kind is kind)


class Consent(db.Model):
    """A free consent as it was given, in the words that were agreed to. It can be withdrawn and given again: each time is a row."""

    __tablename__ = "consent"
    __table_args__ = (
        sa.Index(
            "uq_consent_in_force",
            "registration_id",
            "kind",
            unique=True,
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
        sa.Index("ix_consent_registration", "registration_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registration.id", ondelete="CASCADE"))
    kind: Mapped[ConsentKind] = mapped_column(enum_column(ConsentKind))
    wording: Mapped[str] = mapped_column(sa.Text)
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    registration: Mapped[Registration] = relationship(back_populates="consents")
