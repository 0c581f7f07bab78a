"""What is asked of a person, whoever fills it in."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    EmailField,
    SelectField,
    StringField,
    TelField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from app.hosts.models import Host
from app.institutions.models import Institution
from app.institutions.queries import institutions_of
from app.registration.forms_checks import LARGEST_ID as LARGEST_ID
from app.registration.forms_checks import NOT_LISTED, TOO_LONG, PersonChecks, terms_of
from app.registration.forms_checks import Category as Category
from app.registration.rules import (
    LONGEST,
    CategoryTerms,
    PersonDetails,
)
from app.shared import identity
from app.shared.identity import IdentityType
from app.shared.phone import shown_phone
from app.shared.ranks import PPPK_GRADES, RANKS, rank_label
from app.web.fields import options
from app.web.forms import BaseForm


def at_most(length: int) -> Length:
    return Length(max=length, message=TOO_LONG)


class PersonForm(PersonChecks, BaseForm):
    """What is asked of a person. After validation `details()` answers it in canonical form."""

    category = SelectField(
        _l("Category"), validators=[InputRequired(_l("Choose the category."))], validate_choice=False
    )
    institution = SelectField(_l("Institution"), validate_choice=False)
    institution_other = StringField(_l("Other institution"), validators=[at_most(LONGEST["institution_name"])])
    title_before = StringField(_l("Title before the name"), validators=[at_most(LONGEST["title_before"])])
    name = StringField(_l("Name without titles"))
    title_after = StringField(_l("Titles after the name"), validators=[at_most(LONGEST["title_after"])])
    identity_type = SelectField(_l("Kind of identity number"), validate_choice=False)
    identity_number = StringField(_l("Identity number"))
    rank = StringField(_l("Rank"), validators=[at_most(LONGEST["rank"])])
    position = StringField(_l("Position"), validators=[at_most(LONGEST["position"])])
    email = EmailField(_l("E-mail"))
    phone = TelField(_l("Mobile number (WhatsApp)"))

    def __init__(
        self,
        host: Host,
        *,
        reserved_mail: bool = False,
        kept: Institution | None = None,
        number_may_follow: bool = False,
        **kwargs: Any,
    ) -> None:
        """`reserved_mail`: take addresses such as .test; `kept`: an institution that may stay though it is retired;
        `number_may_follow`: take a person without the number that the category requires."""
        super().__init__(zone=host.timezone, **kwargs)
        self.reserved_mail = reserved_mail
        self.kept = kept
        self.number_may_follow = number_may_follow
        self.judge_for(host)
        for field in (self.name, self.email, self.phone) if self.contact_required else (self.name,):
            field.flags.required = True  # what is wrong is said by the checks below, in one sentence

    def offer(self) -> None:
        """Fill the lists, which only a page that is drawn needs."""
        self.category.choices = options(
            [
                ("", _("Choose the category")),
                *(
                    (category.code, category.name, {"data-usual": terms_of(category).accepted_types[0].value})
                    for category in self.categories.values()
                ),
            ]
        )
        self.institution.choices = [
            *options([("", _("Choose the institution")), (NOT_LISTED, _("Not in the list"), {"data-always": ""})]),
            *(_option(institution) for institution in _with_kept(institutions_of(self.host), self.kept)),
        ]
        self.identity_type.choices = options(
            [
                ("", _("Choose the kind of number")),
                *(
                    (kind.value, kind.label, {"data-category": " ".join(takers)})
                    for kind in IdentityType
                    if (
                        takers := [
                            code for code, one in self.categories.items() if kind in terms_of(one).accepted_types
                        ]
                    )
                ),
            ]
        )

    @property
    def rank_suggestions(self) -> list[tuple[str, str]]:
        """Grade and title of civil servants."""
        return [(rank.grade, rank.title) for rank in RANKS] + [(grade, "PPPK") for grade in PPPK_GRADES]

    def validate(self, extra_validators: Any = None) -> bool:
        self.begin_reading()
        return self.check_person(super().validate(extra_validators))


def _option(institution: Institution) -> SelectChoice:
    """An institution in the list, under the name of its category."""
    named = f"{institution.name} ({institution.short_name})" if institution.short_name else institution.name
    attributes = {"data-category": institution.category.code}
    return SelectChoice(str(institution.id), named, attributes, optgroup=institution.category.name)


def typed_as(person: PersonDetails, terms: CategoryTerms) -> dict[str, Any]:
    """A person as the fields of the form show him; a number that is to follow is asked for by its usual kind."""
    kind = person.identity_type if person.identity_type in terms.accepted_types else terms.usual_type
    return {
        "category": person.category_code,
        "institution": str(person.institution_id or (NOT_LISTED if person.institution_name else "")),
        "institution_other": "" if person.institution_id else person.institution_name,
        "title_before": person.title_before,
        "name": person.name,
        "title_after": person.title_after,
        "identity_type": kind.value if person.identity_number is None else person.identity_type.value,
        "identity_number": identity.shown(person.identity_type, person.identity_number),
        "rank": rank_label(person.rank),
        "position": person.position,
        "email": person.email or "",
        "phone": shown_phone(person.phone),
    }


def _with_kept(listed: list[Institution], kept: Institution | None) -> list[Institution]:
    return listed if kept is None or kept in listed else [kept, *listed]
