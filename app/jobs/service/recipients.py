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
    """Empty name and address of mails that need them no more; looked for first, since writing makes others wait."""
    known = sa.and_(condition, OutboxMessage.state.in_(SETTLED), OutboxMessage.to_address != "")
    found = db.session.scalars(sa.select(OutboxMessage.id).where(known)).all()
    if not found:
        return 0
    with transaction():
        emptying = sa.update(OutboxMessage).where(OutboxMessage.id.in_(found)).values(to_address="", to_name="")
        db.session.execute(emptying.execution_options(synchronize_session=False))
    return len(found)
