"""Forms of certificates."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from app.certificates import rules
from app.certificates.rules import BadPattern
from app.shared import clock, codes, identity
from app.shared.identity import IdentityType
from app.web.fields import options
from app.web.forms import BaseForm

LONGEST_REASON = 300


class CodeForm(BaseForm):
    """The code of a certificate as it was read from paper."""

    code = StringField(_l("Verification code"), [DataRequired(_l("Type the code.")), Length(max=200)])

    def validate_code(self, field: StringField) -> None:
        problem = codes.length_problem(field.data or "")
        if problem:
            raise ValidationError(problem)


class ReasonForm(BaseForm):
    """Each of these forms stands on one page with the others, so that their fields have ids of their own."""

    reason = StringField(
        _l("Reason of the new version"),
        [DataRequired(_l("State the reason.")), Length(max=LONGEST_REASON)],
        id="reissue-reason",
    )


class RevokeForm(ReasonForm):
    reason = StringField(
        _l("Reason of the revocation"),
        [DataRequired(_l("State the reason.")), Length(max=LONGEST_REASON)],
        id="revoke-reason",
        description=_l("Public: whoever verifies the certificate reads it."),
    )


class OverrideForm(ReasonForm):
    reason = StringField(
        _l("Reason of the decision"),
        [DataRequired(_l("State the reason.")), Length(max=LONGEST_REASON)],
        id="override-reason",
    )
    earned = RadioField(
        _l("Decision"),
        [DataRequired(_l("Choose a decision."))],
        choices=options([("yes", _l("Has earned the certificate")), ("no", _l("Has not earned the certificate"))]),
    )


class DesignForm(BaseForm):
    """Fields are named as in CertificateDesign."""

    title = StringField(_l("Title on the certificate"), [DataRequired(), Length(max=60)])
    paper = SelectField(_l("Paper"), choices=options([("A4", "A4"), ("F4", "F4 (215 × 330 mm)")]))
    number_pattern = StringField(_l("Pattern of the number"), [DataRequired(), Length(max=120)])
    classification = StringField(_l("Classification code"), [Length(max=30)])
    unit = StringField(_l("Unit code"), [Length(max=30)])
    first_number = IntegerField(_l("First number"), [InputRequired(), NumberRange(min=1, max=999_999)])
    place = StringField(_l("Place of signing"), [DataRequired(), Length(max=80)])
    signer_capacity = StringField(_l("Signs on behalf"), [Length(max=40)])
    signer_position = StringField(_l("Position of the signer"), [DataRequired(), Length(max=160)])
    signer_title_before = StringField(_l("Titles before the name"), [Length(max=60)])
    signer_name = StringField(_l("Name of the signer"), [DataRequired(), Length(max=120)])
    signer_title_after = StringField(_l("Titles after the name"), [Length(max=80)])
    signer_rank = StringField(_l("Rank of the signer"), [Length(max=60)])
    signer_nip = StringField(_l("NIP of the signer"), [Optional(), Length(max=40)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.signer_nip.raw_data:
            self.signer_nip.data = identity.shown(IdentityType.NIP, self.signer_nip.data)

    def validate_number_pattern(self, field: StringField) -> None:
        try:
            rules.check_pattern(
                field.data or "", classification=self.classification.data or "", unit=self.unit.data or ""
            )
        except BadPattern as problem:
            raise ValidationError(str(problem)) from problem

    def validate_signer_nip(self, field: StringField) -> None:
        checked = identity.check(IdentityType.NIP, field.data, today=clock.now().date())
        if checked.problem:
            raise ValidationError(checked.problem)

    @property
    def values(self) -> dict[str, Any]:
        """The design's fields, with the NIP in its canonical form."""
        values = {name: field.data for name, field in self._fields.items() if name != self.meta.csrf_field_name}
        nip = identity.check(IdentityType.NIP, self.signer_nip.data, today=clock.now().date()).number
        return values | {"signer_nip": nip or ""}
