"""What the token of another system may do, and what is wrong with one."""

from __future__ import annotations

import enum
import re
from datetime import datetime

from flask_babel import lazy_gettext as _l

TOKEN_NAME_LENGTH = 80
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class ApiScope(enum.StrEnum):
    """What a token is good for."""

    REGISTER = "registrations:write"
    READ_REGISTRATIONS = "registrations:read"


SCOPE_LABELS = {
    ApiScope.REGISTER: _l("Register people"),
    ApiScope.READ_REGISTRATIONS: _l("Read who is registered, without numbers and addresses"),
}


class TokenRefusal(enum.Enum):
    NO_NAME = "no_name"
    NO_SCOPE = "no_scope"
    ENDS_IN_PAST = "ends_in_past"


TOKEN_REFUSALS = {
    TokenRefusal.NO_NAME: _l("Type the name of the system that uses the token."),
    TokenRefusal.NO_SCOPE: _l("Tick at least one thing that the token may do."),
    TokenRefusal.ENDS_IN_PAST: _l("The end lies in the past; choose a later one."),
}


class TokenRefused(ValueError):
    """`sentence` says it to a person, `field` names what it concerns in the form."""

    def __init__(self, reason: TokenRefusal) -> None:
        super().__init__(reason.value)
        self.sentence = TOKEN_REFUSALS[reason]
        self.field = {TokenRefusal.NO_SCOPE: "scopes", TokenRefusal.ENDS_IN_PAST: "expires_at"}.get(reason, "name")


def is_over(now: datetime, *, expires_at: datetime | None, revoked_at: datetime | None) -> bool:
    """Whether a token is good for nothing any more."""
    return revoked_at is not None or (expires_at is not None and expires_at <= now)
