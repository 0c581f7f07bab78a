"""Forms about seats: a limit, a seat out of turn, and decisions on who waits for approval."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, NumberRange

from app.registration.forms_person import LARGEST_ID, at_most
from app.registration.rules_seats import QUOTA_LABELS, QuotaKind
from app.web.forms import BaseForm

MOST_SEATS = 100_000
OTHER = "other"
READY_REASONS = {
    "category": _l("The seats for this category are filled."),
    "institution": _l("The institution is represented already."),
    "audience": _l("The event is meant for other participants."),
    "data": _l("The data are incomplete or could not be verified."),
}


class QuotaForm(BaseForm):
    """How many seats an unsur, an institution or a group may have."""

    kind = SelectField(
        _l("Limit for"), [InputRequired()], choices=[(kind.value, label) for kind, label in QUOTA_LABELS.items()]
    )
    target = IntegerField(_l("For whom"), [InputRequired(_l("Choose for whom.")), NumberRange(1, LARGEST_ID)])
    capacity = IntegerField(
        _l("Seats at most"),
        [
            InputRequired(_l("Type the number of seats.")),
            NumberRange(0, MOST_SEATS, _l("A number from 0 to %(most)s.", most=MOST_SEATS)),
        ],
    )

    @property
    def quota_kind(self) -> QuotaKind:
        return QuotaKind(self.kind.data)


class GiveSeatForm(BaseForm):
    """Staff say why someone gets a seat out of turn."""

    reason = StringField(
        _l("Reason"), [DataRequired(_l("Write why the seat is given out of turn; it is kept.")), at_most(300)]
    )


class RejectForm(BaseForm):
    """Why people are rejected: one of the ready sentences, words of one's own, or both. They are mailed."""

    ready = SelectField(
        _l("Reason"), choices=[("", _l("Choose a reason")), *READY_REASONS.items(), (OTHER, _l("Another reason"))]
    )
    reason = TextAreaField(_l("In your own words"), [at_most(300)])

    @property
    def sentence(self) -> str:
        """What the people are told."""
        ready = str(READY_REASONS.get(self.ready.data or "", ""))
        return " ".join(part for part in (ready, self.reason.data or "") if part)

    def validate(self, extra_validators: object = None) -> bool:
        valid = super().validate(extra_validators)
        if valid and not self.sentence:
            field = self.reason if self.ready.data == OTHER else self.ready
            field.errors = [str(_l("Write the reason; the person is told it."))]
            return False
        return valid
