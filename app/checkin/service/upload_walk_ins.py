"""An upload of walk-ins, read item by item: what cannot be read is answered with its field and a sentence, and spoils no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app.checkin.rules import Decision
from app.checkin.rules_history import LETS_IN
from app.checkin.rules_walk_ins import Newcomer
from app.checkin.service.upload import HASH, SCAN_ID, WrongField, read_moment, read_optional_decision
from app.hosts.models import Host
from app.institutions.models import Institution
from app.institutions.queries import find_institution
from app.institutions.queries_offer import OfferedCategory, OfferedInstitution, offer_of
from app.registration.rules import LONGEST
from app.shared.names import name_problem, without_titles
from app.shared.phone import parse_phone
from app.shared.text import squash

LARGEST_ID = 2**31 - 1
LONGEST_TYPED = 400  # nothing longer is looked at


@dataclass(frozen=True, kw_only=True)
class WalkIn:
    """One form of the door as a device reports it; `occurred_at` by the device's own clock, in UTC."""

    scan_id: str
    occurred_at: datetime
    newcomer: Newcomer
    offline_decision: Decision | None = None


@dataclass(frozen=True, kw_only=True)
class MalformedWalkIn:
    """A form that cannot be read: the first field that is wrong, a sentence about it, and its scan id if it has one."""

    scan_id: str | None
    field: str
    detail: str


class _Wrong(ValueError):
    def __init__(self, field: str, detail: str | None) -> None:
        super().__init__(field)
        self.field, self.detail = field, detail or ""


def read_walk_in(raw: Any, host: Host) -> WalkIn | MalformedWalkIn:
    """Read one element of `walk_ins` (interface.md), by the directory of `host`."""
    if not isinstance(raw, dict):
        return MalformedWalkIn(scan_id=None, field="walk_ins", detail=_("Each walk-in is a JSON object."))
    scan_id = raw.get("scan_id")
    if not isinstance(scan_id, str) or not SCAN_ID.fullmatch(scan_id):
        sentence = _("“scan_id” is drawn by the device: 1 to 36 letters, digits, “-” and “_”.")
        return MalformedWalkIn(scan_id=None, field="scan_id", detail=sentence)
    try:
        return WalkIn(
            scan_id=scan_id,
            occurred_at=_moment(raw),
            newcomer=_newcomer(raw, host),
            offline_decision=_offline_decision(raw),
        )
    except _Wrong as wrong:
        return MalformedWalkIn(scan_id=scan_id, field=wrong.field, detail=wrong.detail)


def _moment(raw: Mapping[str, Any]) -> datetime:
    try:
        return read_moment(raw.get("occurred_at"), "occurred_at")
    except WrongField as error:
        raise _Wrong(error.field, moment_sentence(error.field)) from None


def moment_sentence(field: str) -> str:
    return _("“%(field)s” is a time in ISO 8601 with its offset.", field=field)


def _offline_decision(raw: Mapping[str, Any]) -> Decision | None:
    """A form of somebody whom a phone alone turned away is none: it would register him."""
    try:
        decision = read_optional_decision(raw.get("offline_decision"))
    except WrongField:
        decision = Decision.REFUSED
    if decision is not None and decision not in LETS_IN:
        decisions = ", ".join(sorted(one.value for one in LETS_IN))
        raise _Wrong("offline_decision", _("“offline_decision” is one of: %(decisions)s.", decisions=decisions))
    return decision


def _newcomer(raw: Mapping[str, Any], host: Host) -> Newcomer:
    represents = _represents(raw.get("represents"))
    before, name, after = _name(_text(raw, "name", most=None))
    return Newcomer(
        title_before=before,
        name=name,
        title_after=after,
        **_institution(raw, host, asked=represents is None),
        position=_text(raw, "position", most=LONGEST["position"]),
        phone=_phone(_text(raw, "phone", most=None)),
        represents=represents,
    )


def _text(raw: Mapping[str, Any], field: str, *, most: int | None) -> str:
    value = raw.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _Wrong(field, _("This value is of the wrong kind."))
    text = value if most is None else squash(value)
    if most is not None and len(text) > most:
        raise _Wrong(field, _("At most %(max)d characters fit here; please shorten it.", max=most))
    return text


def _name(typed: str) -> tuple[str, str, str]:
    """Titles before, the name alone, titles after."""
    if problem := name_problem(typed):
        raise _Wrong("name", problem)
    parts = without_titles(typed)
    if not parts[1]:
        raise _Wrong("name", _("Type the name."))
    for part, column in zip(parts, ("title_before", "name", "title_after"), strict=True):
        if len(part) > LONGEST[column]:
            raise _Wrong("name", _("At most %(max)d characters fit here; please shorten it.", max=LONGEST[column]))
    return parts


def _phone(typed: str) -> str | None:
    if not squash(typed[:LONGEST_TYPED]):
        return None
    read = parse_phone(typed[:LONGEST_TYPED])
    if read.problem:
        raise _Wrong("phone", read.problem)
    return read.e164


def _represents(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not HASH.fullmatch(value):
        raise _Wrong("represents", _("“represents” is the SHA-256 of a ticket's or badge's code, as 64 hex digits."))
    return value.lower()


def _institution(raw: Mapping[str, Any], host: Host, *, asked: bool) -> dict[str, Any]:
    """Unsur and institution: the chosen one's, or what was typed with a category. Not `asked`: of who comes for another."""
    typed = _text(raw, "institution", most=LONGEST["institution_name"])
    chosen = raw.get("institution_id")
    if chosen not in (None, ""):
        institution = _chosen(chosen, host)
        category = next(one for one in offer_of(host).categories if one.id == institution.category_id)
        return {"category": category.code, "institution_id": institution.id, "institution": institution.name}
    code = _text(raw, "category", most=30)
    if not asked and not code:
        return {"institution": typed}
    category = _category(code, host)
    if asked and category.institution_required and not typed:
        raise _Wrong("institution", _("Choose the institution, or type its name."))
    return {"category": category.code, "institution": typed}


def _chosen(chosen: Any, host: Host) -> Institution | OfferedInstitution:
    """Also one that was retired since the phone fetched the list: who stands there is of that institution all the same."""
    digits = isinstance(chosen, str) and chosen.isascii() and chosen.isdecimal() and len(chosen) <= len(str(LARGEST_ID))
    number = int(chosen) if digits else chosen
    if isinstance(number, int) and not isinstance(number, bool) and 0 < number <= LARGEST_ID:
        found = offer_of(host).institutions.get(number) or find_institution(host, number)
        if found is not None:
            return found
    raise _Wrong("institution_id", _("Choose an institution of the list, or type its name."))


def _category(code: str, host: Host) -> OfferedCategory:
    found = next((one for one in offer_of(host).categories if one.code == code), None)
    if found is None:
        raise _Wrong("category", _("Choose one of the categories in the list."))
    return found
