"""Mail: put into the outbox with the business change, taken out while it waits, sent once more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from app.audit import service as audit
from app.extensions import after_commit, db, insert, is_postgresql, transaction
from app.jobs.models import OutboxMessage
from app.jobs.rules import MessageState
from app.jobs.service.registry import _renderers, _wake
from app.shared import clock
from app.shared.codes import new_token


@dataclass(frozen=True, kw_only=True)
class Posting:
    """A mail to be put into the outbox. `subject_id` is None where its row is added together with what it is about (rows_of)."""

    subject_id: int | None
    to_address: str
    to_name: str = ""
    dedupe_key: str | None = None


def post(
    kind: str,
    *,
    subject_id: int,
    host_id: int,
    to_address: str,
    to_name: str = "",
    programme_id: int | None = None,
    dedupe_key: str | None = None,
    not_before: datetime | None = None,
) -> None:
    """Put a mail of a registered kind into the outbox, within the open transaction.

    With `programme_id`, that programme's managers see it too, not the host's administrators alone.
    With `dedupe_key`, a second mail of the same key is not added; `not_before` holds it back until then, and `unpost`
    takes it out again meanwhile. KeyError for an unknown kind.
    """
    posting = Posting(subject_id=subject_id, to_address=to_address, to_name=to_name, dedupe_key=dedupe_key)
    post_all(kind, [posting], host_id=host_id, programme_id=programme_id, not_before=not_before)


def post_all(
    kind: str,
    postings: Sequence[Posting],
    *,
    host_id: int,
    programme_id: int | None = None,
    not_before: datetime | None = None,
) -> None:
    """As post(), many at once."""
    rows = rows_of(kind, postings, host_id=host_id, programme_id=programme_id, not_before=not_before)
    if rows:
        db.session.flush()
        db.session.connection().execute(_adding(is_postgresql()), rows)


def rows_of(
    kind: str,
    postings: Sequence[Posting],
    *,
    host_id: int,
    programme_id: int | None = None,
    not_before: datetime | None = None,
) -> list[dict[str, Any]]:
    """What post_all() adds, for who adds it in a statement of his own; the commit of the open transaction wakes the worker."""
    if kind not in _renderers:
        raise KeyError(kind)
    if not postings:
        return []
    now = clock.now()
    fixed = {
        "kind": kind,
        "host_id": host_id,
        "programme_id": programme_id,
        "subject": "",
        "state": MessageState.QUEUED,
        "attempts": 0,
        "next_attempt_at": max(now, not_before or now),
        "last_error": "",
        "created_at": now,
    }
    after_commit(_wake)
    return [_columns(one) | fixed for one in postings]


@cache
def _adding(postgresql: bool) -> Any:
    return insert(OutboxMessage.__table__).on_conflict_do_nothing(index_elements=["dedupe_key"])


def _columns(posting: Posting) -> dict[str, Any]:
    return {
        "message_id": _new_message_id(),
        "dedupe_key": posting.dedupe_key,
        "subject_id": posting.subject_id,
        "to_address": posting.to_address,
        "to_name": posting.to_name,
    }


def unpost(dedupe_key: str) -> bool:
    """Take a mail that still waits out of the outbox, within the open transaction; False where it is gone or never was."""
    return unpost_all([dedupe_key]) > 0


def unpost_all(dedupe_keys: Collection[str]) -> int:
    """As unpost(), many at once; answers how many were taken out."""
    waiting = sa.delete(OutboxMessage).where(
        OutboxMessage.dedupe_key.in_(dedupe_keys), OutboxMessage.state == MessageState.QUEUED
    )
    return len(db.session.scalars(waiting.returning(OutboxMessage.id)).all())


def send_again(message: OutboxMessage, *, by: Any) -> bool:
    """Put a mail at the head of the queue; False while it is being sent, and where its recipient is forgotten.

    One that was sent before gets a new Message-ID, or mail servers would take it for the same and drop it.
    """
    with transaction():
        values = {
            "state": MessageState.QUEUED,
            "attempts": 0,
            "next_attempt_at": clock.now(),
            "last_error": "",
            "failing_since": None,
            "sent_at": None,
        }
        if message.state is MessageState.SENT:
            values["message_id"] = _new_message_id()
        moved = db.session.execute(
            sa.update(OutboxMessage)
            .where(
                OutboxMessage.id == message.id,
                OutboxMessage.state != MessageState.SENDING,
                OutboxMessage.to_address != "",
            )
            .values(**values)
            .returning(OutboxMessage.id)
            .execution_options(synchronize_session=False)
        ).first()
        if moved is None:
            return False
        audit.record("mail.sent_again", message, by=by, host_id=message.host_id)
        after_commit(_wake)
        return True


def _new_message_id() -> str:
    return f"<{new_token()}@bimtek>"


def withhold(host_id: int) -> int:
    """Take the mails that a host has waiting out of the outbox, within the open transaction; answers how many."""
    waiting = sa.delete(OutboxMessage).where(
        OutboxMessage.host_id == host_id, OutboxMessage.state == MessageState.QUEUED
    )
    return len(db.session.scalars(waiting.returning(OutboxMessage.id)).all())
