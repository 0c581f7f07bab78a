"""Certificates: the programme's design and signatory, the counter of numbers, and the frozen sheets."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.certificates.rules import CertificateState
from app.extensions import db
from app.programmes.models import Programme, Stage
from app.registration.models import Registration
from app.shared.columns import JSON, UtcDateTime, enum_column

VALID = sa.text("state = 'valid'")


class CertificateDesign(db.Model):
    """How a programme's certificates are worded and numbered, and who signs them.

    `number_pattern` knows {klasifikasi} {urut} {unit} {bulan_romawi} {tahun}; `first_number` is where each year's count starts.
    """

    __tablename__ = "certificate_design"

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey("programme.id", ondelete="CASCADE"), unique=True)
    title: Mapped[str] = mapped_column(sa.String(60), default="SERTIFIKAT")
    paper: Mapped[str] = mapped_column(sa.String(4), default="A4")
    number_pattern: Mapped[str] = mapped_column(
        sa.String(120), default="{klasifikasi}/{urut:03}/{unit}/{bulan_romawi}/{tahun}"
    )
    classification: Mapped[str] = mapped_column(sa.String(30), default="")
    unit: Mapped[str] = mapped_column(sa.String(30), default="")
    first_number: Mapped[int] = mapped_column(default=1)
    place: Mapped[str] = mapped_column(sa.String(80), default="")
    signer_capacity: Mapped[str] = mapped_column(sa.String(40), default="")  # a.n., Plt., Plh.
    signer_position: Mapped[str] = mapped_column(sa.String(160), default="")
    signer_title_before: Mapped[str] = mapped_column(sa.String(60), default="")
    signer_name: Mapped[str] = mapped_column(sa.String(120), default="")
    signer_title_after: Mapped[str] = mapped_column(sa.String(80), default="")
    signer_rank: Mapped[str] = mapped_column(sa.String(60), default="")
    signer_nip: Mapped[str] = mapped_column(sa.String(18), default="")

    programme: Mapped[Programme] = relationship()


class CertificateCounter(db.Model):
    """The last number given in a programme and year; raised in the transaction that issues."""

    __tablename__ = "certificate_counter"

    programme_id: Mapped[int] = mapped_column(sa.ForeignKey("programme.id", ondelete="CASCADE"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class EligibilityOverride(db.Model):
    """A decision by hand that a person has earned (or not) the certificate, with its reason."""

    __tablename__ = "eligibility_override"

    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True)
    earned: Mapped[bool]
    reason: Mapped[str] = mapped_column(sa.Text)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Certificate(db.Model):
    """A frozen snapshot with a number, a version and a verification code. Never changed but for its state.

    `snapshot` is what is printed (CertificatePaper), `content_hash` the SHA-256 of its canonical JSON.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        sa.UniqueConstraint("programme_id", "year", "sequence", "version"),
        sa.Index("uq_certificate_valid", "registration_id", unique=True, sqlite_where=VALID, postgresql_where=VALID),
        sa.Index(
            "uq_certificate_valid_participant",
            "stage_id",
            "participant_id",
            unique=True,
            sqlite_where=VALID,
            postgresql_where=VALID,
        ),
        sa.CheckConstraint("(state = 'revoked') = (revoked_at IS NOT NULL)", name="revoked_at"),
        sa.CheckConstraint("state <> 'revoked' OR revoke_reason <> ''", name="revoked_with_reason"),
        sa.Index("ix_certificate_stage", "stage_id", "state"),
        sa.Index("ix_certificate_registration", "registration_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey("programme.id"))
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("stage.id"))
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registration.id"))
    participant_id: Mapped[int] = mapped_column(sa.ForeignKey("participant.id"))  # the registration's
    year: Mapped[int]
    sequence: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    number: Mapped[str] = mapped_column(sa.String(160))
    dated: Mapped[date]
    code: Mapped[str] = mapped_column(sa.String(16), unique=True)
    state: Mapped[CertificateState] = mapped_column(enum_column(CertificateState), default=CertificateState.VALID)
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    issued_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    supersedes_id: Mapped[int | None] = mapped_column(sa.ForeignKey("certificate.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    revoke_reason: Mapped[str] = mapped_column(sa.Text, default="")

    stage: Mapped[Stage] = relationship()
    registration: Mapped[Registration] = relationship()
    supersedes: Mapped[Certificate | None] = relationship(remote_side=[id])
