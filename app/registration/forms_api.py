"""A registration that another system sends, judged by the very rules of the form that people fill in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import SelectField
from wtforms.validators import StopValidation, ValidationError

from app.hosts.models import Host
from app.hosts.queries import OfferedNotice
from app.registration.forms import RegistrationForm
from app.registration.forms_checks import PublicChecks
from app.registration.forms_questions import OwnAnswersForm, field_name
from app.registration.rules_answers import Value
from app.registration.rules_questions import AnswerKind, QuestionTerms
from app.web.forms import tidy_line

PERSON = frozenset(
    {
        "title_before",
        "name",
        "title_after",
        "category",
        "institution",
        "institution_other",
        "identity_type",
        "identity_number",
        "rank",
        "position",
        "email",
        "phone",
    }
)
TICKED = frozenset({"notice", "consent_photo", "consent_whatsapp"})
OTHERS = frozenset({"answers", "groups"})
FIELDS = {
    name: getattr(RegistrationForm, name)
    for name in sorted(PERSON | TICKED, key=lambda name: int(getattr(RegistrationForm, name).creation_counter))
}
"""The form's own fields, unbound, in its order."""
VALIDATORS = {name: tuple(unbound.kwargs.get("validators", ())) for name, unbound in FIELDS.items()}
CHOSEN = frozenset(name for name, unbound in FIELDS.items() if issubclass(unbound.field_class, SelectField))


class SentField:
    """A value as a field of the form holds it."""

    def __init__(self, name: str, data: Any) -> None:
        self.name = name
        self.data = data
        self.raw_data = [] if data is None else [data]
        self.errors: list[Any] = []

    def validate(self, validators: Iterable[Any]) -> bool:
        for validator in validators:
            try:
                validator(None, self)
            except StopValidation as stopped:
                self.errors.append(stopped.args[0])
                break
            except ValidationError as wrong:
                self.errors.append(wrong.args[0])
        return not self.errors


class SentForm(PublicChecks):
    """Names are those of the form; `answers` go by the id of the question, `groups` are ids.

    It is judged by the form's own checks and validators, but without its fields, which cost more than the judging. A system has
    no page that could grow old: there is no token, and the notice that is acknowledged is the one in force.
    """

    def __init__(
        self,
        host: Host,
        body: Mapping[str, Any],
        *,
        shown: OfferedNotice,
        questions: Collection[QuestionTerms],
        groups: Collection[int],
        reserved_mail: bool,
    ) -> None:
        self.body = body
        self.shown = shown
        self.questions = list(questions)
        self.answers: dict[int, Value] = {}
        self.reserved_mail = reserved_mail
        self._asked = {str(question.id): question for question in questions}
        self.problems = {**dict(_misshapen(body, self._asked)), **_wrong_groups(body.get("groups"), groups)}
        self.judge_for(host)
        sent = {name: None if name in self.problems else body.get(name) for name in FIELDS}
        self._fields = {name: SentField(name, _as_typed(name, value)) for name, value in sent.items()}
        vars(self).update(self._fields)

    def judge(self) -> dict[str, str]:
        """The first sentence about each name that is wrong; none where all is right."""
        self.begin_reading()
        right = [field.validate(VALIDATORS[name]) for name, field in self._fields.items()]
        self.check_person(all(right))
        wrong = {name: str(field.errors[0]) for name, field in self._fields.items() if field.errors}
        return wrong | self._judge_answers() | self.problems

    def _judge_answers(self) -> dict[str, str]:
        """By the fields of the questions themselves."""
        if not self.questions:
            return {}
        category = self.category.data or ""
        sent = MultiDict([("category", category), *_answers(self.body, self.problems, self._asked)])
        form = OwnAnswersForm(category, {}, questions=self.questions, formdata=sent, meta={"csrf": False})
        form.validate()
        self.answers = form.answers
        named = {field_name(question.id): f"answers.{question.id}" for question in self.questions}
        return {named[field.name]: sentence for field, sentence in form.visible_errors}

    @property
    def group_ids(self) -> frozenset[int]:
        return frozenset(self.body.get("groups") or ())


def _misshapen(body: Mapping[str, Any], questions: Mapping[str, QuestionTerms]) -> Iterator[tuple[str, str]]:
    """What is wrong before anything is judged: unknown names, and values of another kind."""
    for name, value in body.items():
        if name in PERSON:
            right = value is None or isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))
        elif name in TICKED:
            right = isinstance(value, bool)
        elif name in OTHERS:
            continue
        else:
            yield name, _("There is no such field.")
            continue
        if not right:
            yield name, _("This value is of the wrong kind.")
    yield from _misshapen_answers(body.get("answers"), questions)


def _misshapen_answers(answers: Any, questions: Mapping[str, QuestionTerms]) -> Iterator[tuple[str, str]]:
    if answers is None:
        return
    if not isinstance(answers, dict):
        yield "answers", _("This value is of the wrong kind.")
        return
    for number, value in answers.items():
        question = questions.get(number)
        if question is None:
            yield f"answers.{number}", _("There is no such question.")
        elif question.kind is AnswerKind.FILE:
            yield f"answers.{number}", _("A file is handed in through the form only.")
        elif not _is_answer(value):
            yield f"answers.{number}", _("This value is of the wrong kind.")


def _is_answer(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(one, str) for one in value)
    return value is None or isinstance(value, str | int | float)


def _as_typed(name: str, value: Any) -> Any:
    """A value of the body as a field of the form would hold it."""
    if name in TICKED:
        return bool(value)
    if value is None or name in CHOSEN:
        return value if value is None else str(value)
    return tidy_line(str(value))


def _answers(
    body: Mapping[str, Any], problems: Mapping[str, str], questions: Mapping[str, QuestionTerms]
) -> Iterator[tuple[str, str]]:
    answers = body.get("answers")
    for number, value in answers.items() if isinstance(answers, dict) else ():
        question = questions.get(number)
        if question is None or f"answers.{number}" in problems:
            continue
        left_out = value is None or (value is False and question.kind is AnswerKind.STATEMENT)
        for one in () if left_out else value if isinstance(value, list) else [value]:
            yield field_name(question.id), _text(one)


def _wrong_groups(sent: Any, known: Collection[int]) -> dict[str, str]:
    if sent is None:
        return {}
    if not isinstance(sent, list) or not all(isinstance(one, int) and not isinstance(one, bool) for one in sent):
        return {"groups": _("This value is of the wrong kind.")}
    return {} if set(sent) <= set(known) else {"groups": _("There is no such group in this programme.")}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
