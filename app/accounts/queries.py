"""Reads of staff."""

from __future__ import annotations

import sqlalchemy as sa

from app.accounts.models import Membership, User
from app.accounts.rules import Role
from app.extensions import db


def find_user(session_id: str) -> User | None:
    """The active user of a session's id ("<id>.<version>"); None when the version has moved on."""
    number, _, version = session_id.partition(".")
    if not (number.isdecimal() and version.isdecimal()):
        return None
    user = db.session.get(User, int(number))
    return user if user is not None and user.active and user.session_version == int(version) else None


def find_user_by_email(email: str) -> User | None:
    """The user of a sign-in address, in any letter case."""
    return db.session.scalar(sa.select(User).where(User.email == email.strip().lower()))


def users_of_host(host_id: int) -> list[User]:
    """All who have a role on the host or on a programme of it, by name; with their memberships."""
    of_host = sa.select(Membership.user_id).where(Membership.host_id == host_id)
    return list(db.session.scalars(sa.select(User).where(User.id.in_(of_host)).order_by(User.name, User.id)))


def find_user_of_host(host_id: int, user_id: int) -> User | None:
    """None for those who belong only to other hosts."""
    of_host = sa.select(Membership.id).where(Membership.host_id == host_id, Membership.user_id == User.id)
    return db.session.scalar(sa.select(User).where(User.id == user_id, of_host.exists()))


def staff_of_programme(programme_id: int) -> list[User]:
    """All who have a role on the programme itself, by name; with their memberships."""
    of_programme = sa.select(Membership.user_id).where(Membership.programme_id == programme_id)
    return list(db.session.scalars(sa.select(User).where(User.id.in_(of_programme)).order_by(User.name, User.id)))


def find_membership(host_id: int, membership_id: int) -> Membership | None:
    """A role on the host or on a programme of it."""
    return db.session.scalar(sa.select(Membership).where(Membership.id == membership_id, Membership.host_id == host_id))


def works_elsewhere(user: User, host_id: int) -> bool:
    """Whether the user has a role of another host too."""
    elsewhere = sa.select(Membership.id).where(Membership.user_id == user.id, Membership.host_id != host_id)
    return bool(db.session.scalar(sa.select(elsewhere.exists())))


def other_administrators(host_id: int, user_id: int) -> int:
    """How many active administrators the host has besides this user."""
    return (
        db.session.scalar(
            sa.select(sa.func.count(Membership.id))
            .join(User, User.id == Membership.user_id)
            .where(
                Membership.host_id == host_id,
                Membership.role == Role.ADMINISTRATOR,
                Membership.user_id != user_id,
                User.active,
            )
        )
        or 0
    )


def programmes_of_host(host_id: int) -> list[tuple[int, str]]:
    """Id and name of the programmes that a role may belong to. Their room stands above this one: the table is asked by its name."""
    programme = db.metadata.tables["programme"]
    of_host = (
        sa.select(programme.c.id, programme.c.name).where(programme.c.host_id == host_id).order_by(programme.c.name)
    )
    return [(programme_id, name) for programme_id, name in db.session.execute(of_host)]
