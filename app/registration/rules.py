"""Decisions of registration; no database."""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import lazy_gettext as _l

from app.shared.dates import local_date
from app.shared.identity import IdentityType
from app.shared.mailbox import address_key
from app.shared.names import name_key
from app.shared.ranks import RANKS, canonical_grade
from app.shared.text import squash


class RegistrationState(enum.Enum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    OFFERED = "offered"
    WAITLISTED = "waitlisted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class RegistrationSource(enum.Enum):
    ONLINE = "online"
    INVITATION = "invitation"
    IMPORT = "import"
    STAFF = "staff"
    WALK_IN = "walk-in"


class ConsentKind(enum.Enum):
    PHOTO = "photo"
    WHATSAPP = "whatsapp"


class Outcome(enum.Enum):
    """What became of a registration that was sent."""

    CONFIRMED = "confirmed"
    PENDING = "pending"
    WAITLISTED = "waitlisted"
    ALREADY = "already"
    REFUSED = "refused"


class Reason(enum.Enum):
    """Why something was refused."""

    NOT_OPEN_YET = "not_open_yet"
    CLOSED = "closed"
    OVER = "over"
    PREREQUISITE = "prerequisite"
    NUMBER_TAKEN = "number_taken"
    PERSON_TAKEN = "person_taken"
    FULL = "full"
    CATEGORY_FULL = "category_full"
    INSTITUTION_FULL = "institution_full"
    GROUP_FULL = "group_full"
    NOT_WAITING = "not_waiting"
    NOT_OFFERED = "not_offered"
    OFFER_PASSED = "offer_passed"
    NOT_REPLACEABLE = "not_replaceable"
    SAME_PERSON = "same_person"
    ANOTHER_PERSON = "another_person"
    NO_SEAT_LEFT = "no_seat_left"
    INVITATION_CLOSED = "invitation_closed"
    ALREADY_INVITED = "already_invited"
    DEADLINE_PASSED = "deadline_passed"
    QUOTA_BELOW_SEATS = "quota_below_seats"


STATE_LABELS = {
    RegistrationState.PENDING: _l("Waiting for approval"),
    RegistrationState.CONFIRMED: _l("Confirmed"),
    RegistrationState.OFFERED: _l("Seat offered"),
    RegistrationState.WAITLISTED: _l("Waiting list"),
    RegistrationState.REJECTED: _l("Rejected"),
    RegistrationState.CANCELLED: _l("Cancelled"),
}
SOURCE_LABELS = {
    RegistrationSource.ONLINE: _l("Online"),
    RegistrationSource.INVITATION: _l("Invitation"),
    RegistrationSource.IMPORT: _l("Import"),
    RegistrationSource.STAFF: _l("Staff"),
    RegistrationSource.WALK_IN: _l("Walk-in"),
}
REASON_LABELS = {
    Reason.NOT_OPEN_YET: _l("Registration has not opened yet."),
    Reason.CLOSED: _l("Registration has closed."),
    Reason.OVER: _l("This stage is over."),
    Reason.PREREQUISITE: _l("This stage is only for those who have a confirmed place in the stage before it."),
    Reason.NUMBER_TAKEN: _l(
        "This identity number belongs to another person. Check the number, or correct the other person first."
    ),
    Reason.PERSON_TAKEN: _l(
        "Another person of the same name has this e-mail address or mobile number, so this would be one person twice."
    ),
    Reason.FULL: _l("Every seat is taken. Raise the capacity of the stage or cancel another registration first."),
    Reason.CATEGORY_FULL: _l("Every seat of this category is taken."),
    Reason.INSTITUTION_FULL: _l("Every seat of this institution is taken."),
    Reason.GROUP_FULL: _l("Every seat of this group is taken."),
    Reason.NOT_WAITING: _l("This person is not on the waiting list."),
    Reason.NOT_OFFERED: _l("No seat is being offered to this person."),
    Reason.OFFER_PASSED: _l("The deadline has passed, and the seat was offered to the next in line."),
    Reason.NOT_REPLACEABLE: _l("Only somebody who has a seat can be replaced."),
    Reason.SAME_PERSON: _l("This is the same person; correct the details instead of replacing."),
    Reason.ANOTHER_PERSON: _l("This would be another person. To send somebody else, replace the person instead."),
    Reason.NO_SEAT_LEFT: _l("Every seat of this invitation is in use. Replace somebody, or withdraw one first."),
    Reason.INVITATION_CLOSED: _l("This invitation no longer takes names."),
    Reason.ALREADY_INVITED: _l("This institution has an invitation to this stage already."),
    Reason.DEADLINE_PASSED: _l("The deadline lies in the past; choose a later one."),
    Reason.QUOTA_BELOW_SEATS: _l("More seats are taken already; the number cannot be lower than that."),
}
CONSENT_WORDINGS = {
    ConsentKind.PHOTO: _l("Photos and recordings in which I can be recognised may be published by the organiser."),
    ConsentKind.WHATSAPP: _l("The organiser may send me messages about this event by WhatsApp."),
}
CONSENT_LABELS = {
    ConsentKind.PHOTO: _l("Publication of photos"),
    ConsentKind.WHATSAPP: _l("Messages by WhatsApp"),
}
HOLDS_SEAT = frozenset({RegistrationState.PENDING, RegistrationState.CONFIRMED, RegistrationState.OFFERED})
"""As does a rejected one while its rejection can be undone (rules_seats)."""
ENDED = frozenset({RegistrationState.REJECTED, RegistrationState.CANCELLED})
BY_STAFF = frozenset({RegistrationSource.STAFF, RegistrationSource.WALK_IN, RegistrationSource.IMPORT})
# Every bank and every university counts its people anew, so such a number tells a person only within its institution.
NUMBERED_BY_INSTITUTION = frozenset({IdentityType.COMPANY, IdentityType.NIM})
# What the columns hold; asked of the canonical form, which may be longer than what was typed.
LONGEST = {
    "title_before": 60,
    "name": 120,
    "title_after": 80,
    "institution_name": 200,
    "rank": 60,
    "position": 160,
}


@dataclass(frozen=True, kw_only=True)
class PersonDetails:
    """How a person registers; every value is canonical already (app.shared).

    `institution_id` is of the host's directory, None where the institution was typed or there is none.
    """

    title_before: str = ""
    name: str
    title_after: str = ""
    category_code: str
    institution_id: int | None = None
    institution_name: str = ""
    identity_type: IdentityType = IdentityType.NONE
    identity_number: str | None = None
    rank: str = ""
    position: str = ""
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class PersonKey:
    """By what two people are told apart.

    `scope` is the institution that gave the number, "" for a national one; name, e-mail and phone are in canonical form.
    """

    kind: IdentityType
    number: str | None
    scope: str
    name: str
    email: str | None
    phone: str | None


@dataclass(frozen=True)
class Window:
    """When a stage takes registrations: from `opens_at` until before `closes_at`, never after its last day in its zone."""

    opens_at: datetime
    closes_at: datetime
    ends_on: date
    zone: str


@dataclass(frozen=True)
class CategoryTerms:
    """What an unsur asks of its people."""

    identity_types: tuple[IdentityType, ...]
    identity_required: bool
    institution_required: bool

    @property
    def accepted_types(self) -> tuple[IdentityType, ...]:
        """The kinds of number on offer; going without is one of them only where no number is required."""
        numbered = tuple(kind for kind in self.identity_types if kind is not IdentityType.NONE)
        if self.identity_required and numbered:
            return numbered
        return self.identity_types if IdentityType.NONE in self.identity_types else (*numbered, IdentityType.NONE)

    @property
    def usual_type(self) -> IdentityType:
        """Of which kind a number is when nobody says; NONE where it could be of several and none is usual."""
        first, *others = self.accepted_types
        return others[0] if first is IdentityType.NONE and len(others) == 1 else first


def number_follows(terms: CategoryTerms, number: str | None) -> bool:
    """Whether a number that the category requires is still to come."""
    return number is None and IdentityType.NONE not in terms.accepted_types


def person_key(person: PersonDetails) -> PersonKey:
    """The key of a person who registers."""
    return PersonKey(
        kind=person.identity_type,
        number=person.identity_number,
        scope=number_scope(person.identity_type, person.institution_name) if person.identity_number else "",
        name=name_key(person.name, LONGEST["name"]),
        email=address_key(person.email) or None,
        phone=person.phone,
    )


def number_scope(identity_type: IdentityType, institution_name: str) -> str:
    """Within what a number is unique: "" for the whole country, else the canonical name of the institution."""
    return name_key(institution_name, LONGEST["institution_name"]) if identity_type in NUMBERED_BY_INSTITUTION else ""


def same_number(one: PersonKey, other: PersonKey) -> bool:
    return one.number is not None and (one.number, one.scope) == (other.number, other.scope)


def same_person(one: PersonKey, other: PersonKey) -> bool:
    """Same identity number; without two to compare, same name and same e-mail or phone.

    Two numbers of one kind are two people, whatever else agrees. An e-mail alone proves nothing: an office often has one for all.
    """
    if same_number(one, other):
        return True
    both_numbered = one.number is not None and other.number is not None
    if both_numbered and (one.kind, one.scope) == (other.kind, other.scope):
        return False
    if one.name != other.name:
        return False
    same_email = one.email is not None and one.email == other.email
    same_phone = one.phone is not None and one.phone == other.phone
    return same_email or same_phone


def is_over(window: Window, now: datetime) -> bool:
    """Whether the last day has passed on the stage's own calendar."""
    return local_date(now, window.zone) > window.ends_on


def window_reason(window: Window, now: datetime) -> Reason | None:
    """Why nobody can register online at this moment; None while the window is open."""
    if is_over(window, now):
        return Reason.OVER
    if now < window.opens_at:
        return Reason.NOT_OPEN_YET
    if now >= window.closes_at:
        return Reason.CLOSED
    return None


def may_register_now(
    window: Window, now: datetime, *, source: RegistrationSource, prerequisite_held: bool = True
) -> Reason | None:
    """Why this person cannot register; None when only duplicates and seats are left to look at.

    `prerequisite_held`: there is no stage to have been at, or the person has a confirmed place in it.
    """
    if source not in BY_STAFF and (reason := window_reason(window, now)):
        return reason
    return None if prerequisite_held else Reason.PREREQUISITE


def source_by_staff(starts_on: date, today: date) -> RegistrationSource:
    """Whom staff add once the event has begun stands at the door."""
    return RegistrationSource.WALK_IN if today >= starts_on else RegistrationSource.STAFF


def outcome_of(state: RegistrationState) -> Outcome:
    """What the same form sent once more is told about the registration that it made."""
    outcomes = {RegistrationState.WAITLISTED: Outcome.WAITLISTED, RegistrationState.PENDING: Outcome.PENDING}
    return outcomes.get(state, Outcome.CONFIRMED)


def sees_full(*, capacity: int | None, seats_taken: int) -> bool:
    """Whether whoever registers now goes to the waiting list, as far as can be seen without taking a seat."""
    return capacity is not None and seats_taken >= capacity


def rank_is_listed(identity_type: IdentityType) -> bool:
    """Whether ranks come from the list of civil servants; TNI, Polri and others write theirs freely."""
    return identity_type is IdentityType.NIP


def grade_of(text: str) -> str | None:
    """The grade of a civil servant out of what was typed: "III/a", "Penata Muda (III/a)", "Golongan IX" or the title alone."""
    typed = squash(text)
    title, _bracket, rest = typed.partition("(")
    by_title = {rank.title.casefold(): rank.grade for rank in RANKS}
    candidates = (typed, rest.removesuffix(")"), typed.casefold().removeprefix("golongan "), typed.rpartition(",")[2])
    found = next((grade for candidate in candidates if candidate and (grade := canonical_grade(candidate))), None)
    return found or by_title.get(title.strip().casefold())


def changed_fields(before: PersonDetails, after: PersonDetails) -> list[str]:
    """The names of what a correction changes."""
    return [name for name in PersonDetails.__dataclass_fields__ if getattr(before, name) != getattr(after, name)]


def types_of(values: Collection[str]) -> tuple[IdentityType, ...]:
    """A category's stored values as enums; what is unknown is passed over."""
    known = {kind.value for kind in IdentityType}
    return tuple(IdentityType(value) for value in values if value in known)
