"""Kinds of answers to a stage's own questions, and what an answer may be; no database.

An answer's canonical form is one text: as typed; a number as 12.5; a date as 2019-07-08; yes or no; the choice as it is worded;
several choices one a line. None stands for no answer.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from app.registration.rules_documents import HandedIn, KeptFile
from app.shared.dates import plain_date
from app.shared.text import squash, storable

YES, NO = "yes", "no"
LONGEST_SHORT, LONGEST_LONG = 200, 4000
LONGEST_QUESTION, LONGEST_OPTION = 500, 200
LONGEST_NUMBER = 15
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]{1,2})?")
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?")
_WRITTEN_DATE = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})")
_YES_WORDS = frozenset({YES, "ya", "y", "true", "1", "setuju", "x", "v", "✓"})
_NO_WORDS = frozenset({NO, "tidak", "tdk", "t", "n", "false", "0", "tidak setuju", "-"})


class AnswerKind(enum.Enum):
    SHORT_TEXT = "short_text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"
    ONE_CHOICE = "one_choice"
    SEVERAL_CHOICES = "several_choices"
    FILE = "file"
    STATEMENT = "statement"


KIND_LABELS = {
    AnswerKind.SHORT_TEXT: _l("Short text"),
    AnswerKind.LONG_TEXT: _l("Long text"),
    AnswerKind.NUMBER: _l("A number"),
    AnswerKind.DATE: _l("Date"),
    AnswerKind.YES_NO: _l("Yes or no"),
    AnswerKind.ONE_CHOICE: _l("One choice"),
    AnswerKind.SEVERAL_CHOICES: _l("Several choices"),
    AnswerKind.FILE: _l("File (PDF, JPG or PNG)"),
    AnswerKind.STATEMENT: _l("Statement to agree to"),
}
WITH_OPTIONS = frozenset({AnswerKind.ONE_CHOICE, AnswerKind.SEVERAL_CHOICES})
WITH_RANGE = frozenset({AnswerKind.NUMBER, AnswerKind.DATE})
WITH_LENGTH = frozenset({AnswerKind.SHORT_TEXT, AnswerKind.LONG_TEXT})
SHOWS_OTHERS = frozenset({AnswerKind.YES_NO, AnswerKind.ONE_CHOICE, AnswerKind.SEVERAL_CHOICES, AnswerKind.STATEMENT})
Value = str | HandedIn | KeptFile


@dataclass(frozen=True, kw_only=True)
class QuestionTerms:
    """A question as plain values. `least` and `most` are canonical answers, or for a text its length; "" for none."""

    id: int
    kind: AnswerKind
    text: str
    help: str = ""
    required: bool = False
    options: tuple[str, ...] = ()
    least: str = ""
    most: str = ""
    categories: frozenset[str] = frozenset()
    depends_on: int | None = None
    depends_value: str = ""

    @property
    def possible_values(self) -> tuple[str, ...]:
        """The answers by which another question can be shown."""
        if self.kind in WITH_OPTIONS:
            return self.options
        return {AnswerKind.YES_NO: (YES, NO), AnswerKind.STATEMENT: (YES,)}.get(self.kind, ())


@dataclass(frozen=True)
class Checked:
    """An answer in canonical form, None for no answer; or the sentence that says what is wrong with it."""

    value: Value | None = None
    problem: Any = None


def check(question: QuestionTerms, sent: Any) -> Checked:
    """Judge one answer: text, a list of texts, a truth value, or a file that was judged. Whether it may be missing is not asked."""
    if question.kind is AnswerKind.FILE:
        return Checked(sent) if isinstance(sent, HandedIn | KeptFile) else Checked()
    if question.kind is AnswerKind.SEVERAL_CHOICES:
        return _check_several(question, sent)
    if sent is None or isinstance(sent, HandedIn | KeptFile):
        return Checked()
    text = {True: YES, False: NO}.get(sent, "") if isinstance(sent, bool) else storable(str(sent)).strip()
    return _CHECKS[question.kind](question, text) if text else Checked()


def read_cell(question: QuestionTerms, text: str) -> Checked:
    """Judge what stands in the cell of a table: several choices apart by semicolons, a date as 8/7/2019, Ya or Tidak."""
    if question.kind is AnswerKind.FILE:
        return Checked(problem=_l("A file cannot be imported; leave this cell empty.")) if squash(text) else Checked()
    if question.kind is AnswerKind.SEVERAL_CHOICES:
        return check(question, [part for part in re.split(r"[;\n]", text) if squash(part)])
    if question.kind is AnswerKind.STATEMENT and squash(text).lower() in _NO_WORDS:
        return Checked()
    return check(question, text)


def chosen(value: str) -> tuple[str, ...]:
    """The choices of an answer, one or several."""
    return tuple(value.split("\n"))


def shown_answer(kind: AnswerKind, value: str, locale: str = "id") -> str:
    """An answer as people read it in one line or several; yes and no are the caller's words (ANSWER_WORDS)."""
    if kind is AnswerKind.DATE:
        return plain_date(date.fromisoformat(value), locale)
    if kind is AnswerKind.NUMBER:
        return value if locale == "en" else value.replace(".", ",")
    if kind in (AnswerKind.YES_NO, AnswerKind.STATEMENT):
        return str(ANSWER_WORDS[kind, value])
    return "; ".join(chosen(value)) if kind is AnswerKind.SEVERAL_CHOICES else value


ANSWER_WORDS = {
    (AnswerKind.YES_NO, YES): _l("Yes"),
    (AnswerKind.YES_NO, NO): _l("No"),
    (AnswerKind.STATEMENT, YES): _l("Agreed"),
}


def range_of(kind: AnswerKind, least: str, most: str) -> tuple[str, str] | None:
    """The limits in canonical form, "" for none; None where they are no limits of this kind."""
    if kind in WITH_LENGTH:
        longest = LONGEST_SHORT if kind is AnswerKind.SHORT_TEXT else LONGEST_LONG
        fits = not most or (most.isascii() and most.isdecimal() and 1 <= int(most[:6]) <= longest and len(most) <= 6)
        return ("", str(int(most)) if most else "") if fits else None
    if kind not in WITH_RANGE:
        return ("", "")
    read = _number if kind is AnswerKind.NUMBER else _date
    lower, upper = (read(least) if least else None), (read(most) if most else None)
    if (least and lower is None) or (most and upper is None):
        return None
    if lower is not None and upper is not None and lower > upper:  # type: ignore[operator]
        return None
    return ("" if lower is None else str(lower), "" if upper is None else str(upper))


def _check_text(question: QuestionTerms, text: str) -> Checked:
    is_short = question.kind is AnswerKind.SHORT_TEXT
    value = squash(text) if is_short else text.replace("\r\n", "\n").replace("\r", "\n").strip()
    most = int(question.most) if question.most else (LONGEST_SHORT if is_short else LONGEST_LONG)
    if len(value) > most:
        sentence = _l("At most %(max)d characters fit here; %(typed)d were typed.", max=most, typed=len(value))
        return Checked(problem=sentence)
    return Checked(value or None)


def _check_number(question: QuestionTerms, text: str) -> Checked:
    number = _number(text)
    if number is None:
        return Checked(problem=_l("Write a number with at most two decimals, for example 12 or 12,5."))
    if (question.least and number < Decimal(question.least)) or (question.most and number > Decimal(question.most)):
        return Checked(problem=_range_sentence(question))
    return Checked(str(number))


def _check_date(question: QuestionTerms, text: str) -> Checked:
    day = _date(text)
    if day is None:
        return Checked(problem=_l("Write a date with day, month and year, for example 8/7/2019."))
    value = day.isoformat()
    if (question.least and value < question.least) or (question.most and value > question.most):
        return Checked(problem=_range_sentence(question))
    return Checked(value)


def _range_sentence(question: QuestionTerms) -> Any:
    shown = {
        name: shown_answer(question.kind, value) if value else ""
        for name, value in (("least", question.least), ("most", question.most))
    }
    if not question.most:
        return _l("At least %(least)s.", **shown)
    return _l("From %(least)s to %(most)s.", **shown) if question.least else _l("At most %(most)s.", **shown)


def _check_yes_no(question: QuestionTerms, text: str) -> Checked:
    word = squash(text).lower()
    if word in _YES_WORDS:
        return Checked(YES)
    return Checked(NO) if word in _NO_WORDS else Checked(problem=_l("Answer Yes or No."))


def _check_statement(question: QuestionTerms, text: str) -> Checked:
    word = squash(text).lower()
    if word in _NO_WORDS:
        return Checked()
    return Checked(YES) if word in _YES_WORDS else Checked(problem=_l("Tick the statement, or leave it."))


def _check_choice(question: QuestionTerms, text: str) -> Checked:
    found = _option(question, text)
    return Checked(found) if found else Checked(problem=_not_on_offer(question))


def _check_several(question: QuestionTerms, sent: Any) -> Checked:
    parts = chosen(sent) if isinstance(sent, str) else sent if isinstance(sent, list | tuple) else ()
    found = [_option(question, str(part)) for part in parts if squash(str(part))]
    if None in found:
        return Checked(problem=_not_on_offer(question))
    value = "\n".join(option for option in question.options if option in found)
    return Checked(value or None)


def _option(question: QuestionTerms, text: str) -> str | None:
    """The option that is meant, whatever its capitals."""
    wanted = squash(text)
    if wanted in question.options:
        return wanted
    return next((option for option in question.options if option.casefold() == wanted.casefold()), None)


def _not_on_offer(question: QuestionTerms) -> Any:
    return _l("Choose from: %(options)s.", options="; ".join(question.options))


def _number(text: str) -> Decimal | None:
    """A number in Indonesian or international writing, with two decimals at most: with three, a dot would mean thousands."""
    typed = squash(text).replace(" ", "")
    plain = typed.replace(".", "").replace(",", ".") if _THOUSANDS.fullmatch(typed) else typed.replace(",", ".")
    if len(plain) > LONGEST_NUMBER or not _NUMBER.fullmatch(plain):
        return None
    number = Decimal(plain).normalize()
    whole = number.quantize(Decimal(1)) if number == number.to_integral_value() else number
    return whole or Decimal(0)


def _date(text: str) -> date | None:
    typed = squash(text)
    written = _WRITTEN_DATE.fullmatch(typed)
    try:
        day = date(int(written[3]), int(written[2]), int(written[1])) if written else date.fromisoformat(typed)
    except ValueError:
        return None
    return day if day.year >= 1900 else None


_CHECKS = {
    AnswerKind.SHORT_TEXT: _check_text,
    AnswerKind.LONG_TEXT: _check_text,
    AnswerKind.NUMBER: _check_number,
    AnswerKind.DATE: _check_date,
    AnswerKind.YES_NO: _check_yes_no,
    AnswerKind.ONE_CHOICE: _check_choice,
    AnswerKind.STATEMENT: _check_statement,
}
