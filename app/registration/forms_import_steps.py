"""The forms by which staff say what the columns of a table hold, and that it is to be imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField

from app.programmes.models import Stage
from app.registration.models_imports import ImportRow, ImportRun
from app.registration.queries_questions import terms_asked
from app.registration.rules_answers import AnswerKind
from app.registration.rules_import import FIELD_LABELS, ImportMode, lacking, question_key
from app.shared.cells import column_letter
from app.shared.text import shorten
from app.web.fields import options
from app.web.forms import BaseForm

SAMPLE = 28


def question_titles(stage: Stage) -> dict[str, str]:
    """The stage's own questions that a cell can answer, by the key of their column."""
    asked = [one for one in terms_asked(stage) if one.kind is not AnswerKind.FILE]
    return {question_key(one.id): one.text for one in asked}


class ColumnsForm(BaseForm):
    """For everything that is known of a person, the column that holds it. Make it with `for_run`."""

    category = SelectField(_l("Category of the rows that name none"), validate_choice=False)

    @classmethod
    def for_run(cls, run: ImportRun, first: Sequence[ImportRow], categories: Mapping[str, str]) -> ColumnsForm:
        """`first`: some rows, out of which each column is shown an example; `categories`: names by code."""
        labels = {kind.value: label for kind, label in FIELD_LABELS.items()} | question_titles(run.stage)
        fields: dict[str, Any] = {key: SelectField(label, validate_choice=False) for key, label in labels.items()}
        known = {key: str(place) for key, place in run.columns.items()}
        form = type("ColumnsForm", (cls,), {_name(key): made for key, made in fields.items()})(
            data={_name(key): place for key, place in known.items()} | {"category": run.category}
        )
        form.keys = list(labels)
        form.places = {str(place): place for place in range(len(run.header))}
        form.categories = categories
        for key in form.keys:
            form.field_of(key).choices = [*options([("", _("Not in this table"))]), *options(_columns(run, first))]
        form.category.choices = options([("", _("None: such rows are wrong")), *categories.items()])
        return form

    def field_of(self, key: str) -> Any:
        """The list of what a key holds."""
        return self[_name(key)]

    @property
    def columns(self) -> dict[str, int]:
        """Which column (from 0) holds what."""
        chosen = {key: self.places.get(self.field_of(key).data or "") for key in self.keys}
        return {key: place for key, place in chosen.items() if place is not None}

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if self.category.data and self.category.data not in self.categories:
            self.category.errors = [_("Choose one of the categories in the list.")]
            valid = False
        taken: dict[int, str] = {}
        for key, place in self.columns.items():
            if place in taken:
                first = self.field_of(taken[place]).label.text
                self.field_of(key).errors = [
                    _("This column is “%(first)s” already; a column holds one thing.", first=first)
                ]
                valid = False
            taken.setdefault(place, key)
        if problem := lacking(self.columns):
            self.form_errors.append(problem)
            return False
        return valid


class StartForm(BaseForm):
    """How a table that was looked at is imported."""

    mode = RadioField(_l("If a row cannot be imported"))
    mailed = BooleanField(_l("Send everybody who is new the ticket by e-mail"), default=True)

    def offer(self, *, failed: int) -> StartForm:
        """Where rows are known to be wrong, all of them cannot be imported."""
        every = (ImportMode.ALL.value, _("Import nothing: all rows or none"))
        good = (ImportMode.GOOD.value, _("Import the others, and list those that were left out"))
        self.mode.choices = options([good] if failed else [every, good])
        if not self.is_submitted():
            self.mode.data = self.mode.choices[0].value
        return self


def _name(key: str) -> str:
    """The name of the field; that of the rows without a category has its own."""
    return f"column_{key.replace('-', '_')}"


def _columns(run: ImportRun, first: Sequence[ImportRow]) -> list[tuple[str, str]]:
    """Those with a name or with something in them."""
    offered = []
    for place, name in enumerate(run.header):
        sample = next((said for row in first if (said := shorten(row.cells[place][0], SAMPLE))), "")
        if name or sample:
            called = shorten(name, 60) or _("Column %(letter)s", letter=column_letter(place))
            offered.append((str(place), f"{called} – {sample}" if sample else called))
    return offered
