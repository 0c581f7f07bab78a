"""What a scan means. The table of cases is tests/checkin/cases.json."""

from __future__ import annotations

import enum

from flask_babel import lazy_gettext as _l


class Decision(enum.Enum):
    ADMITTED = "admitted"
    REPEAT = "repeat"
    REFUSED = "refused"
    PARKED = "parked"


class Reason(enum.Enum):
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    NOT_CONFIRMED = "not_confirmed"
    OTHER_STAGE = "other_stage"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    WRONG_GROUP = "wrong_group"
    MALFORMED = "malformed"
    REVOKED_DEVICE = "revoked_device"


class ScanSource(enum.Enum):
    CAMERA = "camera"
    WEDGE = "wedge"
    TYPED = "typed"
    SEARCH = "search"
    PHOTO = "photo"
    PAPER = "paper"


REASON_LABELS = {
    Reason.UNKNOWN: _l("This code is not known."),
    Reason.CANCELLED: _l("This registration was cancelled."),
    Reason.NOT_CONFIRMED: _l("This registration is not confirmed yet."),
    Reason.OTHER_STAGE: _l("This ticket is for another stage."),
    Reason.TOO_EARLY: _l("This checkpoint is not open yet."),
    Reason.TOO_LATE: _l("This checkpoint is already closed."),
    Reason.WRONG_GROUP: _l("This person's group is not expected here."),
    Reason.MALFORMED: _l("This code cannot be read."),
    Reason.REVOKED_DEVICE: _l("This device may no longer scan."),
}
