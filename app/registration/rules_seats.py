"""Decisions about seats: what they are counted in, who gets one when, and until when something can be answered or undone."""

from __future__ import annotations

import enum
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.registration.rules import Reason, RegistrationSource, RegistrationState

UNDO_FOR = timedelta(minutes=10)
"""For so long a decision on a pending registration can be undone; its letter leaves only then."""
SHORTEST_OFFER = timedelta(hours=2)


class QuotaKind(enum.Enum):
    """Whose seats a quota limits, in the order in which limits are taken; the stage's own comes before them."""

    CATEGORY = "category"
    INSTITUTION = "institution"
    GROUP = "group"


class InvitationState(enum.Enum):
    DRAFTED = "drafted"
    SENT = "sent"
    ANSWERED = "answered"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


QUOTA_LABELS = {
    QuotaKind.CATEGORY: _l("Category"),
    QuotaKind.INSTITUTION: _l("Institution"),
    QuotaKind.GROUP: _l("Group"),
}
FULL = {
    QuotaKind.CATEGORY: Reason.CATEGORY_FULL,
    QuotaKind.INSTITUTION: Reason.INSTITUTION_FULL,
    QuotaKind.GROUP: Reason.GROUP_FULL,
}
INVITATION_LABELS = {
    InvitationState.DRAFTED: _l("Drafted"),
    InvitationState.SENT: _l("Sent"),
    InvitationState.ANSWERED: _l("Replied"),
    InvitationState.DECLINED: _l("Declined"),
    InvitationState.EXPIRED: _l("Expired"),
    InvitationState.WITHDRAWN: _l("Withdrawn"),
}
OPEN_INVITATION = frozenset({InvitationState.DRAFTED, InvitationState.SENT, InvitationState.ANSWERED})
"""While it is one of these, every seat of an invitation is reserved."""
REPLACEABLE = frozenset({RegistrationState.PENDING, RegistrationState.CONFIRMED})


def entry_state(source: RegistrationSource, *, seated: bool, approval_required: bool) -> RegistrationState:
    """Where a new registration begins. Whom staff add or an institution sends is not asked to wait for approval."""
    if not seated:
        return RegistrationState.WAITLISTED
    asks = approval_required and source is RegistrationSource.ONLINE
    return RegistrationState.PENDING if asks else RegistrationState.CONFIRMED


def offer_deadline(now: datetime, *, hours: int, starts_on: date, ends_on: date, zone: str) -> datetime:
    """Until when an offered seat is held: `hours` long, but not into the stage's first day, and never past its last.

    Where the first day is nearer than SHORTEST_OFFER, or has begun, only the end of the last day is a limit.
    """
    begins = datetime.combine(starts_on, time(), ZoneInfo(zone))
    ends = datetime.combine(ends_on + timedelta(days=1), time(), ZoneInfo(zone))
    limit = begins if begins - now >= SHORTEST_OFFER else ends
    return min(now + timedelta(hours=hours), limit)


def takes_names(state: InvitationState, *, deadline: datetime, now: datetime) -> bool:
    """Whether people can be named on an invitation."""
    return state in OPEN_INVITATION and now < deadline


def time_left(until: datetime, now: datetime) -> str:
    """How long until a moment, in words: minutes below two hours, hours below two days, then days."""
    minutes = max(0, -((now - until) // timedelta(minutes=1)))
    if minutes < 120:
        return ngettext("%(num)d minute left", "%(num)d minutes left", minutes)
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(num)d hour left", "%(num)d hours left", hours)
    return ngettext("%(num)d day left", "%(num)d days left", hours // 24)


def told_state(state: RegistrationState, *, undo_until: datetime | None, now: datetime) -> RegistrationState:
    """The state as the person is told it: a rejection that can be undone is not told yet, as its letter has not left."""
    undoable = undo_until is not None and undo_until > now
    return RegistrationState.PENDING if state is RegistrationState.REJECTED and undoable else state
