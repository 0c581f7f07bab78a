"""Kinds of questionnaires and questions, who may answer, what an answer may be, and how results are read."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask_babel import lazy_gettext as _l

LEAST_ANSWERS_SHOWN = 5
SCALE = (1, 2, 3, 4, 5)
LONGEST_TEXT = 2000
MOST_SPEAKER_SCALES = 5


class QuestionnaireKind(enum.Enum):
    ORGANISATION = "organisation"
    SPEAKER = "speaker"
    SUGGESTIONS = "suggestions"


class QuestionKind(enum.Enum):
    SCALE = "scale"
    TEXT = "text"
    COMMITMENT = "commitment"


class QuestionnaireState(enum.Enum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


KIND_LABELS = {
    QuestionnaireKind.ORGANISATION: _l("Organisation"),
    QuestionnaireKind.SPEAKER: _l("Speaker's evaluation"),
    QuestionnaireKind.SUGGESTIONS: _l("Suggestions and commitment"),
}
QUESTION_KIND_LABELS = {
    QuestionKind.SCALE: _l("Scale of 1 to 5"),
    QuestionKind.TEXT: _l("Free text"),
    QuestionKind.COMMITMENT: _l("Commitment (willing or not)"),
}
STATE_LABELS = {
    QuestionnaireState.DRAFT: _l("Not opened yet"),
    QuestionnaireState.OPEN: _l("Open"),
    QuestionnaireState.CLOSED: _l("Closed"),
}
SCALE_LABELS = {
    1: _l("Very poor"),
    2: _l("Poor"),
    3: _l("Fair"),
    4: _l("Good"),
    5: _l("Very good"),
}
COMMITMENT_LABELS = {1: _l("I am willing"), 0: _l("Not yet")}


class Band(enum.Enum):
    """What a mean says in a word: its mean × 20 against the least of each."""

    VERY_GOOD = "very_good"
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


BAND_LABELS = {
    Band.VERY_GOOD: _l("Very good"),
    Band.GOOD: _l("Good"),
    Band.FAIR: _l("Sufficient"),
    Band.POOR: _l("Insufficient"),
}
BAND_FROM = ((86, Band.VERY_GOOD), (76, Band.GOOD), (56, Band.FAIR), (0, Band.POOR))


class AnswerOutcome(enum.Enum):
    ACCEPTED = "accepted"
    ALREADY = "already"
    NOT_OPEN_YET = "not_open_yet"
    CLOSED = "closed"
    NOT_CONFIRMED = "not_confirmed"
    NOT_EXPECTED = "not_expected"


OUTCOME_LABELS = {
    AnswerOutcome.ACCEPTED: _l("Thank you. Your answers have been received."),
    AnswerOutcome.ALREADY: _l("You have already filled in this questionnaire."),
    AnswerOutcome.NOT_OPEN_YET: _l("This questionnaire has not been opened yet."),
    AnswerOutcome.CLOSED: _l("This questionnaire is closed."),
    AnswerOutcome.NOT_CONFIRMED: _l("Only confirmed participants of this stage can fill in this questionnaire."),
    AnswerOutcome.NOT_EXPECTED: _l("This questionnaire is for the participants of another session."),
}


class FeedbackError(ValueError):
    """What was asked of a questionnaire cannot be; the argument is a lazy sentence."""

    def __str__(self) -> str:
        return str(self.args[0])


class BadAnswers(ValueError):
    """`errors` holds a lazy sentence for each question (by id) that was answered wrongly or not at all."""

    def __init__(self, errors: dict[int, Any]) -> None:
        self.errors = errors
        super().__init__(errors)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question as far as its answer goes."""

    id: int
    kind: QuestionKind
    required: bool = True


def may_answer(state: QuestionnaireState, *, confirmed: bool, expected: bool) -> AnswerOutcome | None:
    """Why a person may not answer; None if he may. `confirmed`: at this stage; `expected`: at the session it is about."""
    if not confirmed:
        return AnswerOutcome.NOT_CONFIRMED
    if not expected:
        return AnswerOutcome.NOT_EXPECTED
    if state is QuestionnaireState.DRAFT:
        return AnswerOutcome.NOT_OPEN_YET
    if state is QuestionnaireState.CLOSED:
        return AnswerOutcome.CLOSED
    return None


def check_answers(questions: Sequence[Asked], given: Mapping[int, Any]) -> dict[int, int | str]:
    """The answers fit to be kept, without empty ones; what was not asked is dropped. Raises BadAnswers.

    A number may come as an int or as its digits.
    """
    kept: dict[int, int | str] = {}
    errors: dict[int, Any] = {}
    for question in questions:
        value = given.get(question.id)
        if isinstance(value, str):
            value = value.replace("\0", "").strip()
        if value in (None, ""):
            if question.required:
                errors[question.id] = _l("Please answer this question.")
        elif question.kind is QuestionKind.TEXT:
            _check_text(question.id, value, kept, errors)
        else:
            _check_number(question, value, kept, errors)
    if errors:
        raise BadAnswers(errors)
    return kept


def _check_text(key: int, value: Any, kept: dict[int, int | str], errors: dict[int, Any]) -> None:
    text = str(value)
    if len(text) > LONGEST_TEXT:
        errors[key] = _l(
            "Please write at most %(most)d characters; this is %(length)d.", most=LONGEST_TEXT, length=len(text)
        )
    else:
        kept[key] = text


def _check_number(question: Asked, value: Any, kept: dict[int, int | str], errors: dict[int, Any]) -> None:
    choices = SCALE if question.kind is QuestionKind.SCALE else tuple(COMMITMENT_LABELS)
    number = {str(choice): choice for choice in choices}.get(str(value))
    if number is None or isinstance(value, bool):
        errors[question.id] = _l("Please choose one of the answers offered.")
    else:
        kept[question.id] = number


@dataclass(frozen=True)
class Tally:
    """Numbers given to one or more questions: how often each choice was taken, lowest first."""

    distribution: Mapping[int, int]

    @property
    def count(self) -> int:
        return sum(self.distribution.values())

    @property
    def mean(self) -> Fraction | None:
        """None while nothing was answered."""
        if not self.count:
            return None
        return Fraction(sum(choice * times for choice, times in self.distribution.items()), self.count)

    @property
    def band(self) -> Band | None:
        return None if self.mean is None else band(self.mean)

    @property
    def shown(self) -> bool:
        """Fewer than five answers are hidden: they could be guessed back to those who gave them."""
        return is_shown(self.count)


def tally(numbers: Iterable[int], choices: Sequence[int] = SCALE) -> Tally:
    counted = Counter(numbers)
    return Tally({choice: counted[choice] for choice in choices})


def band(mean: Fraction | float) -> Band:
    """The word for a mean of 1 to 5 (domain.md, Feedback: ≥ 86 Sangat Baik, 76 Baik, 56 Cukup, of mean × 20)."""
    return next(word for least, word in BAND_FROM if mean * 20 >= least)


def is_shown(answers: int) -> bool:
    """Whether results of so many answers may be seen."""
    return answers >= LEAST_ANSWERS_SHOWN


def results_shown(state: QuestionnaireState, *, answers: int, seen: int) -> bool:
    """Whether the results of a questionnaire may be seen: closed, and with answers enough that nobody can be recognised.

    While it takes answers, whoever looked before and after the next one would know that one. The same holds for one that
    was opened again after results of `seen` answers had been on show: it needs as many new ones, or none at all.
    """
    added = answers - seen
    return state is QuestionnaireState.CLOSED and is_shown(answers) and (added == 0 or is_shown(added))
