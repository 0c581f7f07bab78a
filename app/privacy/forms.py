"""Forms about a person's own data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from app.privacy.rules import LONGEST_TEXT, RequestKind
from app.shared.mailbox import parse_email
from app.web.fields import EMAIL_INPUT, options
from app.web.forms import BaseForm

TOO_LONG = _l("At most %(max)d characters fit here; please shorten it.")


class AskForm(BaseForm):
    """The address to which the link is mailed."""

    email = EmailField(_l("E-mail"), render_kw=EMAIL_INPUT | {"autocomplete": "email"})
    second_address = StringField(_l("Leave this field empty"))  # people do not see it; programs fill it in

    def __init__(self, *, reserved_mail: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.reserved_mail = reserved_mail
        self.email.flags.required = True
        self.address = ""

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        read = parse_email(self.email.data, allow_reserved=self.reserved_mail)
        self.address = read.address or ""
        if read.problem:
            self.email.errors = [read.problem]
        if self.second_address.data:
            self.second_address.data = self.second_address.raw_data = None
            self.form_errors.append(
                _("A hidden field had been filled in, perhaps by your browser. It is empty now: please send once more.")
            )
            return False
        return valid and not read.problem


class ChooseForm(BaseForm):
    """Which of the people of a shared address one is."""

    person = RadioField(
        _l("Who are you?"), coerce=int, validators=[InputRequired(_l("Choose your name."))], validate_choice=False
    )

    def offer(self, people: Sequence[tuple[int, str]]) -> None:
        self.person.choices = options(people)


class RequestForm(BaseForm):
    """What a person asks about his data, in his own words."""

    kind = RadioField(
        _l("What do you ask for?"),
        choices=options(
            [
                (RequestKind.CORRECTION.value, _l("Correct something that I cannot change here")),
                (RequestKind.DELETION.value, _l("Delete my data")),
            ]
        ),
        default=RequestKind.CORRECTION.value,
        validators=[InputRequired(_l("Choose what you ask for."))],
    )
    text = TextAreaField(
        _l("What is wrong, or why"),
        validators=[Length(max=LONGEST_TEXT, message=TOO_LONG)],
    )
    sure = BooleanField(_l("I know that registrations for coming events are cancelled when my data are deleted"))

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if self.kind.data == RequestKind.CORRECTION.value and not self.text.data:
            self.text.errors = [_("Write what is wrong and how it should be.")]
            return False
        if self.kind.data == RequestKind.DELETION.value and not self.sure.data:
            self.sure.errors = [_("Tick this to ask for the deletion.")]
            return False
        return valid

    @property
    def chosen(self) -> RequestKind:
        """Only after validation."""
        return RequestKind(self.kind.data)


class AcceptForm(BaseForm):
    """The clerk does what was asked, with a word to the person where one is needed."""

    answer = TextAreaField(
        _l("Message to the person"), validators=[Length(max=LONGEST_TEXT, message=TOO_LONG)], render_kw={"rows": 3}
    )


class RefuseForm(BaseForm):
    """The clerk turns a request down."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[
            DataRequired(_l("Write the reason; the person is told it.")),
            Length(max=LONGEST_TEXT, message=TOO_LONG),
        ],
        render_kw={"rows": 3},
    )
