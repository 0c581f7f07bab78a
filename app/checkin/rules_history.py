"""What a scan means among others of the same person, in whatever order they arrive; no database.

Somebody's time at a checkpoint is divided into periods by annulments. Each annulled attendance is a period that ended with its
annulment; the open period is the one in force, or will be. A period's attendance is its earliest admissible scan; a signed sheet
that is keyed in only adds who is missing, since it knows of no arrival and is no door.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from app.checkin import rules
from app.checkin.rules import Decision, Holder, IncidentKind, Place, Reason, Verdict

LETS_IN = frozenset({Decision.ADMITTED, Decision.PARKED})
NOT_KNOWN_HERE = frozenset({Reason.UNKNOWN, Reason.OTHER_STAGE})


@dataclass(frozen=True, kw_only=True)
class Period:
    """An attendance of somebody at a checkpoint. `scan_id`: what admitted him, None if it was added by hand.

    `by`: the device, or the member of staff. `id`: its row, 0 for one that is not stored yet.
    """

    at: datetime
    scan_id: str | None = None
    ended_at: datetime | None = None
    by: str = ""
    id: int = 0


class Effect(enum.Enum):
    """STARTS: the period's first admission. MOVES: one that was earlier than what is known, and takes its place.
    FOLLOWS: he was there already. LATE: of a period that has ended; it changes nothing any more."""

    STARTS = "starts"
    MOVES = "moves"
    FOLLOWS = "follows"
    LATE = "late"


@dataclass(frozen=True, kw_only=True)
class LetIn:
    """A scan by which a door let somebody in, of those whose code was known and good."""

    scan_id: str
    at: datetime


def corrected(occurred_at: datetime, *, sent_at: datetime | None, received_at: datetime) -> datetime:
    """When something happened by the server's clock: a device whose clock is wrong says by `sent_at` how much. Never later than now."""
    moment = occurred_at if sent_at is None else occurred_at + (received_at - sent_at)
    return min(moment, received_at)


def period_of(periods: Iterable[Period], at: datetime) -> Period | None:
    """The period in which `at` lies: the first that ended then or later, else the one in force; None if it has no attendance yet."""
    found = None
    for period in periods:
        if period.ended_at is not None and period.ended_at < at:
            continue
        if found is None or _ends_before(period, found):
            found = period
    return found


def effect(
    periods: Iterable[Period], *, at: datetime, scan_id: str, on_paper: bool = False
) -> tuple[Effect, Period | None]:
    """What an admissible scan changes, and the attendance that it follows or takes the place of.

    `on_paper`: of a sheet's row, which takes the place of none, as its time is not that of an arrival.
    """
    period = period_of(periods, at)
    if period is None:
        return Effect.STARTS, None
    if period.ended_at is not None:
        return Effect.LATE, period
    return (Effect.MOVES if not on_paper and precedes(at, scan_id, period) else Effect.FOLLOWS), period


def precedes(at: datetime, scan_id: str, period: Period) -> bool:
    """Whether a scan was before the attendance. Of two in the same instant the lesser id is, so that all agree; by hand goes first."""
    return (at, scan_id) < (period.at, period.scan_id or "")


def verdict(
    place: Place, holder: Holder | None, *, at: datetime, offline: Decision | None, changes: Effect = Effect.STARTS
) -> Verdict:
    """The decision on a scan. What a phone alone let in and is not known here is parked, whatever else holds of it."""
    if offline in LETS_IN:
        if holder is None:
            return Verdict(Decision.PARKED, Reason.UNKNOWN)
        if holder.stage_id != place.stage_id:
            return Verdict(Decision.PARKED, Reason.OTHER_STAGE)
    return rules.decide(place, holder, at=at, attended=changes in (Effect.FOLLOWS, Effect.LATE))


def was_let_in(decision: Decision, offline: Decision | None) -> bool:
    """Whether the door opened: by the server's word, or where the phone was alone by its own; what it was told later is no matter."""
    return decision is Decision.ADMITTED if offline is None else offline in LETS_IN


def incident_of(found: Verdict, offline: Decision | None) -> IncidentKind | None:
    """What staff must settle about a scan by itself; of two doors see `two_doors`. Whom a phone turned away is no matter of theirs."""
    if found.reason is Reason.REVOKED_DEVICE:
        return IncidentKind.QUARANTINE if offline is None or offline in LETS_IN else None
    if found.decision is Decision.PARKED and found.reason in NOT_KNOWN_HERE:
        return IncidentKind.PARKED
    if found.decision is Decision.REFUSED and offline in LETS_IN:
        return IncidentKind.LET_IN
    return None


def two_doors(periods: Sequence[Period], scans: Iterable[LetIn], on_paper: Set[str] = frozenset()) -> dict[str, str]:
    """Scans that let in somebody whom another scan of the same period had let in, and that one, which counts; by scan id.

    `on_paper`: those among all of them that are rows of a sheet, which is no door.
    """
    found = {}
    for scan in scans:
        period = period_of(periods, scan.at)
        counted = period.scan_id if period else None
        if counted is not None and counted != scan.scan_id and on_paper.isdisjoint((counted, scan.scan_id)):
            found[scan.scan_id] = counted
    return found


def _ends_before(one: Period, other: Period) -> bool:
    if one.ended_at is None:
        return False
    return other.ended_at is None or (one.ended_at, one.id) < (other.ended_at, other.id)
