"""The panel's navigation: each room registers its pages, the layout shows those that the user may see."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, request, url_for


class Scope(enum.StrEnum):
    """What a section belongs to. Its value is the name of the slug in the section's URL and of the object in the template."""

    PANEL = "panel"
    HOST = "host"
    PROGRAMME = "programme"
    STAGE = "stage"


@dataclass(frozen=True, kw_only=True)
class Section:
    """One entry. `label` is lazy text; lower `order` comes first; `permission` None means all who are signed in.

    An entry of Scope.PANEL has no subject to ask a permission on; `shown` says whether it appears.
    """

    key: str
    label: Any
    endpoint: str
    icon: str
    permission: Any = None
    order: int = 100
    shown: Callable[[], bool] | None = None
    scope: Scope = Scope.STAGE


_sections: dict[tuple[Scope, str], Section] = {}


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        navigation_sections=sections, section_url=section_url, is_current_section=is_current_section
    )


def register_section(section: Section) -> None:
    """Registering the same key of a scope again replaces it."""
    _sections[section.scope, section.key] = section


def sections(scope: Scope | str) -> list[Section]:
    """The scope's entries that appear now, in their order; what needs a permission is left to the layout."""
    return [section for section in _in_order(scope) if section.shown is None or section.shown()]


def section_of(endpoint: str) -> Section | None:
    """The entry that leads to a page, or to the room that it belongs to; None where the room has several."""
    found = list(_sections.values())
    exact = [one for one in found if one.endpoint == endpoint]
    room = [one for one in found if one.endpoint.rpartition(".")[0] == endpoint.rpartition(".")[0]]
    return next(iter(exact), room[0] if len(room) == 1 else None)


def section_url(section: Section, subject: Any = None) -> str:
    """`subject` is the host, programme or stage whose page it is."""
    if section.scope is Scope.PANEL:
        return url_for(section.endpoint)
    return url_for(section.endpoint, **{section.scope.value: subject.slug})


def is_current_section(section: Section, subject: Any = None) -> bool:
    """Whether the page lies at or below the section's address and no other section of the scope fits better."""
    fitting = [one for one in _in_order(section.scope) if _lies_below(section_url(one, subject))]
    return bool(fitting) and max(fitting, key=lambda one: len(section_url(one, subject))) == section


def _in_order(scope: Scope | str) -> list[Section]:
    found = [section for section in _sections.values() if section.scope == scope]
    return sorted(found, key=lambda section: (section.order, section.key))


def _lies_below(address: str) -> bool:
    return request.path == address or request.path.startswith(address.rstrip("/") + "/")
