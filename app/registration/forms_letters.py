"""The form of how a stage's letters of invitation are written."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import ValidationError

from app.paper.pages import Paper
from app.registration.forms_person import at_most
from app.registration.models_letters import LetterSettings
from app.registration.queries_invitations import TEXTS
from app.registration.rules_invitations import CLOSING, OPENING, PLACEHOLDERS, strange_placeholders
from app.shared import clock, identity
from app.shared.identity import IdentityType
from app.web.fields import options
from app.web.forms import BaseForm

LONGEST_TEXT = 2000


class LetterForm(BaseForm):
    """Texts and signer; `values` are the columns of LetterSettings. A text that is the usual one is kept as empty."""

    paper = RadioField(_l("Paper"), choices=options((one.value, one.value) for one in (Paper.A4, Paper.F4)))
    place = StringField(_l("Place of writing"), [at_most(100)])
    subject = StringField(_l("Subject (Hal)"), [at_most(200)])
    attachment = StringField(_l("Attachment (Lampiran)"), [at_most(60)])
    opening = TextAreaField(_l("Before the details"), [at_most(LONGEST_TEXT)])
    closing = TextAreaField(_l("After the details"), [at_most(LONGEST_TEXT)])
    signer_capacity = StringField(_l("Capacity of the signer"), [at_most(120)])
    signer_position = StringField(_l("Position of the signer"), [at_most(160)])
    signer_name = StringField(_l("Name of the signer, with titles"), [at_most(200)])
    signer_rank = StringField(_l("Rank of the signer"), [at_most(60)])
    signer_nip = StringField(_l("NIP of the signer"), [at_most(40)])
    copies = TextAreaField(_l("Copies to (Tembusan), one a line"), [at_most(1000)])

    @classmethod
    def of(cls, settings: LetterSettings) -> LetterForm:
        """Filled with what is kept; where nothing is, with the usual texts."""
        shown = {
            "opening": settings.opening or OPENING,
            "closing": settings.closing or CLOSING,
            "signer_nip": identity.shown(IdentityType.NIP, settings.signer_nip or None),
            "paper": settings.paper.value,
        }
        return cls(data={name: getattr(settings, name) for name in TEXTS} | shown)

    def validate_opening(self, field: TextAreaField) -> None:
        _check_placeholders(field.data or "")

    def validate_closing(self, field: TextAreaField) -> None:
        _check_placeholders(field.data or "")

    def validate_signer_nip(self, field: StringField) -> None:
        checked = identity.check(IdentityType.NIP, field.data, today=clock.now().date()) if field.data else None
        if checked is not None and checked.problem:
            raise ValidationError(checked.problem)

    @property
    def values(self) -> dict[str, Any]:
        """What is kept, with the NIP in its canonical form."""
        typed = {name: field.data or "" for name, field in self._fields.items() if name != self.meta.csrf_field_name}
        nip = identity.check(IdentityType.NIP, typed["signer_nip"], today=clock.now().date()).number
        return typed | {
            "paper": Paper(self.paper.data),
            "opening": "" if typed["opening"] == OPENING else typed["opening"],
            "closing": "" if typed["closing"] == CLOSING else typed["closing"],
            "signer_nip": nip or "",
        }


def _check_placeholders(text: str) -> None:
    strange = strange_placeholders(text)
    if strange:
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise ValidationError(_("{%(name)s} is not known. Known are: %(known)s.", name=strange[0], known=known))
