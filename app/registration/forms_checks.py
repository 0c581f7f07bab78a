"""How what is typed about a person is judged, whichever form or system it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.hosts.models import Host
from app.institutions.models import Institution, InstitutionCategory
from app.institutions.queries import categories_of, find_institution
from app.institutions.queries_offer import OfferedCategory, OfferedInstitution, offer_of
from app.registration.rules import (
    LONGEST,
    CategoryTerms,
    ConsentKind,
    PersonDetails,
    grade_of,
    rank_is_listed,
    types_of,
)
from app.shared import clock, identity
from app.shared.dates import local_date
from app.shared.identity import IdentityType
from app.shared.mailbox import parse_email
from app.shared.names import clean_name, clean_titles_after, name_problem, without_titles
from app.shared.phone import parse_phone
from app.shared.text import squash

Category = InstitutionCategory | OfferedCategory
LARGEST_ID = 2**31 - 1
NOT_LISTED = "other"
TOO_LONG = _l("At most %(max)d characters fit here; please shorten it.")


class PersonChecks:
    """What is asked of a person, judged from fields that have `data` and `errors`; `details()` is the canonical form of it.

    `kept`: an institution that may stay though it is retired; `number_may_follow`: a person is taken without the number that
    the category requires.
    """

    contact_required = True
    reserved_mail = False
    kept: Institution | None = None
    number_may_follow = False

    category: Any
    institution: Any
    institution_other: Any
    title_before: Any
    name: Any
    title_after: Any
    identity_type: Any
    identity_number: Any
    rank: Any
    position: Any
    email: Any
    phone: Any

    def judge_for(self, host: Host) -> None:
        """Whose directory counts; before anything is judged."""
        self.host = host
        self.categories = {category.code: category for category in self._known_categories()}
        self._read: dict[str, Any] = {}

    def details(self) -> PersonDetails:
        """Only after validation."""
        return PersonDetails(**self._read)

    def begin_reading(self) -> None:
        self._read = {
            "title_before": squash(self.title_before.data).strip(" ,;"),
            "title_after": clean_titles_after(self.title_after.data),
            "position": squash(self.position.data),
        }

    def check_person(self, valid: bool) -> bool:
        """Whether everything is right; `valid`: whether each field was right for itself."""
        category = self.categories.get(self.category.data or "")
        if category is None:
            if not self.category.errors:
                _blame(self.category, _("Choose one of the categories in the list."))
            self._check_without_category()
            return False
        terms = terms_of(category)
        self._read["category_code"] = category.code
        checks = (
            self._check_institution(category, terms),
            self._check_name(),
            self._check_identity(category, terms),
            self._check_rank(),
            self._check_email(),
            self._check_phone(),
            self._check_lengths(),
        )
        return valid and all(checks)

    def _known_categories(self) -> Sequence[Category]:
        return categories_of(self.host)

    def _check_without_category(self) -> None:
        for check in (self._check_name, self._check_email, self._check_phone):
            check()

    def _check_institution(self, category: Category, terms: CategoryTerms) -> bool:
        self._read |= {"institution_id": None, "institution_name": squash(self.institution_other.data)}
        chosen = self.institution.data or ""
        if chosen in ("", NOT_LISTED):
            if self._read["institution_name"] or not terms.institution_required:
                return True
            if chosen == NOT_LISTED:
                return _blame(self.institution_other, _("Type the name of the institution."))
            return _blame(self.institution, _("Choose the institution, or type its name in the field below."))
        institution = self._institution(chosen)
        if institution is None:
            return _blame(
                self.institution, _("Choose an institution of the list, or type its name in the field below.")
            )
        if institution.category_id != category.id:
            sentence = _(
                "%(institution)s does not belong to %(category)s. Choose another institution or another category.",
                institution=institution.name,
                category=category.name,
            )
            return _blame(self.institution, sentence)
        self._read |= {"institution_id": institution.id, "institution_name": institution.name}
        return True

    def _institution(self, chosen: str) -> Institution | OfferedInstitution | None:
        if not (chosen.isascii() and chosen.isdecimal() and int(chosen) <= LARGEST_ID):
            return None
        found = find_institution(self.host, int(chosen))
        stays = found is not None and (not found.retired or (self.kept is not None and found.id == self.kept.id))
        return found if stays else None

    def _check_name(self) -> bool:
        if problem := name_problem(self.name.data):
            return _blame(self.name, problem)
        self._read["name"] = self._name_alone()
        return bool(self._read["name"]) or _blame(self.name, _("Type the name."))

    def _name_alone(self) -> str:
        """The name; titles typed with it go where they belong, unless something else stands there."""
        before, name, after = without_titles(self.name.data)
        titles = {"title_before": before, "title_after": after}
        if any(title and self._read.get(key) not in ("", title) for key, title in titles.items()):
            return clean_name(self.name.data)
        self._read |= {key: title for key, title in titles.items() if title}
        return name

    def _check_identity(self, category: Category, terms: CategoryTerms) -> bool:
        typed = squash(self.identity_number.data)
        self._read |= {"identity_type": IdentityType.NONE, "identity_number": None}
        if not typed and (self.number_may_follow or IdentityType.NONE in terms.accepted_types):
            return True  # whatever kind is chosen: without scripts, or by a browser's own filling, one always may be
        kind = self._identity_type(terms)
        if kind not in terms.accepted_types:
            kinds = ", ".join(str(one.label) for one in terms.accepted_types)
            sentence = _("For %(category)s choose one of: %(kinds)s.", category=category.name, kinds=kinds)
            return _blame(self.identity_type, sentence)
        if kind is IdentityType.NONE:
            return _blame(self.identity_type, _("Choose which kind of number you have typed."))
        checked = identity.check(kind, typed, today=self._today)
        if checked.problem:
            return _blame(self.identity_number, checked.problem)
        self._read |= {"identity_type": kind, "identity_number": checked.number}
        return True

    def _identity_type(self, terms: CategoryTerms) -> IdentityType | None:
        """The kind of the number that was typed; the category's usual one where none was chosen, and the form shows it then."""
        if not self.identity_type.data:
            self.identity_type.data = terms.usual_type.value
        return next(iter(types_of([self.identity_type.data])), None)

    @property
    def _today(self) -> date:
        return local_date(clock.now(), self.host.timezone)

    def _check_rank(self) -> bool:
        typed = squash(self.rank.data)
        self._read["rank"] = typed
        if not typed or not rank_is_listed(self._read.get("identity_type", IdentityType.NONE)):
            return True
        grade = grade_of(typed)
        if grade is None:
            return _blame(
                self.rank,
                _("Choose the rank from the list, for example III/a; a PPPK types the group, for example IX."),
            )
        self._read["rank"] = grade
        return True

    def _check_email(self) -> bool:
        self._read["email"] = None
        if not self.email.data and not self.contact_required:
            return True
        read = parse_email(self.email.data, allow_reserved=self.reserved_mail)
        self._read["email"] = read.address
        return _blame(self.email, read.problem) if read.problem else True

    def _check_phone(self) -> bool:
        self._read["phone"] = None
        if not self.phone.data and not self.contact_required:
            return True
        read = parse_phone(self.phone.data)
        self._read["phone"] = read.e164
        return _blame(self.phone, read.problem) if read.problem else True

    def _check_lengths(self) -> bool:
        """Of what is stored: titles grow by the commas between them, and some letters fall apart in canonical form."""
        too_long = [name for name, most in LONGEST.items() if len(self._read.get(name, "")) > most]
        for name in too_long:
            field = getattr(self, "institution_other" if name == "institution_name" else name)
            _blame(field, TOO_LONG % {"max": LONGEST[name]})
        return not too_long


class PublicChecks(PersonChecks):
    """As the public is judged: by what the host offers, read once a process and version of it; with free consents."""

    consent_photo: Any
    consent_whatsapp: Any

    def _known_categories(self) -> list[OfferedCategory]:
        return offer_of(self.host).categories

    def _institution(self, chosen: str) -> OfferedInstitution | None:
        is_id = chosen.isascii() and chosen.isdecimal() and int(chosen) <= LARGEST_ID
        return offer_of(self.host).institutions.get(int(chosen)) if is_id else None

    @property
    def consents(self) -> frozenset[ConsentKind]:
        given = {ConsentKind.PHOTO: self.consent_photo.data, ConsentKind.WHATSAPP: self.consent_whatsapp.data}
        return frozenset(kind for kind, ticked in given.items() if ticked)


def terms_of(category: Category) -> CategoryTerms:
    """What the category asks of its people."""
    return CategoryTerms(types_of(category.identity_types), category.identity_required, category.institution_required)


def _blame(field: Any, sentence: str | None) -> bool:
    field.errors = [*field.errors, sentence]
    return False
