"""Staff and their roles."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_login import UserMixin
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.rules import Role
from app.extensions import db
from app.shared.columns import UtcDateTime, enum_column


class User(UserMixin, db.Model):
    """A member of staff. `email` is lower case; `session_version` rises when every session of hers must end."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    active: Mapped[bool] = mapped_column(default=True)
    session_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    memberships: Mapped[list[Membership]] = relationship(back_populates="user", lazy="selectin")

    @property
    def is_active(self) -> bool:
        return self.active

    def get_id(self) -> str:
        return f"{self.id}.{self.session_version}"

    def name_for(self, host_id: int) -> str:
        """The name for the agency that gave the first of the roles; the address for others, who may add anybody by it."""
        first = min(self.memberships, key=lambda membership: membership.id, default=None)
        return self.name if first is None or first.host_id == host_id else self.email


class Membership(db.Model):
    """A role of a user: administrator on a host, or another role on one programme of that host."""

    __tablename__ = "membership"
    __table_args__ = (
        sa.CheckConstraint("(role = 'administrator') = (programme_id IS NULL)", name="administrator_is_of_host"),
        sa.Index(
            "uq_membership_host",
            "user_id",
            "host_id",
            unique=True,
            sqlite_where=sa.text("programme_id IS NULL"),
            postgresql_where=sa.text("programme_id IS NULL"),
        ),
        sa.UniqueConstraint("user_id", "programme_id", "role"),
        sa.Index("ix_membership_programme", "programme_id"),
        sa.Index("ix_membership_host", "host_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id", ondelete="CASCADE"))
    host_id: Mapped[int] = mapped_column(sa.ForeignKey("host.id", ondelete="CASCADE"))
    programme_id: Mapped[int | None] = mapped_column(sa.ForeignKey("programme.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(enum_column(Role))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship(back_populates="memberships")
