"""Who comes to the door without a registration, and what a phone is told where somebody has to settle it. No database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.checkin.rules import Reason
from app.registration.rules import PersonDetails
from app.shared.names import name_key

MOST_WALK_INS = 50
KEPT_NAME = 200

PARKED = {
    Reason.NO_SEAT: _l("There is no seat left. Let the person in; staff will settle it."),
    Reason.NOT_CONFIRMED: _l("This person's registration was rejected. Staff will settle it."),
    Reason.WRONG_GROUP: _l("Only some groups are expected here. Let the person in; staff will settle it."),
}
"""What is said of somebody who comes for himself, beside the reason itself."""
PARKED_FOR_ANOTHER = {
    Reason.UNKNOWN: _l("The ticket of the person represented is not known. Staff will settle it."),
    Reason.OTHER_STAGE: _l("The ticket of the person represented is for another stage. Staff will settle it."),
    Reason.CANCELLED: _l("The registration of the person represented was cancelled. Staff will settle it."),
    Reason.NOT_CONFIRMED: _l("The person represented has no seat to give. Staff will settle it."),
    Reason.NO_SEAT: _l("The person represented has been admitted already. Staff will settle it."),
}
"""What is said of somebody who comes for another: why that one's seat could not be given to him."""


@dataclass(frozen=True, kw_only=True)
class Newcomer:
    """What the form at the door says of a person, in canonical form.

    `category` is empty only where somebody is represented, whose unsur and institution hold then; `represents` is the digest
    of that one's ticket or badge.
    """

    title_before: str = ""
    name: str
    title_after: str = ""
    category: str = ""
    institution_id: int | None = None
    institution: str = ""
    position: str = ""
    phone: str | None = None
    represents: str | None = None

    def kept(self) -> dict[str, Any]:
        """As an incident keeps it until it is settled."""
        return {name: value for name, value in asdict(self).items() if value not in ("", None)}

    @classmethod
    def of_kept(cls, kept: Mapping[str, Any]) -> Newcomer:
        known = {name: kept[name] for name in cls.__dataclass_fields__ if name in kept}
        return cls(**known)

    def details(self, *, category: str) -> PersonDetails:
        """As the person is registered; `category` where none was asked for."""
        return PersonDetails(
            title_before=self.title_before,
            name=self.name,
            title_after=self.title_after,
            category_code=self.category or category,
            institution_id=self.institution_id,
            institution_name=self.institution,
            position=self.position,
            phone=self.phone,
        )


def parked_sentence(reason: Reason | None, *, for_another: bool) -> str | None:
    """What a phone is told of a walk-in that staff must settle."""
    sentence = (PARKED_FOR_ANOTHER if for_another else PARKED).get(reason) if reason else None
    return str(sentence) if sentence else None


def may_be(kept: Mapping[str, Any], *, names: set[str], phones: set[str]) -> bool:
    """Whether what an incident keeps is perhaps about a person: same phone, or same name and no other phone.

    `names` are name keys. Its like is rules.same_person of registration, which cannot say so of somebody without phone.
    """
    phone = kept.get("phone")
    if phone in phones:
        return True
    same_name = name_key(kept.get("name"), KEPT_NAME) in names
    return same_name and not (phone and phones)
