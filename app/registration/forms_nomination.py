"""Forms of an invitation's contact, and of staff who let one person take the place of another."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, ValidationError

from app.hosts.models import Host
from app.institutions.models import Institution, InstitutionCategory
from app.registration.forms import SUBMISSION_KEY
from app.registration.forms_person import Category, PersonForm, at_most, terms_of
from app.registration.forms_questions import QuestionFields
from app.registration.forms_tables import TableForm
from app.registration.models import Registration
from app.registration.models_seats import Invitation
from app.registration.rules import CategoryTerms
from app.shared.codes import new_token
from app.web.fields import options
from app.web.forms import BaseForm

TOLD = _l("Those named have been told that their data are given to the organiser, and where its privacy notice is read")

TELL_FIRST = _l("Tell the people first, then tick this; without it we may not keep their data.")


class PlacedForm(PersonForm):
    """A person of an unsur and institution that are settled already. He needs an e-mail address, a mobile number, or an identity
    number, by which he is told from others; a number that the category requires may follow."""

    category = HiddenField()
    institution = HiddenField()
    submission_key = HiddenField(default=new_token)

    contact_required = False

    def __init__(
        self,
        host: Host,
        *,
        category: InstitutionCategory,
        institution: Institution | None,
        institution_name: str,
        **kwargs: Any,
    ) -> None:
        self.placed = category
        super().__init__(host, number_may_follow=True, **kwargs)
        self.place_name = institution_name
        self._place = {
            "institution_id": institution.id if institution else None,
            "institution_name": institution_name,
        }

    def _known_categories(self) -> list[InstitutionCategory]:
        return [self.placed]

    def offer(self) -> None:
        """Fill the list of numbers with those that the category takes; its usual one is chosen."""
        terms = terms_of(self.placed)
        self.identity_type.choices = options((kind.value, kind.label) for kind in terms.accepted_types)
        self.identity_type.data = self.identity_type.data or terms.usual_type.value

    def validate(self, extra_validators: Any = None) -> bool:
        self.category.data = self.placed.code
        valid = super().validate(extra_validators)
        return self._check_recognisable() and valid

    def _check_institution(self, category: Category, terms: CategoryTerms) -> bool:
        self._read |= self._place
        return True

    def _check_recognisable(self) -> bool:
        typed = (self.email, self.phone, self.identity_number)
        if any((field.data or "").strip() for field in typed):
            return True
        sentence = _("Type the e-mail address, to which the ticket is sent, or at least the mobile number.")
        self.email.errors = [*self.email.errors, sentence]
        return False

    @property
    def usable_key(self) -> str | None:
        """The submission key, if it can be one of ours."""
        key = self.submission_key.data or ""
        return key if SUBMISSION_KEY.fullmatch(key) else None


class NominationForm(QuestionFields, PlacedForm):
    """Whom the contact names; he says that the person knows of it. What the stage asks besides may follow."""

    answers_may_follow = True
    after_questions = ("told",)

    told = BooleanField(TOLD, validators=[DataRequired(TELL_FIRST)])

    @classmethod
    def of(cls, invitation: Invitation, **kwargs: Any) -> NominationForm:
        return cls(
            invitation.stage.host,
            category=invitation.category,
            institution=invitation.institution,
            institution_name=invitation.institution.name,
            **kwargs,
        )


class SuccessorForm(PlacedForm):
    """Whom staff let come in place of another."""

    @classmethod
    def of(cls, registration: Registration, **kwargs: Any) -> SuccessorForm:
        return cls(
            registration.stage.host,
            category=registration.category,
            institution=registration.institution,
            institution_name=registration.institution_name,
            **kwargs,
        )


class NominationTableForm(TableForm):
    """Several people out of a table."""

    told = BooleanField(TOLD)

    def validate_told(self, field: BooleanField) -> None:
        if self.confirmed.data and not field.data:
            raise ValidationError(str(TELL_FIRST))


class WithdrawForm(BaseForm):
    """Why somebody is not sent after all."""

    reason = StringField(
        _l("Reason"), validators=[DataRequired(_l("Write the reason; the person is told it.")), at_most(300)]
    )


class DeclineForm(BaseForm):
    """Why the institution sends nobody."""

    reason = TextAreaField(
        _l("Reason"), validators=[DataRequired(_l("Write the reason; the organiser reads it.")), at_most(1000)]
    )


class AssignmentForm(BaseForm):
    """The letter of assignment (surat tugas), or another file of the institution."""

    file = FileField(_l("Letter of assignment (PDF, JPG or PNG, at most 5 MB)"))
