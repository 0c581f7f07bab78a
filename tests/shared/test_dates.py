from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.shared import dates

MONDAY = date(2019, 7, 8)
EIGHT = datetime(2019, 7, 8, 1, 0, tzinfo=UTC)


def test_one_day():
    assert dates.long_date(MONDAY) == "Senin, 8 Juli 2019"
    assert dates.long_date(MONDAY, "en") == "Monday, 8 July 2019"
    assert dates.plain_date(MONDAY) == "8 Juli 2019"
    assert dates.short_date(MONDAY) == "Sen 8 Jul"
    assert dates.roman_month(MONDAY) == "VII"


@pytest.mark.parametrize(
    ("a", "b", "indonesian", "english"),
    [
        (date(2019, 7, 8), date(2019, 7, 8), "8 Juli 2019", "8 July 2019"),
        (date(2019, 7, 8), date(2019, 7, 9), "8 s.d. 9 Juli 2019", "8–9 July 2019"),
        (
            date(2019, 9, 30),
            date(2019, 10, 1),
            "30 September s.d. 1 Oktober 2019",
            "30 September – 1 October 2019",
        ),
        (
            date(2019, 12, 30),
            date(2020, 1, 2),
            "30 Desember 2019 s.d. 2 Januari 2020",
            "30 December 2019 – 2 January 2020",
        ),
    ],
)
def test_spans(a, b, indonesian, english):
    assert dates.date_span(a, b) == indonesian
    assert dates.date_span(a, b, locale="en") == english


@given(st.dates(min_value=date(1000, 1, 1)), st.dates(min_value=date(1000, 1, 1)))
def test_a_span_ends_as_its_last_day_and_names_each_year_once(a, b):
    a, b = sorted((a, b))
    span = dates.date_span(a, b)
    assert span.endswith(dates.plain_date(b))
    assert span.startswith(str(a.day))
    assert span.count(str(b.year)) == 1
    assert (str(a.year) in span.removesuffix(dates.plain_date(b))) == (a.year != b.year)


@pytest.mark.parametrize(
    ("zone", "shown"),
    [("Asia/Jakarta", "08.00 WIB"), ("Asia/Makassar", "09.00 WITA"), ("Asia/Jayapura", "10.00 WIT")],
)
def test_the_clock_of_each_zone(zone, shown):
    assert dates.clock_time(EIGHT, zone) == shown


def test_spans_of_time():
    end = EIGHT + timedelta(minutes=90)
    assert dates.time_span(EIGHT, end, "Asia/Jakarta") == "08.00–09.30 WIB"
    assert dates.time_span(EIGHT, end, "Asia/Jakarta", locale="en") == "08:00–09:30 WIB"
    midnight = datetime(2019, 7, 8, 17, tzinfo=UTC)
    assert dates.time_span(EIGHT, midnight, "Asia/Jakarta") == "08.00–24.00 WIB"


def test_a_beginning_in_words():
    assert dates.beginning(EIGHT, "Asia/Jakarta") == "mulai pukul 08.00 WIB"
    assert dates.beginning(EIGHT, "Asia/Makassar", locale="en") == "from 09:00 WITA"


def test_the_day_turns_with_the_zone():
    late = datetime(2019, 7, 8, 16, 30, tzinfo=UTC)
    assert dates.local_date(late, "Asia/Jakarta") == date(2019, 7, 8)
    assert dates.local_date(late, "Asia/Makassar") == date(2019, 7, 9)


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        dates.local(datetime(2019, 7, 8), "Asia/Jakarta")


def test_a_zone_elsewhere_keeps_its_name():
    assert dates.zone_label("UTC") == "UTC"
