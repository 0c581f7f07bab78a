"""Reads of API tokens."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.accounts.models_tokens import ApiToken, IdempotencyKey
from app.accounts.rules_tokens import is_over
from app.extensions import db
from app.shared.codes import token_digest


@dataclass(frozen=True)
class Answer:
    """What a call was answered with, and the hash of what it had sent."""

    request_hash: str
    status: int
    response: dict[str, Any]


@dataclass(frozen=True)
class FoundToken:
    """A token as a call needs it, without an object of the session."""

    id: int
    host_id: int
    programme_id: int | None
    scopes: list[str]
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    def is_over(self, now: datetime) -> bool:
        return is_over(now, expires_at=self.expires_at, revoked_at=self.revoked_at)


def tokens_of(host_id: int) -> list[ApiToken]:
    """Those in force first, the newest first; with who made them."""
    of_host = sa.select(ApiToken).where(ApiToken.host_id == host_id).options(joinedload(ApiToken.created_by))
    return list(db.session.scalars(of_host.order_by(ApiToken.revoked_at.is_not(None), ApiToken.id.desc())))


def find_token_of(host_id: int, token_id: int) -> ApiToken | None:
    return db.session.scalar(sa.select(ApiToken).where(ApiToken.host_id == host_id, ApiToken.id == token_id))


def find_token(token: str, key: str | None = None) -> tuple[FoundToken, Answer | None] | None:
    """The token as it was given out, and what a call of it with this idempotency key was answered with."""
    row = db.session.connection().execute(WITH_ANSWER, {"token_hash": token_digest(token), "key": key}).first()
    if row is None:
        return None
    *found, request_hash, status, response = row
    return FoundToken(*found), None if status is None else Answer(request_hash, status, response)


_token, _key = ApiToken.__table__, IdempotencyKey.__table__
WITH_ANSWER = (
    sa.select(
        *(_token.c[field.name] for field in fields(FoundToken)), _key.c.request_hash, _key.c.status, _key.c.response
    )
    .outerjoin(_key, sa.and_(_key.c.token_id == _token.c.id, _key.c.key == sa.bindparam("key", type_=sa.String)))
    .where(_token.c.token_hash == sa.bindparam("token_hash"))
)
