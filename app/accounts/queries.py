"""Reads of staff."""

from __future__ import annotations

import sqlalchemy as sa

from app.accounts.models import User
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
