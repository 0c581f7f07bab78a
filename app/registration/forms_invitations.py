"""Forms by which staff invite institutions: one, all of an unsur, a table of them, and the numbers on one page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, EmailField, IntegerField, SelectField, StringField, TelField
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional, ValidationError

from app.institutions.models import Institution, InstitutionCategory
from app.registration.forms_person import LARGEST_ID, at_most
from app.registration.forms_tables import TableForm
from app.registration.rules_invitations import MOST_SEATS
from app.shared.mailbox import parse_email
from app.shared.phone import parse_phone
from app.web.fields import options, sensible_year
from app.web.forms import BaseForm, LocalDateTimeField

SEATS = [
    InputRequired(_l("Type the number of people.")),
    NumberRange(1, MOST_SEATS, _l("A number from 1 to %(most)s.", most=MOST_SEATS)),
]


class InvitationTerms(BaseForm):
    """What every way to invite asks for: until when, and the letter's number and date."""

    deadline = LocalDateTimeField(
        _l("Names are taken until"), [DataRequired(_l("Choose until when names are taken.")), sensible_year]
    )
    letter_number = StringField(_l("Number of the letter"), [at_most(80)])
    letter_date = DateField(_l("Date of the letter"), [Optional(), sensible_year])

    @property
    def letter(self) -> dict[str, Any]:
        return {"letter_number": self.letter_number.data or "", "letter_date": self.letter_date.data}


class InvitationForm(InvitationTerms):
    """An invitation: `values` has what create_invitation and change_invitation take. A new one names its institution.

    `reopen` is asked of one that has ended: only then do seats and deadline count.
    """

    institution = SelectField(_l("Institution"), validate_choice=False)
    seats = IntegerField(_l("People asked for"), SEATS)
    contact_name = StringField(_l("Name of the contact"), [at_most(120)])
    contact_email = EmailField(_l("E-mail of the contact"), [at_most(254)])
    contact_phone = TelField(_l("Mobile number of the contact (WhatsApp)"), [at_most(40)])
    reopen = BooleanField(_l("Open it again with these seats and this deadline"))

    def __init__(self, *args: Any, reserved_mail: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reserved_mail = reserved_mail

    def offer(self, institutions: Sequence[Institution]) -> InvitationForm:
        """Fill the list of institutions, one of which has to be chosen."""
        listed = [("", _("Choose the institution")), *((str(one.id), _named(one)) for one in institutions)]
        self.institution.choices = options(listed)
        self.institution.validators = [DataRequired(_("Choose the institution."))]
        return self

    @property
    def institution_id(self) -> int | None:
        chosen = self.institution.data or ""
        return int(chosen) if chosen.isascii() and chosen.isdecimal() and int(chosen) <= LARGEST_ID else None

    @property
    def contact(self) -> dict[str, Any]:
        """The contact and the letter, in canonical form."""
        return self.letter | {
            "contact_name": self.contact_name.data or "",
            "contact_email": self._address or None,
            "contact_phone": parse_phone(self.contact_phone.data).e164,
        }

    @property
    def _address(self) -> str | None:
        return parse_email(self.contact_email.data, allow_reserved=self.reserved_mail).address

    def validate_contact_email(self, field: EmailField) -> None:
        read = parse_email(field.data, allow_reserved=self.reserved_mail)
        if field.data and read.problem:
            raise ValidationError(read.problem)

    def validate_contact_phone(self, field: TelField) -> None:
        read = parse_phone(field.data)
        if field.data and read.problem:
            raise ValidationError(read.problem)


class CategoryInvitationForm(InvitationTerms):
    """Every institution of an unsur is asked for so many people."""

    category = SelectField(_l("Category"), [InputRequired(_l("Choose the category."))])
    seats = IntegerField(_l("People asked of each institution"), SEATS)

    def offer(self, categories: Sequence[InstitutionCategory]) -> CategoryInvitationForm:
        listed = [("", _("Choose the category")), *((one.code, one.name) for one in categories)]
        self.category.choices = options(listed)
        return self


class InvitationTableForm(InvitationTerms, TableForm):
    """Invitations out of a table; deadline and letter are those of all."""


class InvitationsForm(BaseForm):
    """One number for each institution; empty or 0 means that it is not invited. Make it with `for_institutions`."""

    @classmethod
    def for_institutions(cls, institutions: Sequence[Institution], seats: dict[int, int]) -> InvitationsForm:
        """`seats`: the numbers asked so far, by the id of the institution."""
        limits = [Optional(), NumberRange(0, MOST_SEATS, _l("A number from 0 to %(most)s.", most=MOST_SEATS))]
        numbers: dict[str, Any] = {_key(one.id): IntegerField(one.name, limits) for one in institutions}
        form = type("InvitationsForm", (cls,), numbers)(data={_key(key): number for key, number in seats.items()})
        form.ids = [one.id for one in institutions]
        return form

    def number_of(self, institution_id: int) -> Any:
        """The field of an institution."""
        return self[_key(institution_id)]

    def seats(self) -> dict[int, int]:
        """The numbers typed, by the id of the institution."""
        return {one: self.number_of(one).data or 0 for one in self.ids}


def _key(institution_id: int) -> str:
    return f"seats_{institution_id}"


def _named(institution: Institution) -> str:
    return f"{institution.name} ({institution.short_name})" if institution.short_name else institution.name
