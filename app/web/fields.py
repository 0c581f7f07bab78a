"""Fields and their attributes that the forms of several rooms share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from wtforms import Field, Form, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

FIRST_YEAR, LAST_YEAR = 2000, 2100
EMAIL_INPUT = {
    "type": "email",
    "inputmode": "email",
    "autocomplete": "off",
    "autocapitalize": "none",
    "spellcheck": "false",
}
SECRET_INPUT = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


class TickBoxes(SelectMultipleField):
    """A list of which any number can be ticked."""

    as_choices = True
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def sensible_year(form: Form, field: Field) -> None:
    """A year that somebody meant; those at the ends of the calendar overflow once they are told on another clock."""
    if field.data is not None and not FIRST_YEAR <= field.data.year <= LAST_YEAR:
        raise ValidationError(
            gettext("The year lies between %(first)s and %(last)s.", first=str(FIRST_YEAR), last=str(LAST_YEAR))
        )


def options(pairs: Iterable[tuple[Any, ...]], *, under: str | None = None) -> list[SelectChoice]:
    """What a list offers, from (value, label) or (value, label, attributes); `under`: the heading they stand below."""
    return [SelectChoice(*pair, optgroup=under) for pair in pairs]
