"""Decisions about a person's own data: links that prove an address, requests with their clock, what is changed by whom."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from app.registration.rules import PersonDetails, Reason
from app.shared.identity import IdentityType

LINK_FOR = timedelta(minutes=30)
VISIT_FOR = timedelta(hours=2)
LINKS_AT_MOST = 3
LINKS_WITHIN = LINK_FOR
"""Who is refused has a link in the mailbox that still holds: nobody locks another out by asking in his name."""
ADDRESSES_WITHIN = timedelta(hours=1)
TO_SETTLE = timedelta(hours=72)
"""3 × 24 hours (UU 27/2022)."""
SOON = timedelta(hours=24)
LONGEST_TEXT = 2000

NAME = ("title_before", "name", "title_after")
IDENTITY = ("identity_type", "identity_number")
OFFICE = ("category_code", "institution_id", "institution_name", "rank", "position")
OF_PERSON = frozenset({*NAME, *IDENTITY, "email", "phone"})
"""What belongs to the person; the rest belongs to each registration."""


class LinkPurpose(enum.Enum):
    ENTER = "enter"
    ADDRESS = "address"


class RequestKind(enum.Enum):
    CORRECTION = "correction"
    DELETION = "deletion"


class RequestState(enum.Enum):
    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


KIND_LABELS = {RequestKind.CORRECTION: _l("Correction"), RequestKind.DELETION: _l("Deletion")}
REQUEST_STATE_LABELS = {
    RequestState.OPEN: _l("Being looked at"),
    RequestState.DONE: _l("Done"),
    RequestState.REFUSED: _l("Refused"),
}
FIELD_LABELS = {
    "title_before": _l("Title before the name"),
    "name": _l("Name without titles"),
    "title_after": _l("Titles after the name"),
    "category_code": _l("Category"),
    "institution_id": _l("Institution"),
    "institution_name": _l("Institution"),
    "identity_type": _l("Kind of identity number"),
    "identity_number": _l("Identity number"),
    "rank": _l("Rank"),
    "position": _l("Position"),
    "email": _l("E-mail"),
    "phone": _l("Mobile number"),
}


class NotApplied(Exception):
    """A correction that cannot be, as `reason` says; the transaction in which it was tried is undone."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class Split:
    """Of what a person changes in his own data: what holds at once, what the clerk decides on, the address to be confirmed."""

    now: dict[str, Any]
    asked: dict[str, Any]
    address: str | None = None


@dataclass(frozen=True)
class Clock:
    """How long a request may still stay open; `hours` are whole ones, of being late where it is overdue."""

    hours: int
    overdue: bool
    soon: bool


def split(before: PersonDetails, after: PersonDetails, *, certified: bool, has_coming: bool) -> Split:
    """`certified`: a certificate in force bears the name; `has_coming`: a registration that is not over yet can take a new office.

    A number tells people apart, a printed name is a record, and so is the office at an event that is over: those are the
    clerk's. Whoever signs in by an address must prove the next one too.
    """
    changed = changes(before, after)
    to_clerk = {*IDENTITY, *(NAME if certified else ()), *(() if has_coming else OFFICE)}
    address = changed.pop("email", None)
    return Split(
        now={name: value for name, value in changed.items() if name not in to_clerk},
        asked={name: value for name, value in changed.items() if name in to_clerk},
        address=address,
    )


def changes(before: PersonDetails, after: PersonDetails) -> dict[str, Any]:
    """What `after` says otherwise, by field; fields that hold only together come together."""
    names = {name for name in PersonDetails.__dataclass_fields__ if getattr(before, name) != getattr(after, name)}
    for together in (IDENTITY, ("category_code", "institution_id", "institution_name")):
        if names & set(together):
            names |= set(together)
    return {name: getattr(after, name) for name in PersonDetails.__dataclass_fields__ if name in names}


def applied(details: PersonDetails, changed: Mapping[str, Any], *, is_over: bool) -> PersonDetails:
    """A registration's details with the changes that reach it: at an event that is over the office stays as it was then."""
    reaching = {name: value for name, value in changed.items() if name in OF_PERSON or not is_over}
    return replace(details, **reaching)


def stored(changed: Mapping[str, Any]) -> dict[str, Any]:
    """Changes as they are kept with a request."""
    return {name: value.value if isinstance(value, enum.Enum) else value for name, value in changed.items()}


def restored(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What `stored` was given."""
    return {name: IdentityType(value) if name == "identity_type" else value for name, value in kept.items()}


def labels_of(names: Iterable[str]) -> list[str]:
    """The fields as people call them, each once: an institution is kept in two."""
    return list(dict.fromkeys(str(FIELD_LABELS[name]) for name in names))


def clock_of(due_at: datetime, now: datetime) -> Clock:
    """Where the clock of an open request stands."""
    left = due_at - now
    overdue = left <= timedelta(0)
    hours = int(abs(left).total_seconds() // 3600)
    return Clock(hours=hours, overdue=overdue, soon=not overdue and left <= SOON)


def keeps_name(*, attended: bool, certified: bool) -> bool:
    """Whether a name outlives a deletion: attendance sheets and certificates are archives, so it is restricted, not removed."""
    return attended or certified


def decides(programme_ids: Collection[int], *, of_programmes: Collection[int], administers: bool) -> bool:
    """Whether somebody may settle a person's request: a manager only where all that it touches is of her programmes."""
    return administers or (bool(programme_ids) and set(programme_ids) <= set(of_programmes))


ERASED_NAME = "Data dihapus"
"""In place of a name that is gone; it may be printed, so it is Indonesian."""
