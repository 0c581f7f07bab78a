"""Periods of attendance: which one a scan belongs to, what it changes there, and that the order of arrival does not matter."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.checkin.rules import Decision, Holder, IncidentKind, Place, Reason, Verdict
from app.checkin.rules_history import (
    Effect,
    LetIn,
    Period,
    corrected,
    effect,
    incident_of,
    period_of,
    two_doors,
    verdict,
    was_let_in,
)
from app.registration.rules import RegistrationState

OPENS = datetime(2019, 7, 8, 0, tzinfo=UTC)
PLACE = Place(stage_id=1, opens_at=OPENS, closes_at=OPENS + timedelta(hours=12))
EXPECTED = Holder(stage_id=1, state=RegistrationState.CONFIRMED)
CANCELLED = Holder(stage_id=1, state=RegistrationState.CANCELLED)
ELSEWHERE = Holder(stage_id=2, state=RegistrationState.CANCELLED)


def at(minute: int) -> datetime:
    return OPENS + timedelta(minutes=minute)


ENDED_10 = Period(at=at(5), scan_id="a", ended_at=at(10), id=1)
ENDED_20 = Period(at=at(15), scan_id="b", ended_at=at(20), id=2)
IN_FORCE = Period(at=at(25), scan_id="m", id=3)
BY_HAND = Period(at=at(25), id=4)


@pytest.mark.parametrize(
    ("occurred", "sent", "received", "expected"),
    [
        (5, None, 10, 5),  # a device that does not tell its clock is believed
        (5, 10, 10, 5),  # a clock that is right
        (5, 8, 10, 7),  # two minutes slow
        (5 + 2880, 10 + 2880, 10, 5),  # 48 hours ahead
        (5 - 2880, 10 - 2880, 10, 5),  # 48 hours behind
        (30, None, 10, 10),  # nothing happens in the future
        (12, 10, 10, 10),
    ],
)
def test_the_corrected_time(occurred: int, sent: int | None, received: int, expected: int) -> None:
    sent_at = None if sent is None else at(sent)
    assert corrected(at(occurred), sent_at=sent_at, received_at=at(received)) == at(expected)


@pytest.mark.parametrize(
    ("minute", "periods", "expected"),
    [
        (1, [], None),
        (1, [IN_FORCE], IN_FORCE),
        (30, [IN_FORCE], IN_FORCE),
        (1, [ENDED_10, ENDED_20, IN_FORCE], ENDED_10),
        (10, [ENDED_10, ENDED_20, IN_FORCE], ENDED_10),  # the moment of the annulment still belongs to it
        (11, [ENDED_10, ENDED_20, IN_FORCE], ENDED_20),
        (21, [ENDED_10, ENDED_20, IN_FORCE], IN_FORCE),
        (21, [ENDED_10, ENDED_20], None),
        (11, [ENDED_10], None),
    ],
)
def test_a_moment_belongs_to_the_first_period_that_ended_later(
    minute: int, periods: list[Period], expected: Period | None
) -> None:
    for order in permutations(periods):
        assert period_of(order, at(minute)) == expected


@pytest.mark.parametrize(
    ("minute", "scan_id", "periods", "expected", "met"),
    [
        (5, "x", [], Effect.STARTS, None),
        (30, "x", [IN_FORCE], Effect.FOLLOWS, IN_FORCE),
        (24, "x", [IN_FORCE], Effect.MOVES, IN_FORCE),
        (25, "x", [IN_FORCE], Effect.FOLLOWS, IN_FORCE),  # of the same instant the lesser id goes first
        (25, "k", [IN_FORCE], Effect.MOVES, IN_FORCE),
        (25, "m", [IN_FORCE], Effect.FOLLOWS, IN_FORCE),  # itself
        (25, "0", [BY_HAND], Effect.FOLLOWS, BY_HAND),
        (24, "0", [BY_HAND], Effect.MOVES, BY_HAND),
        (7, "x", [ENDED_10], Effect.LATE, ENDED_10),
        (3, "x", [ENDED_10, IN_FORCE], Effect.LATE, ENDED_10),  # what was annulled stays as it was
        (12, "x", [ENDED_10], Effect.STARTS, None),
        (12, "x", [ENDED_10, IN_FORCE], Effect.MOVES, IN_FORCE),
    ],
)
def test_what_a_scan_changes(
    minute: int, scan_id: str, periods: list[Period], expected: Effect, met: Period | None
) -> None:
    assert effect(periods, at=at(minute), scan_id=scan_id) == (expected, met)


@pytest.mark.parametrize(
    ("minute", "periods", "expected", "met"),
    [
        (5, [], Effect.STARTS, None),
        (24, [IN_FORCE], Effect.FOLLOWS, IN_FORCE),
        (30, [IN_FORCE], Effect.FOLLOWS, IN_FORCE),
        (24, [BY_HAND], Effect.FOLLOWS, BY_HAND),
        (7, [ENDED_10], Effect.LATE, ENDED_10),
        (12, [ENDED_10, IN_FORCE], Effect.FOLLOWS, IN_FORCE),
    ],
)
def test_a_row_of_a_sheet_never_takes_the_place_of_an_attendance(
    minute: int, periods: list[Period], expected: Effect, met: Period | None
) -> None:
    assert effect(periods, at=at(minute), scan_id="a", on_paper=True) == (expected, met)


ADMITTED, REPEAT = Verdict(Decision.ADMITTED), Verdict(Decision.REPEAT)
IN, PARKED = Decision.ADMITTED, Decision.PARKED


@pytest.mark.parametrize(
    ("holder", "offline", "changes", "expected", "incident"),
    [
        (EXPECTED, None, Effect.STARTS, ADMITTED, None),
        (EXPECTED, None, Effect.MOVES, ADMITTED, None),
        (EXPECTED, None, Effect.FOLLOWS, REPEAT, None),
        (EXPECTED, None, Effect.LATE, REPEAT, None),
        (EXPECTED, IN, Effect.STARTS, ADMITTED, None),
        (EXPECTED, PARKED, Effect.STARTS, ADMITTED, None),  # known here, though the phone did not know him yet
        (EXPECTED, Decision.REPEAT, Effect.FOLLOWS, REPEAT, None),
        (None, None, Effect.STARTS, Verdict(Decision.REFUSED, Reason.UNKNOWN), None),
        (None, Decision.REFUSED, Effect.STARTS, Verdict(Decision.REFUSED, Reason.UNKNOWN), None),
        (None, PARKED, Effect.STARTS, Verdict(PARKED, Reason.UNKNOWN), IncidentKind.PARKED),
        (None, IN, Effect.STARTS, Verdict(PARKED, Reason.UNKNOWN), IncidentKind.PARKED),
        (ELSEWHERE, PARKED, Effect.STARTS, Verdict(PARKED, Reason.OTHER_STAGE), IncidentKind.PARKED),
        (ELSEWHERE, None, Effect.STARTS, Verdict(Decision.REFUSED, Reason.CANCELLED), None),
        (CANCELLED, IN, Effect.STARTS, Verdict(Decision.REFUSED, Reason.CANCELLED), IncidentKind.LET_IN),
        (CANCELLED, Decision.REFUSED, Effect.STARTS, Verdict(Decision.REFUSED, Reason.CANCELLED), None),
    ],
)
def test_decision_and_incident(
    holder: Holder | None, offline: Decision | None, changes: Effect, expected: Verdict, incident: IncidentKind | None
) -> None:
    found = verdict(PLACE, holder, at=at(60), offline=offline, changes=changes)
    assert (found, incident_of(found, offline)) == (expected, incident)


def test_what_a_phone_let_in_outside_the_window_is_an_incident() -> None:
    late = verdict(PLACE, EXPECTED, at=PLACE.closes_at, offline=IN)
    assert late == Verdict(Decision.REFUSED, Reason.TOO_LATE)
    assert incident_of(late, IN) is IncidentKind.LET_IN


def test_a_revoked_device_makes_one_of_whomever_it_may_have_let_in() -> None:
    parked = Verdict(PARKED, Reason.REVOKED_DEVICE)
    assert {offline for offline in (None, *Decision) if incident_of(parked, offline)} == {None, IN, PARKED}
    assert incident_of(parked, IN) is IncidentKind.QUARANTINE
    assert incident_of(Verdict(PARKED, Reason.NO_SEAT), PARKED) is None


def test_who_was_let_in() -> None:
    assert [was_let_in(Decision.REPEAT, offline) for offline in (None, IN, PARKED, Decision.REPEAT)] == [
        False,
        True,
        True,
        False,
    ]
    assert was_let_in(Decision.ADMITTED, None)
    assert not was_let_in(Decision.ADMITTED, Decision.REFUSED)  # the phone had turned him away


def test_of_two_doors_the_one_that_counts_is_named_and_a_correction_is_no_door() -> None:
    periods = [ENDED_10, IN_FORCE]
    scans = [LetIn(scan_id="a", at=at(5)), LetIn(scan_id="c", at=at(7)), LetIn(scan_id="d", at=at(30))]
    assert two_doors(periods, scans) == {"c": "a", "d": "m"}
    assert two_doors([BY_HAND], scans) == {}


def test_a_sheet_is_no_door() -> None:
    scans = [LetIn(scan_id="c", at=at(7)), LetIn(scan_id="d", at=at(30))]
    assert two_doors([ENDED_10, IN_FORCE], scans, on_paper={"c"}) == {"d": "m"}
    assert two_doors([ENDED_10, IN_FORCE], scans, on_paper={"m"}) == {"c": "a"}
    assert two_doors([ENDED_10, IN_FORCE], scans, on_paper={"a", "c", "d"}) == {}


def arrive(scans: list[LetIn], periods: list[Period]) -> list[Period]:
    """The periods after these scans, taken one by one."""
    for scan in scans:
        changes, met = effect(periods, at=scan.at, scan_id=scan.scan_id)
        if changes in (Effect.STARTS, Effect.MOVES):
            periods = [one for one in periods if one is not met] + [Period(at=scan.at, scan_id=scan.scan_id, id=9)]
    return periods


minutes = st.integers(0, 12)
ended = st.lists(minutes, unique=True, max_size=3).map(
    lambda ends: [Period(at=at(0), ended_at=at(end), id=number) for number, end in enumerate(ends)]
)


@given(data=st.data(), periods=ended, when=st.lists(minutes, max_size=6))
def test_the_order_of_arrival_does_not_matter(data: st.DataObject, periods: list[Period], when: list[int]) -> None:
    scans = [LetIn(scan_id=f"s{number}", at=at(minute)) for number, minute in enumerate(when)]
    other = data.draw(st.permutations(scans))
    one, two = arrive(scans, periods), arrive(other, periods)
    assert set(one) == set(two)
    assert two_doors(one, scans) == two_doors(two, other)
    open_ones = [period for period in one if period.ended_at is None]
    last = max((period.ended_at for period in periods if period.ended_at), default=None)
    expected = [(scan.at, scan.scan_id) for scan in scans if last is None or scan.at > last]
    assert [(period.at, period.scan_id) for period in open_ones] == ([min(expected)] if expected else [])
