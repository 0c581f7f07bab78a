"""Forms of the directory of institutions."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import DataRequired, Length

from app.institutions.models import InstitutionCategory
from app.institutions.rules import NAME_LENGTH, SHORT_NAME_LENGTH
from app.shared.identity import IdentityType
from app.web.fields import TickBoxes, options
from app.web.forms import BaseForm

KIND_CHOICES = options((kind.value, kind.label) for kind in IdentityType)


class InstitutionForm(BaseForm):
    category = SelectField(_l("Category"))
    name = StringField(_l("Name of the institution"), [DataRequired(), Length(max=NAME_LENGTH)])
    short_name = StringField(_l("Short name"), [Length(max=SHORT_NAME_LENGTH)])

    def offer(self, categories: list[InstitutionCategory]) -> InstitutionForm:
        self.category.choices = options((category.code, category.name) for category in categories)
        return self


class CategoryForm(BaseForm):
    name = StringField(_l("Name of the category"), [DataRequired(), Length(max=120)])
    identity_types = TickBoxes(_l("Kinds of identity number"), choices=KIND_CHOICES)
    usual = SelectField(_l("The usual kind, offered first"), choices=KIND_CHOICES)
    identity_required = BooleanField(_l("A number is required"))
    institution_required = BooleanField(_l("An institution is required"))

    def chosen_types(self) -> list[IdentityType]:
        """The usual kind first, the others in their own order."""
        ticked = [IdentityType(value) for value in self.identity_types.data or []]
        usual = IdentityType(self.usual.data)
        return sorted(ticked, key=lambda kind: (kind is not usual, list(IdentityType).index(kind)))

    def show(self, sentence: Any) -> None:
        self.identity_types.errors = [str(sentence)]
