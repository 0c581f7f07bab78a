"""To register many at once, as staff do: with what would come of registering them one after another, in fewer statements.

The stage is held for all of them. Who they are is read at once, the seats of those who follow each other are counted at once,
and their rows are added in sets. Whose outcome may depend on somebody before him in the set goes through `register`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app.accounts.models import User
from app.audit.service import record_all
from app.extensions import db, transaction, wait_turn
from app.institutions.queries import categories_of
from app.programmes.models import ParticipantGroup, Stage
from app.registration import queries
from app.registration.models import Registration, registration_group
from app.registration.queries import Known
from app.registration.queries_imports import free_seats, known_people
from app.registration.rules import (
    BY_STAFF,
    Outcome,
    PersonDetails,
    PersonKey,
    RegistrationSource,
    may_register_now,
    person_key,
)
from app.registration.rules_answers import Value
from app.registration.rules_import import FreeSeats, nets
from app.registration.rules_seats import entry_state
from app.registration.service import changes, entry, participants, questions, seats
from app.registration.service.entry import Registered
from app.registration.service.registering import made, register, standing_of
from app.shared import clock

TURN = "many people of a host"


@dataclass(frozen=True)
class Entrant:
    """A person who is to be registered, with his groups and what he answers to the stage's own questions."""

    person: PersonDetails
    group_ids: frozenset[int] = frozenset()
    answers: Mapping[int, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Looked:
    """Who a person is, and what he is answered before anything is written; None where he would be new at the stage."""

    key: PersonKey
    known: list[Known]
    answer: Registered | None

    @property
    def gets_number(self) -> bool:
        """Whether a number would be added to a participant who is known without one."""
        return bool(self.answer is None and self.key.number and self.known and not self.known[0].has_number)


@dataclass(frozen=True)
class _Manner:
    source: RegistrationSource
    by: User | None
    mailed: bool


_New = tuple[Entrant, int]
"""Somebody who is not registered at the stage, and his participant."""


def look(stage: Stage, people: Sequence[PersonDetails], *, source: RegistrationSource) -> list[Looked]:
    """Look each of them up; as many queries as for one."""
    keys = [person_key(person) for person in people]
    known = known_people(stage, keys)
    required = stage.prerequisite_id
    of_all = {one.participant_id for found in known.values() for one in found}
    held = queries.with_place(of_all, required) if required is not None else of_all
    window, now = queries.window_of(stage), clock.now()
    looked = []
    for place, key in enumerate(keys):
        holds = required is None or any(one.participant_id in held for one in known[place])
        reason = may_register_now(window, now, source=source, prerequisite_held=holds)
        standing = standing_of(known[place])
        answer = Registered(Outcome.ALREADY, standing) if standing is not None else None
        looked.append(Looked(key, known[place], Registered(Outcome.REFUSED, reason=reason) if reason else answer))
    return looked


def targets_of(stage: Stage, entrant: Entrant) -> list[tuple[str, Any]]:
    """What may limit the seat of somebody, as queries_imports.free_seats names it."""
    return [
        ("stage", stage.id),
        ("category", entrant.person.category_code),
        ("institution", entrant.person.institution_id),
        *(("group", group_id) for group_id in entrant.group_ids),
    ]


def register_many(
    stage: Stage, entrants: Sequence[Entrant], *, source: RegistrationSource, by: User | None, mailed: bool
) -> list[Registered]:
    """Register people in their order, by a source of the staff's own; what came of each, as `register` answers it.

    Those who add many people to one host take turns: each adds them in an order of his own, and two would wait for each other.
    """
    if source not in BY_STAFF:
        raise ValueError(source)
    with transaction():
        wait_turn(TURN, stage.programme.host_id)
        return _register(seats.lock(stage), entrants, _Manner(source, by, mailed))


def _register(stage: Stage, entrants: Sequence[Entrant], manner: _Manner) -> list[Registered]:
    """With the stage held. Rows are added up to whoever must be registered alone, who then finds them there."""
    looked = look(stage, [one.person for one in entrants], source=manner.source)
    apart = _apart(looked)
    done: dict[int, Registered] = {}
    following: dict[int, tuple[Entrant, Looked]] = {}
    for place, (entrant, found) in enumerate(zip(entrants, looked, strict=True)):
        if place in apart:
            done |= _together(stage, following, manner)
            following = {}
            done[place] = _alone(stage, entrant, manner)
        elif found.answer is not None:
            done[place] = found.answer
        else:
            following[place] = entrant, found
    done |= _together(stage, following, manner)
    return [done[place] for place in range(len(entrants))]


def _together(stage: Stage, following: Mapping[int, tuple[Entrant, Looked]], manner: _Manner) -> dict[int, Registered]:
    """Register those who follow each other, by their places; whom somebody else has just made known is looked up once more."""
    done: dict[int, Registered] = {}
    new: dict[int, _New] = {}
    participant_ids = _participants(stage, following)
    for place, (entrant, _found) in following.items():
        participant_id = participant_ids[place]
        if participant_id is not None:
            new[place] = entrant, participant_id
            continue
        done |= zip(new, _add(stage, list(new.values()), manner), strict=True)
        new = {}
        done[place] = _alone(stage, entrant, manner)
    done |= zip(new, _add(stage, list(new.values()), manner), strict=True)
    return done


def _alone(stage: Stage, entrant: Entrant, manner: _Manner) -> Registered:
    return register(
        stage,
        entrant.person,
        source=manner.source,
        group_ids=entrant.group_ids,
        answers=entrant.answers,
        by=manner.by,
        mailed=manner.mailed,
    )


def _participants(stage: Stage, following: Mapping[int, tuple[Entrant, Looked]]) -> dict[int, int | None]:
    """The participant of each, made where there was none; None for whom somebody else has just made."""
    found: dict[int, int | None] = {
        place: looked.known[0].participant_id for place, (_entrant, looked) in following.items() if looked.known
    }
    unknown = [place for place in following if place not in found]
    people = [(following[place][0].person, following[place][1].key) for place in unknown]
    return found | dict(zip(unknown, participants.add_all(stage.programme.host_id, people), strict=True))


def _apart(looked: Sequence[Looked]) -> set[int]:
    """The places of those whose outcome may depend on somebody before them, by whom a participant is changed, or who cannot
    be told again."""
    met: set[object] = set()
    apart = set()
    for place, one in enumerate(looked):
        told_by = set(nets(one.key))
        marks = {*told_by, *(known.participant_id for known in one.known)}
        if one.gets_number or not told_by or not met.isdisjoint(marks):
            apart.add(place)
        met |= marks
    return apart


def _add(stage: Stage, rows: Sequence[_New], manner: _Manner) -> list[Registered]:
    """Registrations of people who have none, with all that belongs to them."""
    if not rows:
        return []
    category_ids = {one.code: one.id for one in categories_of(stage.host)}
    seated = _take_seats(stage, [entrant for entrant, _participant_id in rows], category_ids)
    values = []
    for (entrant, participant_id), has_seat in zip(rows, seated, strict=True):
        now = clock.now()
        state = entry_state(manner.source, seated=has_seat, approval_required=stage.approval_required)
        known = {"stage_id": stage.id, "participant_id": participant_id, "source": manner.source}
        known["category_id"] = category_ids[entrant.person.category_code]
        values.append(entry.columns(entrant.person, now) | entry.begins_as(state, now) | known)
    adding = sa.insert(Registration).returning(Registration)
    added = {one.participant_id: one for one in db.session.scalars(adding, values)}
    registrations = {added[participant_id]: entrant for entrant, participant_id in rows}
    _add_groups(stage, registrations)
    questions.save_all_answers({registration: entrant.answers for registration, entrant in registrations.items()})
    if manner.by is not None:
        record_all("registration.added", list(registrations), by=manner.by, host_id=stage.programme.host_id)
    if manner.mailed:
        _mail(stage, registrations)
    return [made(registration) for registration in registrations]


def _take_seats(stage: Stage, entrants: Sequence[Entrant], category_ids: Mapping[str, int]) -> list[bool]:
    """Who of them gets a seat, in their order. With the stage held, what is left of each limit can be told beforehand."""
    left = free_seats(stage)
    free = FreeSeats(left)
    seated = [free.take(targets_of(stage, one)) for one in entrants]
    counted: Counter[seats.Place] = Counter()
    for one, has_seat in zip(entrants, seated, strict=True):
        if has_seat:
            institution_id = one.person.institution_id if ("institution", one.person.institution_id) in left else None
            limited = frozenset(group_id for group_id in one.group_ids if ("group", group_id) in left)
            counted[seats.Place(category_ids[one.person.category_code], institution_id, limited)] += 1
    for place, number in counted.items():
        if seats.take(stage, place, number) is not None:
            raise RuntimeError("seats were counted by somebody else while the stage was held")
    return seated


def _add_groups(stage: Stage, registrations: Mapping[Registration, Entrant]) -> None:
    wanted = {group_id for entrant in registrations.values() for group_id in entrant.group_ids}
    if not wanted:
        return
    of_programme = sa.select(ParticipantGroup.id).where(
        ParticipantGroup.programme_id == stage.programme_id, ParticipantGroup.id.in_(wanted)
    )
    known = set(db.session.scalars(of_programme))
    rows = [
        {"registration_id": registration.id, "group_id": group_id}
        for registration, entrant in registrations.items()
        for group_id in entrant.group_ids & known
    ]
    if rows:
        db.session.execute(sa.insert(registration_group), rows)


def _mail(stage: Stage, registrations: Iterable[Registration]) -> None:
    letters: dict[str, dict[Registration, None]] = {}
    for registration in registrations:
        letters.setdefault(changes.LETTERS[registration.state], {})[registration] = None
    for kind, to_whom in letters.items():
        seats.mail_all(kind, to_whom, stage)
