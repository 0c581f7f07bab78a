"""Arrivals over time, and what stands in the way of settling as present."""

from datetime import UTC, datetime, timedelta

import pytest

from app.checkin.rules import IncidentKind, Reason
from app.checkin.rules_board import (
    HINDRANCE_LABELS,
    INCIDENT_LABELS,
    LONGEST,
    Hindrance,
    hindrance,
    per_five_minutes,
    silence,
)
from app.registration.rules import RegistrationState

MORNING = datetime(2019, 7, 8, 0, 30, tzinfo=UTC)


def minutes(*numbers: float) -> list[datetime]:
    return [MORNING + timedelta(minutes=number) for number in numbers]


def drawn(moments: list[datetime], zone: str = "Asia/Jakarta") -> list[tuple[str, int]]:
    return [(f"{bar.start:%H.%M}", bar.count) for bar in per_five_minutes(moments, zone)]


def test_arrivals_are_counted_by_five_minutes_of_the_zone() -> None:
    assert drawn(minutes(4.99, 0, 5, 17)) == [("07.30", 2), ("07.35", 1), ("07.40", 0), ("07.45", 1)]
    assert drawn(minutes(0), "Asia/Jayapura") == [("09.30", 1)]
    assert drawn([]) == []


def test_a_phone_is_silent_after_five_minutes() -> None:
    heard = [silence(MORNING, moment) for moment in minutes(0, 4.9, 5, 12.8, 59, 60)]
    assert heard == [0, 0, 5, 12, 59, 0]  # by then it has been put away
    assert silence(MORNING, *minutes(125), unsent=2) == 125
    assert silence(None, MORNING) == 0


def test_a_chart_does_not_grow_without_end_and_loses_nobody() -> None:
    bars = per_five_minutes(minutes(0, 1, 60 * 24 * 3), "Asia/Jakarta")
    assert len(bars) == LONGEST // timedelta(minutes=5) + 1
    assert (bars[0].count, bars[-1].count, sum(bar.count for bar in bars)) == (2, 1, 3)


CONFIRMED, CANCELLED = RegistrationState.CONFIRMED, RegistrationState.CANCELLED
PENDING = RegistrationState.PENDING


@pytest.mark.parametrize(
    ("kind", "reason", "state", "has_person", "expected"),
    [
        (IncidentKind.TWO_DOORS, None, None, False, None),
        (IncidentKind.PARKED, Reason.UNKNOWN, None, False, Hindrance.NOBODY),
        (IncidentKind.PARKED, Reason.UNKNOWN, CONFIRMED, False, None),
        (IncidentKind.PARKED, Reason.OTHER_STAGE, None, False, Hindrance.OTHER_STAGE),
        (IncidentKind.LET_IN, Reason.CANCELLED, CANCELLED, False, None),
        (IncidentKind.QUARANTINE, Reason.REVOKED_DEVICE, None, False, Hindrance.NOBODY),
        (IncidentKind.QUARANTINE, Reason.REVOKED_DEVICE, CONFIRMED, False, None),
        (IncidentKind.WALK_IN, Reason.NO_SEAT, None, True, None),
        (IncidentKind.WALK_IN, Reason.NO_SEAT, None, False, Hindrance.NO_PERSON),
        (None, Reason.WRONG_GROUP, CONFIRMED, False, None),
        (None, Reason.CANCELLED, CANCELLED, False, Hindrance.CANCELLED),
        (None, Reason.NOT_CONFIRMED, PENDING, False, Hindrance.NOT_CONFIRMED),
    ],
)
def test_what_cannot_be_settled_as_present(
    kind: IncidentKind | None,
    reason: Reason | None,
    state: RegistrationState | None,
    has_person: bool,
    expected: Hindrance | None,
) -> None:
    assert hindrance(kind, reason=reason, state=state, has_person=has_person) is expected


def test_every_kind_and_hindrance_has_words() -> None:
    assert set(HINDRANCE_LABELS) == set(Hindrance)
    assert set(INCIDENT_LABELS) == set(IncidentKind)
