"""Forms of the holder's ticket and of a stage's invitations."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from app.institutions.models import Institution
from app.web.forms import BaseForm


class CancelForm(BaseForm):
    """The holder gives the seat back."""

    sure = BooleanField(
        _l("Yes, I cannot come"), validators=[InputRequired(_l("Tick this to cancel your registration."))]
    )
    reason = StringField(_l("Reason"), validators=[Length(max=300)])


class InvitationForm(BaseForm):
    """How many people an institution is asked to send; make it with `of`."""

    institution = SelectField(_l("Institution"), coerce=int)
    seats = IntegerField(
        _l("People"),
        [InputRequired(), NumberRange(0, 999)],
        default=1,
        description=_l("0 takes the invitation back."),
    )

    @classmethod
    def of(cls, institutions: Sequence[Institution]) -> InvitationForm:
        form = cls()
        form.institution.choices = [SelectChoice(one.id, one.name) for one in institutions]
        return form
