"""Registering many at once gives the same as registering them one after another: outcomes, seats, line, letters, traces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.accounts.models import User
from app.audit.models import AuditEntry
from app.extensions import db, transaction
from app.jobs.models import OutboxMessage
from app.programmes.models import Stage
from app.registration import service
from app.registration.models import Participant, Registration
from app.registration.models_questions import RegistrationAnswer
from app.registration.models_seats import Quota
from app.registration.rules import Outcome, PersonDetails, RegistrationSource
from app.registration.rules_answers import AnswerKind
from app.registration.rules_seats import QuotaKind
from app.registration.service import participants, registering_many
from app.registration.service.registering_many import Entrant, register_many
from app.shared import clock
from app.shared.identity import IdentityType
from tests import factories
from tests.databases import statements
from tests.registration.people import person, registrations, seats_taken
from tests.registration.questions import asked

IMPORT = RegistrationSource.IMPORT
KINDS = {"OPD": IdentityType.NIP, "BANK": IdentityType.COMPANY}


@dataclass(frozen=True)
class Sketch:
    """A person out of so few names, numbers and addresses that many are somebody else as well."""

    name: str
    number: str | None
    email: str | None
    phone: str | None
    code: str
    institution: int | None
    groups: frozenset[int]
    answer: str


@dataclass(frozen=True)
class Past:
    """Who was there before: at the stage or at the one that it asks for, and what became of him."""

    who: Sketch
    earlier: bool
    ended: bool
    merged: bool


@dataclass(frozen=True)
class Case:
    capacity: int | None
    limits: dict[tuple[str, int], int]
    asks_earlier: bool
    approval: bool
    past: list[Past]
    coming: list[Sketch] = field(default_factory=list)


sketches = st.builds(
    Sketch,
    name=st.sampled_from(["Ani", "Budi Uji"]),
    number=st.sampled_from([None, "1", "2", "3", "4"]),
    email=st.sampled_from([None, "a@contoh.test", "b@contoh.test", "c@contoh.test"]),
    phone=st.sampled_from([None, "+628121", "+628122"]),
    code=st.sampled_from(sorted(KINDS)),
    institution=st.sampled_from([None, 0, 1]),
    groups=st.frozensets(st.integers(0, 2)),
    answer=st.sampled_from(["", "M"]),
)
targets = st.tuples(st.sampled_from(["category", "institution", "group"]), st.integers(0, 1))
cases = st.builds(
    Case,
    capacity=st.none() | st.integers(1, 6),
    limits=st.dictionaries(targets, st.integers(0, 3), max_size=3),
    asks_earlier=st.booleans(),
    approval=st.booleans(),
    past=st.lists(st.builds(Past, sketches, st.booleans(), st.booleans(), st.booleans()), max_size=4),
    coming=st.lists(sketches, max_size=12),
)


_BUDI = Sketch("Budi Uji", None, "b@contoh.test", None, "BANK", None, frozenset(), "")
EITHER_OF_TWO = Case(
    capacity=None,
    limits={},
    asks_earlier=False,
    approval=False,
    past=[],
    coming=[
        replace(_BUDI, name="Ani", number="1", email=None),
        replace(_BUDI, number="1", email="a@contoh.test"),  # the same number: Ani
        replace(_BUDI, email="a@contoh.test", phone="+628122"),  # looked at alone, for Ani's sake
        _BUDI,
        replace(_BUDI, phone="+628122"),  # could be either: whoever came first
    ],
)


class _Undone(Exception):
    pass


class World:
    """What a case describes, in the database."""

    def __init__(self, case: Case) -> None:
        later = clock.now() + timedelta(days=1)
        earlier = factories.stage()
        stage = factories.stage(
            earlier.programme,
            approval_required=case.approval,
            prerequisite_id=earlier.id if case.asks_earlier else None,
            registration_closes_at=later,
        )
        self.stage_id, self.earlier_id, self.host_id = stage.id, earlier.id, stage.host.id
        self.by_id = factories.user().id
        self.categories = [factories.category(stage.host, code).id for code in KINDS]
        self.institutions = [factories.institution(stage.host, name=f"Dinas {number}").id for number in range(2)]
        self.groups = [factories.group(stage.programme).id for _ in range(2)]
        self.groups.append(factories.group(factories.programme(stage.host)).id)  # of another programme
        self.question_id = asked(stage, AnswerKind.ONE_CHOICE).id
        for past in case.past:
            self._happened(past)
        with transaction():
            self.stage.capacity = None if case.capacity is None else self.stage.seats_taken + case.capacity
        of_kind = {"category": self.categories, "institution": self.institutions, "group": self.groups}
        for (kind, number), capacity in case.limits.items():
            target_id = of_kind[kind][number]
            service.set_quota(self.stage, kind=QuotaKind(kind), target_id=target_id, capacity=capacity, by=self.by)

    @property
    def stage(self) -> Stage:
        return db.session.get_one(Stage, self.stage_id)

    @property
    def by(self) -> User:
        return db.session.get_one(User, self.by_id)

    def entrant(self, who: Sketch) -> Entrant:
        institution_id = None if who.institution is None else self.institutions[who.institution]
        details = PersonDetails(
            name=who.name,
            category_code=who.code,
            institution_id=institution_id,
            institution_name="" if who.institution is None else f"Dinas {who.institution}",
            identity_type=KINDS[who.code] if who.number else IdentityType.NONE,
            identity_number=who.number,
            email=who.email,
            phone=who.phone,
        )
        answers = {self.question_id: who.answer} if who.answer else {}
        return Entrant(details, frozenset(self.groups[number] for number in who.groups), answers)

    def _happened(self, past: Past) -> None:
        stage = db.session.get_one(Stage, self.earlier_id) if past.earlier else self.stage
        one = self.entrant(past.who)
        found = service.register(stage, one.person, source=RegistrationSource.STAFF, by=self.by).registration
        if found is None:
            return
        if past.ended:
            service.cancel(found, by=self.by, reason="berhalangan")
        if past.merged:
            self._enter_twice(found)

    def _enter_twice(self, found: Registration) -> None:
        """Somebody who was the same all the time is known under another address as well."""
        details = {"name": "Budi Uji", "email": "c@contoh.test", "phone": None}
        if not self._is_known("budiuji", "c@contoh.test"):
            factories.participant(found.stage.host, merged_into_id=found.participant_id, **details)

    def _is_known(self, name_key: str, email: str) -> bool:
        known = sa.select(Participant.id).filter_by(host_id=self.host_id, name_key=name_key, email=email)
        return db.session.scalar(known) is not None

    def state(self) -> dict[str, Any]:
        """All that registering leaves behind; ids are told by their order, since the database may leave some out."""
        entered = db.session.scalars(
            sa.select(Registration).filter_by(stage_id=self.stage_id).order_by(Registration.id)
        )
        people = list(entered)
        places = {one.id: place for place, one in enumerate(people)}
        letters = sa.select(OutboxMessage.kind, OutboxMessage.subject_id, OutboxMessage.to_address)
        traces = sa.select(AuditEntry.action, AuditEntry.subject_id, AuditEntry.actor_id)
        answers = sa.select(RegistrationAnswer.registration_id, RegistrationAnswer.value)
        quotas = sa.select(Quota.id, Quota.seats_taken).filter_by(stage_id=self.stage_id)
        known = db.session.scalars(sa.select(Participant).filter_by(host_id=self.host_id))
        waiting = sorted((one.waiting_since, one.id) for one in people if one.waiting_since)
        return {
            "people": [_shown(one) for one in people],
            "waiting": [places[registration_id] for _since, registration_id in waiting],
            "taken": (seats_taken(self.stage), sorted(map(tuple, db.session.execute(quotas)))),
            "participants": sorted(map(repr, map(_named, known))),
            "letters": sorted(
                (kind, places[who], to) for kind, who, to in db.session.execute(letters) if who in places
            ),
            "traces": sorted(
                (action, places[who], by)
                for action, who, by in db.session.execute(traces.filter_by(action="registration.added"))
                if who in places
            ),
            "answers": sorted((places[who], value) for who, value in db.session.execute(answers) if who in places),
        }


def _named(one: Participant) -> tuple[Any, ...]:
    return one.identity_type, one.identity_number, one.identity_scope, one.name, one.email, one.phone


def _shown(one: Registration) -> tuple[Any, ...]:
    copied = (one.name, one.category_id, one.institution_id, one.identity_number, one.email, one.phone)
    groups = sorted(group.id for group in one.groups)
    return one.state, one.source, one.confirmed_at, one.waiting_since, *copied, *groups, _named(one.participant)


def came_of(done: Sequence[service.Registered]) -> list[tuple[Any, ...]]:
    return [(one.outcome, one.reason, one.registration and _shown(one.registration), one.mailed_to) for one in done]


def one_after_another(world: World, entrants: Sequence[Entrant]) -> list[service.Registered]:
    return [
        service.register(
            world.stage, one.person, source=IMPORT, group_ids=one.group_ids, answers=one.answers, by=world.by
        )
        for one in entrants
    ]


def at_once(world: World, entrants: Sequence[Entrant]) -> list[service.Registered]:
    return register_many(world.stage, entrants, source=IMPORT, by=world.by, mailed=True)


def tried(
    world: World, entrants: Sequence[Entrant], way: Callable[[World, Sequence[Entrant]], list[service.Registered]]
) -> tuple[list[tuple[Any, ...]], dict[str, Any]]:
    """What comes of it and what it leaves behind; then it is undone."""
    found: list[tuple[list[tuple[Any, ...]], dict[str, Any]]] = []
    with pytest.raises(_Undone), transaction():
        outcomes = came_of(way(world, entrants))
        db.session.expire_all()
        found.append((outcomes, world.state()))
        raise _Undone
    return found[0]


@pytest.mark.both_databases
def test_many_at_once_are_as_one_after_another(app: Flask, counts) -> None:
    @settings(max_examples=counts(25, full=600), deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(cases)
    @example(EITHER_OF_TWO)
    def agree(case: Case) -> None:
        with clock.frozen(clock.now()):
            world = World(case)
            entrants = [world.entrant(who) for who in case.coming]
            assert tried(world, entrants, at_once) == tried(world, entrants, one_after_another)

    agree()


@pytest.fixture
def stage(app: Flask) -> Stage:
    made = factories.stage()
    factories.category(made.host)
    return made


def many(stage: Stage, *people: PersonDetails) -> list[service.Registered]:
    return register_many(stage, [Entrant(one) for one in people], source=IMPORT, by=None, mailed=True)


@pytest.mark.both_databases
def test_a_hundred_take_as_many_statements_as_ten(stage: Stage) -> None:
    def count(numbers: range) -> int:
        with statements() as seen:
            many(stage, *(person(number) for number in numbers))
        return len(seen)

    count(range(1, 3))
    assert count(range(10, 20)) == count(range(100, 200)) < 25
    assert seats_taken(stage) == len(registrations(stage)) == 112


@pytest.mark.both_databases
def test_whom_somebody_else_has_just_entered_is_found(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if another stage's registration had been committed between reading who is known and adding who is not."""
    add_all = participants.add_all

    def too_late(host_id: int, people: Any) -> list[int | None]:
        details, key = people[1]
        add_all(host_id, [(details, key)])
        return add_all(host_id, people)

    monkeypatch.setattr(registering_many.participants, "add_all", too_late)
    made = many(stage, person(1), person(2), person(3))
    assert [one.outcome for one in made] == [Outcome.CONFIRMED] * 3 and seats_taken(stage) == 3
    assert [one.identity_number for one in registrations(stage)] == [person(n).identity_number for n in (1, 2, 3)]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Participant)) == 3


@pytest.mark.both_databases
def test_who_was_merged_into_another_is_that_one(stage: Stage) -> None:
    standing = many(stage, person(1))[0].registration
    assert standing is not None
    once = {"name": "Budi Uji", "email": "lain@contoh.test", "phone": None}
    factories.participant(stage.host, merged_into_id=standing.participant_id, **once)
    unnumbered = {"identity_type": IdentityType.NONE, "identity_number": None}
    (found,) = many(stage, person(2, **once, **unnumbered))
    assert (found.outcome, found.registration_id) == (Outcome.ALREADY, standing.id)


def test_what_the_public_sends_is_not_registered_so(stage: Stage) -> None:
    with pytest.raises(ValueError):
        register_many(stage, [Entrant(person(1))], source=RegistrationSource.ONLINE, by=None, mailed=True)
