"""Reads of API tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.accounts.models_tokens import ApiToken, IdempotencyKey
from app.extensions import db
from app.shared.codes import token_digest


@dataclass(frozen=True)
class Answer:
    """What a call was answered with, and the hash of what it had sent."""

    request_hash: str
    status: int
    response: dict[str, Any]


def tokens_of(host_id: int) -> list[ApiToken]:
    """Those in force first, the newest first; with who made them."""
    of_host = sa.select(ApiToken).where(ApiToken.host_id == host_id).options(joinedload(ApiToken.created_by))
    return list(db.session.scalars(of_host.order_by(ApiToken.revoked_at.is_not(None), ApiToken.id.desc())))


def find_token_of(host_id: int, token_id: int) -> ApiToken | None:
    return db.session.scalar(sa.select(ApiToken).where(ApiToken.host_id == host_id, ApiToken.id == token_id))


def find_token(token: str, key: str | None = None) -> tuple[ApiToken, Answer | None] | None:
    """The token as it was given out, and what a call of it with this idempotency key was answered with."""
    row = db.session.execute(WITH_ANSWER, {"token_hash": token_digest(token), "key": key}).first()
    if row is None:
        return None
    found, request_hash, status, response = row
    return found, None if status is None else Answer(request_hash, status, response)


WITH_ANSWER = (
    sa.select(ApiToken, IdempotencyKey.request_hash, IdempotencyKey.status, IdempotencyKey.response)
    .outerjoin(
        IdempotencyKey,
        sa.and_(IdempotencyKey.token_id == ApiToken.id, IdempotencyKey.key == sa.bindparam("key", type_=sa.String)),
    )
    .where(ApiToken.token_hash == sa.bindparam("token_hash"))
)
