"""What a programme and a stage may be."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from datetime import date, datetime

from flask_babel import lazy_gettext as _l

SLUG_LENGTH = 60
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_STAGE_DAYS = 60
TURN = "stage"
"""The turn (extensions.wait_turn) of a stage: it comes before the stage's row and whatever belongs to it."""


class ProgrammeRefusal(enum.Enum):
    """Why a programme, a stage or a group cannot be as typed."""

    BAD_SLUG = "bad_slug"
    SLUG_TAKEN = "slug_taken"
    NUMBER_TAKEN = "number_taken"
    ENDS_BEFORE_START = "ends_before_start"
    TOO_LONG = "too_long"
    CLOSES_BEFORE_OPENING = "closes_before_opening"
    CLOSES_AFTER_END = "closes_after_end"
    CAPACITY_NOT_POSITIVE = "capacity_not_positive"
    CAPACITY_BELOW_SEATS = "capacity_below_seats"
    PERCENT_OUT_OF_RANGE = "percent_out_of_range"
    TOLERANCE_OUT_OF_RANGE = "tolerance_out_of_range"
    PREREQUISITE_ELSEWHERE = "prerequisite_elsewhere"
    PREREQUISITE_CIRCLE = "prerequisite_circle"
    GROUP_NAME_TAKEN = "group_name_taken"
    GROUP_IN_USE = "group_in_use"
    NO_NAME = "no_name"


PROGRAMME_REFUSALS = {
    ProgrammeRefusal.BAD_SLUG: _l(
        "An address consists of small letters, digits and single dashes, at most 60 characters."
    ),
    ProgrammeRefusal.SLUG_TAKEN: _l("This address is already in use; choose another."),
    ProgrammeRefusal.NUMBER_TAKEN: _l("The programme already has a stage of this number."),
    ProgrammeRefusal.ENDS_BEFORE_START: _l("The last day lies before the first; change one of them."),
    ProgrammeRefusal.TOO_LONG: _l("A stage lasts at most 60 days; check the dates."),
    ProgrammeRefusal.CLOSES_BEFORE_OPENING: _l("Registration closes before it opens; change one of the times."),
    ProgrammeRefusal.CLOSES_AFTER_END: _l("Registration must close before the last day of the stage is over."),
    ProgrammeRefusal.CAPACITY_NOT_POSITIVE: _l("The number of seats must be at least 1; leave it empty for no limit."),
    ProgrammeRefusal.CAPACITY_BELOW_SEATS: _l("More seats are taken already; the number cannot be lower than that."),
    ProgrammeRefusal.PERCENT_OUT_OF_RANGE: _l(
        "The share lies between 1 and 100 per cent; leave it empty for no such condition."
    ),
    ProgrammeRefusal.TOLERANCE_OUT_OF_RANGE: _l("The tolerance lies between 0 and 1,440 minutes."),
    ProgrammeRefusal.PREREQUISITE_ELSEWHERE: _l(
        "The stage that comes before must be another stage of the same programme."
    ),
    ProgrammeRefusal.PREREQUISITE_CIRCLE: _l("These two stages would wait for each other; choose another one."),
    ProgrammeRefusal.GROUP_NAME_TAKEN: _l("The programme already has a group of this name."),
    ProgrammeRefusal.GROUP_IN_USE: _l(
        "The group is in use by people or sessions and cannot be removed; rename it instead."
    ),
    ProgrammeRefusal.NO_NAME: _l("Type the name."),
}
# The field of StageForm that each concerns.
REFUSED_FIELDS = {
    ProgrammeRefusal.BAD_SLUG: "slug",
    ProgrammeRefusal.SLUG_TAKEN: "slug",
    ProgrammeRefusal.NUMBER_TAKEN: "number",
    ProgrammeRefusal.ENDS_BEFORE_START: "ends_on",
    ProgrammeRefusal.TOO_LONG: "ends_on",
    ProgrammeRefusal.CLOSES_BEFORE_OPENING: "registration_closes_at",
    ProgrammeRefusal.CLOSES_AFTER_END: "registration_closes_at",
    ProgrammeRefusal.CAPACITY_NOT_POSITIVE: "capacity",
    ProgrammeRefusal.CAPACITY_BELOW_SEATS: "capacity",
    ProgrammeRefusal.PERCENT_OUT_OF_RANGE: "min_jp_percent",
    ProgrammeRefusal.TOLERANCE_OUT_OF_RANGE: "late_tolerance_minutes",
    ProgrammeRefusal.PREREQUISITE_ELSEWHERE: "prerequisite",
    ProgrammeRefusal.PREREQUISITE_CIRCLE: "prerequisite",
    ProgrammeRefusal.GROUP_NAME_TAKEN: "name",
    ProgrammeRefusal.NO_NAME: "name",
}


class ProgrammeRefused(ValueError):
    """`reason` says why, `sentence` says it to a person, `field` names what it concerns ("" for none)."""

    def __init__(self, reason: ProgrammeRefusal) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.sentence = PROGRAMME_REFUSALS[reason]
        self.field = REFUSED_FIELDS.get(reason, "")


def slug_is_sound(slug: str) -> bool:
    return len(slug) <= SLUG_LENGTH and bool(SLUG.fullmatch(slug))


def stage_problem(
    *,
    starts_on: date,
    ends_on: date,
    registration_opens_at: datetime,
    registration_closes_at: datetime,
    ends_at: datetime,
    capacity: int | None,
    seats_taken: int,
    late_tolerance_minutes: int,
    min_jp_percent: int | None,
) -> ProgrammeRefusal | None:
    """The first thing wrong with a stage, or None. `ends_at`: midnight after the last day in the host's zone."""
    if ends_on < starts_on:
        return ProgrammeRefusal.ENDS_BEFORE_START
    if (ends_on - starts_on).days >= LONGEST_STAGE_DAYS:
        return ProgrammeRefusal.TOO_LONG
    if registration_closes_at <= registration_opens_at:
        return ProgrammeRefusal.CLOSES_BEFORE_OPENING
    if registration_closes_at > ends_at:
        return ProgrammeRefusal.CLOSES_AFTER_END
    if capacity is not None and capacity < 1:
        return ProgrammeRefusal.CAPACITY_NOT_POSITIVE
    if capacity is not None and capacity < seats_taken:
        return ProgrammeRefusal.CAPACITY_BELOW_SEATS
    if min_jp_percent is not None and not 1 <= min_jp_percent <= 100:
        return ProgrammeRefusal.PERCENT_OUT_OF_RANGE
    if not 0 <= late_tolerance_minutes <= 1440:
        return ProgrammeRefusal.TOLERANCE_OUT_OF_RANGE
    return None


def prerequisite_problem(
    stage_id: int | None, prerequisite_id: int | None, prerequisites: Mapping[int, int | None]
) -> ProgrammeRefusal | None:
    """Whether a stage may follow another. `prerequisites`: what each stage of the programme waits for, by id."""
    if prerequisite_id is None:
        return None
    if prerequisite_id == stage_id or prerequisite_id not in prerequisites:
        return ProgrammeRefusal.PREREQUISITE_ELSEWHERE
    step: int | None = prerequisite_id
    for _ in range(len(prerequisites) + 1):
        if step is None:
            return None
        if step == stage_id:
            return ProgrammeRefusal.PREREQUISITE_CIRCLE
        step = prerequisites.get(step)
    return ProgrammeRefusal.PREREQUISITE_CIRCLE
