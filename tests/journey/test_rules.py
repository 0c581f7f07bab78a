"""Where a stage stands in time."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.journey.rules import (
    PHASE_LABELS,
    STEP_COUNT_LABELS,
    STEP_LABELS,
    StagePhase,
    Step,
    drawn_path,
    phase,
    stage_progress,
)

START, END = date(2019, 7, 8), date(2019, 7, 9)
OPENS, CLOSES = datetime(2019, 6, 17, 1, tzinfo=UTC), datetime(2019, 7, 7, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def phase_at(now: datetime, **changes: Any) -> StagePhase:
    known = {
        "starts_on": START,
        "ends_on": END,
        "opens_at": OPENS,
        "closes_at": CLOSES,
        "now": now,
        "today": now.date(),
    }
    return phase(**known | changes)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (OPENS - MINUTE, StagePhase.COMING),
        (OPENS, StagePhase.OPEN),
        (CLOSES - MINUTE, StagePhase.OPEN),
        (CLOSES, StagePhase.COMING),
        (datetime(2019, 7, 8, tzinfo=UTC), StagePhase.RUNNING),
        (datetime(2019, 7, 9, 23, 59, tzinfo=UTC), StagePhase.RUNNING),
        (datetime(2019, 7, 10, tzinfo=UTC), StagePhase.OVER),
    ],
)
def test_phase(now: datetime, expected: StagePhase) -> None:
    assert phase_at(now) is expected


def test_the_day_is_the_hosts_and_not_that_of_utc() -> None:
    """23.30 UTC on the seventh is half past six on the eighth in Tanjungpinang."""
    before_dawn = datetime(2019, 7, 7, 23, 30, tzinfo=UTC)
    assert phase_at(before_dawn, today=date(2019, 7, 8)) is StagePhase.RUNNING


def test_days_outweigh_the_window() -> None:
    """Registration that stays open while the stage runs does not hide that it runs."""
    during = datetime(2019, 7, 8, 3, tzinfo=UTC)
    assert phase_at(during, closes_at=during + timedelta(days=30)) is StagePhase.RUNNING


moments = st.datetimes(datetime(2018, 1, 1), datetime(2021, 1, 1), timezones=st.just(UTC))
days = st.dates(date(2018, 1, 1), date(2021, 1, 1))


@given(start=days, length=st.integers(0, 10), opens=moments, open_for=st.integers(1, 500_000), now=moments)
def test_each_moment_has_one_phase_that_follows_from_day_and_window(
    start: date, length: int, opens: datetime, open_for: int, now: datetime
) -> None:
    end, closes = start + timedelta(days=length), opens + timedelta(minutes=open_for)
    found = phase(starts_on=start, ends_on=end, opens_at=opens, closes_at=closes, now=now, today=now.date())
    assert (found is StagePhase.OVER) == (now.date() > end)
    assert (found is StagePhase.RUNNING) == (start <= now.date() <= end)
    assert (found is StagePhase.OPEN) == (now.date() < start and opens <= now < closes)


@given(
    start=days,
    length=st.integers(0, 10),
    opens=moments,
    open_for=st.integers(1, 500_000),
    moments=st.lists(moments, min_size=2),
)
def test_what_runs_or_is_over_never_goes_back(
    start: date, length: int, opens: datetime, open_for: int, moments: list[datetime]
) -> None:
    end, closes = start + timedelta(days=length), opens + timedelta(minutes=open_for)
    order = {StagePhase.COMING: 0, StagePhase.OPEN: 0, StagePhase.RUNNING: 1, StagePhase.OVER: 2}
    ranks = [
        order[phase(starts_on=start, ends_on=end, opens_at=opens, closes_at=closes, now=now, today=now.date())]
        for now in sorted(moments)
    ]
    assert ranks == sorted(ranks)


def progress(stage_phase: StagePhase, *counts: int) -> list[str]:
    return list(stage_progress(dict(zip(Step, counts, strict=True)), stage_phase).values())


def test_a_step_of_a_stage_is_done_when_it_is_complete() -> None:
    assert progress(StagePhase.COMING, 0, 0, 0, 0, 0) == ["current", "todo", "todo", "todo", "todo"]
    assert progress(StagePhase.OPEN, 9, 4, 0, 0, 0) == ["done", "current", "todo", "todo", "todo"]
    assert progress(StagePhase.OPEN, 0, 4, 0, 0, 0) == ["todo", "current", "todo", "todo", "todo"]
    assert progress(StagePhase.RUNNING, 9, 8, 5, 1, 0) == ["done", "done", "current", "todo", "todo"]
    assert progress(StagePhase.RUNNING, 9, 8, 8, 1, 0) == ["done", "done", "done", "current", "todo"]
    assert progress(StagePhase.OVER, 9, 8, 5, 4, 2) == ["done", "done", "done", "current", "todo"]
    assert progress(StagePhase.OVER, 9, 8, 5, 5, 5) == ["done"] * 5


def test_the_first_step_that_a_person_lacks_comes_next() -> None:
    def states(reached: set[Step], *, stopped: bool = False) -> list[str]:
        return [step["state"] for step in drawn_path(reached, stopped=stopped)]

    assert states({Step.REGISTERED}) == ["done", "current", "todo", "todo"]
    assert states({Step.REGISTERED, Step.ANSWERED}) == ["done", "current", "done", "todo"]
    assert states({Step.REGISTERED}, stopped=True) == ["done", "todo", "todo", "todo"]


def test_everything_that_is_shown_has_a_name() -> None:
    assert set(STEP_LABELS) == set(STEP_COUNT_LABELS) == set(Step)
    assert set(PHASE_LABELS) == set(StagePhase)
