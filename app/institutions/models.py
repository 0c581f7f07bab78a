"""A host's directory of institutions (instansi) and their categories (unsur)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.shared.columns import JSON


class InstitutionCategory(db.Model):
    """An unsur: which identity types it takes, and what it requires of its people."""

    __tablename__ = "institution_category"
    __table_args__ = (sa.UniqueConstraint("host_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    host_id: Mapped[int] = mapped_column(sa.ForeignKey("host.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(sa.String(30))
    name: Mapped[str] = mapped_column(sa.String(120))
    position: Mapped[int]
    identity_types: Mapped[list[Any]] = mapped_column(JSON)  # values of IdentityType, the usual one first
    identity_required: Mapped[bool] = mapped_column(default=False)
    institution_required: Mapped[bool] = mapped_column(default=True)


class Institution(db.Model):
    """An institution of a host's directory; retired ones are no longer offered."""

    __tablename__ = "institution"
    __table_args__ = (
        sa.UniqueConstraint("host_id", "category_id", "name"),
        sa.Index("ix_institution_category", "category_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    host_id: Mapped[int] = mapped_column(sa.ForeignKey("host.id", ondelete="CASCADE"))
    category_id: Mapped[int] = mapped_column(sa.ForeignKey("institution_category.id"))
    name: Mapped[str] = mapped_column(sa.String(200))
    short_name: Mapped[str] = mapped_column(sa.String(60), default="")
    retired: Mapped[bool] = mapped_column(default=False)

    category: Mapped[InstitutionCategory] = relationship()
