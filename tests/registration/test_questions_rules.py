"""Which questions are asked, and what an answer may be."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.registration.rules_answers import (
    LONGEST_LONG,
    LONGEST_SHORT,
    AnswerKind,
    QuestionTerms,
    check,
    range_of,
    read_cell,
    shown_answer,
)
from app.registration.rules_documents import HandedIn, KeptFile
from app.registration.rules_questions import (
    MOST_OPTIONS,
    QuestionRefusal,
    check_answers,
    in_good_order,
    is_shown,
    read_options,
    refusal_of_content,
)
from app.shared.documents import Judged
from tests.registration.questions import SIZES, terms

FILE = HandedIn("surat.pdf", Judged("application/pdf", ".pdf", b"%PDF-"))
ANYTHING = st.one_of(
    st.none(), st.booleans(), st.text(max_size=60), st.lists(st.text(max_size=8), max_size=5), st.just(FILE)
)
CODES = st.sampled_from(["OPD", "BANK", "PAKAR", ""])


@st.composite
def questionnaires(draw: st.DrawFn) -> list[QuestionTerms]:
    """Questions in good order, some of them only for some unsur or after an answer."""
    made: list[QuestionTerms] = []
    for number in range(1, draw(st.integers(1, 6)) + 1):
        values: dict[str, Any] = {
            "required": draw(st.booleans()),
            "categories": draw(st.frozensets(st.sampled_from(["OPD", "BANK"]), max_size=2)),
        }
        showing = [one for one in made if one.possible_values]
        if showing and draw(st.booleans()):
            shows = draw(st.sampled_from(showing))
            values |= {"depends_on": shows.id, "depends_value": draw(st.sampled_from(shows.possible_values))}
        made.append(terms(draw(st.sampled_from(AnswerKind)), number, **values))
    return made


@pytest.mark.parametrize(
    ("kind", "sent", "kept"),
    [
        (AnswerKind.SHORT_TEXT, "  satu \n baris ", "satu baris"),
        (AnswerKind.LONG_TEXT, "satu\r\ndua\n", "satu\ndua"),
        (AnswerKind.NUMBER, "12", "12"),
        (AnswerKind.NUMBER, "12,50", "12.5"),
        (AnswerKind.NUMBER, "1.250", "1250"),
        (AnswerKind.NUMBER, "-0", "0"),
        (AnswerKind.DATE, "2019-07-08", "2019-07-08"),
        (AnswerKind.DATE, "8/7/2019", "2019-07-08"),
        (AnswerKind.YES_NO, "Ya", "yes"),
        (AnswerKind.YES_NO, "no", "no"),
        (AnswerKind.YES_NO, False, "no"),
        (AnswerKind.ONE_CHOICE, "m", "M"),
        (AnswerKind.SEVERAL_CHOICES, ["L", "S"], "S\nL"),
        (AnswerKind.SEVERAL_CHOICES, "S\nL", "S\nL"),
        (AnswerKind.STATEMENT, True, "yes"),
        (AnswerKind.STATEMENT, False, None),
        (AnswerKind.SHORT_TEXT, "", None),
        (AnswerKind.SEVERAL_CHOICES, [], None),
    ],
)
def test_answers_are_kept_in_one_form(kind: AnswerKind, sent: Any, kept: str | None) -> None:
    checked = check(terms(kind), sent)
    assert (checked.value, checked.problem) == (kept, None)


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        (AnswerKind.SHORT_TEXT, "x" * (LONGEST_SHORT + 1)),
        (AnswerKind.LONG_TEXT, "x" * (LONGEST_LONG + 1)),
        (AnswerKind.NUMBER, "dua"),
        (AnswerKind.NUMBER, "1e9"),
        (AnswerKind.NUMBER, "1,234"),
        (AnswerKind.NUMBER, "٣"),
        (AnswerKind.NUMBER, "9" * 40),
        (AnswerKind.DATE, "31/2/2019"),
        (AnswerKind.DATE, "0001-01-01"),
        (AnswerKind.DATE, "besok"),
        (AnswerKind.YES_NO, "mungkin"),
        (AnswerKind.ONE_CHOICE, "XXXL"),
        (AnswerKind.SEVERAL_CHOICES, ["S", "XXXL"]),
        (AnswerKind.STATEMENT, "mungkin"),
    ],
)
def test_each_wrong_answer_has_a_sentence(kind: AnswerKind, sent: Any) -> None:
    checked = check(terms(kind), sent)
    assert checked.value is None and str(checked.problem)


def test_limits_are_kept() -> None:
    number = terms(AnswerKind.NUMBER, least="1", most="10")
    assert [check(number, sent).value for sent in ("0", "1", "10", "10,5")] == [None, "1", "10", None]
    day = terms(AnswerKind.DATE, least="2019-07-08")
    assert check(day, "7/7/2019").problem and not check(day, "8/7/2019").problem
    assert check(terms(AnswerKind.SHORT_TEXT, most="3"), "empat").problem


@given(st.sampled_from(AnswerKind), ANYTHING)
def test_what_is_kept_is_kept_again(kind: AnswerKind, sent: Any) -> None:
    """The canonical form is the end of it: judged once more it stays, and it can be shown."""
    question = terms(kind)
    value = check(question, sent).value
    assert value is None or check(question, value).value == value
    if isinstance(value, str):
        assert value and shown_answer(kind, value)


@given(st.decimals(-(10**9), 10**9, places=2))
def test_numbers_come_back_as_they_are_shown(number: Any) -> None:
    question = terms(AnswerKind.NUMBER)
    value = check(question, str(number).replace(".", ",")).value
    assert isinstance(value, str) and check(question, shown_answer(AnswerKind.NUMBER, value)).value == value


@given(st.dates(min_value=date(1900, 1, 1)))
def test_dates_are_read_from_cells(day: date) -> None:
    assert read_cell(terms(AnswerKind.DATE), f"{day.day}/{day.month}/{day.year}").value == day.isoformat()


def test_cells_of_a_table_are_read() -> None:
    assert read_cell(terms(AnswerKind.SEVERAL_CHOICES), "S; l").value == "S\nL"
    assert read_cell(terms(AnswerKind.STATEMENT), "Tidak").value is None
    assert read_cell(terms(AnswerKind.FILE), "surat.pdf").problem
    assert read_cell(terms(AnswerKind.NUMBER), "  ").value is None


@given(questionnaires(), CODES, st.data())
def test_only_what_is_shown_is_answered(questions: list[QuestionTerms], category: str, data: st.DataObject) -> None:
    sent = {question.id: data.draw(ANYTHING) for question in questions}
    found = check_answers(questions, category, sent)
    for question in questions:
        shown = is_shown(question, category, found.values)
        heard = question.id in found.values or question.id in found.problems
        assert not heard or shown
        assert shown or question.id not in found.values
        if shown and question.required:
            assert heard
        if question.categories and category not in question.categories:
            assert not heard


@given(questionnaires(), CODES, st.data())
def test_judged_again_the_answers_stay(questions: list[QuestionTerms], category: str, data: st.DataObject) -> None:
    sent = {question.id: data.draw(ANYTHING) for question in questions}
    values = check_answers(questions, category, sent, may_follow=True).values
    assert check_answers(questions, category, values, may_follow=True).values == values


def test_an_answer_to_a_hidden_question_shows_no_other() -> None:
    """A chain: the last is shown by the second, which is itself not shown."""
    first = terms(AnswerKind.YES_NO, 1)
    second = terms(AnswerKind.ONE_CHOICE, 2, depends_on=1, depends_value="yes")
    third = terms(AnswerKind.SHORT_TEXT, 3, depends_on=2, depends_value="M", required=True)
    found = check_answers([first, second, third], "OPD", {1: "no", 2: "M", 3: "x"})
    assert (dict(found.values), dict(found.problems)) == ({1: "no"}, {})
    assert 3 in check_answers([first, second, third], "OPD", {1: "yes", 2: "M"}).problems


def test_several_choices_show_by_each_of_them() -> None:
    which = terms(AnswerKind.SHORT_TEXT, 2, depends_on=1, depends_value="L")
    assert is_shown(which, "OPD", {1: "S\nL"}) and not is_shown(which, "OPD", {1: "S"})


def test_what_is_required_may_follow_where_staff_write() -> None:
    promise = terms(AnswerKind.STATEMENT, 1, required=True)
    assert check_answers([promise], "OPD", {}).problems
    assert not check_answers([promise], "OPD", {}, may_follow=True).problems


def test_a_refused_file_is_told_only_where_it_was_asked() -> None:
    letter = terms(AnswerKind.FILE, 1, categories=frozenset({"OPD"}))
    assert check_answers([letter], "OPD", {}, refused={1: "rusak"}).problems == {1: "rusak"}
    assert not check_answers([letter], "BANK", {}, refused={1: "rusak"}).problems


def test_text_is_no_file() -> None:
    letter = terms(AnswerKind.FILE, 1)
    assert check(letter, "surat.pdf").value is None
    assert check(letter, FILE).value is FILE and check(letter, KeptFile("x.pdf")).value


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        (AnswerKind.NUMBER, ("1", "10,5"), ("1", "10.5")),
        (AnswerKind.NUMBER, ("10", "1"), None),
        (AnswerKind.NUMBER, ("a", ""), None),
        (AnswerKind.DATE, ("8/7/2019", ""), ("2019-07-08", "")),
        (AnswerKind.SHORT_TEXT, ("", "50"), ("", "50")),
        (AnswerKind.SHORT_TEXT, ("", "9999"), None),
        (AnswerKind.SHORT_TEXT, ("", "0"), None),
        (AnswerKind.YES_NO, ("1", "2"), ("", "")),
    ],
)
def test_limits_are_read(kind: AnswerKind, typed: tuple[str, str], kept: tuple[str, str] | None) -> None:
    assert range_of(kind, *typed) == kept


def test_a_question_must_make_sense_where_it_stands() -> None:
    size = terms(AnswerKind.ONE_CHOICE, 1)
    after = terms(AnswerKind.SHORT_TEXT, 2, depends_on=1, depends_value="M")
    many = tuple(str(number) for number in range(MOST_OPTIONS + 1))
    assert refusal_of_content(after, [size]) is None
    assert refusal_of_content(after, []) is QuestionRefusal.BAD_CONDITION
    wrong = terms(AnswerKind.SHORT_TEXT, 2, depends_on=1, depends_value="XXXL")
    assert refusal_of_content(wrong, [size]) is QuestionRefusal.BAD_CONDITION
    assert refusal_of_content(terms(AnswerKind.ONE_CHOICE, options=("M",)), []) is QuestionRefusal.TOO_FEW_OPTIONS
    assert refusal_of_content(terms(AnswerKind.ONE_CHOICE, options=many), []) is QuestionRefusal.TOO_MANY_OPTIONS
    assert refusal_of_content(terms(AnswerKind.ONE_CHOICE, options=("M", "x" * 300)), []) is QuestionRefusal.LONG_OPTION
    assert refusal_of_content(terms(AnswerKind.NUMBER, least="9", most="1"), []) is QuestionRefusal.BAD_RANGE
    assert in_good_order([size, after]) and not in_good_order([after, size])


def test_options_are_written_one_a_line() -> None:
    assert read_options(" S \n\nM\nS\n") == ("S", "M")
    assert read_options("\n".join(SIZES)) == SIZES
