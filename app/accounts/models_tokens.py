"""Tokens by which other systems use the API, and what was answered to their repeated calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.accounts.rules_tokens import ApiScope, is_over
from app.extensions import db
from app.shared.columns import JSON, UtcDateTime


class ApiToken(db.Model):
    """Access of another system to one agency, or to one programme of it. Only the token's hash is kept; `ending` are its last characters.

    `scopes` are values of ApiScope; `last_used_at` is exact to an hour.
    """

    __tablename__ = "api_token"
    __table_args__ = (sa.Index("ix_api_token_host", "host_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    host_id: Mapped[int] = mapped_column(sa.ForeignKey("host.id", ondelete="CASCADE"))
    programme_id: Mapped[int | None] = mapped_column(sa.ForeignKey("programme.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(80))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    ending: Mapped[str] = mapped_column(sa.String(4))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    created_by: Mapped[User | None] = relationship()

    @property
    def granted(self) -> list[ApiScope]:
        return [scope for scope in ApiScope if scope.value in self.scopes]

    def is_over(self, now: datetime) -> bool:
        return is_over(now, expires_at=self.expires_at, revoked_at=self.revoked_at)


class IdempotencyKey(db.Model):
    """What was answered to a call with this key. It is written in the transaction of what the call did, and kept for a day."""

    __tablename__ = "idempotency_key"
    __table_args__ = (sa.UniqueConstraint("token_id", "key"), sa.Index("ix_idempotency_key_created", "created_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    token_id: Mapped[int] = mapped_column(sa.ForeignKey("api_token.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(sa.String(200))
    request_hash: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int]
    response: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
