"""The form by which staff write a question of a stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.institutions.models import InstitutionCategory
from app.registration.forms_questions import answer_word
from app.registration.rules_answers import (
    KIND_LABELS,
    LONGEST_QUESTION,
    WITH_LENGTH,
    WITH_OPTIONS,
    AnswerKind,
    QuestionTerms,
    range_of,
    shown_answer,
)
from app.registration.rules_questions import QuestionRefusal, QuestionRefused, read_options
from app.shared.text import shorten
from app.web.fields import TickBoxes, options
from app.web.forms import BaseForm

REFUSED_FIELDS = {
    QuestionRefusal.KIND_FIXED: "kind",
    QuestionRefusal.OPTION_CHOSEN: "options",
    QuestionRefusal.OPTION_NEEDED: "options",
    QuestionRefusal.TOO_FEW_OPTIONS: "options",
    QuestionRefusal.TOO_MANY_OPTIONS: "options",
    QuestionRefusal.LONG_OPTION: "options",
    QuestionRefusal.BAD_RANGE: "least",
    QuestionRefusal.BAD_CONDITION: "condition",
}


class QuestionForm(BaseForm):
    """A question of a stage."""

    kind = SelectField(_l("Kind of answer"), choices=options((kind.value, KIND_LABELS[kind]) for kind in AnswerKind))
    text = TextAreaField(
        _l("Question or statement"),
        [DataRequired(_l("Write the question.")), Length(max=LONGEST_QUESTION)],
    )
    help = StringField(_l("Help below the question"), [Length(max=LONGEST_QUESTION)])
    required = BooleanField(_l("Must be answered"))
    options = TextAreaField(_l("Options, one a line"))
    least = StringField(_l("At least"), [Length(max=24)])
    most = StringField(_l("At most"), [Length(max=24)])
    categories = TickBoxes(_l("Only for these categories"))
    condition = SelectField(_l("Shown only when"), validate_choice=False)

    def offer(self, categories: Iterable[InstitutionCategory], earlier: Sequence[QuestionTerms]) -> None:
        """The unsur, and the answers of the questions above by which this one can be shown."""
        self.categories.choices = options((category.code, category.name) for category in categories)
        self.earlier = [question for question in earlier if question.possible_values]
        self.condition.choices = options(
            [
                ("", _("Always")),
                *(
                    (f"{question.id}:{number}", f"{shorten(question.text, 60)} → {answer_word(question, value)}")
                    for question in self.earlier
                    for number, value in enumerate(question.possible_values)
                ),
            ]
        )

    def terms(self) -> QuestionTerms:
        """What was written; raises QuestionRefused where the limits are none or the condition is unknown."""
        kind = AnswerKind(self.kind.data)
        limits = range_of(kind, self.least.data or "", self.most.data or "")
        if limits is None:
            raise QuestionRefused(QuestionRefusal.BAD_RANGE)
        depends_on, depends_value = self._condition()
        return QuestionTerms(
            id=0,
            kind=kind,
            text=self.text.data or "",
            help=self.help.data or "",
            required=bool(self.required.data),
            options=read_options(self.options.data or "") if kind in WITH_OPTIONS else (),
            least=limits[0],
            most=limits[1],
            categories=frozenset(self.categories.data or ()),
            depends_on=depends_on,
            depends_value=depends_value,
        )

    def show(self, refused: QuestionRefused) -> None:
        """Put what was refused at the field that it is about."""
        name = REFUSED_FIELDS.get(refused.refusal)
        if name is None:
            self.form_errors.append(str(refused.sentence))
        else:
            self._fields[name].errors = [*self._fields[name].errors, str(refused.sentence)]

    def _condition(self) -> tuple[int | None, str]:
        chosen_condition = self.condition.data or ""
        if not chosen_condition:
            return None, ""
        for question in self.earlier:
            for number, value in enumerate(question.possible_values):
                if chosen_condition == f"{question.id}:{number}":
                    return question.id, value
        raise QuestionRefused(QuestionRefusal.BAD_CONDITION)


def written_as(terms: QuestionTerms, earlier: Sequence[QuestionTerms]) -> dict[str, Any]:
    """A question as its form shows it."""
    shows = next((one for one in earlier if one.id == terms.depends_on), None)
    number = shows.possible_values.index(terms.depends_value) if shows else 0
    read = {
        name: value if terms.kind in WITH_LENGTH or not value else shown_answer(terms.kind, value)
        for name, value in (("least", terms.least), ("most", terms.most))
    }
    return {
        "kind": terms.kind.value,
        "text": terms.text,
        "help": terms.help,
        "required": terms.required,
        "options": "\n".join(terms.options),
        "categories": sorted(terms.categories),
        "condition": f"{terms.depends_on}:{number}" if shows else "",
        **read,
    }
