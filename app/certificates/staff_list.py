"""The clerk's list: counts, a filter and a search kept in the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from flask import request
from flask_babel import lazy_gettext as _l

from app.certificates.queries import Person
from app.shared.names import sort_key
from app.web.paging import Page, page_of

Test = Callable[[Person], bool]
FILTERS: dict[str, tuple[str, Test]] = {
    "earned": (_l("Earned"), lambda person: person.standing.earned),
    "not": (_l("Not earned"), lambda person: not person.standing.earned),
    "due": (_l("To be issued"), lambda person: person.due),
    "issued": (_l("Issued"), lambda person: person.valid),
    "changed": (_l("Data changed since"), lambda person: bool(person.changed) or person.lapsed),
    "revoked": (_l("Revoked"), lambda person: person.revoked),
}


@dataclass(frozen=True)
class Listing:
    """Everyone, and of them those whom the address asks for."""

    everyone: Sequence[Person]

    @property
    def state(self) -> str:
        asked = request.args.get("state", "")
        return asked if asked in FILTERS else ""

    @property
    def query(self) -> str:
        return request.args.get("q", "").strip()[:100]

    @property
    def options(self) -> list[tuple[str, str]]:
        return [(key, label) for key, (label, _test) in FILTERS.items()]

    @cached_property
    def counts(self) -> dict[str, int]:
        return {key: sum(map(test, self.everyone)) for key, (_label, test) in FILTERS.items()}

    @cached_property
    def page(self) -> Page[Person]:
        found = [person for person in self.everyone if self._asked_for(person)]
        return page_of(found)

    def _asked_for(self, person: Person) -> bool:
        if self.state and not FILTERS[self.state][1](person):
            return False
        wanted = sort_key(self.query)
        number = person.certificate.number if person.certificate else ""
        hay = f"{person.registration.sort_name} {sort_key(person.registration.institution_name)} {sort_key(number)}"
        return wanted in hay
