"""What a stage may be."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.programmes.models import Stage
from app.programmes.rules import (
    PROGRAMME_REFUSALS,
    ProgrammeRefusal,
    prerequisite_problem,
    slug_is_sound,
    stage_problem,
)

SOUND = {
    "starts_on": date(2019, 7, 8),
    "ends_on": date(2019, 7, 9),
    "registration_opens_at": datetime(2019, 6, 1, tzinfo=UTC),
    "registration_closes_at": datetime(2019, 7, 7, tzinfo=UTC),
    "ends_at": datetime(2019, 7, 9, 17, tzinfo=UTC),
    "capacity": 80,
    "seats_taken": 30,
    "late_tolerance_minutes": 30,
    "min_jp_percent": 80,
}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, None),
        ({"ends_on": date(2019, 7, 8)}, None),
        ({"ends_on": date(2019, 7, 7)}, ProgrammeRefusal.ENDS_BEFORE_START),
        ({"ends_on": date(2019, 9, 6)}, ProgrammeRefusal.TOO_LONG),
        ({"registration_closes_at": datetime(2019, 6, 1, tzinfo=UTC)}, ProgrammeRefusal.CLOSES_BEFORE_OPENING),
        ({"registration_closes_at": SOUND["ends_at"]}, None),
        ({"registration_closes_at": SOUND["ends_at"] + timedelta(minutes=1)}, ProgrammeRefusal.CLOSES_AFTER_END),
        ({"capacity": None}, None),
        ({"capacity": 0}, ProgrammeRefusal.CAPACITY_NOT_POSITIVE),
        ({"capacity": 29}, ProgrammeRefusal.CAPACITY_BELOW_SEATS),
        ({"capacity": 30}, None),
        ({"min_jp_percent": None}, None),
        ({"min_jp_percent": 0}, ProgrammeRefusal.PERCENT_OUT_OF_RANGE),
        ({"min_jp_percent": 101}, ProgrammeRefusal.PERCENT_OUT_OF_RANGE),
        ({"late_tolerance_minutes": -1}, ProgrammeRefusal.TOLERANCE_OUT_OF_RANGE),
        ({"late_tolerance_minutes": 1441}, ProgrammeRefusal.TOLERANCE_OUT_OF_RANGE),
    ],
)
def test_stages(changes, problem):
    assert stage_problem(**SOUND | changes) is problem


@pytest.mark.parametrize(
    ("stage_id", "prerequisite_id", "problem"),
    [
        (3, None, None),
        (3, 2, None),
        (None, 3, None),
        (1, 1, ProgrammeRefusal.PREREQUISITE_ELSEWHERE),
        (1, 9, ProgrammeRefusal.PREREQUISITE_ELSEWHERE),
        (1, 3, ProgrammeRefusal.PREREQUISITE_CIRCLE),
        (2, 3, ProgrammeRefusal.PREREQUISITE_CIRCLE),
    ],
)
def test_prerequisites(stage_id, prerequisite_id, problem):
    assert prerequisite_problem(stage_id, prerequisite_id, {1: None, 2: 1, 3: 2}) is problem


@given(st.dictionaries(st.integers(1, 8), st.one_of(st.none(), st.integers(1, 8)), min_size=1), st.integers(1, 8))
def test_no_circle_of_prerequisites_goes_on_for_ever(prerequisites, stage_id):
    for candidate in prerequisites:
        prerequisite_problem(stage_id, candidate, prerequisites)


@given(st.text(max_size=70))
def test_slugs_are_fit_for_an_address(text):
    if slug_is_sound(text):
        assert text.isascii()
        assert text == text.lower()
        assert 0 < len(text) <= 60
        assert not set(text) & set("/?#% \n")


def test_every_refusal_has_its_sentence():
    assert set(PROGRAMME_REFUSALS) == set(ProgrammeRefusal)


@pytest.mark.parametrize(
    ("venue", "address", "place"),
    [("Aula", "Jalan Merdeka 1", "Aula, Jalan Merdeka 1"), ("Aula", "", "Aula"), ("", "", "")],
)
def test_the_place_in_one_line(venue, address, place):
    assert Stage(venue=venue, address=address).place == place
