"""Until when an offer is held, and what a person is told of a decision."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.registration.rules import RegistrationSource, RegistrationState
from app.registration.rules_seats import SHORTEST_OFFER, entry_state, offer_deadline, told_state

ZONE = "Asia/Jakarta"
FIRST, LAST = date(2019, 9, 9), date(2019, 9, 10)
BEGINS, ENDS = datetime(2019, 9, 8, 17, tzinfo=UTC), datetime(2019, 9, 10, 17, tzinfo=UTC)
PENDING, CONFIRMED, REJECTED = RegistrationState.PENDING, RegistrationState.CONFIRMED, RegistrationState.REJECTED


def deadline(now: datetime, hours: int = 24) -> datetime:
    return offer_deadline(now, hours=hours, starts_on=FIRST, ends_on=LAST, zone=ZONE)


@pytest.mark.parametrize(
    ("before", "until"),
    [
        (timedelta(days=3), BEGINS - timedelta(days=2)),
        (timedelta(hours=5), BEGINS),
        (SHORTEST_OFFER, BEGINS),
        (timedelta(hours=1), BEGINS + timedelta(hours=23)),
        (timedelta(hours=-30), ENDS),
    ],
)
def test_an_offer_ends_before_the_first_day_unless_that_is_near(before: timedelta, until: datetime) -> None:
    assert deadline(BEGINS - before) == until


@given(st.datetimes(datetime(2019, 8, 1), datetime(2019, 9, 10, 16)), st.integers(1, 336))
def test_an_offer_lasts_at_most_its_hours_and_never_past_the_end(naive: datetime, hours: int) -> None:
    now = naive.replace(tzinfo=UTC)
    assert now < deadline(now, hours) <= min(now + timedelta(hours=hours), ENDS)


def test_only_who_registers_by_himself_waits_for_approval() -> None:
    for source in RegistrationSource:
        state = entry_state(source, seated=True, approval_required=True)
        assert state is (PENDING if source is RegistrationSource.ONLINE else CONFIRMED)
        assert entry_state(source, seated=False, approval_required=True) is RegistrationState.WAITLISTED


@given(st.sampled_from(RegistrationState), st.sampled_from([None, -1, 0, 1]))
def test_a_rejection_is_told_only_when_it_is_final(state: RegistrationState, minutes: int | None) -> None:
    until = None if minutes is None else BEGINS + timedelta(minutes=minutes)
    told = told_state(state, undo_until=until, now=BEGINS)
    assert told is (PENDING if state is REJECTED and minutes == 1 else state)
