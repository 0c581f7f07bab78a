"""Decisions of registration; no database."""

from __future__ import annotations

import enum

from flask_babel import lazy_gettext as _l


class RegistrationState(enum.Enum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    OFFERED = "offered"
    WAITLISTED = "waitlisted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class RegistrationSource(enum.Enum):
    ONLINE = "online"
    INVITATION = "invitation"
    IMPORT = "import"
    STAFF = "staff"
    WALK_IN = "walk-in"


class ConsentKind(enum.Enum):
    PHOTO = "photo"
    WHATSAPP = "whatsapp"


STATE_LABELS = {
    RegistrationState.PENDING: _l("Waiting for approval"),
    RegistrationState.CONFIRMED: _l("Confirmed"),
    RegistrationState.OFFERED: _l("Seat offered"),
    RegistrationState.WAITLISTED: _l("Waiting list"),
    RegistrationState.REJECTED: _l("Rejected"),
    RegistrationState.CANCELLED: _l("Cancelled"),
}
SOURCE_LABELS = {
    RegistrationSource.ONLINE: _l("Online"),
    RegistrationSource.INVITATION: _l("Invitation"),
    RegistrationSource.IMPORT: _l("Import"),
    RegistrationSource.STAFF: _l("Staff"),
    RegistrationSource.WALK_IN: _l("Walk-in"),
}
HOLDS_SEAT = frozenset({RegistrationState.PENDING, RegistrationState.CONFIRMED, RegistrationState.OFFERED})
ENDED = frozenset({RegistrationState.REJECTED, RegistrationState.CANCELLED})
