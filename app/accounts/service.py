"""Users, their passwords and their roles."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import lru_cache

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.accounts.models import Membership, User
from app.accounts.queries import find_user_by_email, other_administrators, works_elsewhere
from app.accounts.rules import NAME_LENGTH, AccountRefusal, AccountRefused, Role, password_problem
from app.audit.service import record
from app.extensions import db, insert, lock, password_hasher, transaction
from app.hosts.models import Host
from app.shared import clock
from app.shared.mailbox import parse_email
from app.shared.text import squash
from app.web import throttle

WRONG_TRIES = 10
WRONG_TRIES_OF_STRANGERS = 100
TRIES_WINDOW = timedelta(minutes=15)
TRIES, OWN_TRIES = "sign-in", "password-change"
SPOKEN_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class NewAccount:
    """What a user is made of, the password hashed already."""

    email: str
    name: str
    password_hash: str


def authenticate(email: str, password: str, *, browser: str | None = None) -> User | None:
    """The active user of this address and password, else None, after the same time for unknown addresses.

    Raises TooManyRequests (429) within a quarter of an hour after ten wrong tries from one `browser` in which this account
    has signed in before, or after a hundred from all others together: strangers must not lock staff out.
    """
    address = email.strip().lower()
    target = f"{address} {browser}" if browser else address
    _count_try(TRIES, target, limit=WRONG_TRIES if browser else WRONG_TRIES_OF_STRANGERS)
    user = find_user_by_email(address)
    if user is None or not user.active:
        _matches(_decoy(password_hasher()), password)
        return None
    if not _matches(user.password_hash, password):
        return None
    throttle.forgive(TRIES, target)
    _renew_hash(user, password)
    with transaction():
        user.last_seen_at = clock.now()
    return user


def draw_password() -> str:
    """A first password to be told on the telephone: twelve signs that nobody takes for others, 59 random bits."""
    drawn = [secrets.choice(SPOKEN_SIGNS) for _ in range(12)]
    return "-".join("".join(drawn[start : start + 4]) for start in (0, 4, 8))


def add_staff(
    *, email: str, name: str, password: str, roles: list[Role], host: Host, programme_id: int | None, by: User | None
) -> tuple[User, bool]:
    """Give roles to whoever has this e-mail address, made anew where nobody has; and whether it was made.

    One who has an account keeps name and password. Raises AccountRefused.
    """
    account = prepare_account(email, name, password)
    return take_on(email, account, roles=roles, host=host, programme_id=programme_id, by=by)


def prepare_account(email: str, name: str, password: str) -> NewAccount | None:
    """What a user with this address will be made of; None where there is one. Before the transaction, for it hashes.

    Raises AccountRefused.
    """
    return None if find_user_by_email(email) else _new_account(email, name, password)


def take_on(
    email: str, account: NewAccount | None, *, roles: list[Role], host: Host, programme_id: int | None, by: User | None
) -> tuple[User, bool]:
    """Make the user of a prepared `account`, if one is given, and give the roles: both or neither.

    Whoever takes the address after it was prepared is refused as taken. Raises AccountRefused.
    """
    with transaction():
        user = _insert_user(account, by=by, host_id=host.id) if account else find_user_by_email(email)
        if user is None or not user.active:
            raise AccountRefused(AccountRefusal.INACTIVE)
        for role in roles:
            grant(user, role, host=host, programme_id=programme_id, by=by)
    return user, account is not None


def rename(user: User, name: str, *, by: User) -> None:
    """Raises AccountRefused."""
    cleaned = _clean_name(name)
    with transaction():
        if user.name != cleaned:
            user.name = cleaned
            record("user.changed", user, by=by, fields=["name"])


def change_password(user: User, current: str, new: str) -> None:
    """The user's own doing; ends all sessions, so the caller signs this one in again. Raises AccountRefused, TooManyRequests."""
    _count_try(OWN_TRIES, user.email, limit=WRONG_TRIES)
    if not _matches(user.password_hash, current):
        raise AccountRefused(AccountRefusal.WRONG_PASSWORD)
    throttle.forgive(OWN_TRIES, user.email)
    if current == new:
        raise AccountRefused(AccountRefusal.PASSWORD_SAME)
    _store_password(user, _new_hash(new, email=user.email, name=user.name), action="user.password_changed", by=user)


def set_password(user: User, new: str, *, host: Host, by: User) -> None:
    """By an administrator of `host`, for one who has forgotten it. Raises AccountRefused.

    Only for users all of whose roles are of that host: whoever sets a password can sign in as that user, so an
    administrator could otherwise enter another agency. A user of two hosts changes it himself, or the operator does.
    """
    hashed = _new_hash(new, email=user.email, name=user.name)
    with transaction():
        lock(user, mode="no_key_update")
        _require_own(user, host)
        _store_password(user, hashed, action="user.password_set", by=by, host_id=host.id)


def set_password_by_operator(user: User, new: str) -> None:
    """From the command line, by whoever runs the installation. Raises AccountRefused."""
    _store_password(user, _new_hash(new, email=user.email, name=user.name), action="user.password_set", by=None)


def end_sessions(user: User, *, by: User) -> None:
    """Sign the user out everywhere."""
    with transaction():
        _raise_session_version(user)
        record("user.sessions_ended", user, by=by)


def set_active(user: User, active: bool, *, by: User, host: Host) -> None:
    """By an administrator of `host`, for users of that host alone. Raises AccountRefused."""
    if not active and user.id == by.id:
        raise AccountRefused(AccountRefusal.ONESELF)
    with transaction():
        _lock_host(host.id)
        lock(user, mode="no_key_update")
        _require_own(user, host)
        if not active:
            _require_other_administrator(user, host.id)
        user.active = active
        record("user.activated" if active else "user.deactivated", user, by=by, host_id=host.id)


def grant(user: User, role: Role, *, host: Host, programme_id: int | None = None, by: User | None = None) -> Membership:
    """Give a role: administrator on the host, any other on a programme of it. Giving it again changes nothing.

    ValueError when role and programme do not belong together.
    """
    if (role is Role.ADMINISTRATOR) != (programme_id is None):
        raise ValueError("an administrator belongs to a host, every other role to a programme")
    with transaction():
        if programme_id is not None and _host_of_programme(programme_id) != host.id:
            raise ValueError("the programme is another host's")
        values = {
            "user_id": user.id,
            "host_id": host.id,
            "programme_id": programme_id,
            "role": role,
            "created_at": clock.now(),
        }
        granting = insert(Membership).values(**values).on_conflict_do_nothing().returning(Membership.id)
        granted = db.session.scalar(granting) is not None
        membership = db.session.scalars(
            sa.select(Membership).where(
                Membership.user_id == user.id,
                Membership.host_id == host.id,
                Membership.programme_id.is_not_distinct_from(programme_id),
                Membership.role == role,
            )
        ).one()
        db.session.expire(user, ["memberships"])
        if granted:
            record("membership.granted", membership, by=by, host_id=host.id, fields=[role.value])
    return membership


def withdraw(membership: Membership, *, by: User | None) -> None:
    """Take a role away. Raises AccountRefused for the last administrator of a host."""
    with transaction():
        lock(membership)
        host_id, user, role = membership.host_id, membership.user, membership.role
        _lock_host(host_id)
        if role is Role.ADMINISTRATOR:
            _require_other_administrator(user, host_id)
        record("membership.withdrawn", membership, by=by, host_id=host_id, fields=[role.value])
        db.session.delete(membership)
        db.session.flush()
        db.session.expire(user, ["memberships"])


def withdraw_all(user: User, *, host: Host, by: User | None) -> None:
    """Take away every role that the user has here; those of other agencies are theirs. Raises AccountRefused as withdraw does."""
    with transaction():
        _lock_host(host.id)
        _require_other_administrator(user, host.id)
        for membership in [one for one in user.memberships if one.host_id == host.id]:
            withdraw(membership, by=by)


def _require_own(user: User, host: Host) -> None:
    if works_elsewhere(user, host.id):
        raise AccountRefused(AccountRefusal.SHARED)


def _require_other_administrator(user: User, host_id: int) -> None:
    administers = any(one.role is Role.ADMINISTRATOR and one.host_id == host_id for one in user.memberships)
    if administers and not other_administrators(host_id, user.id):
        raise AccountRefused(AccountRefusal.LAST_ADMINISTRATOR)


def _host_of_programme(programme_id: int) -> int | None:
    programme = db.metadata.tables["programme"]
    return db.session.scalar(sa.select(programme.c.host_id).where(programme.c.id == programme_id))


def _lock_host(host_id: int) -> None:
    """Two administrators who remove each other at once must not both succeed."""
    db.session.execute(sa.select(Host.id).where(Host.id == host_id).with_for_update(key_share=True))


def _clean_name(name: str) -> str:
    cleaned = squash(name)[:NAME_LENGTH]
    if not cleaned:
        raise AccountRefused(AccountRefusal.NO_NAME)
    return cleaned


def _count_try(kind: str, target: str, *, limit: int) -> None:
    """Counted before the check, so that many tries at once are not each taken for the first."""
    if not throttle.hit(kind, target, limit=limit, window=TRIES_WINDOW):
        throttle.too_many(TRIES_WINDOW)


def _new_account(email: str, name: str, password: str) -> NewAccount:
    address = parse_email(email, allow_reserved=True).address
    if address is None:
        raise AccountRefused(AccountRefusal.BAD_EMAIL)
    cleaned = _clean_name(name)
    return NewAccount(address.lower(), cleaned, _new_hash(password, email=address, name=cleaned))


def _insert_user(account: NewAccount, *, by: User | None, host_id: int | None) -> User:
    values = asdict(account) | {"active": True, "session_version": 1, "created_at": clock.now()}
    creating = insert(User).values(**values).on_conflict_do_nothing(index_elements=[User.email]).returning(User.id)
    user_id = db.session.scalar(creating)
    if user_id is None:
        raise AccountRefused(AccountRefusal.EMAIL_TAKEN)
    user = db.session.get_one(User, user_id)
    record("user.created", user, by=by, host_id=host_id)
    return user


def _new_hash(password: str, *, email: str, name: str) -> str:
    problem = password_problem(password, email=email, name=name)
    if problem:
        raise AccountRefused(problem)
    return password_hasher().hash(password)


def _store_password(user: User, hashed: str, *, action: str, by: User | None, host_id: int | None = None) -> None:
    with transaction():
        user.password_hash = hashed
        _raise_session_version(user)
        record(action, user, by=by, host_id=host_id, fields=["password"])


def _raise_session_version(user: User) -> None:
    db.session.flush()
    raising = sa.update(User).where(User.id == user.id).values(session_version=User.session_version + 1)
    db.session.execute(raising, execution_options={"synchronize_session": False})
    db.session.expire(user, ["session_version"])


def _matches(hashed: str, password: str) -> bool:
    try:
        return password_hasher().verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _renew_hash(user: User, password: str) -> None:
    """Hash again when the cost has been raised since."""
    hasher = password_hasher()
    if not hasher.check_needs_rehash(user.password_hash):
        return
    former, hashed = user.password_hash, hasher.hash(password)
    with transaction():
        # Not over a password that was changed in the meantime.
        renewing = sa.update(User).where(User.id == user.id, User.password_hash == former).values(password_hash=hashed)
        db.session.execute(renewing)


def _decoy(hasher: PasswordHasher) -> str:
    return _decoy_hash(hasher.time_cost, hasher.memory_cost)


@lru_cache(maxsize=4)
def _decoy_hash(time_cost: int, memory_cost: int) -> str:
    """What an unknown address is compared with, at the same cost as a known one."""
    return PasswordHasher(time_cost=time_cost, memory_cost=memory_cost, parallelism=1).hash("nobody's password")
