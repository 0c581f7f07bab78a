"""The form that every form of the house is made from, and the fields and validators that more than one needs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileAllowed, FileSize
from wtforms import DateTimeLocalField, Field, Form, IntegerField, PasswordField, StringField, TextAreaField

from app.shared.text import storable
from app.web import csrf
from app.web.csrf import keeps_form
from app.web.sentences import Sentences

DEFAULT_ZONE = "Asia/Jakarta"
MEGABYTE = 1024 * 1024
LARGEST_NUMBER = 2**31 - 1
LOCAL_FORMAT = "%Y-%m-%dT%H:%M"


class BaseForm(FlaskForm):
    """Strips what is typed, speaks the page's language, and fails with a sentence when its page has grown too old.

    `zone` is the host's; LocalDateTimeField reads and shows wall-clock times in it.
    """

    class Meta(FlaskForm.Meta):
        zone = DEFAULT_ZONE

        def bind_field(self, form: Form, unbound_field: Any, options: dict[str, Any]) -> Field:
            kind = unbound_field.field_class
            if issubclass(kind, StringField) and not issubclass(kind, PasswordField):
                tidy = tidy_text if issubclass(kind, TextAreaField) else tidy_line
                unbound_field = _with_filter(unbound_field, tidy)
            if issubclass(kind, IntegerField):
                unbound_field = _with_filter(unbound_field, storable_number)
            return super().bind_field(form, unbound_field, options)

        def get_translations(self, form: Form) -> Sentences:
            return Sentences()

    def __init__(self, *args: Any, zone: str = DEFAULT_ZONE, **kwargs: Any) -> None:
        super().__init__(*args, meta={**kwargs.pop("meta", {}), "zone": zone}, **kwargs)

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if self.stale:
            self.form_errors.append(
                gettext("This page had been open for too long. What you typed is still here: please send it once more.")
            )
            return False
        return valid

    @property
    def stale(self) -> bool:
        """Whether only the token, not the person, is to blame."""
        token = self._fields.get(self.meta.csrf_field_name)
        return csrf.token_failed() or bool(token is not None and token.errors)

    @property
    def visible_errors(self) -> list[tuple[Field, str]]:
        """Each wrong field with its first sentence, in the order of the page."""
        token = self.meta.csrf_field_name
        return [(field, first_error(field)) for field in self if field.errors and field.name != token]


class ButtonForm(BaseForm):
    """A form of one button: nothing but the token."""


def require_token() -> None:
    """For a route behind a single button: 400 without a token."""
    if not ButtonForm().validate_on_submit():
        abort(400)


class LocalDateTimeField(DateTimeLocalField):
    """A date and time on the host's wall clock; `data` is aware, in UTC."""

    data: Any

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {"step": 60})
        super().__init__(label, validators, format=[LOCAL_FORMAT, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return " ".join(self.raw_data)
        return self.data.astimezone(self._zone).strftime(LOCAL_FORMAT) if self.data else ""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        super().process_formdata(valuelist)
        if isinstance(self.data, datetime):
            self.data = self._in_utc(self.data)

    def _in_utc(self, typed: datetime) -> datetime:
        try:
            return typed.replace(tzinfo=self._zone).astimezone(UTC)
        except OverflowError as error:  # the years 1 and 9999
            self.data = None
            raise ValueError(self.gettext("Not a valid datetime value.")) from error

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.meta.zone)


def file_types(*extensions: str) -> FileAllowed:
    """Accept only names that end so; what the bytes are is checked where they are opened."""
    shown = ", ".join(extension.upper() for extension in extensions)
    return FileAllowed(extensions, message=_l("Choose a file of this kind: %(kinds)s.", kinds=shown))


def file_size(megabytes: int) -> FileSize:
    return FileSize(megabytes * MEGABYTE, message=_l("The file may be at most %(size)s MB large.", size=megabytes))


def first_error(field: Field) -> str:
    """The first sentence about a field, out of a list within a list or a form within a form too; "" if it is right."""
    errors: Any = field.errors
    while errors and not isinstance(errors, str) and not hasattr(errors, "__html__") and hasattr(errors, "__iter__"):
        errors = next(iter(errors.values() if isinstance(errors, dict) else errors))
    return str(errors) if errors else ""


def tidy_line(text: Any) -> Any:
    """One line: nothing that cannot be stored, single spaces, none at the ends."""
    return " ".join(storable(text).split()) if isinstance(text, str) else text


def tidy_text(text: Any) -> Any:
    """Several lines with one kind of line end, none empty at the ends."""
    return storable(text).replace("\r\n", "\n").replace("\r", "\n").strip() if isinstance(text, str) else text


def storable_number(number: Any) -> Any:
    """A number that no column and no calculation could hold becomes the nearest that can be refused."""
    return max(-LARGEST_NUMBER, min(number, LARGEST_NUMBER)) if isinstance(number, int) else number


def _with_filter(unbound_field: Any, tidy: Any) -> Any:
    kwargs = {**unbound_field.kwargs, "filters": [tidy, *unbound_field.kwargs.get("filters", ())]}
    return type(unbound_field)(unbound_field.field_class, *unbound_field.args, name=unbound_field.name, **kwargs)


__all__ = [
    "BaseForm",
    "ButtonForm",
    "LocalDateTimeField",
    "file_size",
    "file_types",
    "first_error",
    "keeps_form",
    "require_token",
    "tidy_line",
    "tidy_text",
]
