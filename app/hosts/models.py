"""The agency that runs programmes (penyelenggara)."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.shared.columns import UtcDateTime


def new_offer_version() -> str:
    """Drawn, not counted: a database that was restored never shows what was kept of a later one."""
    return secrets.token_urlsafe(16)


class Host(db.Model):
    """An agency with its letterhead, emblem, time zone and privacy notice. Hosts see nothing of each other.

    `offer_version` is drawn anew with each change of what its registration form offers (service_offer.py).
    """

    __tablename__ = "host"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    parent_name: Mapped[str] = mapped_column(sa.String(200), default="")
    city: Mapped[str] = mapped_column(sa.String(100), default="")
    address: Mapped[str] = mapped_column(sa.String(300), default="")
    phone: Mapped[str] = mapped_column(sa.String(60), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    website: Mapped[str] = mapped_column(sa.String(200), default="")
    timezone: Mapped[str] = mapped_column(sa.String(40), default="Asia/Jakarta")
    emblem: Mapped[str | None] = mapped_column(sa.String(80))  # file name below UPLOAD_DIR/emblems
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    offer_version: Mapped[str] = mapped_column(sa.String(22), default=new_offer_version, server_default="")

    notices: Mapped[list[PrivacyNotice]] = relationship(back_populates="host", order_by="PrivacyNotice.version")


class PrivacyNotice(db.Model):
    """A version of a host's privacy notice (UU 27/2022); the highest version is in force."""

    __tablename__ = "privacy_notice"
    __table_args__ = (sa.UniqueConstraint("host_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    host_id: Mapped[int] = mapped_column(sa.ForeignKey("host.id", ondelete="CASCADE"))
    version: Mapped[int]
    body: Mapped[str] = mapped_column(sa.Text)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)

    host: Mapped[Host] = relationship(back_populates="notices")
