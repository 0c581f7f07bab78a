"""Reads of people who may be one person entered twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from app.extensions import db
from app.hosts.models import Host
from app.programmes.models import Programme, Stage
from app.registration.models import Participant, Registration
from app.registration.models_duplicates import DistinctPair
from app.registration.rules import ENDED
from app.registration.rules_duplicates import Candidate, Suspicion, goes_on, suspicions
from app.shared.names import name_key, sort_key


@dataclass(frozen=True)
class Clash:
    """A stage at which both have a registration in force: one of the two goes on."""

    stage: Stage
    first: Registration
    second: Registration

    @property
    def usual(self) -> int:
        return goes_on([(one.id, one.state, one.created_at) for one in (self.first, self.second)])


def suspects_of(host: Host) -> list[Suspicion]:
    """Every pair of the host's people that may be one, without those that staff have told apart. Three queries."""
    institutions: dict[int, set[str]] = defaultdict(set)
    named = sa.select(Registration.participant_id, Registration.institution_name).distinct()
    of_host = named.join(Registration.stage).join(Stage.programme).where(Programme.host_id == host.id)
    for participant_id, name in db.session.execute(of_host):
        institutions[participant_id].add(name_key(name))
    columns = (Participant.id, Participant.name, Participant.identity_type, Participant.identity_number)
    people = sa.select(*columns, Participant.identity_scope, Participant.phone)
    rows = db.session.execute(people.where(Participant.host_id == host.id, Participant.merged_into_id.is_(None)))
    candidates = (
        Candidate(id_, sort_key(name), kind, number, scope, phone, frozenset(institutions[id_] - {""}))
        for id_, name, kind, number, scope, phone in rows
    )
    return suspicions(candidates, settled=_told_apart(host))


def find_participants(host: Host, ids: Collection[int]) -> dict[int, Participant]:
    """Those of the host's people with these ids who have not been merged into others."""
    statement = sa.select(Participant).where(
        Participant.host_id == host.id, Participant.id.in_(ids), Participant.merged_into_id.is_(None)
    )
    return {one.id: one for one in db.session.scalars(statement)}


def registrations_of(participant_ids: Collection[int]) -> dict[int, list[Registration]]:
    """Everything that these people registered for, by participant, in the order of the stages. One query."""
    statement = (
        sa.select(Registration)
        .join(Registration.stage)
        .where(Registration.participant_id.in_(participant_ids))
        .options(contains_eager(Registration.stage), joinedload(Registration.category))
        .order_by(Stage.starts_on, Stage.id, Registration.id)
    )
    found: dict[int, list[Registration]] = {one: [] for one in participant_ids}
    for registration in db.session.scalars(statement):
        found[registration.participant_id].append(registration)
    return found


def clashes(first: Collection[Registration], second: Collection[Registration]) -> list[Clash]:
    """Where both people have a registration in force."""
    active = {one.stage_id: one for one in first if one.state not in ENDED}
    return [
        Clash(one.stage, active[one.stage_id], one)
        for one in second
        if one.state not in ENDED and one.stage_id in active
    ]


def _told_apart(host: Host) -> set[tuple[int, int]]:
    statement = sa.select(DistinctPair.first_id, DistinctPair.second_id)
    of_host = statement.join(Participant, Participant.id == DistinctPair.first_id)
    return {(first, second) for first, second in db.session.execute(of_host.where(Participant.host_id == host.id))}
