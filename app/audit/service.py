"""Writing the log of acts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.audit.models import AuditEntry
from app.extensions import db
from app.shared import clock


def record(
    action: str,
    subject: Any,
    *,
    by: Any = None,
    host_id: int | None = None,
    fields: list[str] | None = None,
    reason: str = "",
) -> None:
    """Add an entry to the open transaction.

    `action` is a verb phrase such as "registration.cancelled"; `subject` a model instance with an id;
    `by` the user who acted, None for the public and the system; `fields` the names (not values) of what changed.
    """
    db.session.flush()
    db.session.add(
        AuditEntry(
            at=clock.now(),
            actor_id=by.id if by is not None else None,
            action=action,
            subject_type=subject.__tablename__,
            subject_id=subject.id,
            host_id=host_id,
            fields=fields or [],
            reason=reason,
        )
    )


def record_all(
    action: str, subjects: Sequence[Any], *, by: Any = None, host_id: int | None = None, reason: str = ""
) -> None:
    """As record(), the same of many at once."""
    if not subjects:
        return
    db.session.flush()
    same: dict[str, Any] = {
        "at": clock.now(),
        "actor_id": by.id if by is not None else None,
        "action": action,
        "host_id": host_id,
        "fields": [],
        "reason": reason,
    }
    rows = [same | {"subject_type": one.__tablename__, "subject_id": one.id} for one in subjects]
    db.session.execute(sa.insert(AuditEntry), rows)
