"""To whom a message goes, and when."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.registration.rules import RegistrationState
from app.registration.rules_people import Answering

MOST_DAYS = 60


class CampaignState(enum.Enum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    CANCELLED = "cancelled"


CAMPAIGN_LABELS = {
    CampaignState.DRAFT: _l("Draft"),
    CampaignState.SCHEDULED: _l("Scheduled"),
    CampaignState.SENDING: _l("Being sent"),
    CampaignState.SENT: _l("Sent"),
    CampaignState.CANCELLED: _l("Cancelled"),
}
CHANGEABLE = (CampaignState.DRAFT, CampaignState.SCHEDULED)


class Timing(enum.Enum):
    """When a message leaves: at once, some days before the first day or after the last one, or at a moment."""

    NOW = "now"
    BEFORE = "before"
    AFTER = "after"
    AT = "at"


TIMING_LABELS = {
    Timing.NOW: _l("At once"),
    Timing.BEFORE: _l("Days before the first day"),
    Timing.AFTER: _l("Days after the last day"),
    Timing.AT: _l("At a date and time"),
}
RELATIVE = (Timing.BEFORE, Timing.AFTER)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`days` and `clock` belong to a time relative to the stage, `moment` to an absolute one; the clock is the host's."""

    timing: Timing = Timing.NOW
    days: int | None = None
    clock: time | None = None
    moment: datetime | None = None


class PlanProblem(enum.Enum):
    NO_DAYS = "no_days"
    NO_CLOCK = "no_clock"
    NO_MOMENT = "no_moment"
    PAST = "past"


PLAN_PROBLEMS = {
    PlanProblem.NO_DAYS: _l("Type the number of days, from 0 to 60."),
    PlanProblem.NO_CLOCK: _l("Choose the hour at which it is sent."),
    PlanProblem.NO_MOMENT: _l("Choose date and time."),
    PlanProblem.PAST: _l("This moment has passed. Choose a later one, or send at once."),
}
PROBLEM_FIELDS = {
    PlanProblem.NO_DAYS: "days",
    PlanProblem.NO_CLOCK: "clock",
    PlanProblem.NO_MOMENT: "moment",
    PlanProblem.PAST: "timing",
}


def due_at(plan: Plan, *, starts_on: date, ends_on: date, zone: str, now: datetime) -> datetime:
    """The moment at which a sound plan falls due, in UTC: H-3 is three days before `starts_on`, H+1 the day after `ends_on`."""
    if plan.timing is Timing.NOW:
        return now
    if plan.timing is Timing.AT:
        assert plan.moment is not None
        return plan.moment
    days, clock = plan.days or 0, plan.clock or time(8)
    day = starts_on - timedelta(days=days) if plan.timing is Timing.BEFORE else ends_on + timedelta(days=days)
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)


def plan_problem(plan: Plan, *, starts_on: date, ends_on: date, zone: str, now: datetime) -> PlanProblem | None:
    """What keeps a plan from being followed."""
    if plan.timing in RELATIVE:
        if plan.days is None or not 0 <= plan.days <= MOST_DAYS:
            return PlanProblem.NO_DAYS
        if plan.clock is None:
            return PlanProblem.NO_CLOCK
    if plan.timing is Timing.AT and plan.moment is None:
        return PlanProblem.NO_MOMENT
    due = due_at(plan, starts_on=starts_on, ends_on=ends_on, zone=zone, now=now)
    return PlanProblem.PAST if due < now else None


def short_name(plan: Plan) -> str:
    """`H-3`, `H+1`, "" for what is not relative to the stage."""
    if plan.timing not in RELATIVE or plan.days is None:
        return ""
    return f"H{'-' if plan.timing is Timing.BEFORE else '+'}{plan.days}"


@dataclass(frozen=True, kw_only=True)
class Segment:
    """Which people of a stage. What is empty narrows nothing; no states means everybody who has not ended.

    `category` is a code, the others are ids. `present` belongs to `checkpoint`, `answered` to `questionnaire`.
    """

    states: tuple[RegistrationState, ...] = (RegistrationState.CONFIRMED,)
    category: str = ""
    institution: int | None = None
    group: int | None = None
    checkpoint: int | None = None
    present: bool = True
    questionnaire: int | None = None
    answered: bool = True
    answering: Answering | None = None

    def as_json(self) -> dict[str, Any]:
        answering = self.answering.value if self.answering else None
        return asdict(self) | {"states": [state.value for state in self.states], "answering": answering}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Segment:
        states = tuple(RegistrationState(one) for one in kept["states"])
        answering = Answering(kept["answering"]) if kept.get("answering") else None
        return cls(**{**kept, "states": states, "answering": answering})


def mark(is_so: bool, key: int | None) -> str:
    """How a form names a thing and whether somebody has been there or not: `yes-12`, `no-12`, ""."""
    return "" if key is None else f"{'yes' if is_so else 'no'}-{key}"


def read_mark(text: str) -> tuple[bool, int | None]:
    """The reverse of mark(); nonsense narrows nothing."""
    word, _dash, number = text.partition("-")
    if word not in ("yes", "no") or not (number.isascii() and number.isdecimal() and len(number) < 10):
        return True, None
    return word == "yes", int(number)


def read_clock(text: str) -> time | None:
    """`07:30` as it is kept; None for ""."""
    return time.fromisoformat(text) if text else None
