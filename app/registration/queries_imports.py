"""Reads of importing: a host's directory as rows are matched with it, and the rows of an import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from app.hosts.models import Host
from app.institutions.models import Institution, InstitutionCategory
from app.institutions.queries import categories_of, institutions_of
from app.shared.names import name_key

CLOSE_ENOUGH = 0.82


@dataclass
class Directory:
    """A host's categories and the institutions in use, read once for many rows."""

    host: Host
    categories: list[InstitutionCategory]
    institutions: list[Institution]
    _suggestions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_id = {one.id: one for one in self.institutions}
        self._by_name: dict[str, list[Institution]] = {}
        for one in self.institutions:
            for called in {name_key(one.name), name_key(one.short_name)} - {""}:
                self._by_name.setdefault(called, []).append(one)
        self._categories = {name_key(said): one for one in self.categories for said in (one.name, one.code)}
        self._names = {name_key(one.name): one.name for one in self.institutions}

    def category(self, said: str) -> InstitutionCategory | None:
        """By its code or name, however written."""
        return self._categories.get(name_key(said))

    def institution(self, said: str, category: InstitutionCategory | None) -> Institution | None:
        """By its name or short name, however written; of several called so the one of the category, if that says which."""
        called = self._by_name.get(name_key(said), [])
        if len(called) > 1:
            called = [one for one in called if category is not None and one.category_id == category.id]
        return called[0] if len(called) == 1 else None

    def suggestion(self, said: str) -> str:
        """The institution that is perhaps meant by a name that nobody has; "" where none comes near."""
        key = name_key(said)
        if key not in self._suggestions:
            near = get_close_matches(key, self._names, n=1, cutoff=CLOSE_ENOUGH)
            self._suggestions[key] = self._names[near[0]] if near else ""
        return self._suggestions[key]

    @property
    def category_names(self) -> Mapping[str, str]:
        """Names by code, in their order."""
        return {one.code: one.name for one in self.categories}


def directory_of(host: Host) -> Directory:
    return Directory(host, categories_of(host), institutions_of(host))
