"""To let go of whom mails were written to, when a person has his data deleted. Conditions are of OutboxMessage."""

from __future__ import annotations

import sqlalchemy as sa

from app.extensions import db, transaction
from app.jobs.models import OutboxMessage
from app.jobs.rules import MessageState

SETTLED = (MessageState.SENT, MessageState.FAILED, MessageState.DROPPED)


def withhold_mails(condition: sa.ColumnElement[bool]) -> None:
    """Take mails that wait out of the outbox, within the open transaction."""
    waiting = sa.delete(OutboxMessage).where(condition, OutboxMessage.state == MessageState.QUEUED)
    db.session.execute(waiting.execution_options(synchronize_session=False))


def forget_recipients(condition: sa.ColumnElement[bool]) -> int:
    """Empty what tells to whom mails were written that need it no more; looked for first, since writing makes others wait.

    The subject may call a person by name, and what a mail server said may quote the address.
    """
    known = sa.and_(condition, OutboxMessage.state.in_(SETTLED), OutboxMessage.to_address != "")
    found = db.session.scalars(sa.select(OutboxMessage.id).where(known)).all()
    if not found:
        return 0
    with transaction():
        emptying = sa.update(OutboxMessage).where(OutboxMessage.id.in_(found))
        emptied = emptying.values(to_address="", to_name="", subject="", last_error="")
        db.session.execute(emptied.execution_options(synchronize_session=False))
    return len(found)
