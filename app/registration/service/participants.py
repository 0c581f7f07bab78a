"""Finding the participant whom a person is, or making one; and keeping one in step with a correction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import sqlalchemy as sa

from app.extensions import db, insert, is_postgresql
from app.hosts.models import Host
from app.programmes.models import Stage
from app.registration import queries
from app.registration.models import Participant, Registration
from app.registration.models_seats import Invitation
from app.registration.queries import Known
from app.registration.rules import (
    PersonDetails,
    PersonKey,
    Reason,
    RegistrationSource,
    person_key,
    same_number,
    same_person,
)
from app.shared import clock

IDENTITY = frozenset({"identity_type", "identity_number"})
OF_PARTICIPANT = ("title_before", "name", "title_after", "email", "phone")
Leaving = Callable[[Participant, str], None]
_leaving: list[Leaving] = []


def find_or_create(stage: Stage, person: PersonDetails, known: list[Known], *, trusted: bool) -> list[Known]:
    """`known`, or the participant made of `person` where there was none. Whoever is faster makes him; the other finds him.

    What a known participant is called is left alone: anyone may type another's name and address. Only a number that he lacked
    is added, where the person is `trusted` to be the one (staff typed it); else it stays with the registration, for with an
    invented number on the participant the true one would be taken for another person.
    """
    key = person_key(person)
    if known:
        if trusted and person.identity_number and not known[0].has_number:
            _add_number(stage, known[0].participant_id, person)
        return known
    created = db.session.scalar(
        insert(Participant)
        .values(host_id=stage.programme.host_id, created_at=clock.now(), **columns(person, key))
        .on_conflict_do_nothing()
        .returning(Participant.id)
    )
    if created is not None:
        return [Known(created, key.number is not None, None)]
    return queries.known_as(stage, key)


def add_all(host_id: int, people: Sequence[tuple[PersonDetails, PersonKey]]) -> list[int | None]:
    """Make participants of people who are known under none of their details; None where somebody else has just made one."""
    if not people:
        return []
    now = clock.now()
    rows = [columns(person, key) | {"host_id": host_id, "created_at": now} for person, key in people]
    added = db.session.connection().execute(_adding(is_postgresql()), rows)
    found = {tuple(details): participant_id for participant_id, *details in added}
    return [found.get((key.number, key.scope, key.name, key.email, key.phone)) for _person, key in people]


@cache
def _adding(postgresql: bool) -> Any:
    table = Participant.__table__
    details = (table.c.identity_number, table.c.identity_scope, table.c.name_key, table.c.email, table.c.phone)
    return insert(table).on_conflict_do_nothing().returning(table.c.id, *details)


def conflict(participant: Participant, person: PersonDetails) -> Reason | None:
    """Why a participant cannot be called so: it would make two people one. Whom he was merged with is he himself.

    Needs the lock of the registration's row. With the host's row held nobody can add a participant meanwhile, since
    every new one points to it.
    """
    hold_host(participant.host_id)
    key = person_key(person)
    others = sa.select(Participant).where(
        Participant.host_id == participant.host_id,
        Participant.id != participant.id,
        Participant.merged_into_id.is_distinct_from(participant.id),
        queries.could_be(key),
    )
    for other in db.session.scalars(others.execution_options(populate_existing=True)):
        if same_number(key, queries.key_of(other)):
            return Reason.NUMBER_TAKEN
        if same_person(key, queries.key_of(other)):
            return Reason.PERSON_TAKEN
    return None


def known_from_elsewhere(participant: Participant, invitation: Invitation) -> bool:
    """Whether a person is known by more than what the contacts of an invitation's institution typed of him."""
    of_institution = sa.select(Invitation.id).where(Invitation.institution_id == invitation.institution_id)
    registered = sa.exists().where(
        Registration.participant_id == participant.id,
        sa.or_(
            Registration.source != RegistrationSource.INVITATION,
            Registration.invitation_id.is_(None),
            Registration.invitation_id.not_in(of_institution),
        ),
    )
    merged = sa.exists().where(Participant.merged_into_id == participant.id)
    return bool(db.session.scalar(sa.select(sa.or_(registered, merged))))


def with_changes(participant: Participant, person: PersonDetails, changed: Collection[str]) -> PersonDetails:
    """How a participant is called once these fields are as `person` has them; a kind of number and the number change together."""
    taken = {*changed, *(IDENTITY if IDENTITY & set(changed) else ())}
    kept = {*IDENTITY, *OF_PARTICIPANT} - taken
    return replace(person, **{name: getattr(participant, name) for name in kept})


def correct_participant(participant: Participant, person: PersonDetails) -> None:
    """Take a correction over into the participant, after `conflict` found none in the same transaction."""
    key = person_key(person)
    # What he was called when he was entered twice gives way: no two may be known by the same details.
    former = sa.update(Participant).where(Participant.merged_into_id == participant.id, queries.could_be(key))
    db.session.execute(former.values(identity_number=None, email=None, phone=None))
    for column, value in columns(person, key).items():
        setattr(participant, column, value)
    db.session.flush()


def on_address_left(leaving: Leaving) -> None:
    """Run `leaving(participant, address)`, within the transaction, when a person is no longer known by an address."""
    _leaving.append(leaving)


def leave_address(participant: Participant, address: str) -> None:
    """Take away what was opened with an address by which a person is no longer known."""
    for leaving in _leaving:
        leaving(participant, address)


def hold_host(host_id: int) -> None:
    """Keep others from adding participants to the host until the transaction ends."""
    db.session.execute(sa.select(Host.id).where(Host.id == host_id).with_for_update())


def _add_number(stage: Stage, participant_id: int, person: PersonDetails) -> None:
    hold_host(stage.programme.host_id)
    key = person_key(person)
    taken = sa.select(Participant.id).where(
        Participant.host_id == stage.programme.host_id,
        Participant.identity_number == key.number,
        Participant.identity_scope == key.scope,
    )
    adding = (
        sa.update(Participant)
        .where(Participant.id == participant_id, Participant.identity_number.is_(None), ~taken.exists())
        .values(identity_type=person.identity_type, identity_number=key.number, identity_scope=key.scope)
    )
    db.session.execute(adding.execution_options(synchronize_session=False))


def columns(person: PersonDetails, key: PersonKey) -> dict[str, object]:
    """What a participant is called, and by what he is known."""
    return {
        "identity_type": person.identity_type,
        "identity_number": key.number,
        "identity_scope": key.scope,
        "title_before": person.title_before,
        "name": person.name,
        "title_after": person.title_after,
        "name_key": key.name,
        "email": key.email,
        "phone": key.phone,
    }
