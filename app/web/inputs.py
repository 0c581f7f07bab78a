"""How one field of a form is drawn: the attributes that help a thumb on a phone and a screen reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from markupsafe import Markup
from wtforms import BooleanField, DateField, DecimalField, Field, FloatField, IntegerField, RadioField
from wtforms.fields.choices import SelectFieldBase

from app.shared.dates import zone_label
from app.web.forms import LocalDateTimeField, first_error


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(first_error=first_error, draw_input=draw_input, field_kind=field_kind)


def field_kind(field: Field) -> str:
    """Which of the macro's shapes the field takes: `checkbox`, `choices`, `hidden`, `select` or `input`."""
    if isinstance(field, RadioField) or getattr(field, "as_choices", False):
        return "choices"
    if isinstance(field, BooleanField):
        return "checkbox"
    if isinstance(field, SelectFieldBase):
        return "select"
    return "hidden" if getattr(field.widget, "input_type", "") == "hidden" else "input"


def draw_input(field: Field, class_name: str, described_by: str, attributes: Mapping[str, Any]) -> Markup:
    """The field's own HTML; `attributes` win over what the field's kind brings and over its render_kw."""
    drawn: dict[str, Any] = {**_by_kind(field), **(field.render_kw or {}), **attributes}
    drawn["class"] = " ".join(
        filter(None, (class_name, str(drawn.get("class", "")), "is-invalid" if field.errors else ""))
    )
    if described_by:
        drawn["aria-describedby"] = described_by
    if field.errors:
        drawn["aria-invalid"] = "true"
    return Markup(field(**drawn))


def _by_kind(field: Field) -> dict[str, Any]:
    if isinstance(field, IntegerField):
        return {"inputmode": "numeric"}
    if isinstance(field, DecimalField | FloatField):
        return {"inputmode": "decimal"}
    if isinstance(field, LocalDateTimeField):
        return {"data-told": zone_label(field.meta.zone)}
    if isinstance(field, DateField):
        return {"data-told": ""}
    if getattr(field.widget, "input_type", "") == "tel":
        return {"inputmode": "tel", "autocomplete": "tel"}
    if getattr(field.widget, "input_type", "") == "email":
        return {"inputmode": "email", "autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}
    return {}
