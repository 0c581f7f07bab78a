"""The form that makes a token for another system."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional

from app.accounts.rules_tokens import (
    SCOPE_LABELS,
    TOKEN_NAME_LENGTH,
    TOKEN_REFUSALS,
    ApiScope,
    TokenRefusal,
    TokenRefused,
)
from app.web.fields import TickBoxes, options, sensible_year
from app.web.forms import BaseForm, LocalDateTimeField


class TokenForm(BaseForm):
    name = StringField(
        _l("Name of the other system"),
        [DataRequired(TOKEN_REFUSALS[TokenRefusal.NO_NAME]), Length(max=TOKEN_NAME_LENGTH)],
    )
    scopes = TickBoxes(
        _l("What it may do"),
        [DataRequired(TOKEN_REFUSALS[TokenRefusal.NO_SCOPE])],
        choices=options((scope.value, SCOPE_LABELS[scope]) for scope in ApiScope),
    )
    programme = SelectField(_l("Programme"))
    expires_at = LocalDateTimeField(_l("Good until"), [Optional(), sensible_year])

    def offer(self, programmes: Sequence[tuple[int, str]]) -> TokenForm:
        self.programme.choices = options(
            [("", _l("All programmes of the agency")), *((str(number), name) for number, name in programmes)]
        )
        return self

    @property
    def chosen_scopes(self) -> list[ApiScope]:
        return [ApiScope(value) for value in self.scopes.data or ()]

    @property
    def programme_id(self) -> int | None:
        return int(self.programme.data) if self.programme.data else None

    def show(self, refused: TokenRefused) -> None:
        field = self._fields[refused.field]
        field.errors = [*field.errors, str(refused.sentence)]
