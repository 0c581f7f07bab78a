"""Long lists of a form, drawn once and then only marked: drawing a hundred options anew costs more than the rest of a page."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape
from wtforms import SelectField
from wtforms.widgets import html_params


class DrawnList:
    """A widget that shows a list whose options are HTML already; `draw` makes that HTML from a field with its choices."""

    def __init__(self, options: str) -> None:
        self.options = options

    def __call__(self, field: SelectField, **attributes: Any) -> Markup:
        named = {"id": field.id, "required": bool(field.flags.required), **attributes}
        return Markup(f"<select {html_params(name=field.name, **named)}>{self._marked(field.data)}</select>")

    def _marked(self, chosen: str | None) -> str:
        # WTForms writes the attributes in their alphabetical order, so the value comes last.
        value = f' value="{escape("" if chosen is None else chosen)}">'
        return self.options.replace(value, f" selected{value}", 1)


def draw(field: SelectField) -> str:
    """The options of a field, none of them chosen."""
    chosen, field.data = field.data, None
    html = str(type(field).widget(field))
    field.data = chosen
    return html[html.index(">") + 1 : html.rindex("</select>")]
