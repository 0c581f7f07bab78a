"""Reads of participants and registrations."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import joinedload, selectinload

from app.extensions import db
from app.programmes.models import Stage
from app.registration.models import Participant, Registration, registration_group
from app.registration.models_seats import Quota
from app.registration.queries_people import PeopleFilter as PeopleFilter
from app.registration.queries_people import people as people
from app.registration.rules import ENDED, PersonDetails, PersonKey, RegistrationState, Window, same_number, same_person
from app.shared.codes import digest, is_code
from app.shared.mailbox import address_key


def find_by_ticket(code: str) -> Registration | None:
    """The registration of a ticket's code in any writing, with its stage.

    The code of one that was merged into another leads whoever holds it to that one.
    """
    if not is_code(code):
        return None
    statement = sa.select(Registration).where(Registration.ticket_hash == digest(code))
    found = db.session.scalar(statement.options(joinedload(Registration.stage)))
    if found is None or found.merged_into_id is None:
        return found
    return db.session.get_one(Registration, found.merged_into_id)


def find_registration(stage: Stage, registration_id: int) -> Registration | None:
    """A stage's registration by its id, with category and groups; None where the stage has no such."""
    statement = sa.select(Registration).where(Registration.stage_id == stage.id, Registration.id == registration_id)
    return db.session.scalar(statement.options(joinedload(Registration.category), selectinload(Registration.groups)))


def counts_by_state(stage: Stage) -> dict[RegistrationState, int]:
    """How many registrations of a stage are in each state; every state is named."""
    statement = (
        sa.select(Registration.state, sa.func.count())
        .where(Registration.stage_id == stage.id)
        .group_by(Registration.state)
    )
    return dict.fromkeys(RegistrationState, 0) | {state: count for state, count in db.session.execute(statement)}


def confirmed_by_institution(stage: Stage) -> dict[int, int]:
    """How many people of each institution of the directory (by id) have a confirmed place."""
    statement = (
        sa.select(Registration.institution_id, sa.func.count())
        .where(
            Registration.stage_id == stage.id,
            Registration.state == RegistrationState.CONFIRMED,
        )
        .group_by(Registration.institution_id)
    )
    return {
        institution_id: count for institution_id, count in db.session.execute(statement) if institution_id is not None
    }


def groups_of_confirmed(stage: Stage, registration_ids: Collection[int] | None = None) -> dict[int, frozenset[int]]:
    """The ids of the groups of each confirmed registration of a stage, or of these alone; empty for one without a group."""
    statement = (
        sa.select(Registration.id, registration_group.c.group_id)
        .outerjoin(registration_group, registration_group.c.registration_id == Registration.id)
        .where(Registration.stage_id == stage.id, Registration.state == RegistrationState.CONFIRMED)
    )
    if registration_ids is not None:
        statement = statement.where(Registration.id.in_(registration_ids))
    found: dict[int, set[int]] = {}
    for registration_id, group_id in db.session.execute(statement):
        found.setdefault(registration_id, set()).update([] if group_id is None else [group_id])
    return {registration_id: frozenset(groups) for registration_id, groups in found.items()}


def first_waiting(stage: Stage) -> Registration | None:
    """Who is next on the waiting list: the first whose own limits all have room, and who let no offer lapse."""
    of_groups = (
        sa.select(registration_group.c.group_id)
        .where(registration_group.c.registration_id == Registration.id)
        .correlate(Registration)  # two queries further out, which is not found by itself
    )
    full = sa.exists().where(
        Quota.stage_id == Registration.stage_id,
        Quota.seats_taken >= Quota.capacity,
        sa.or_(
            Quota.category_id == Registration.category_id,
            Quota.institution_id == Registration.institution_id,
            Quota.group_id.in_(of_groups),
        ),
    )
    statement = sa.select(Registration).where(
        Registration.stage_id == stage.id,
        Registration.state == RegistrationState.WAITLISTED,
        Registration.passed_on_at.is_(None),
        ~full,
    )
    return db.session.scalar(statement.order_by(Registration.waiting_since, Registration.id).limit(1))


def quotas_of(stage: Stage) -> list[Quota]:
    """A stage's limits for unsur, institutions and groups, with their names."""
    statement = (
        sa.select(Quota)
        .where(Quota.stage_id == stage.id)
        .options(joinedload(Quota.category), joinedload(Quota.institution), joinedload(Quota.group))
    )
    return list(db.session.scalars(statement.order_by(Quota.id)).unique())


def waiting_place(registration: Registration) -> int | None:
    """The place on the waiting list, from 1; None for who is not on it, or let an offer lapse and is passed over."""
    if registration.state is not RegistrationState.WAITLISTED or registration.passed_on_at is not None:
        return None
    earlier = sa.tuple_(Registration.waiting_since, Registration.id) < (registration.waiting_since, registration.id)
    statement = sa.select(sa.func.count()).where(
        Registration.stage_id == registration.stage_id,
        Registration.state == RegistrationState.WAITLISTED,
        Registration.passed_on_at.is_(None),
        earlier,
    )
    return (db.session.scalar(statement) or 0) + 1


@dataclass(frozen=True)
class Known:
    """A participant who is the same person, and his registration in force at the stage asked about."""

    participant_id: int
    has_number: bool
    registration: Registration | None


def known_as(stage: Stage, key: PersonKey) -> list[Known]:
    """Everybody at the stage's host who is this person; who has the same number comes first, then who came first.

    Who was merged into another is that one.
    """
    active = sa.and_(
        Registration.participant_id == sa.func.coalesce(Participant.merged_into_id, Participant.id),
        Registration.stage_id == stage.id,
        Registration.state.not_in(ENDED),
    )
    statement = (
        sa.select(Participant, Registration)
        .outerjoin(Registration, active)
        .where(Participant.host_id == stage.programme.host_id, could_be(key))
        .order_by(Participant.id)
    )
    rows = db.session.execute(statement.execution_options(populate_existing=True)).all()
    return [Known(*one) for one in whoever_is(key, rows)]


def whoever_is(key: PersonKey, rows: Iterable[Any]) -> list[tuple[int, bool, Any]]:
    """Of pairs of a participant and what belongs to him, those who are this person: id, whether he has a number, and that."""
    same = [(participant, belonging) for participant, belonging in rows if same_person(key, key_of(participant))]
    same.sort(key=lambda row: not same_number(key, key_of(row[0])))
    found: dict[int, tuple[int, bool, Any]] = {}
    for one, belonging in same:
        participant_id = one.merged_into_id or one.id
        found.setdefault(participant_id, (participant_id, one.identity_number is not None, belonging))
    return list(found.values())


def known_at(connection: Connection, key: PersonKey, *, host_id: int, stage_id: int) -> list[tuple[int, int | None]]:
    """As `known_as`, without objects: ids of participants, each with that of his registration in force at the stage."""
    sought = {"host_id": host_id, "stage_id": stage_id} | {
        "number": key.number,
        "name": key.name,
        "email": key.email,
        "phone": key.phone,
    }
    rows = connection.execute(KNOWN_AT, sought)
    same = whoever_is(key, ((row, row.registration_id) for row in rows))
    return [(participant_id, registration_id) for participant_id, _has_number, registration_id in same]


_person, _entry = Participant.__table__, Registration.__table__
NAMED_BY = ("identity_type", "identity_number", "identity_scope", "name_key", "email", "phone")
"""What key_of() reads."""


def _named(*net: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Participants of the host in the net, and whom each is at the stage; by an index of their own, however many there are."""
    at_stage = sa.select(_entry.c.id).where(
        _entry.c.participant_id == sa.func.coalesce(_person.c.merged_into_id, _person.c.id),
        _entry.c.stage_id == sa.bindparam("stage_id"),
        _entry.c.state.not_in(ENDED),
    )
    named = (_person.c[name] for name in ("id", "merged_into_id", *NAMED_BY))
    return sa.select(*named, at_stage.scalar_subquery().label("registration_id")).where(
        _person.c.host_id == sa.bindparam("host_id"), *net
    )


# Two looks into two indexes, not one with OR: whoever is found by both is found twice.
_BY_NUMBER = _named(_person.c.identity_number == sa.bindparam("number"))
_BY_NAME = _named(
    _person.c.name_key == sa.bindparam("name"),
    sa.or_(_person.c.email == sa.bindparam("email"), _person.c.phone == sa.bindparam("phone")),
)
KNOWN_AT = sa.union_all(_BY_NUMBER, _BY_NAME).order_by("id")


def could_be(key: PersonKey) -> sa.ColumnElement[bool]:
    """A net that catches every participant whom rules.same_person may find to be this person."""
    nets: list[sa.ColumnElement[bool]] = []
    if key.number is not None:
        nets.append(Participant.identity_number == key.number)
    if key.email is not None:
        nets.append(sa.and_(Participant.name_key == key.name, Participant.email == key.email))
    if key.phone is not None:
        nets.append(sa.and_(Participant.name_key == key.name, Participant.phone == key.phone))
    return sa.or_(sa.false(), *nets)


def key_of(participant: Participant) -> PersonKey:
    """By what a known participant is told apart."""
    return PersonKey(
        kind=participant.identity_type,
        number=participant.identity_number,
        scope=participant.identity_scope,
        name=participant.name_key,
        email=address_key(participant.email) or None,
        phone=participant.phone,
    )


def has_place(participant_ids: list[int], stage_id: int) -> bool:
    """Whether one of these participants has a confirmed registration at the stage."""
    return bool(with_place(participant_ids, stage_id))


def with_place(participant_ids: Collection[int], stage_id: int) -> set[int]:
    """Those of the participants who have a confirmed registration at the stage."""
    statement = sa.select(Registration.participant_id).where(
        Registration.participant_id.in_(participant_ids),
        Registration.stage_id == stage_id,
        Registration.state == RegistrationState.CONFIRMED,
    )
    return set(db.session.scalars(statement)) if participant_ids else set()


def window_of(stage: Stage) -> Window:
    """The stage's window of registration."""
    return Window(
        opens_at=stage.registration_opens_at,
        closes_at=stage.registration_closes_at,
        ends_on=stage.ends_on,
        zone=stage.timezone,
    )


def details_of(registration: Registration) -> PersonDetails:
    """How the person of a registration is called in it."""
    return PersonDetails(
        title_before=registration.title_before,
        name=registration.name,
        title_after=registration.title_after,
        category_code=registration.category.code,
        institution_id=registration.institution_id,
        institution_name=registration.institution_name,
        identity_type=registration.identity_type,
        identity_number=registration.identity_number,
        rank=registration.rank,
        position=registration.position,
        email=registration.email,
        phone=registration.phone,
    )
