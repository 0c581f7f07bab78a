"""Fields and their attributes that the forms of several rooms share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

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


def options(pairs: Iterable[tuple[Any, ...]], *, under: str | None = None) -> list[SelectChoice]:
    """What a list offers, from (value, label) or (value, label, attributes); `under`: the heading they stand below."""
    return [SelectChoice(*pair, optgroup=under) for pair in pairs]
