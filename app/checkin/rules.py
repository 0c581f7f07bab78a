"""What a scan means, and how many JP somebody attended. The table of cases is tests/checkin/cases.json."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.agenda.rules import expects
from app.registration.rules import RegistrationState
from app.shared.dates import long_date, short_date

OPENS = time(6)
CLOSES = time(18)
DEVICE_OUTLIVES_STAGE = timedelta(hours=12)


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
    NO_SEAT = "no_seat"


class ScanSource(enum.Enum):
    CAMERA = "camera"
    WEDGE = "wedge"
    TYPED = "typed"
    SEARCH = "search"
    PHOTO = "photo"
    PAPER = "paper"
    WALK_IN = "walk_in"


class IncidentKind(enum.Enum):
    """What staff must settle: a second door that let in too; a phone that let in a code nobody knows, or somebody whom the rule
    refuses; what a revoked or expired device still held; somebody without registration for whom there is no seat."""

    TWO_DOORS = "two_doors"
    PARKED = "parked"
    LET_IN = "let_in"
    QUARANTINE = "quarantine"
    WALK_IN = "walk_in"


class Settlement(enum.Enum):
    PRESENT = "present"
    DISMISSED = "dismissed"


class CorrectionKind(enum.Enum):
    """Why an attendance was added by hand."""

    PAPER = "paper"
    DEVICE_LOST = "device_lost"
    SETTLED = "settled"
    OTHER = "other"


class DeviceKind(enum.Enum):
    """A browser that scans, or the phone of a signed-in officer who opens a ticket's link."""

    SCANNER = "scanner"
    PHONE = "phone"


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
    Reason.NO_SEAT: _l("There is no seat left; the person was let in and waits to be settled."),
}


class CheckinError(Exception):
    """What staff asked for cannot be done; `sentence` is lazy text for them."""

    def __init__(self, sentence: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, kw_only=True)
class Place:
    """A checkpoint as the decision sees it. No `expected_groups`: everyone is expected."""

    stage_id: int
    opens_at: datetime
    closes_at: datetime
    expected_groups: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Whose ticket or badge was scanned, as the decision sees it."""

    stage_id: int
    state: RegistrationState
    groups: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Verdict:
    """A decision, and for a refusal its reason."""

    decision: Decision
    reason: Reason | None = None


def decide(place: Place, holder: Holder | None, *, at: datetime, attended: bool) -> Verdict:
    """What a scan at the moment `at` means; `attended`: an attendance of the holder at the place is in force already.

    The checkpoint is open from `opens_at` on, and at `closes_at` no more.
    """
    reason = _refusal(place, holder, at)
    if reason is not None:
        return Verdict(Decision.REFUSED, reason)
    return Verdict(Decision.REPEAT if attended else Decision.ADMITTED)


def _refusal(place: Place, holder: Holder | None, at: datetime) -> Reason | None:
    if holder is None:
        return Reason.UNKNOWN
    if holder.state is RegistrationState.CANCELLED:
        return Reason.CANCELLED
    if holder.state is not RegistrationState.CONFIRMED:
        return Reason.NOT_CONFIRMED
    if holder.stage_id != place.stage_id:
        return Reason.OTHER_STAGE
    if at < place.opens_at:
        return Reason.TOO_EARLY
    if at >= place.closes_at:
        return Reason.TOO_LATE
    if not expects(place.expected_groups, holder.groups):
        return Reason.WRONG_GROUP
    return None


def expected_groups(audiences: Iterable[frozenset[int]]) -> frozenset[int]:
    """The groups expected at a checkpoint, from the audiences of the sessions it covers; none: everyone is.

    One session for all, or no session at all, and everyone is expected.
    """
    found = list(audiences)
    return frozenset().union(*found) if all(found) else frozenset()


def covers(*, explicit: bool, has_explicit: bool, checkpoint_day: date, session_day: date) -> bool:
    """Whether a checkpoint covers a session: the ones chosen for it, or without any choice all of its local day."""
    return explicit if has_explicit else session_day == checkpoint_day


@dataclass(frozen=True, kw_only=True)
class CountedSession:
    """A session as JP are counted: its audience (empty: all), and the checkpoints that prove attendance of it."""

    jp: int
    starts_at: datetime
    audience: frozenset[int]
    checkpoint_ids: frozenset[int]


@dataclass(frozen=True)
class JpTally:
    """JP attended, out of the JP a person was expected for."""

    attended: int
    expected: int


def tally(
    sessions: Iterable[CountedSession],
    *,
    groups: frozenset[int],
    admissions: Mapping[int, datetime],
    tolerance: timedelta,
    excused: frozenset[int] = frozenset(),
) -> JpTally:
    """Count a person's JP. `admissions`: when the person was admitted, by id of checkpoint.

    `excused`: checkpoints from which the person was excused with JP, whose sessions count as attended.
    """
    attended = expected = 0
    for session in sessions:
        if not expects(session.audience, groups):
            continue
        expected += session.jp
        latest = session.starts_at + tolerance
        was_there = any(at <= latest for point, at in admissions.items() if point in session.checkpoint_ids)
        if was_there or not excused.isdisjoint(session.checkpoint_ids):
            attended += session.jp
    return JpTally(attended, expected)


def device_expires_at(ends_on: date, zone: str) -> datetime:
    """A device of a stage may scan until 12 hours after the stage's last local day."""
    midnight = datetime.combine(ends_on + timedelta(days=1), time(), ZoneInfo(zone))
    return midnight + DEVICE_OUTLIVES_STAGE


def short_name(name: str, day: date) -> str:
    """A checkpoint's name for a narrow screen: "Hari 1 – Rabu, 25 November 2026" → "Hari 1 · Rab 25 Nov"; `day` is its own."""
    return name.replace(" – " + long_date(day), " · " + short_date(day)).replace(long_date(day), short_date(day))


def day_window(day: date, zone: str) -> tuple[datetime, datetime]:
    """When the checkpoint of a local day is open unless staff say otherwise."""
    here = ZoneInfo(zone)
    return datetime.combine(day, OPENS, here), datetime.combine(day, CLOSES, here)
