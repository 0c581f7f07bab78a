"""Forms of sign-in, one's own account, and an agency's users."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from app.accounts.rules import (
    NAME_LENGTH,
    PASSWORD_LENGTH,
    PASSWORD_LONGEST,
    PROGRAMME_ROLES,
    ROLE_LABELS,
    AccountRefused,
    Role,
)
from app.shared.mailbox import parse_email
from app.web.fields import EMAIL_INPUT, SECRET_INPUT, options
from app.web.forms import BaseForm

NEW_PASSWORD_HELP = _l("At least 10 characters, for example four words. Not the name or the e-mail address.")
# None is chosen beforehand, and the administrator stands last: nothing is given by oversight.
ROLE_CHOICES = options(
    [("", _l("Choose a role")), *((role.value, ROLE_LABELS[role]) for role in (*PROGRAMME_ROLES, Role.ADMINISTRATOR))]
)
_NEW = {"autocomplete": "new-password", "minlength": PASSWORD_LENGTH, "maxlength": PASSWORD_LONGEST}


class AccountForm(BaseForm):
    """A form that can show why the rules refused it."""

    def show(self, refused: AccountRefused, field_name: str) -> None:
        field = self._fields[field_name]
        field.errors = [*field.errors, str(refused.sentence)]


class SignInForm(BaseForm):
    email = StringField(
        _l("E-mail address"),
        [DataRequired(), Length(max=254)],
        render_kw=EMAIL_INPUT | {"autocomplete": "username"},
    )
    password = PasswordField(
        _l("Password"), [InputRequired(), Length(max=1000)], render_kw={"autocomplete": "current-password"}
    )
    next = HiddenField()
    typed = HiddenField()


class NameForm(AccountForm):
    name = StringField(_l("Name"), [DataRequired(), Length(max=NAME_LENGTH)], render_kw={"autocomplete": "name"})


class ChangePasswordForm(AccountForm):
    current_password = PasswordField(
        _l("Present password"), [InputRequired(), Length(max=1000)], render_kw={"autocomplete": "current-password"}
    )
    new_password = PasswordField(_l("New password"), [InputRequired()], description=NEW_PASSWORD_HELP, render_kw=_NEW)
    new_password_again = PasswordField(_l("New password once more"), [InputRequired()], render_kw=_NEW)

    def validate_new_password_again(self, field: Any) -> None:
        if field.data != self.new_password.data:
            raise ValidationError(gettext("The two new passwords differ; type them again."))


class FirstPasswordForm(AccountForm):
    """A password for somebody else; empty: one is drawn and shown once."""

    password = StringField(
        _l("Password"),
        [Length(max=PASSWORD_LONGEST)],
        description=_l("Empty: a password is made and shown once."),
        render_kw=SECRET_INPUT,
    )


class UserForm(FirstPasswordForm):
    """Someone new, or someone known by the e-mail address, with the first role."""

    email = StringField(
        _l("E-mail address"),
        [DataRequired(), Length(max=254)],
        render_kw=EMAIL_INPUT,
    )
    name = StringField(
        _l("Name"),
        [Length(max=NAME_LENGTH)],
        description=_l("Not needed for someone who has an account already."),
        render_kw={"autocomplete": "off"},
    )

    def validate_email(self, field: Any) -> None:
        problem = parse_email(field.data, allow_reserved=True).problem
        if problem:
            raise ValidationError(problem)


class HostUserForm(UserForm):
    """`offer` the programmes before validating."""

    role = SelectField(_l("Role"), [DataRequired()], choices=ROLE_CHOICES)
    programme = SelectField(_l("Programme"), coerce=int, description=_l("Not needed for an administrator."))

    def offer(self, programmes: list[tuple[int, str]]) -> HostUserForm:
        self.programme.choices = options([(0, "–"), *programmes])
        return self

    def validate_programme(self, field: Any) -> None:
        if not field.data and self.role.data != Role.ADMINISTRATOR.value:
            raise ValidationError(gettext("Choose the programme of this role."))

    @property
    def chosen_role(self) -> Role:
        return Role(self.role.data)

    @property
    def chosen_programme_id(self) -> int | None:
        return None if self.chosen_role is Role.ADMINISTRATOR else self.programme.data


class HostRoleForm(BaseForm):
    """One more role for a user of the host; `offer` the programmes before validating."""

    role = SelectField(_l("Role"), [DataRequired()], choices=ROLE_CHOICES)
    programme = SelectField(_l("Programme"), coerce=int, description=_l("Not needed for an administrator."))
    offer = HostUserForm.offer
    validate_programme = HostUserForm.validate_programme
    chosen_role = HostUserForm.chosen_role
    chosen_programme_id = HostUserForm.chosen_programme_id
