"""Who has earned a certificate, and what its number is."""

import json
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.certificates import rules
from app.certificates.rules import BadPattern, ConditionKind, Override, Standing

USUAL = "{klasifikasi}/{urut:03}/{unit}/{bulan_romawi}/{tahun}"
JULY = date(2019, 7, 9)
AT = datetime(2019, 7, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def context(app: Flask) -> Any:
    """Sentences are translated within an application."""
    with app.test_request_context(headers={"Cookie": "lang=en"}):
        yield


def weigh(**values: Any) -> Standing:
    usual = {
        "confirmed": True,
        "attended": 16,
        "expected": 16,
        "min_jp_percent": 80,
        "feedback_given": True,
        "feedback_required": True,
    }
    return rules.standing(1, **usual | values)


def test_all_conditions_hold() -> None:
    standing = weigh()
    assert standing.earned
    assert [(condition.kind, condition.holds) for condition in standing.conditions] == [
        (ConditionKind.JP, True),
        (ConditionKind.FEEDBACK, True),
    ]


def test_figures_say_what_was_reached_and_what_is_needed() -> None:
    attendance, feedback = weigh(attended=14, feedback_given=False).conditions
    assert attendance.figure == "14 of 16 JP (88 %)"
    assert attendance.needed == "at least 80 %"
    assert feedback.figure == "not given yet"


def test_what_holds_is_said_in_a_word() -> None:
    assert [condition.brief for condition in weigh(attended=14).conditions] == ["14/16 JP", "feedback"]


def test_each_condition_is_optional() -> None:
    assert weigh(min_jp_percent=None, attended=0).earned
    assert weigh(feedback_required=False, feedback_given=False).earned
    assert weigh(min_jp_percent=None, feedback_required=False, attended=0).conditions == ()


def test_one_failing_condition_is_enough() -> None:
    assert not weigh(attended=12).earned
    assert not weigh(feedback_given=False).earned


def test_nothing_expected_is_no_share() -> None:
    standing = weigh(attended=0, expected=0)
    assert not standing.earned
    assert "no JP" in standing.conditions[0].figure


def test_a_share_that_falls_short_never_reads_as_enough() -> None:
    condition = weigh(attended=199, expected=250).conditions[0]
    assert not condition.holds
    assert condition.figure == "199 of 250 JP (79 %)"


@pytest.mark.parametrize("earned", [True, False])
def test_an_override_decides_and_keeps_the_figures(earned: bool) -> None:
    standing = weigh(attended=16 if not earned else 0, override=Override(earned, "Tugas dinas", "Rina", AT))
    assert standing.earned is earned
    assert standing.by_rule is not earned
    assert standing.override and standing.override.by == "Rina"


def test_nobody_who_is_not_confirmed_earns_it_whatever_was_decided() -> None:
    standing = weigh(confirmed=False, override=Override(True, "Tugas dinas", "Rina", AT))
    assert not standing.earned
    assert [condition.kind for condition in standing.conditions] == [ConditionKind.REGISTRATION]


@given(attended=st.integers(0, 400), missed=st.integers(0, 400), percent=st.integers(1, 100))
def test_the_share_is_compared_exactly(attended: int, missed: int, percent: int) -> None:
    expected = attended + missed
    holds = rules.reaches(attended, expected, percent)
    assert holds == (expected > 0 and Fraction(attended, max(expected, 1)) >= Fraction(percent, 100))


@given(attended=st.integers(0, 60), expected=st.integers(0, 60), percent=st.integers(1, 100), given_=st.booleans())
def test_earned_means_that_every_condition_holds(attended: int, expected: int, percent: int, given_: bool) -> None:
    standing = weigh(attended=min(attended, expected), expected=expected, min_jp_percent=percent, feedback_given=given_)
    assert standing.earned == all(condition.holds for condition in standing.conditions) == standing.by_rule


@given(attended=st.integers(0, 59), expected=st.integers(1, 60), percent=st.integers(1, 100))
def test_more_attendance_never_loses_a_certificate(attended: int, expected: int, percent: int) -> None:
    if rules.reaches(attended, expected, percent):
        assert rules.reaches(attended + 1, expected, percent)


def number(pattern: str = USUAL, sequence: int = 7, **values: Any) -> str:
    known = {"dated": JULY, "classification": "893.3", "unit": "DISKOMINFO"}
    return rules.format_number(pattern, sequence=sequence, **known | values)


def test_the_usual_number() -> None:
    assert number() == "893.3/007/DISKOMINFO/VII/2019"


@pytest.mark.parametrize(
    ("pattern", "made"),
    [
        ("{urut}", "7"),
        ("{urut:4}", "0007"),
        ("No. {urut:05} – {tahun}", "No. 00007 – 2019"),
        ("{unit}-{urut}-{unit}", "DISKOMINFO-7-DISKOMINFO"),
    ],
)
def test_other_patterns(pattern: str, made: str) -> None:
    assert number(pattern) == made


def test_numbers_outgrow_their_padding() -> None:
    assert number(sequence=12345).split("/")[1] == "12345"


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("{urut:03", "partner"),
        ("urut}", "partner"),
        ("{{urut}}", "partner"),
        ("{nomor}/{urut}", "{nomor} is not known"),
        ("{}", "{} is not known"),
        ("{urut!r}", "partner"),
        ("{urut.__class__}", "not known"),
        ("{unit[0]}/{urut}", "not known"),
        ("{urut:>99999999}", "digits"),
        ("{urut:010}", "digits"),
        ("{urut:0}", "digits"),
        ("{urut:}", "digits"),
        ("{unit:03}/{urut}", "digits"),
        ("{tahun}", "needs {urut}"),
        ("", "needs {urut}"),
        ("{urut}\n", "printed"),
    ],
)
def test_a_wrong_pattern_is_refused_with_a_sentence(pattern: str, says: str) -> None:
    with pytest.raises(BadPattern) as refused:
        rules.check_pattern(pattern)
    assert says in str(refused.value)


def test_a_number_that_is_too_long_is_refused() -> None:
    with pytest.raises(BadPattern):
        number("{urut}" + "x" * 160)


@given(st.text(max_size=40))
def test_any_text_is_a_pattern_or_refused(pattern: str) -> None:
    try:
        rules.check_pattern(pattern)
    except BadPattern:
        return
    assert number(pattern)


@given(st.lists(st.integers(1, 10_000), min_size=2, max_size=20, unique=True))
def test_different_sequences_give_different_numbers(sequences: list[int]) -> None:
    assert len({number(sequence=sequence) for sequence in sequences}) == len(sequences)


VALUES = st.one_of(st.text(max_size=20), st.integers(), st.lists(st.text(max_size=5), max_size=3))


@given(st.dictionaries(st.text(min_size=1, max_size=8), VALUES, max_size=8))
def test_the_hash_is_of_the_content_not_of_the_order(snapshot: dict[str, Any]) -> None:
    turned = dict(reversed(snapshot.items()))
    assert rules.content_hash(snapshot) == rules.content_hash(turned)
    assert len(rules.content_hash(snapshot)) == 64
    assert json.loads(rules.canonical_json(snapshot).decode("utf-8", "surrogatepass")) == snapshot


def test_the_hash_sees_every_change() -> None:
    assert rules.content_hash({"name": "Siti", "jp": 16}) != rules.content_hash({"name": "Siti", "jp": 15})


def test_changes_name_what_differs_and_pass_over_what_is_the_certificates_own() -> None:
    frozen = {"name": "Siti", "rank": "III/c", "number": "1", "signer_name": "Budi"}
    assert rules.changes(frozen, {"name": "Sitti", "rank": "III/c", "number": "2", "signer_name": "Rina"}) == ("name",)


def test_a_pattern_whose_numbers_would_grow_too_long_is_refused_before_the_first() -> None:
    """In the month with the longest name and with many digits: the number must not stop fitting one day."""
    fields = {"classification": "893.3", "unit": "DISKOMINFO"}
    rules.check_pattern("{klasifikasi}/{urut}/{unit}/{bulan_romawi}", **fields)
    with pytest.raises(BadPattern, match="160"):
        rules.check_pattern("{urut}" + "{klasifikasi}" * 6, classification="K" * 30)
    fitting = "{urut}{bulan_romawi}" + "{unit}" * 5
    rules.check_pattern(fitting, unit="U" * 29)
    with pytest.raises(BadPattern):
        rules.check_pattern(fitting, unit="U" * 30)
