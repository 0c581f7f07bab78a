"""What is still asked before one thing is done to many people."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional

from app.programmes.models import Stage
from app.registration.rules_bulk import OF_GROUPS, WITH_REASON, BulkAction
from app.web.fields import options
from app.web.forms import BaseForm

LONGEST_REASON = 300


class BulkForm(BaseForm):
    """`count` is the number of people that the page named: where it is another by now, the page is shown again."""

    count = HiddenField()
    group = SelectField(_l("Group"), coerce=int)
    reason = StringField(_l("Reason"))

    def __init__(self, stage: Stage, action: BulkAction, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if action in OF_GROUPS:
            self.group.choices = options((group.id, group.name) for group in stage.programme.groups)
        else:
            del self.group
        if action in WITH_REASON:
            self.reason.validators = [
                DataRequired(_l("Write the reason; the person is told it.")),
                Length(max=LONGEST_REASON),
            ]
            self.reason.flags.required = True
        else:
            self.reason.validators = [Optional()]
            del self.reason
