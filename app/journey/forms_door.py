"""The officer's one button on a ticket's link."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired, Regexp

from app.web.forms import BaseForm


class DoorForm(BaseForm):
    """`scan_id` is drawn when the page is shown, so that a second press is the same scan; `checkpoint` is an id."""

    checkpoint = StringField(validators=[InputRequired()])
    scan_id = StringField(validators=[InputRequired(), Regexp(r"^[A-Za-z0-9_-]{1,36}$")])
