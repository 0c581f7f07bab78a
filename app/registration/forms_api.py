"""A registration that another system sends, judged by the very form that people fill in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.hosts.models import Host
from app.hosts.queries import OfferedNotice
from app.registration.forms import RegistrationForm
from app.registration.forms_questions import field_name
from app.registration.rules_questions import AnswerKind, QuestionTerms

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


class SentForm(RegistrationForm):
    """Names are those of the form; `answers` go by the id of the question, `groups` are ids.

    A system has no page that could grow old: there is no token, and the notice that is acknowledged is the one in force.
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
        asked = {str(question.id): question for question in questions}
        self.problems = {**dict(_misshapen(body, asked)), **_wrong_groups(body.get("groups"), groups)}
        super().__init__(
            host,
            shown=shown,
            questions=list(questions),
            reserved_mail=reserved_mail,
            formdata=MultiDict([*_as_typed(body, self.problems, shown.version), *_answers(body, self.problems, asked)]),
            meta={"csrf": False},
        )

    def judge(self) -> dict[str, str]:
        """The first sentence about each name that is wrong; none where all is right."""
        if not self.validate() and not self.visible_errors:
            self.problems["body"] = " ".join(str(sentence) for sentence in self.form_errors)
        named = {field_name(question.id): f"answers.{question.id}" for question in self.questions}
        found = {named.get(field.name, field.name): sentence for field, sentence in self.visible_errors}
        return found | self.problems

    def _was_read(self) -> bool:
        return True

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


def _as_typed(body: Mapping[str, Any], problems: Mapping[str, str], version: int) -> Iterator[tuple[str, str]]:
    """The body as a form would have sent it."""
    yield from (("notice_version", str(version)), ("submission_key", ""), ("opened", ""))
    for name in PERSON & body.keys() - problems.keys():
        if body[name] is not None:
            yield name, str(body[name])
    for name in TICKED & body.keys() - problems.keys():
        if body[name]:
            yield name, "y"


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
