"""The invented people, registered at a stage."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from app.accounts.models import User
from app.demo.rules import Invented, invent
from app.demo.service import questions
from app.hosts.queries import notice_in_force
from app.institutions.models import Institution
from app.institutions.queries import institutions_of
from app.programmes.models import Stage
from app.registration import service
from app.registration.rules import ConsentKind, PersonDetails, RegistrationSource
from app.shared import clock

SEED = 2019
INVITED = {"OPD": 1, "FKPD": 1, "KECAMATAN": 1, "KELURAHAN": 1, "PERGURUAN_TINGGI": 1, "PERBANKAN": 1}


def register(stage: Stage, *, by: User) -> int:
    """Invite institutions and register about eighty people, most of them the same at every stage; answers how many."""
    directory = {one.name: one for one in institutions_of(stage.host)}
    by_category: dict[str, list[str]] = {}
    for one in directory.values():
        by_category.setdefault(one.category.code, []).append(one.name)
    questions.ask(stage, by=by)
    service.invite(stage, {one.id: 1 for one in directory.values() if one.category.code in INVITED}, by=by)
    random = Random(SEED + stage.number)
    crowd = [person for person in invent(SEED, by_category) if random.random() < 0.97]
    groups = {group.name: group.id for group in stage.programme.groups}
    notice_id = notice_in_force(stage.host).id
    for place, person in enumerate(crowd):
        _register(stage, person, directory, groups, notice_id, place, random, by=by)
    return len(crowd)


def _register(
    stage: Stage,
    person: Invented,
    directory: dict[str, Institution],
    groups: dict[str, int],
    notice_id: int,
    place: int,
    random: Random,
    *,
    by: User,
) -> None:
    online = stage.registration_opens_at <= clock.now()
    moment = min(stage.registration_opens_at + timedelta(minutes=47 * place), clock.now())
    consents = {kind for kind in ConsentKind if random.random() < 0.6}
    with clock.frozen(moment if online else clock.now()):
        service.register(
            stage,
            _details(person, directory),
            source=RegistrationSource.ONLINE if online else RegistrationSource.STAFF,
            notice_id=notice_id if online else None,
            consents=consents if online else frozenset(),
            group_ids=[groups[name] for name in person.groups],
            answers=questions.answers(stage, person.category, Random(SEED + place)),
            by=None if online else by,
        )


def _details(person: Invented, directory: dict[str, Institution]) -> PersonDetails:
    return PersonDetails(
        title_before=person.title_before,
        name=person.name,
        title_after=person.title_after,
        category_code=person.category,
        institution_id=directory[person.institution].id if person.listed else None,
        institution_name=person.institution,
        identity_type=person.identity_type,
        identity_number=person.identity_number,
        rank=person.rank,
        position=person.position,
        email=person.email,
        phone=person.phone,
    )
