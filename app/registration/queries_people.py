"""Lists of a stage's people: narrowed by what stands in an address, in the order asked for, and read a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.extensions import db
from app.institutions.models import InstitutionCategory
from app.programmes.models import Stage
from app.registration.models import Registration, registration_group
from app.registration.queries_questions import leaves_open, questions_of
from app.registration.rules import ENDED, RegistrationSource, RegistrationState
from app.registration.rules_people import Answering, Mailbox, PeopleOrder, Queue, Sorting
from app.shared.codes import canonical, is_code
from app.shared.names import sort_key
from app.shared.text import squash

FEWEST_DIGITS = 3
LONGEST_SEARCH = 100
MOST_TICKED = 500
BATCH = 500
BY_NAME = Sorting()
Kind = TypeVar("Kind", bound=Enum)


@dataclass(frozen=True, kw_only=True)
class PeopleFilter:
    """What a list of people is narrowed to.

    `state` is one, `states` are several (of any of them); `category` is a code, `institution` and `group` are ids, `q` is what
    was typed; `ids` are people ticked one by one.
    """

    state: RegistrationState | None = None
    states: frozenset[RegistrationState] = frozenset()
    category: str = ""
    institution: int | None = None
    group: int | None = None
    q: str = ""
    source: RegistrationSource | None = None
    mailbox: Mailbox | None = None
    queue: Queue | None = None
    answering: Answering | None = None
    ids: frozenset[int] = frozenset()
    sorting: Sorting = BY_NAME

    @classmethod
    def from_address(cls, query: Mapping[str, str]) -> PeopleFilter:
        """Read the query of an address; nonsense in it narrows nothing."""
        return cls(
            states=frozenset(filter(None, (_member(RegistrationState, one) for one in _several(query, "state")))),
            category=squash(query.get("category"))[:30],
            institution=_number(query.get("institution")),
            group=_number(query.get("group")),
            q=squash(query.get("q"))[:LONGEST_SEARCH],
            source=_member(RegistrationSource, query.get("source")),
            mailbox=_member(Mailbox, query.get("mailbox")),
            queue=_member(Queue, query.get("queue")),
            answering=_member(Answering, query.get("answering")),
            ids=frozenset(filter(None, map(_number, _several(query, "id")[:MOST_TICKED]))),
            sorting=Sorting.read(query.get("sort")),
        )

    @property
    def in_states(self) -> frozenset[RegistrationState]:
        return self.states | {self.state} if self.state else self.states

    @property
    def narrows(self) -> bool:
        """Whether it leaves anybody out."""
        return replace(self, sorting=BY_NAME) != PeopleFilter()

    @property
    def narrows_more(self) -> bool:
        """Whether by anything besides the search."""
        return replace(self, sorting=BY_NAME, q="", ids=frozenset()) != PeopleFilter()


def people(stage: Stage, narrowed: PeopleFilter | None = None) -> sa.Select[Any]:
    """A select of a stage's registrations in order, with category and groups loaded in a constant number of queries."""
    wanted = narrowed or PeopleFilter()
    answering = [answers_so(stage, wanted.answering)] if wanted.answering else []
    return (
        sa.select(Registration)
        .where(Registration.stage_id == stage.id, *answering, *_conditions(wanted))
        .options(joinedload(Registration.category), selectinload(Registration.groups))
        .order_by(*_order(wanted.sorting))
    )


def answers_so(stage: Stage, answering: Answering) -> sa.ColumnElement[bool]:
    """A condition on the registrations of a stage: who has answered what it asks of him; or who has not and still can."""
    is_open = leaves_open(questions_of(stage))
    return sa.and_(is_open, Registration.state.not_in(ENDED)) if answering is Answering.OPEN else sa.not_(is_open)


def ids_in_order(statement: sa.Select[Any]) -> list[int]:
    """Of whom a select of registrations consists, in its order: a number each, however much there is to say of them."""
    return list(db.session.scalars(statement.with_only_columns(Registration.id)))


def in_batches(
    statement: sa.Select[Any], ids: Sequence[int] | None = None, *, size: int = BATCH
) -> Iterator[list[Registration]]:
    """The registrations of a select, some hundreds at a time: who reads them so never holds more of them than that.

    Whoever is removed between two batches is left out.
    """
    wanted = ids_in_order(statement) if ids is None else ids
    loaded = statement.order_by(None)
    for first in range(0, len(wanted), size):
        batch = wanted[first : first + size]
        found = {one.id: one for one in db.session.scalars(loaded.where(Registration.id.in_(batch)))}
        yield [found[one] for one in batch if one in found]


def _conditions(wanted: PeopleFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.in_states:
        conditions.append(Registration.state.in_(wanted.in_states))
    if wanted.category:
        of_code = sa.select(InstitutionCategory.id).where(InstitutionCategory.code == wanted.category)
        conditions.append(Registration.category_id.in_(of_code))
    if wanted.institution is not None:
        conditions.append(Registration.institution_id == wanted.institution)
    if wanted.group is not None:
        members = sa.select(registration_group.c.registration_id).where(registration_group.c.group_id == wanted.group)
        conditions.append(Registration.id.in_(members))
    if wanted.source is not None:
        conditions.append(Registration.source == wanted.source)
    if wanted.mailbox is not None:
        has_none = sa.or_(Registration.email.is_(None), Registration.email == "")
        conditions.append(has_none if wanted.mailbox is Mailbox.NONE else sa.not_(has_none))
    if wanted.queue is not None:
        conditions += _in_queue(wanted.queue)
    if wanted.ids:
        conditions.append(Registration.id.in_(wanted.ids))
    if wanted.q:
        conditions.append(_matches(wanted.q))
    return conditions


def _in_queue(queue: Queue) -> list[sa.ColumnElement[bool]]:
    passed_on = Registration.passed_on_at
    waits = Registration.state == RegistrationState.WAITLISTED
    return [waits, passed_on.is_not(None) if queue is Queue.PASSED_ON else passed_on.is_(None)]


def _order(sorting: Sorting) -> list[Any]:
    """Who came first decides among equals, so that no page repeats a row of another; who does not wait stands last."""
    place = {state: number for number, state in enumerate(RegistrationState)}
    keys: dict[PeopleOrder, list[Any]] = {
        PeopleOrder.NAME: [],
        PeopleOrder.INSTITUTION: [sa.func.lower(Registration.institution_name)],
        PeopleOrder.REGISTERED: [Registration.created_at],
        PeopleOrder.STATE: [sa.case(*((Registration.state == state, number) for state, number in place.items()))],
        PeopleOrder.WAITING: [Registration.waiting_since],
    }
    first: list[Any] = [Registration.waiting_since.is_(None)] if sorting.order is PeopleOrder.WAITING else []
    own = keys[sorting.order] or [Registration.sort_name]
    named = [Registration.sort_name] if keys[sorting.order] else []
    return [*first, *(key.desc() if sorting.descending else key for key in own), *named, Registration.id]


def _matches(typed: str) -> sa.ColumnElement[bool]:
    """Name in any order of its words, identity number, institution, ticket or badge, e-mail, the last digits of the phone."""
    words = sort_key(typed).split()
    nets: list[Any] = [sa.func.lower(Registration.institution_name).contains(typed.lower(), autoescape=True)]
    if words:
        nets.append(sa.and_(*(Registration.sort_name.contains(word, autoescape=True) for word in words)))
    compact = "".join(typed.split()).upper()
    if "@" in compact:
        nets.append(sa.func.lower(Registration.email).contains(compact.lower(), autoescape=True))
    digits = "".join(letter for letter in compact if letter in "0123456789")
    if digits and len(digits) >= FEWEST_DIGITS:
        nets.append(Registration.phone.endswith(_as_kept(compact, digits), autoescape=True))
        nets.append(Registration.identity_number.contains(compact.replace(".", ""), autoescape=True))
    if is_code(typed):
        nets.append(sa.or_(Registration.ticket_code == canonical(typed), Registration.badge_code == canonical(typed)))
    return sa.or_(*nets)


def _as_kept(compact: str, digits: str) -> str:
    """The last digits of a phone as they are kept: 0812… and +62 812… are one number."""
    if digits.startswith("08"):
        return digits[1:]
    return digits.removeprefix("62") if compact.startswith(("+62", "628")) and len(digits) > 8 else digits


def _several(query: Mapping[str, str], name: str) -> list[str]:
    many = getattr(query, "getlist", None)
    if many is not None:
        return list(many(name))
    return [query[name]] if name in query else []


def _member(kind: type[Kind], text: str | None) -> Kind | None:
    return next((one for one in kind if one.value == text), None)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None
