"""Who may register when, and who is the same person."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.registration.rules import (
    BY_STAFF,
    ENDED,
    HOLDS_SEAT,
    REASON_LABELS,
    CategoryTerms,
    Outcome,
    PersonDetails,
    PersonKey,
    Reason,
    RegistrationSource,
    RegistrationState,
    Window,
    changed_fields,
    may_register_now,
    number_scope,
    outcome_of,
    person_key,
    same_person,
    sees_full,
    types_of,
    window_reason,
)
from app.registration.rules_days import course_days, when_lines
from app.shared.identity import IdentityType

OPENS = datetime(2019, 7, 1, 1, tzinfo=UTC)
CLOSES = datetime(2019, 7, 7, 9, tzinfo=UTC)
WINDOW = Window(opens_at=OPENS, closes_at=CLOSES, ends_on=date(2019, 7, 9), zone="Asia/Jakarta")
ONLINE = RegistrationSource.ONLINE

keys = st.builds(
    PersonKey,
    kind=st.sampled_from(IdentityType),
    number=st.none() | st.sampled_from(["1001", "1002"]),
    scope=st.sampled_from(["", "bankriaukepri"]),
    name=st.sampled_from(["sitiaminah", "rajaismail"]),
    email=st.none() | st.sampled_from(["a@x.go.id", "kantor@x.go.id"]),
    phone=st.none() | st.sampled_from(["+628121", "+628122"]),
)
people = st.builds(
    PersonDetails,
    name=st.text(min_size=1, max_size=20),
    category_code=st.sampled_from(["OPD", "PERBANKAN"]),
    identity_type=st.sampled_from(IdentityType),
    identity_number=st.none() | st.text("0123456789", min_size=1, max_size=18),
    institution_name=st.sampled_from(["", "Bank Riau Kepri"]),
    email=st.none() | st.emails(),
    phone=st.none() | st.just("+628123456789"),
)


@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        (OPENS - timedelta(microseconds=1), Reason.NOT_OPEN_YET),
        (OPENS, None),
        (CLOSES - timedelta(microseconds=1), None),
        (CLOSES, Reason.CLOSED),
        (datetime(2019, 7, 9, 16, 59, tzinfo=UTC), Reason.CLOSED),
        (datetime(2019, 7, 9, 17, 0, tzinfo=UTC), Reason.OVER),  # midnight in Tanjungpinang
    ],
)
def test_the_window_opens_and_closes_to_the_moment(moment: datetime, reason: Reason | None) -> None:
    assert window_reason(WINDOW, moment) is reason


def test_nobody_registers_for_a_stage_that_is_over_though_its_window_was_left_open() -> None:
    forgotten = replace(WINDOW, closes_at=CLOSES + timedelta(days=90))
    assert window_reason(forgotten, CLOSES + timedelta(days=30)) is Reason.OVER


@given(
    st.datetimes(datetime(2019, 6, 1), datetime(2019, 8, 1), timezones=st.just(UTC)),
    st.sampled_from(RegistrationSource),
)
def test_the_prerequisite_binds_everybody_and_the_window_all_but_staff(
    moment: datetime, source: RegistrationSource
) -> None:
    reason = may_register_now(WINDOW, moment, source=source, prerequisite_held=False)
    expected = None if source in BY_STAFF else window_reason(WINDOW, moment)
    assert reason is (expected or Reason.PREREQUISITE)
    assert may_register_now(WINDOW, moment, source=source) is expected


@given(keys, keys)
def test_sameness_is_mutual(one: PersonKey, other: PersonKey) -> None:
    assert same_person(one, other) == same_person(other, one)


@given(keys)
def test_everybody_with_a_number_or_an_address_is_the_same_as_himself(key: PersonKey) -> None:
    assert same_person(key, key) == bool(key.number or key.email or key.phone)


@given(keys, keys)
def test_an_address_alone_makes_nobody_the_same(one: PersonKey, other: PersonKey) -> None:
    if one.name != other.name and (one.number, one.scope) != (other.number, other.scope):
        assert not same_person(one, other)


@given(keys, keys)
def test_the_same_number_of_the_same_giver_is_the_same_person(one: PersonKey, other: PersonKey) -> None:
    if one.number is not None:
        assert same_person(one, replace(other, number=one.number, scope=one.scope))


def test_two_numbers_of_one_kind_are_two_people() -> None:
    one = PersonKey(IdentityType.NIP, "1", "", "sitiaminah", "a@x.go.id", "+62811")
    assert not same_person(one, replace(one, number="2"))
    assert same_person(one, replace(one, number="2", kind=IdentityType.NIDN))
    assert same_person(one, replace(one, number=None, kind=IdentityType.NONE))


def test_banks_count_their_people_apart() -> None:
    teller = PersonDetails(
        name="Budi",
        category_code="PERBANKAN",
        identity_type=IdentityType.COMPANY,
        identity_number="1001",
        institution_name="Bank A",
        email="budi@a.co.id",
    )
    namesake = replace(teller, name="Dewi", institution_name="Bank B", email="dewi@b.co.id")
    assert not same_person(person_key(teller), person_key(namesake))
    assert same_person(person_key(teller), person_key(replace(namesake, institution_name="BANK  A")))
    assert number_scope(IdentityType.NIP, "Dinas Kominfo") == ""


@given(people)
def test_letter_case_of_an_address_does_not_make_another_person(person: PersonDetails) -> None:
    if person.email:
        assert same_person(
            person_key(person), person_key(replace(person, email=person.email.upper(), identity_number=None))
        )


@given(people, people)
def test_only_what_differs_is_a_change(before: PersonDetails, after: PersonDetails) -> None:
    changed = changed_fields(before, after)
    assert replace(before, **{name: getattr(after, name) for name in changed}) == after
    assert changed_fields(before, before) == []


@given(st.none() | st.integers(1, 50), st.integers(0, 50))
def test_a_stage_without_a_capacity_is_never_full(capacity: int | None, taken: int) -> None:
    assert sees_full(capacity=capacity, seats_taken=taken) == (capacity is not None and taken >= capacity)


def test_a_category_offers_going_without_a_number_only_where_none_is_required() -> None:
    numbered = CategoryTerms(types_of(["NIP", "unheard of"]), identity_required=True, institution_required=True)
    free = CategoryTerms(types_of(["NONE", "NIM"]), identity_required=False, institution_required=False)
    assert numbered.accepted_types == (IdentityType.NIP,)
    assert free.accepted_types == (IdentityType.NONE, IdentityType.NIM)
    lax = CategoryTerms((IdentityType.COMPANY,), identity_required=False, institution_required=True)
    assert lax.accepted_types == (IdentityType.COMPANY, IdentityType.NONE)


def test_states_and_reasons_are_complete() -> None:
    assert set(REASON_LABELS) == set(Reason)
    assert not HOLDS_SEAT & ENDED and RegistrationState.WAITLISTED not in HOLDS_SEAT | ENDED
    assert outcome_of(RegistrationState.WAITLISTED) is Outcome.WAITLISTED
    assert outcome_of(RegistrationState.CONFIRMED) is Outcome.CONFIRMED


MONDAY, TUESDAY, WEDNESDAY = (date(2019, 7, day) for day in (8, 9, 10))


def span(day: date, hour: int, minute: int, hours: int = 2) -> tuple[datetime, datetime]:
    """A session that begins on the clock of Jakarta."""
    begins = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=7)
    return begins, begins + timedelta(hours=hours)


def when(last: date, *spans: tuple[datetime, datetime], locale: str = "id") -> list[str]:
    return when_lines(course_days(MONDAY, last, spans, "Asia/Jakarta"), "Asia/Jakarta", locale)


@pytest.mark.parametrize(
    ("last", "spans", "lines"),
    [
        (MONDAY, [], ["Senin, 8 Juli 2019"]),
        (TUESDAY, [], ["8 s.d. 9 Juli 2019"]),
        (MONDAY, [span(MONDAY, 9, 0), span(MONDAY, 7, 30)], ["Senin, 8 Juli 2019, mulai pukul 07.30 WIB"]),
        (TUESDAY, [span(MONDAY, 7, 30), span(TUESDAY, 7, 30)], ["8 s.d. 9 Juli 2019, mulai pukul 07.30 WIB"]),
        (
            TUESDAY,
            [span(MONDAY, 7, 30), span(TUESDAY, 8, 0)],
            ["Senin, 8 Juli 2019, mulai pukul 07.30 WIB", "Selasa, 9 Juli 2019, mulai pukul 08.00 WIB"],
        ),
        (TUESDAY, [span(MONDAY, 7, 30)], ["Senin, 8 Juli 2019, mulai pukul 07.30 WIB", "Selasa, 9 Juli 2019"]),
        (MONDAY, [span(TUESDAY, 7, 30)], ["Senin, 8 Juli 2019"]),
        (MONDAY, [span(MONDAY, 6, 0)], ["Senin, 8 Juli 2019, mulai pukul 06.00 WIB"]),
    ],
)
def test_a_ticket_says_when_each_day_begins(last, spans, lines):
    assert when(last, *spans) == lines


def test_a_long_stage_names_only_the_day_on_which_it_begins():
    lines = when(date(2019, 7, 31), span(TUESDAY, 8, 0), span(WEDNESDAY, 9, 0))
    assert lines == ["8 s.d. 31 Juli 2019", "Selasa, 9 Juli 2019, mulai pukul 08.00 WIB"]


def test_when_in_english():
    assert when(MONDAY, span(MONDAY, 7, 30), locale="en") == ["Monday, 8 July 2019, from 07:30 WIB"]


def test_a_day_lasts_from_its_first_session_to_its_last():
    [day] = course_days(MONDAY, MONDAY, [span(MONDAY, 13, 0), span(MONDAY, 7, 30, hours=9)], "Asia/Jakarta")
    assert (day.starts_at, day.ends_at) == span(MONDAY, 7, 30, hours=9)
