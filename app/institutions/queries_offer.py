"""What the public form offers of a host's directory, read once a process and version (app/hosts/service_offer.py)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.hosts.models import Host
from app.institutions.models import InstitutionCategory
from app.institutions.queries import categories_of, institutions_of
from app.shared.kept import Kept


@dataclass(frozen=True)
class OfferedCategory:
    """As an InstitutionCategory."""

    id: int
    code: str
    name: str
    identity_types: tuple[str, ...]
    identity_required: bool
    institution_required: bool


@dataclass(frozen=True)
class OfferedInstitution:
    """As an Institution in use."""

    id: int
    name: str
    short_name: str
    category: OfferedCategory
    retired: bool = False

    @property
    def category_id(self) -> int:
        return self.category.id


@dataclass(frozen=True)
class Offer:
    """Categories and institutions in their order; `drawn` keeps the lists as the page shows them, by list and language."""

    categories: list[OfferedCategory]
    institutions: dict[int, OfferedInstitution]
    drawn: dict[tuple[str, str], Any] = field(default_factory=dict)


_offers: Kept[Offer] = Kept()


def offer_of(host: Host) -> Offer:
    return _offers.get(host.id, host.offer_version, lambda: _read(host))


def _read(host: Host) -> Offer:
    categories = {one.id: _category(one) for one in categories_of(host)}
    institutions = {
        one.id: OfferedInstitution(one.id, one.name, one.short_name, categories[one.category_id])
        for one in institutions_of(host)
    }
    return Offer(list(categories.values()), institutions)


def _category(one: InstitutionCategory) -> OfferedCategory:
    return OfferedCategory(
        one.id, one.code, one.name, tuple(one.identity_types), one.identity_required, one.institution_required
    )
