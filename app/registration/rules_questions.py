"""Which of a stage's own questions a person is asked, and which questions a stage may ask; no database."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from app.registration.rules import ENDED, RegistrationState
from app.registration.rules_answers import (
    KIND_LABELS,
    LONGEST_OPTION,
    SHOWS_OTHERS,
    WITH_OPTIONS,
    AnswerKind,
    Checked,
    QuestionTerms,
    Value,
    check,
    chosen,
    range_of,
    read_cell,
    shown_answer,
)
from app.shared.text import squash

MOST_OPTIONS, MOST_QUESTIONS = 60, 40


class QuestionRefusal(enum.Enum):
    """Why a question is not changed as wanted."""

    HAS_ANSWERS = "has_answers"
    KIND_FIXED = "kind_fixed"
    OPTION_CHOSEN = "option_chosen"
    OPTION_NEEDED = "option_needed"
    OTHERS_DEPEND = "others_depend"
    ORDER = "order"
    TOO_FEW_OPTIONS = "too_few_options"
    TOO_MANY_OPTIONS = "too_many_options"
    LONG_OPTION = "long_option"
    BAD_RANGE = "bad_range"
    BAD_CONDITION = "bad_condition"
    TOO_MANY = "too_many"


REFUSAL_LABELS = {
    QuestionRefusal.HAS_ANSWERS: _l("People have answered this question, so it can be retired but not removed."),
    QuestionRefusal.KIND_FIXED: _l("People have answered this question, so its kind stays as it is."),
    QuestionRefusal.OPTION_CHOSEN: _l(
        "Somebody has chosen an option that is missing now. Options that were chosen stay as they are worded; add others below."
    ),
    QuestionRefusal.OPTION_NEEDED: _l(
        "Another question is shown by an answer that is missing now. Change the condition of that question first."
    ),
    QuestionRefusal.OTHERS_DEPEND: _l(
        "Another question is shown by the answer to this one. Change the condition of that question first."
    ),
    QuestionRefusal.ORDER: _l("A question stands below the one whose answer shows it, so it cannot be moved there."),
    QuestionRefusal.TOO_FEW_OPTIONS: _l("Write at least two different options, one a line."),
    QuestionRefusal.TOO_MANY_OPTIONS: _l("At most %(most)d options fit here.", most=MOST_OPTIONS),
    QuestionRefusal.LONG_OPTION: _l("An option may be at most %(most)d characters long.", most=LONGEST_OPTION),
    QuestionRefusal.BAD_RANGE: _l(
        "Write the limits as the answer is written, the lower one first; leave them empty for none."
    ),
    QuestionRefusal.BAD_CONDITION: _l("Choose an answer of a question that stands above this one."),
    QuestionRefusal.TOO_MANY: _l("A stage asks at most %(most)d questions of its own.", most=MOST_QUESTIONS),
}


class QuestionRefused(Exception):
    """A question stays as it was; `sentence` says why."""

    def __init__(self, refusal: QuestionRefusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
        self.sentence = REFUSAL_LABELS[refusal]


@dataclass(frozen=True)
class CheckedAnswers:
    """What is kept of everything that was sent, and what is wrong, each by the id of the question."""

    values: Mapping[int, Value]
    problems: Mapping[int, Any]


def is_shown(question: QuestionTerms, category: str, answers: Mapping[int, Value]) -> bool:
    """Whether someone of this unsur who has answered so is asked the question; `answers` hold those of shown questions alone."""
    if question.categories and category not in question.categories:
        return False
    if question.depends_on is None:
        return True
    given = answers.get(question.depends_on)
    return isinstance(given, str) and question.depends_value in chosen(given)


def check_answers(
    questions: Sequence[QuestionTerms],
    category: str,
    sent: Mapping[int, Any],
    *,
    may_follow: bool = False,
    refused: Mapping[int, Any] | None = None,
) -> CheckedAnswers:
    """Judge everything that was sent, in the order of the questions; what was sent to a question not shown is ignored.

    `may_follow`: a required answer may be missing, as where staff enter a person. `refused`: what is wrong with files.
    """
    values: dict[int, Value] = {}
    problems: dict[int, Any] = {}
    for question in questions:
        if not is_shown(question, category, values):
            continue
        checked = Checked(problem=(refused or {}).get(question.id))
        if checked.problem is None:
            checked = check(question, sent.get(question.id))
        if checked.problem is not None:
            problems[question.id] = checked.problem
        elif checked.value is not None:
            values[question.id] = checked.value
        elif question.required and not may_follow:
            problems[question.id] = _missing(question)
    return CheckedAnswers(values, problems)


def concerning(questions: Iterable[QuestionTerms], category: str) -> list[QuestionTerms]:
    """Those that someone of this unsur may come to be asked, according to his other answers."""
    found: dict[int, QuestionTerms] = {}
    for question in questions:
        meant = not question.categories or category in question.categories
        if meant and (question.depends_on is None or question.depends_on in found):
            found[question.id] = question
    return list(found.values())


def left_open(questions: Iterable[QuestionTerms], category: str, given: Mapping[int, Value]) -> list[QuestionTerms]:
    """Those that someone of this unsur must answer and has not; `given` are his answers in canonical form."""
    values: dict[int, Value] = {}
    missing = []
    for question in questions:
        if not is_shown(question, category, values):
            continue
        if question.id in given:
            values[question.id] = given[question.id]
        elif question.required:
            missing.append(question)
    return missing


def may_answer(state: RegistrationState, *, ends_on: date, today: date) -> bool:
    """Whether the holder of a ticket may still answer or change his answers: as long as registration and stage last."""
    return state not in ENDED and today <= ends_on


def read_options(text: str) -> tuple[str, ...]:
    """The options typed one a line, each once."""
    return tuple(dict.fromkeys(line for line in map(squash, text.split("\n")) if line))


def refusal_of_content(terms: QuestionTerms, earlier: Iterable[QuestionTerms]) -> QuestionRefusal | None:
    """Whether a question makes sense where it stands: after the `earlier` ones."""
    if terms.kind in WITH_OPTIONS:
        if len(terms.options) < 2:
            return QuestionRefusal.TOO_FEW_OPTIONS
        if len(terms.options) > MOST_OPTIONS:
            return QuestionRefusal.TOO_MANY_OPTIONS
        if any(len(option) > LONGEST_OPTION for option in terms.options):
            return QuestionRefusal.LONG_OPTION
    if range_of(terms.kind, terms.least, terms.most) != (terms.least, terms.most):
        return QuestionRefusal.BAD_RANGE
    if terms.depends_on is None:
        return None
    shows = next((one for one in earlier if one.id == terms.depends_on), None)
    known = shows is not None and terms.depends_value in shows.possible_values
    return None if known else QuestionRefusal.BAD_CONDITION


def in_good_order(questions: Sequence[QuestionTerms]) -> bool:
    """Whether each question stands below the one whose answer shows it."""
    seen: set[int] = set()
    for question in questions:
        if question.depends_on is not None and question.depends_on not in seen:
            return False
        seen.add(question.id)
    return True


def _missing(question: QuestionTerms) -> Any:
    if question.kind is AnswerKind.STATEMENT:
        return _l("Tick this statement; without it the registration cannot be taken.")
    if question.kind is AnswerKind.FILE:
        return _l("Choose a file.")
    return _l("Choose an answer.") if question.possible_values else _l("This question must be answered.")


__all__ = [
    "KIND_LABELS",
    "MOST_QUESTIONS",
    "REFUSAL_LABELS",
    "SHOWS_OTHERS",
    "AnswerKind",
    "Checked",
    "CheckedAnswers",
    "QuestionRefusal",
    "QuestionRefused",
    "QuestionTerms",
    "Value",
    "check",
    "check_answers",
    "concerning",
    "in_good_order",
    "is_shown",
    "left_open",
    "may_answer",
    "range_of",
    "read_cell",
    "read_options",
    "refusal_of_content",
    "shown_answer",
]
