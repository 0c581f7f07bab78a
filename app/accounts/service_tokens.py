"""API tokens: given out once, revoked at once; and the answers that repeated calls get."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from app.accounts.models import User
from app.accounts.models_tokens import ApiToken, IdempotencyKey
from app.accounts.queries_tokens import FoundToken
from app.accounts.rules_tokens import TOKEN_NAME_LENGTH, ApiScope, TokenRefusal, TokenRefused
from app.audit.service import record
from app.extensions import db, insert, is_postgresql, transaction
from app.hosts.models import Host
from app.shared import clock
from app.shared.codes import new_token, token_digest
from app.shared.text import squash

USE_IS_NOTED_EVERY = timedelta(hours=1)
ANSWERS_ARE_KEPT = timedelta(hours=24)


class KeyUsed(Exception):
    """Another call with the same key was answered first."""


def create_token(
    host: Host,
    *,
    name: str,
    scopes: Collection[ApiScope],
    programme_id: int | None = None,
    expires_at: datetime | None = None,
    by: User | None,
) -> tuple[ApiToken, str]:
    """A token of the host, and the secret, which is told this once. Raises TokenRefused."""
    named, now, secret = squash(name)[:TOKEN_NAME_LENGTH], clock.now(), new_token()
    if not named:
        raise TokenRefused(TokenRefusal.NO_NAME)
    if not scopes:
        raise TokenRefused(TokenRefusal.NO_SCOPE)
    if expires_at is not None and expires_at <= now:
        raise TokenRefused(TokenRefusal.ENDS_IN_PAST)
    with transaction():
        token = ApiToken(
            host_id=host.id,
            programme_id=programme_id,
            name=named,
            scopes=[scope.value for scope in ApiScope if scope in scopes],
            token_hash=token_digest(secret),
            ending=secret[-4:],
            created_at=now,
            created_by_id=by.id if by is not None else None,
            expires_at=expires_at,
        )
        db.session.add(token)
        record("api_token.created", token, by=by, host_id=host.id, fields=token.scopes)
    return token, secret


def revoke_token(token: ApiToken, *, by: User) -> bool:
    """It is good for nothing from now on; False where it was revoked before."""
    with transaction():
        revoking = (
            sa.update(ApiToken)
            .where(ApiToken.id == token.id, ApiToken.revoked_at.is_(None))
            .values(revoked_at=clock.now())
            .returning(ApiToken.id)
        )
        if db.session.scalar(revoking.execution_options(synchronize_session=False)) is None:
            return False
        record("api_token.revoked", token, by=by, host_id=token.host_id)
        return True


def note_use(token: FoundToken) -> None:
    """Keep when it was last used, once an hour."""
    now = clock.now()
    if token.last_used_at is not None and now - token.last_used_at < USE_IS_NOTED_EVERY:
        return
    with transaction():
        noting = sa.update(ApiToken).where(ApiToken.id == token.id).values(last_used_at=now)
        db.session.execute(noting.execution_options(synchronize_session=False))


def keep_answer(token_id: int, key: str, *, request_hash: str, status: int, response: dict[str, Any]) -> None:
    """Keep what the open transaction's call is answered with. Raises KeyUsed, which must undo the transaction."""
    values = {
        "token_id": token_id,
        "key": key,
        "request_hash": request_hash,
        "status": status,
        "response": response,
        "created_at": clock.now(),
    }
    if db.session.connection().scalar(_keeping(is_postgresql()), values) is None:
        raise KeyUsed


@cache
def _keeping(postgresql: bool) -> Any:
    table = IdempotencyKey.__table__
    return insert(table).on_conflict_do_nothing().returning(table.c.id)


def forget_answers() -> None:
    """Answers to calls that nobody repeats any more."""
    with transaction():
        db.session.execute(
            sa.delete(IdempotencyKey)
            .where(IdempotencyKey.created_at < clock.now() - ANSWERS_ARE_KEPT)
            .execution_options(synchronize_session=False)
        )
