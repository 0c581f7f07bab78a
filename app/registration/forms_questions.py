"""A stage's own questions as fields in the forms of a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask_babel import gettext as _
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, Field, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.widgets import DateInput

from app.institutions.models import InstitutionCategory
from app.registration.rules_answers import (
    ANSWER_WORDS,
    LONGEST_LONG,
    LONGEST_SHORT,
    YES,
    AnswerKind,
    QuestionTerms,
    Value,
    chosen,
    shown_answer,
)
from app.registration.rules_documents import DocumentRefused, HandedIn, KeptFile, receive
from app.registration.rules_questions import (
    check_answers,
)
from app.shared.documents import ACCEPT, MOST_BYTES, Judged
from app.web import held_files
from app.web.fields import TickBoxes, options
from app.web.forms import BaseForm

FEW_OPTIONS = 6
KEPT = "_kept"
FilledAnswers = TypeVar("FilledAnswers", bound="AnswersForm")


class TypedDateField(StringField):
    """A date that the browser's calendar helps to write; what was typed is judged by the rules alone."""

    widget = DateInput()


@dataclass(frozen=True)
class AskedField:
    """A question as the form draws it. `note`: to whom it is shown, for those whose browser cannot hide it.

    `kept` carries a file that was taken already, `received` is its name, "" for none.
    """

    question: QuestionTerms
    field: Field
    kept: Field | None
    received: str
    note: str

    @property
    def categories(self) -> str:
        return " ".join(sorted(self.question.categories))

    @property
    def depends_on(self) -> str:
        return field_name(self.question.depends_on) if self.question.depends_on is not None else ""


class QuestionFields(BaseForm):
    """A form of a person that asks the stage's own questions too; after validation `answers` are canonical, by question.

    It stands before the form of the person, whose field `category` it reads. `answers_may_follow`: required ones may be left
    out. `after_questions`: the fields that the page shows below them.
    """

    answers_may_follow = False
    after_questions: tuple[str, ...] = ()

    def __init__(self, *args: Any, questions: Sequence[QuestionTerms] = (), **kwargs: Any) -> None:
        self.questions = tuple(questions)
        self.answers: dict[int, Value] = {}
        super().__init__(*args, **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        for question in self.questions:
            self._add(field_name(question.id), _field_of(question))
            if question.kind is AnswerKind.FILE:
                self._add(field_name(question.id) + KEPT, HiddenField())
            self._fields[field_name(question.id)].flags.required = question.required and not self.answers_may_follow
        for name in self.after_questions:
            self._fields.move_to_end(name)
        super().process(*args, **kwargs)

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        return self._check_answers() and valid if self.questions else valid

    def keep_files(self) -> None:
        """Lay aside the files that were taken, for a form that comes back because of something else."""
        for question in self.questions:
            value = self.answers.get(question.id)
            if isinstance(value, HandedIn):
                judged = value.judged
                held = held_files.HeldFile(value.file_name, judged.media_type, judged.suffix, judged.data)
                name = field_name(question.id)
                if not self._fields[name + KEPT].data:
                    self._fields[name + KEPT].data = held_files.hold(name, held)

    @property
    def asks_for_files(self) -> bool:
        return any(question.kind is AnswerKind.FILE for question in self.questions)

    @property
    def brings_files(self) -> bool:
        """Whether what was sent has files that are still to be judged."""
        sent = [field.data for field in self._fields.values() if isinstance(field, FileField)]
        return any(isinstance(one, FileStorage) and one.filename for one in sent)

    def asked(self, categories: Iterable[InstitutionCategory] = ()) -> list[AskedField]:
        """The questions for the page, in order."""
        names = {category.code: category.name for category in categories}
        by_id = {question.id: question for question in self.questions}
        return [
            AskedField(
                question,
                self._fields[field_name(question.id)],
                self._fields.get(field_name(question.id) + KEPT),
                self._received(question),
                " ".join(_notes(question, by_id, names)),
            )
            for question in self.questions
        ]

    def _received(self, question: QuestionTerms) -> str:
        value = self.answers.get(question.id)
        return value.file_name if isinstance(value, HandedIn | KeptFile) else ""

    def _add(self, name: str, unbound: Any) -> None:
        self._fields[name] = self.meta.bind_field(self, unbound, {"name": name, "prefix": self._prefix})

    def _check_answers(self) -> bool:
        sent, refused = {}, {}
        for question in self.questions:
            try:
                sent[question.id] = self._sent(question)
            except DocumentRefused as refusal:
                refused[question.id] = refusal.sentence
        category = self._fields["category"].data or ""
        found = check_answers(self.questions, category, sent, may_follow=self.answers_may_follow, refused=refused)
        for question_id, sentence in found.problems.items():
            field = self._fields[field_name(question_id)]
            field.errors = [*field.errors, str(sentence)]
        self.answers = dict(found.values)
        return not found.problems

    def _sent(self, question: QuestionTerms) -> Any:
        field = self._fields[field_name(question.id)]
        if question.kind is not AnswerKind.FILE:
            return field.data
        kept = self._fields[field.name + KEPT]
        if isinstance(field.data, FileStorage) and field.data.filename:
            kept.data = ""  # the newer choice counts, also where it is refused
            return receive(field.data.stream.read(MOST_BYTES + 1), field.data.filename)
        held = held_files.give_back(field.name, kept.data) if kept.data else None
        return HandedIn(held.file_name, Judged(held.media_type, held.suffix, held.data)) if held else None


class AnswersForm(QuestionFields):
    """What staff change of a person's answers; `category` is the unsur that the person is of."""

    answers_may_follow = True
    category = HiddenField()

    def __init__(self, category: str, files: Mapping[int, str], **kwargs: Any) -> None:
        """`files`: the names of those that are kept already, by question; they stay where none is chosen anew."""
        self.files = files
        super().__init__(**kwargs)
        self.category.data = category

    def _received(self, question: QuestionTerms) -> str:
        return super()._received(question) or self.files.get(question.id, "")

    def _sent(self, question: QuestionTerms) -> Any:
        sent = super()._sent(question)
        return KeptFile(self.files[question.id]) if sent is None and question.id in self.files else sent


class OwnAnswersForm(AnswersForm):
    """What the holder of a ticket answers himself: nothing that is required may stay open."""

    answers_may_follow = False


def answers_form(
    kind: type[FilledAnswers], category: str, questions: Sequence[QuestionTerms], values: Mapping[int, Value]
) -> FilledAnswers:
    """The form of a person of this unsur, filled with what he has answered, in canonical form by question."""
    files = {one.id: str(values[one.id]) for one in questions if one.kind is AnswerKind.FILE and one.id in values}
    return kind(category, files, questions=questions, data=typed_answers(questions, values))


def field_name(question_id: int) -> str:
    return f"q{question_id}"


def typed_answers(questions: Sequence[QuestionTerms], values: Mapping[int, Value]) -> dict[str, Any]:
    """Canonical answers as the fields of the form hold them, by field."""
    typed: dict[str, Any] = {}
    for question in questions:
        value = values.get(question.id)
        if not isinstance(value, str) or question.kind is AnswerKind.FILE:
            continue
        is_number = question.kind is AnswerKind.NUMBER
        typed[field_name(question.id)] = {
            AnswerKind.SEVERAL_CHOICES: list(chosen(value)),
            AnswerKind.STATEMENT: value == YES,
        }.get(question.kind, shown_answer(question.kind, value) if is_number else value)
    return typed


def _field_of(question: QuestionTerms) -> Any:
    kind, known = question.kind, {"description": question.help}
    if kind is AnswerKind.SHORT_TEXT:
        return StringField(question.text, render_kw={"maxlength": question.most or LONGEST_SHORT}, **known)
    if kind is AnswerKind.LONG_TEXT:
        return TextAreaField(question.text, render_kw={"maxlength": question.most or LONGEST_LONG, "rows": 4}, **known)
    if kind is AnswerKind.NUMBER:
        return StringField(question.text, render_kw={"inputmode": "decimal", "autocomplete": "off"}, **known)
    if kind is AnswerKind.DATE:
        limits = {"min": question.least, "max": question.most}
        written = {name: value for name, value in limits.items() if value}
        return TypedDateField(question.text, render_kw={"data-told": "", **written}, **known)
    if kind is AnswerKind.SEVERAL_CHOICES:
        return TickBoxes(
            question.text, choices=options((one, one) for one in question.options), validate_choice=False, **known
        )
    if kind is AnswerKind.FILE:
        return FileField(question.text, render_kw={"accept": ACCEPT}, **known)
    if kind is AnswerKind.STATEMENT:
        return BooleanField(question.text, **known)
    return _choice_field(question, known)


def _choice_field(question: QuestionTerms, known: dict[str, Any]) -> Any:
    pairs = [(value, answer_word(question, value)) for value in question.possible_values]
    if len(pairs) > FEW_OPTIONS:
        choices = options([("", _("Choose an answer")), *pairs])
        return SelectField(question.text, choices=choices, validate_choice=False, **known)
    if not question.required:
        pairs.append(("", _("No answer")))
    return RadioField(question.text, choices=options(pairs), validate_choice=False, default="", **known)


def answer_word(question: QuestionTerms, value: str) -> str:
    return str(ANSWER_WORDS.get((question.kind, value), value))


def _notes(question: QuestionTerms, by_id: Mapping[int, QuestionTerms], names: Mapping[str, str]) -> Iterable[str]:
    if question.categories:
        yield _(
            "Only for: %(categories)s.",
            categories=", ".join(names.get(one, one) for one in sorted(question.categories)),
        )
    shows = by_id.get(question.depends_on) if question.depends_on is not None else None
    if shows is not None:
        yield _(
            "Only if “%(question)s” is answered “%(answer)s”.",
            question=shows.text,
            answer=answer_word(shows, question.depends_value),
        )
