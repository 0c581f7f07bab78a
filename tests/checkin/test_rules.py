"""The one rule of a scan against its table of cases, and the counting of JP."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.agenda.rules import expects
from app.checkin import rules
from app.checkin.rules import REASON_LABELS, CountedSession, Decision, Holder, JpTally, Place, Reason, Verdict
from app.registration.rules import RegistrationState

CASES = json.loads((Path(__file__).parent / "cases.json").read_text(encoding="utf-8"))
OPENS = datetime(2019, 7, 8, 6, tzinfo=UTC)
CLOSES = datetime(2019, 7, 8, 18, tzinfo=UTC)


def place_of(raw: dict[str, Any]) -> Place:
    return Place(
        stage_id=raw["stage"],
        opens_at=datetime.fromisoformat(raw["opens_at"]),
        closes_at=datetime.fromisoformat(raw["closes_at"]),
        expected_groups=frozenset(raw["expected_groups"]),
    )


def holder_of(raw: dict[str, Any] | None) -> Holder | None:
    if raw is None:
        return None
    return Holder(stage_id=raw["stage"], state=RegistrationState(raw["state"]), groups=frozenset(raw["groups"]))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_table_of_cases(case: dict[str, Any]) -> None:
    at = datetime.fromisoformat(case["at"])
    verdict = rules.decide(place_of(case["place"]), holder_of(case["holder"]), at=at, attended=case["attended"])
    assert (verdict.decision.value, verdict.reason and verdict.reason.value) == (case["decision"], case["reason"])


def test_the_table_has_every_answer_that_a_server_decides() -> None:
    never = {Reason.MALFORMED, Reason.REVOKED_DEVICE, Reason.NO_SEAT}
    assert {case["reason"] for case in CASES if case["reason"]} == {reason.value for reason in set(Reason) - never}
    assert {case["decision"] for case in CASES} == {"admitted", "repeat", "refused"}


def test_every_reason_has_a_sentence() -> None:
    assert set(REASON_LABELS) == set(Reason)


groups = st.frozensets(st.integers(1, 4), max_size=3)
moments = st.datetimes(datetime(2019, 7, 7), datetime(2019, 7, 10), timezones=st.just(UTC))
holders = st.builds(Holder, stage_id=st.integers(1, 2), state=st.sampled_from(RegistrationState), groups=groups)
places = st.builds(
    Place,
    stage_id=st.just(1),
    opens_at=st.just(OPENS),
    closes_at=st.just(CLOSES),
    expected_groups=groups,
)


@given(place=places, holder=st.none() | holders, at=moments, attended=st.booleans())
def test_only_who_may_enter_enters(place: Place, holder: Holder | None, at: datetime, attended: bool) -> None:
    verdict = rules.decide(place, holder, at=at, attended=attended)
    may_enter = (
        holder is not None
        and holder.stage_id == place.stage_id
        and holder.state is RegistrationState.CONFIRMED
        and place.opens_at <= at < place.closes_at
        and (not place.expected_groups or bool(holder.groups & place.expected_groups))
    )
    expected = Decision.REPEAT if attended else Decision.ADMITTED
    assert verdict.decision is (expected if may_enter else Decision.REFUSED)
    assert (verdict.reason is None) == may_enter


@given(place=places, holder=st.none() | holders, at=moments)
def test_an_attendance_changes_nothing_but_admitted_into_repeat(
    place: Place, holder: Holder | None, at: datetime
) -> None:
    before = rules.decide(place, holder, at=at, attended=False)
    after = rules.decide(place, holder, at=at, attended=True)
    assert after == (Verdict(Decision.REPEAT) if before.decision is Decision.ADMITTED else before)


@given(st.lists(groups, max_size=5), groups)
def test_expected_at_a_session_means_expected_at_its_checkpoint(
    audiences: list[frozenset[int]], own: frozenset[int]
) -> None:
    expected = expects(rules.expected_groups(audiences), own)
    assert expected == (not audiences or any(expects(audience, own) for audience in audiences))


def session(
    hour: int, jp: int = 2, audience: frozenset[int] = frozenset(), points: tuple[int, ...] = (1,)
) -> CountedSession:
    starts = datetime(2019, 7, 8, hour, tzinfo=UTC)
    return CountedSession(jp=jp, starts_at=starts, audience=audience, checkpoint_ids=frozenset(points))


def count(*sessions: CountedSession, own: frozenset[int] = frozenset(), **admitted: datetime) -> JpTally:
    admissions = {int(point[1:]): at for point, at in admitted.items()}
    return rules.tally(sessions, groups=own, admissions=admissions, tolerance=timedelta(minutes=30))


def test_jp_count_until_the_tolerance_is_over() -> None:
    late = datetime(2019, 7, 8, 8, 30, tzinfo=UTC)
    assert count(session(8), session(10), p1=late) == JpTally(4, 4)
    assert count(session(8), session(10), p1=late + timedelta(seconds=1)) == JpTally(2, 4)


def test_jp_are_owed_only_to_who_is_expected() -> None:
    early = datetime(2019, 7, 8, 7, tzinfo=UTC)
    only_five = session(10, audience=frozenset({5}))
    assert count(session(8), only_five, own=frozenset({6}), p1=early) == JpTally(2, 2)
    assert count(session(8), only_five, own=frozenset({5, 6}), p1=early) == JpTally(4, 4)


def test_jp_need_a_checkpoint_that_covers_the_session() -> None:
    early = datetime(2019, 7, 8, 7, tzinfo=UTC)
    assert count(session(8, points=(1,)), session(10, points=(2, 3)), p3=early) == JpTally(2, 4)
    assert count(session(8)) == JpTally(0, 2)


@given(st.lists(st.builds(session, st.integers(1, 20), st.integers(0, 9), groups, st.just((1,)))), groups, moments)
def test_never_more_jp_than_expected(sessions: list[CountedSession], own: frozenset[int], at: datetime) -> None:
    found = count(*sessions, own=own, p1=at)
    assert 0 <= found.attended <= found.expected <= sum(one.jp for one in sessions)


@pytest.mark.parametrize(("zone", "utc_hour"), [("Asia/Jakarta", 5), ("Asia/Makassar", 4), ("Asia/Jayapura", 3)])
def test_a_device_may_scan_until_noon_after_the_stage(zone: str, utc_hour: int) -> None:
    assert rules.device_expires_at(date(2019, 7, 9), zone) == datetime(2019, 7, 10, utc_hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Hari 1 – Rabu, 25 November 2026", "Hari 1 · Rab 25 Nov"),
        ("Rabu, 25 November 2026", "Rab 25 Nov"),
        ("Pintu Utama, Kamis, 26 November 2026", "Pintu Utama, Kamis, 26 November 2026"),
        ("Pintu Utama", "Pintu Utama"),
    ],
)
def test_a_narrow_screen_gets_the_day_of_a_checkpoint_in_short(name: str, short: str) -> None:
    assert rules.short_name(name, date(2026, 11, 25)) == short
