"""Addresses that take no mail: marked when a server refuses them for good or staff say so, cleared by the next success."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from app.audit import service as audit
from app.extensions import db, insert, transaction
from app.jobs.models import BadAddress
from app.shared import clock
from app.shared.mailbox import address_key

LONGEST_REASON = 500


def mark_bad(host_id: int, address: str, *, reason: str, by: Any = None) -> None:
    """Remember that mail of a host does not reach an address; what was said last holds."""
    values = {"reason": reason[:LONGEST_REASON], "since": clock.now()}
    with transaction():
        adding = insert(BadAddress).values(host_id=host_id, address=address_key(address), **values)
        marking = adding.on_conflict_do_update(index_elements=["host_id", "address"], set_={"reason": values["reason"]})
        marked = db.session.scalars(marking.returning(BadAddress)).one()
        if by is not None:
            audit.record("address.marked_bad", marked, by=by, host_id=host_id)


def clear_bad(host_id: int, address: str, *, by: Any = None) -> bool:
    """Mail reaches the address after all; False where nothing else was known."""
    known = sa.select(BadAddress).where(BadAddress.host_id == host_id, BadAddress.address == address_key(address))
    with transaction():
        marked = db.session.scalar(known)
        if marked is None:
            return False
        if by is not None:
            audit.record("address.cleared", marked, by=by, host_id=host_id)
        db.session.delete(marked)
        return True


def forget_bad(host_id: int, addresses: Collection[str]) -> None:
    """Let go of what is known against addresses (in their comparable form), within the open transaction."""
    forgetting = sa.delete(BadAddress).where(BadAddress.host_id == host_id, BadAddress.address.in_(addresses))
    db.session.execute(forgetting.execution_options(synchronize_session=False))
