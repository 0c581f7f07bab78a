"""What the board works out without the database: arrivals over time, and what stands in the way of settling as present."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.checkin.rules import REASON_LABELS, IncidentKind, Reason, Settlement
from app.registration.rules import RegistrationState
from app.shared.dates import local

STEP = timedelta(minutes=5)
SILENT_AFTER = timedelta(minutes=5)  # a phone at a door asks for news twice a minute
PUT_AWAY_AFTER = timedelta(hours=1)
LONGEST = timedelta(hours=18)  # of a chart; whoever came before is counted into its first bar


@dataclass(frozen=True)
class Bar:
    """How many came in the five minutes from `start` on, on the wall clock of the stage's zone."""

    start: datetime
    count: int


def per_five_minutes(moments: Iterable[datetime], zone: str) -> list[Bar]:
    """Arrivals from the first to the last, with the five minutes in which nobody came; empty if nobody has come.

    At most 18 hours are drawn, the latest ones.
    """
    counted = Counter(_floor(local(moment, zone)) for moment in moments)
    if not counted:
        return []
    last = max(counted)
    first = max(min(counted), last - LONGEST)
    early = sum(count for start, count in counted.items() if start < first)
    counted[first] += early
    steps = (last - first) // STEP
    return [Bar(start, counted[start]) for start in (first + STEP * number for number in range(steps + 1))]


def _floor(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute - moment.minute % 5, second=0, microsecond=0)


def silence(last_at: datetime | None, now: datetime, *, unsent: int = 0) -> int:
    """Minutes for which a device at an open door has not been heard of; 0 as long as that need worry nobody.

    After an hour it has been put away, unless it still holds scans.
    """
    if last_at is None or now - last_at < SILENT_AFTER or (now - last_at >= PUT_AWAY_AFTER and not unsent):
        return 0
    return (now - last_at) // timedelta(minutes=1)


def silence_label(minutes: int) -> str:
    """How long that is, in words."""
    if minutes < 60:
        return ngettext("No contact for %(num)d minute", "No contact for %(num)d minutes", minutes)
    return ngettext("No contact for %(num)d hour", "No contact for %(num)d hours", minutes // 60)


class Hindrance(enum.Enum):
    """Why somebody cannot be settled as present by one tap."""

    NOBODY = "nobody"
    OTHER_STAGE = "other_stage"
    CANCELLED = "cancelled"
    NOT_CONFIRMED = "not_confirmed"
    NO_PERSON = "no_person"


HINDRANCE_LABELS = {
    Hindrance.NOBODY: _l("Nobody has this code. Register the person first if they are there."),
    Hindrance.OTHER_STAGE: _l("The ticket is for another stage. Register the person here first if they are there."),
    Hindrance.CANCELLED: _l("The registration has ended. Register the person anew first if they are there."),
    Hindrance.NOT_CONFIRMED: _l("The registration is not confirmed. Confirm it first if the person is there."),
    Hindrance.NO_PERSON: _l("What was typed at the door is no longer known."),
}


def hindrance(
    kind: IncidentKind | None, *, reason: Reason | None, state: RegistrationState | None, has_person: bool = False
) -> Hindrance | None:
    """What keeps an incident, or without `kind` a refused scan, from being settled as present; None: nothing does.

    `state` is that of the registration of this stage that it is about, None if there is none. Two doors close in any case;
    whoever was let in was there, whatever his registration says, but one who was turned away needs a confirmed one.
    """
    if kind is IncidentKind.TWO_DOORS or (has_person and kind in (IncidentKind.WALK_IN, IncidentKind.QUARANTINE)):
        return None
    if state is None and kind is IncidentKind.WALK_IN:
        return Hindrance.NO_PERSON
    if state is None:
        return Hindrance.OTHER_STAGE if reason is Reason.OTHER_STAGE else Hindrance.NOBODY
    if kind is not None or state is RegistrationState.CONFIRMED:
        return None
    ended = state in (RegistrationState.CANCELLED, RegistrationState.REJECTED)
    return Hindrance.CANCELLED if ended else Hindrance.NOT_CONFIRMED


INCIDENT_LABELS = {
    IncidentKind.TWO_DOORS: _l("Let in at two doors"),
    IncidentKind.PARKED: _l("Let in with a code that is not known here"),
    IncidentKind.LET_IN: _l("Let in although the rule says no"),
    IncidentKind.QUARANTINE: _l("Scanned by a device that may no longer scan"),
    IncidentKind.WALK_IN: _l("Registered at the door, to be settled"),
}
REPRESENTED_LABELS = {
    Reason.UNKNOWN: _l("The ticket of the person represented is not known."),
    Reason.OTHER_STAGE: _l("The ticket of the person represented is for another stage."),
    Reason.CANCELLED: _l("The registration of the person represented was cancelled."),
    Reason.NOT_CONFIRMED: _l("The person represented has no seat to give."),
    Reason.NO_SEAT: _l("The person represented has been admitted already."),
}
SETTLEMENT_LABELS = {
    Settlement.PRESENT: _l("Present"),
    Settlement.DISMISSED: _l("Put aside"),
}


def told(kind: IncidentKind, reason: Reason | None, *, for_another: bool) -> Any:
    """What is said of an incident beside its kind; `for_another`: of somebody who came in another's place. None: nothing."""
    if reason is None or kind is IncidentKind.QUARANTINE:
        return None
    return (REPRESENTED_LABELS if for_another else REASON_LABELS).get(reason, REASON_LABELS[reason])
