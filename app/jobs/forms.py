"""Forms of the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from app.shared.mailbox import parse_email
from app.web.fields import EMAIL_INPUT, options
from app.web.forms import BaseForm

LONGEST_REASON = 300


class ReturnedForm(BaseForm):
    """Why a mail came back, as the mailbox that got it back says."""

    reason = StringField(_l("What the returned mail says"), [Length(max=LONGEST_REASON)])


class BadAddressForm(ReturnedForm):
    """An address that mail does not reach; `host` is asked of whoever works for several agencies."""

    host = SelectField(_l("Agency"), coerce=int)
    address = StringField(_l("E-mail address"), [DataRequired()], render_kw=EMAIL_INPUT)

    def __init__(
        self, hosts: Sequence[tuple[int, str]], *args: Any, reserved_mail: bool = False, **kwargs: Any
    ) -> None:
        """`reserved_mail`: addresses of domains made for tests (RFC 2606) are taken too."""
        super().__init__(*args, **kwargs)
        self.reserved_mail = reserved_mail
        self.host.choices = options(hosts)
        if len(hosts) == 1:
            self.host.data = hosts[0][0]

    def validate_address(self, field: Field) -> None:
        read = parse_email(field.data, allow_reserved=self.reserved_mail)
        if read.address is None:
            raise ValidationError(read.problem)
        field.data = read.address
