"""Rules of the agenda: JP, when a session may be, and which stand in each other's way."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.agenda import rules
from app.agenda.rules import Clash, ClashKind, EndsBeforeStart, OutsideStage, SessionKind, Slot, TooLong

START = datetime(2019, 7, 8, 1, 30, tzinfo=UTC)
LEARNING = (SessionKind.LESSON, SessionKind.DISCUSSION)
ZONE = "Asia/Jakarta"
minutes = st.integers(1, 720)


@given(st.sampled_from(LEARNING), minutes)
def test_jp_counts_full_lessons_of_45_minutes(kind: SessionKind, length: int) -> None:
    worth = rules.jp(kind, START, START + timedelta(minutes=length))

    assert worth * 45 <= length < (worth + 1) * 45


@given(st.sampled_from([kind for kind in SessionKind if kind not in LEARNING]), minutes)
def test_only_lessons_and_discussions_are_worth_jp(kind: SessionKind, length: int) -> None:
    assert rules.jp(kind, START, START + timedelta(minutes=length)) == 0


@given(st.sampled_from(SessionKind), minutes, st.integers(0, 24))
def test_jp_set_by_hand_wins(kind: SessionKind, length: int, override: int) -> None:
    assert rules.jp(kind, START, START + timedelta(minutes=length), override) == override


def check(start: str, end: str, zone: str = ZONE) -> list[type[rules.AgendaError]]:
    return rules.time_problems(
        datetime.fromisoformat(start),
        datetime.fromisoformat(end),
        first_day=date(2019, 7, 8),
        last_day=date(2019, 7, 9),
        zone=zone,
    )


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2019-07-08T00:00+07:00", "2019-07-08T00:45+07:00"),
        ("2019-07-09T20:00+07:00", "2019-07-10T00:00+07:00"),
        ("2019-07-08T08:00+07:00", "2019-07-08T20:00+07:00"),
    ],
)
def test_a_session_may_fill_the_days_of_its_stage(start: str, end: str) -> None:
    assert check(start, end) == []


@pytest.mark.parametrize(
    ("start", "end", "problems"),
    [
        ("2019-07-08T09:00+07:00", "2019-07-08T08:00+07:00", [EndsBeforeStart]),
        ("2019-07-08T09:00+07:00", "2019-07-08T09:00+07:00", [EndsBeforeStart]),
        ("2019-07-07T23:59+07:00", "2019-07-08T01:00+07:00", [OutsideStage]),
        ("2019-07-09T23:00+07:00", "2019-07-10T00:01+07:00", [OutsideStage]),
        ("2018-07-08T09:00+07:00", "2018-07-08T10:00+07:00", [OutsideStage]),
        ("2019-07-08T08:00+07:00", "2019-07-08T20:01+07:00", [TooLong]),
        ("2019-07-10T09:00+07:00", "2019-07-10T08:00+07:00", [EndsBeforeStart, OutsideStage]),
        ("2019-07-09T12:00+07:00", "2019-07-10T08:00+07:00", [TooLong, OutsideStage]),
    ],
)
def test_a_session_that_cannot_be_says_all_that_is_wrong(
    start: str, end: str, problems: list[type[rules.AgendaError]]
) -> None:
    assert check(start, end) == problems
    assert all(problem.sentence for problem in problems)


@pytest.mark.parametrize(
    ("before", "after", "days"),
    [
        ((8, 9), (15, 16), 7),
        ((8, 9), (7, 8), -1),
        ((8, 9), (8, 9), 0),
        ((8, 9), (8, 10), 0),
        ((8, 9), (9, 9), 0),
        ((8, 9), (15, 17), 0),
    ],
)
def test_a_stage_moves_as_a_whole_or_not_at_all(before: tuple[int, int], after: tuple[int, int], days: int) -> None:
    def july(pair: tuple[int, int]) -> tuple[date, date]:
        return date(2019, 7, pair[0]), date(2019, 7, pair[1])

    assert rules.days_moved(july(before), july(after)) == days


def test_the_days_are_those_of_the_hosts_zone() -> None:
    assert check("2019-07-08T00:30+09:00", "2019-07-08T01:30+09:00", "Asia/Jayapura") == []
    assert check("2019-07-08T00:30+09:00", "2019-07-08T01:30+09:00", ZONE) == [OutsideStage]


slots = st.builds(
    lambda key, start, length, room, groups: Slot(
        session_id=key,
        starts_at=START + timedelta(minutes=start),
        ends_at=START + timedelta(minutes=start + length),
        room=room,
        group_ids=groups,
    ),
    st.integers(1, 10_000),
    st.integers(0, 300),
    st.integers(1, 120),
    st.sampled_from(["", "Aula", "aula", "Ruang 2"]),
    st.frozensets(st.integers(1, 3), max_size=2),
)


@given(st.lists(slots, max_size=8, unique_by=lambda slot: slot.session_id))
def test_clashes_are_exactly_the_overlapping_pairs_that_share_something(given_slots: list[Slot]) -> None:
    found = {(clash.kind, frozenset((clash.first_id, clash.second_id))) for clash in rules.clashes(given_slots)}

    for one in given_slots:
        for other in given_slots:
            if one.session_id >= other.session_id:
                continue
            pair = frozenset((one.session_id, other.session_id))
            together = one.starts_at < other.ends_at and other.starts_at < one.ends_at
            same_room = bool(one.room) and one.room.lower() == other.room.lower()
            same_people = not one.group_ids or not other.group_ids or bool(one.group_ids & other.group_ids)
            assert ((ClashKind.ROOM, pair) in found) == (together and same_room)
            assert ((ClashKind.AUDIENCE, pair) in found) == (together and same_people)


def test_a_session_that_begins_when_another_ends_is_no_clash() -> None:
    hour = timedelta(hours=1)
    first = Slot(session_id=1, starts_at=START, ends_at=START + hour, room="Aula")
    second = Slot(session_id=2, starts_at=START + hour, ends_at=START + 2 * hour, room="Aula")
    within = Slot(session_id=3, starts_at=START, ends_at=START + hour / 2, room="Aula", group_ids=frozenset({1}))

    assert rules.clashes([first, second]) == []
    assert rules.clashes([first, within]) == [Clash(ClashKind.ROOM, 3, 1), Clash(ClashKind.AUDIENCE, 3, 1)]


@given(st.frozensets(st.integers(1, 4)), st.frozensets(st.integers(1, 4)))
def test_everyone_is_expected_where_no_group_is_named(audience: frozenset[int], person: frozenset[int]) -> None:
    assert rules.expects(frozenset(), person)
    assert rules.expects(audience, person) == (not audience or not audience.isdisjoint(person))
