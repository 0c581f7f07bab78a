"""Forms of the holder's ticket."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length

from app.web.forms import BaseForm


class CancelForm(BaseForm):
    """The holder gives the seat back."""

    sure = BooleanField(
        _l("Yes, I cannot come"), validators=[InputRequired(_l("Tick this to cancel your registration."))]
    )
    reason = StringField(_l("Reason"), validators=[Length(max=300)])
