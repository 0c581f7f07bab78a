"""Rules of feedback: who may answer, what an answer may be, how results are read."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.feedback import rules
from app.feedback.rules import (
    AnswerOutcome,
    Asked,
    BadAnswers,
    Band,
    QuestionKind,
    QuestionnaireState,
)

SCALE = Asked(id=1, kind=QuestionKind.SCALE)
TEXT = Asked(id=2, kind=QuestionKind.TEXT, required=False)
COMMITMENT = Asked(id=3, kind=QuestionKind.COMMITMENT)
ASKED = (SCALE, TEXT, COMMITMENT)


@given(st.lists(st.sampled_from(rules.SCALE), min_size=1))
def test_tally_counts_and_averages_exactly(numbers: list[int]) -> None:
    tally = rules.tally(numbers)

    assert list(tally.distribution) == [1, 2, 3, 4, 5]
    assert tally.count == len(numbers)
    assert tally.mean == Fraction(sum(numbers), len(numbers))
    assert tally.band is rules.band(tally.mean)


def test_tally_of_nothing_has_no_mean() -> None:
    tally = rules.tally([])

    assert (tally.count, tally.mean, tally.band, tally.shown) == (0, None, None, False)


@given(st.fractions(1, 5), st.fractions(1, 5))
def test_a_better_mean_never_has_a_worse_band(one: Fraction, other: Fraction) -> None:
    order = [Band.POOR, Band.FAIR, Band.GOOD, Band.VERY_GOOD]

    assert order.index(rules.band(min(one, other))) <= order.index(rules.band(max(one, other)))


@pytest.mark.parametrize(
    ("mean", "word"),
    [
        (Fraction(5), Band.VERY_GOOD),
        (Fraction(43, 10), Band.VERY_GOOD),
        (Fraction(4299, 1000), Band.GOOD),
        (Fraction(38, 10), Band.GOOD),
        (Fraction(3799, 1000), Band.FAIR),
        (Fraction(28, 10), Band.FAIR),
        (Fraction(2799, 1000), Band.POOR),
        (Fraction(1), Band.POOR),
    ],
)
def test_bands_begin_at_86_76_and_56(mean: Fraction, word: Band) -> None:
    assert rules.band(mean) is word


@given(st.integers(0, 50))
def test_results_are_hidden_below_five(count: int) -> None:
    assert rules.tally([4] * count).shown == rules.is_shown(count) == (count >= 5)


@given(st.sampled_from(rules.SCALE), st.text(max_size=50), st.sampled_from([0, 1]), st.booleans())
def test_right_answers_are_kept(number: int, text: str, willing: int, typed: bool) -> None:
    given_answers: dict[int, Any] = {
        1: str(number) if typed else number,
        2: text,
        3: str(willing) if typed else willing,
    }

    kept = rules.check_answers(ASKED, given_answers)

    assert (kept[1], kept[3]) == (number, willing)
    assert kept.get(2, "") == text.replace("\0", "").strip() or not text.strip()


@given(
    st.one_of(
        st.integers().filter(lambda n: n not in rules.SCALE),
        st.floats(),
        st.booleans(),
        st.text(alphabet="0678xX.-", min_size=1),
    )
)
def test_nothing_but_one_to_five_is_a_scale(value: Any) -> None:
    with pytest.raises(BadAnswers) as caught:
        rules.check_answers(ASKED, {1: value, 3: 1})

    assert set(caught.value.errors) == {1}


@pytest.mark.parametrize("value", [2, -1, "2", "ya", True])
def test_nothing_but_yes_and_no_is_a_commitment(value: Any) -> None:
    with pytest.raises(BadAnswers) as caught:
        rules.check_answers(ASKED, {1: 4, 3: value})

    assert set(caught.value.errors) == {3}


def test_what_is_required_must_be_answered_and_blanks_are_nothing() -> None:
    with pytest.raises(BadAnswers) as caught:
        rules.check_answers(ASKED, {1: " ", 2: ""})

    assert set(caught.value.errors) == {1, 3}
    assert rules.check_answers(ASKED, {1: 5, 2: "  ", 3: 0}) == {1: 5, 3: 0}


def test_a_text_has_at_most_2000_characters() -> None:
    assert rules.check_answers([TEXT], {2: "a" * 2000})
    with pytest.raises(BadAnswers):
        rules.check_answers([TEXT], {2: "a" * 2001})


@given(st.dictionaries(st.integers(10, 99), st.integers()))
def test_answers_to_what_was_not_asked_are_dropped(other: dict[int, int]) -> None:
    assert rules.check_answers(ASKED, {1: 3, 3: 1} | other) == {1: 3, 3: 1}


@pytest.mark.parametrize(
    ("state", "confirmed", "expected", "outcome"),
    [
        (QuestionnaireState.OPEN, True, True, None),
        (QuestionnaireState.DRAFT, True, True, AnswerOutcome.NOT_OPEN_YET),
        (QuestionnaireState.CLOSED, True, True, AnswerOutcome.CLOSED),
        (QuestionnaireState.OPEN, False, True, AnswerOutcome.NOT_CONFIRMED),
        (QuestionnaireState.OPEN, True, False, AnswerOutcome.NOT_EXPECTED),
        (QuestionnaireState.CLOSED, False, False, AnswerOutcome.NOT_CONFIRMED),
    ],
)
def test_who_may_answer(
    state: QuestionnaireState, confirmed: bool, expected: bool, outcome: AnswerOutcome | None
) -> None:
    assert rules.may_answer(state, confirmed=confirmed, expected=expected) is outcome


def test_every_outcome_band_and_choice_has_words() -> None:
    assert set(rules.OUTCOME_LABELS) == set(AnswerOutcome)
    assert set(rules.BAND_LABELS) == set(Band)
    assert set(rules.SCALE_LABELS) == set(rules.SCALE)


@pytest.mark.parametrize(
    ("state", "answers", "seen", "shown"),
    [
        (QuestionnaireState.OPEN, 30, 0, False),
        (QuestionnaireState.DRAFT, 0, 0, False),
        (QuestionnaireState.CLOSED, 4, 0, False),
        (QuestionnaireState.CLOSED, 5, 0, True),
        (QuestionnaireState.CLOSED, 30, 30, True),
        (QuestionnaireState.CLOSED, 31, 30, False),
        (QuestionnaireState.CLOSED, 34, 30, False),
        (QuestionnaireState.CLOSED, 35, 30, True),
    ],
)
def test_results_are_seen_once_closed_and_only_when_five_answers_are_new(
    state: QuestionnaireState, answers: int, seen: int, shown: bool
) -> None:
    assert rules.results_shown(state, answers=answers, seen=seen) is shown
