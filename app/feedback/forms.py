"""Forms of feedback: the answers to a questionnaire, the ticket that lets one answer, and the questions themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.feedback.models import Question
from app.feedback.rules import COMMITMENT_LABELS, LONGEST_TEXT, QUESTION_KIND_LABELS, SCALE_LABELS, QuestionKind
from app.web.fields import options
from app.web.forms import BaseForm


class AnswerForm(BaseForm):
    """The answers; a field for each question, named by `field_name`. Make it with `answer_form`.

    What an answer may be is decided by feedback.rules alone, so the fields themselves refuse nothing.
    """

    registration = HiddenField()

    def answers(self, questions: Sequence[Question]) -> dict[int, Any]:
        return {question.id: self[field_name(question)].data for question in questions}

    def show(self, errors: dict[int, Any], questions: Sequence[Question]) -> None:
        """Put each sentence at its question."""
        for question in questions:
            if question.id in errors:
                field = self[field_name(question)]
                field.errors = [*field.errors, str(errors[question.id])]


class TicketForm(BaseForm):
    """Who answers proves himself by the ticket's code."""

    code = StringField(_l("Code on your ticket"), [DataRequired(), Length(max=200)])


class QuestionForm(BaseForm):
    """A question of a questionnaire."""

    text = StringField(_l("Question"), [DataRequired(), Length(max=300)])
    required = BooleanField(_l("Must be answered"), default=True)


class NewQuestionForm(QuestionForm):
    kind = SelectField(
        _l("Kind of answer"), choices=options((kind.value, label) for kind, label in QUESTION_KIND_LABELS.items())
    )


def field_name(question: Question) -> str:
    return f"q{question.id}"


def answer_form(questions: Sequence[Question], **values: Any) -> AnswerForm:
    """A form with a field for each of the questions."""
    fields = {field_name(question): _field(question) for question in questions}
    return type("AnswerFormOfQuestions", (AnswerForm,), fields)(**values)


def _field(question: Question) -> Any:
    if question.kind is QuestionKind.TEXT:
        return TextAreaField(question.text, render_kw={"maxlength": LONGEST_TEXT, "rows": 4})
    labels = SCALE_LABELS if question.kind is QuestionKind.SCALE else COMMITMENT_LABELS
    choices = options((str(number), label) for number, label in labels.items())
    return RadioField(question.text, choices=choices, validate_choice=False)
