"""Reads of the outbox, each within the mail that a user may see: of her hosts as administrator, of her programmes as manager."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from app.accounts.models import User
from app.accounts.rules import Role
from app.extensions import db
from app.hosts.models import Host
from app.jobs.models import Job, OutboxMessage
from app.jobs.rules import MessageState, is_server_down


@dataclass(frozen=True)
class Waiting:
    """Mail that waits because the server does not take it: how much, and what it said last."""

    count: int
    error: str


def visible_to(user: User) -> sa.ColumnElement[bool]:
    hosts = [membership.host_id for membership in user.memberships if membership.role is Role.ADMINISTRATOR]
    programmes = [membership.programme_id for membership in user.memberships if membership.role is Role.MANAGER]
    return sa.or_(OutboxMessage.host_id.in_(hosts), OutboxMessage.programme_id.in_(programmes))


def sees_outbox(user: User) -> bool:
    return any(membership.role in (Role.ADMINISTRATOR, Role.MANAGER) for membership in user.memberships)


def messages(user: User, *, state: MessageState | None = None, typed: str = "") -> sa.Select[OutboxMessage]:
    """The newest first; `typed` is part of an address, a name or a subject."""
    statement = sa.select(OutboxMessage).where(visible_to(user)).order_by(OutboxMessage.id.desc())
    if state is not None:
        statement = statement.where(OutboxMessage.state == state)
    if typed:
        fields = (OutboxMessage.to_address, OutboxMessage.to_name, OutboxMessage.subject)
        statement = statement.where(
            sa.or_(*(sa.func.lower(field).contains(typed.lower(), autoescape=True) for field in fields))
        )
    return statement


def find_message(user: User, message_id: int) -> OutboxMessage | None:
    return db.session.scalar(sa.select(OutboxMessage).where(OutboxMessage.id == message_id, visible_to(user)))


def zone_of(message: OutboxMessage) -> str:
    """In which zone its times are shown."""
    return db.session.get_one(Host, message.host_id).timezone


def counts(user: User) -> dict[MessageState, int]:
    rows = db.session.execute(
        sa.select(OutboxMessage.state, sa.func.count()).where(visible_to(user)).group_by(OutboxMessage.state)
    )
    return {state: count for state, count in rows}


def waiting_for_server(user: User) -> Waiting | None:
    """Whether mail has been tried, and waits for a server that does not answer."""
    tried = sa.and_(OutboxMessage.state == MessageState.QUEUED, OutboxMessage.attempts > 0, visible_to(user))
    errors = list(
        db.session.scalars(
            sa.select(OutboxMessage.last_error).where(tried).order_by(OutboxMessage.next_attempt_at.desc())
        )
    )
    down = [error for error in errors if is_server_down(error)]
    return Waiting(len(down), down[0]) if down else None


def job_for(user: User, token: str) -> Job | None:
    """The job of that address, for whoever started it and for staff of its host."""
    job = db.session.scalar(sa.select(Job).where(Job.token == token))
    if job is None:
        return None
    hosts = {membership.host_id for membership in user.memberships}
    return job if job.created_by_id == user.id or job.host_id in hosts else None
