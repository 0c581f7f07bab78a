"""What a request proposes beside what stands now, as the clerk reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from app.institutions.queries import categories_of
from app.privacy import queries
from app.privacy.models import DataRequest
from app.privacy.rules import FIELD_LABELS, restored
from app.registration.rules import PersonDetails
from app.shared import identity
from app.shared.phone import shown_phone
from app.shared.ranks import rank_label

LEFT_TO_ANOTHER = frozenset({"institution_id"})
"""The institution is read by its name."""


@dataclass(frozen=True)
class Compared:
    """A field that is to change."""

    label: Any
    present: str
    proposed: str


def compared(request: DataRequest) -> list[Compared]:
    """Of a settled request nothing: what it proposed has long been taken over, or changed since."""
    proposed = restored(request.proposed)
    shown = queries.shown_registration(queries.registrations_of(request.participant))
    if not proposed or shown is None or request.settled_at is not None:
        return []
    details = queries.own_details(request.participant, shown)
    present = {field.name: getattr(details, field.name) for field in fields(PersonDetails)}
    names = {category.code: category.name for category in categories_of(request.host)}
    now, then = _readable(present, names), _readable(present | proposed, names)
    return [
        Compared(FIELD_LABELS[name], now[name], then[name])
        for name in present
        if name in proposed and name not in LEFT_TO_ANOTHER and now[name] != then[name]
    ]


def _readable(values: Mapping[str, Any], categories: Mapping[str, str]) -> dict[str, str]:
    said = {name: str(value or "") for name, value in values.items()}
    return said | {
        "category_code": categories.get(values["category_code"], values["category_code"]),
        "identity_type": str(values["identity_type"].label),
        "identity_number": identity.shown(values["identity_type"], values["identity_number"]),
        "rank": rank_label(values["rank"]),
        "phone": shown_phone(values["phone"]),
    }
