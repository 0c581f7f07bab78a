"""Reads of the outbox, each within the mail that a user may see: of her hosts as administrator, of her programmes as manager."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.accounts.models import User
from app.accounts.rules import Role
from app.extensions import db
from app.hosts.models import Host
from app.jobs.models import BadAddress, Job, OutboxMessage
from app.jobs.rules import MessageState
from app.shared import clock
from app.shared.mailbox import address_key

PLACES = {"host": OutboxMessage.host_id, "programme": OutboxMessage.programme_id}


@dataclass(frozen=True)
class Waiting:
    """Mail that waits because the server is not there: how much, what was heard last, since when, and in which zone to say so."""

    count: int
    error: str
    since: datetime
    zone: str


def visible_to(user: User) -> sa.ColumnElement[bool]:
    return sa.or_(OutboxMessage.host_id.in_(_hosts(user)), OutboxMessage.programme_id.in_(_programmes(user)))


def sees_outbox(user: User) -> bool:
    return any(membership.role in (Role.ADMINISTRATOR, Role.MANAGER) for membership in user.memberships)


def messages(
    user: User, *, state: MessageState | None = None, kind: str = "", place: str = "", typed: str = ""
) -> sa.Select[OutboxMessage]:
    """The newest first; `typed` is part of an address, a name or a subject, `place` a key of outbox_places()."""
    statement = sa.select(OutboxMessage).where(visible_to(user)).order_by(OutboxMessage.id.desc())
    if state is not None:
        statement = statement.where(OutboxMessage.state == state)
    if kind:
        statement = statement.where(OutboxMessage.kind == kind)
    word, _dash, number = place.partition("-")
    if word in PLACES and number.isdecimal() and len(number) < 10:
        statement = statement.where(PLACES[word] == int(number))
    if typed:
        fields = (OutboxMessage.to_address, OutboxMessage.to_name, OutboxMessage.subject)
        statement = statement.where(
            sa.or_(*(sa.func.lower(field).contains(typed.lower(), autoescape=True) for field in fields))
        )
    return statement


def find_message(user: User, message_id: int) -> OutboxMessage | None:
    return db.session.scalar(sa.select(OutboxMessage).where(OutboxMessage.id == message_id, visible_to(user)))


def zone_of(message: OutboxMessage | BadAddress) -> str:
    """In which zone its times are shown."""
    return db.session.get_one(Host, message.host_id).timezone


def counts(user: User) -> dict[MessageState, int]:
    rows = db.session.execute(
        sa.select(OutboxMessage.state, sa.func.count()).where(visible_to(user)).group_by(OutboxMessage.state)
    )
    return {state: count for state, count in rows}


def waiting_for_server(user: User) -> Waiting | None:
    """Whether mail of a user's hosts and programmes, whatever the role there, waits for a server that is not there."""
    down = sa.select(OutboxMessage.failing_since, OutboxMessage.last_error, OutboxMessage.host_id).where(
        OutboxMessage.state == MessageState.QUEUED, OutboxMessage.failing_since.is_not(None), _near(user)
    )
    first = db.session.execute(down.order_by(OutboxMessage.failing_since, OutboxMessage.id).limit(1)).one_or_none()
    if first is None:
        return None
    untried = sa.and_(OutboxMessage.attempts == 0, OutboxMessage.next_attempt_at <= clock.now())
    waits = sa.or_(OutboxMessage.failing_since.is_not(None), untried)
    count = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(OutboxMessage)
        .where(OutboxMessage.state == MessageState.QUEUED, waits, _near(user))
    )
    zone = db.session.get_one(Host, first.host_id).timezone
    return Waiting(count or 0, first.last_error, since=first.failing_since, zone=zone)


def bad_address(host_id: int, address: str | None) -> BadAddress | None:
    """What is known against an address, for a host."""
    return db.session.scalar(
        sa.select(BadAddress).where(BadAddress.host_id == host_id, BadAddress.address == address_key(address))
    )


def bad_addresses_of(host_id: int) -> sa.Select[Any]:
    """A select of the addresses of a host that its mail does not reach."""
    return sa.select(BadAddress.address).where(BadAddress.host_id == host_id)


def visible_addresses(user: User) -> sa.Select[Any]:
    """Addresses that take no mail, the newest first: of one's hosts, or such as one's programmes have written to."""
    hosts = _hosts(user)
    written = sa.exists().where(
        OutboxMessage.host_id == BadAddress.host_id,
        sa.func.lower(OutboxMessage.to_address) == BadAddress.address,
        visible_to(user),
    )
    marked = sa.select(BadAddress).where(sa.or_(BadAddress.host_id.in_(hosts), written))
    return marked.order_by(BadAddress.since.desc(), BadAddress.id.desc())


def find_address(user: User, address_id: int) -> BadAddress | None:
    return db.session.scalar(visible_addresses(user).where(BadAddress.id == address_id))


def outbox_places(user: User) -> list[tuple[str, str]]:
    """By what the outbox of whoever has several hosts and programmes is narrowed: ("host-1" or "programme-2", name)."""
    programme = sa.table("programme", sa.column("id", sa.Integer), sa.column("host_id", sa.Integer), sa.column("name"))
    owned = sa.or_(programme.c.host_id.in_(_hosts(user)), programme.c.id.in_(_programmes(user)))
    hosts = db.session.execute(sa.select(Host.id, Host.name).where(Host.id.in_(_hosts(user))).order_by(Host.name))
    programmes = db.session.execute(sa.select(programme.c.id, programme.c.name).where(owned).order_by(programme.c.name))
    return [(f"host-{key}", name) for key, name in hosts] + [(f"programme-{key}", name) for key, name in programmes]


def hosts_of(user: User) -> list[tuple[int, str]]:
    """The agencies, id and name, whose outbox a user sees something of."""
    wanted = {one.host_id for one in user.memberships if one.role in (Role.ADMINISTRATOR, Role.MANAGER)}
    found = db.session.execute(sa.select(Host.id, Host.name).where(Host.id.in_(wanted)).order_by(Host.name))
    return [(key, name) for key, name in found]


def _hosts(user: User) -> list[int]:
    return [one.host_id for one in user.memberships if one.role is Role.ADMINISTRATOR]


def _programmes(user: User) -> list[int]:
    return [one.programme_id for one in user.memberships if one.role is Role.MANAGER and one.programme_id is not None]


def _near(user: User) -> sa.ColumnElement[bool]:
    """Mail of a user's hosts and of the programmes where the user has any role."""
    programmes = [one.programme_id for one in user.memberships if one.programme_id is not None]
    return sa.or_(OutboxMessage.host_id.in_(_hosts(user)), OutboxMessage.programme_id.in_(programmes))


def job_for(user: User, token: str) -> Job | None:
    """The job of that address, for whoever started it and for staff of its host."""
    job = db.session.scalar(sa.select(Job).where(Job.token == token))
    if job is None:
        return None
    hosts = {membership.host_id for membership in user.memberships}
    return job if job.created_by_id == user.id or job.host_id in hosts else None
