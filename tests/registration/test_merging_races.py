"""Two merges at once, and a merge while the person registers: one is done, the other finds what it has made."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts.models import User
from app.extensions import db
from app.hosts.models import Host
from app.programmes.models import Stage
from app.registration.models import Participant, Registration
from app.registration.rules import HOLDS_SEAT
from app.registration.service import merging as service
from app.shared.identity import IdentityType
from tests import factories
from tests.registration.people import online, person

pytestmark = pytest.mark.both_databases
NAMES = ("Dewi Lestari", "Dewi Lestary", "Dewi Lestarie")


def at_once(app: Flask, calls: list[Callable[[], Any]]) -> list[Any]:
    start, answers = Barrier(len(calls)), []

    def run(call: Callable[[], Any]) -> None:
        with app.app_context():
            start.wait(30)
            answers.append(call())

    db.session.rollback()
    threads = [Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == len(calls)
    return answers


@pytest.fixture
def entered(app: Flask) -> list[int]:
    """The ids of three entries of one person, each with a registration at one stage."""
    stage = factories.stage()
    made = []
    for number, name in enumerate(NAMES):
        one = factories.participant(
            stage.host, name=name, identity_type=IdentityType.NIP, identity_number=f"1985072020100119{number:02}"
        )
        factories.registration(stage, participant=one)
        made.append(one.id)
    return made


def attempt(kept_id: int, lost_id: int, by_id: int) -> bool:
    kept, lost = db.session.get_one(Participant, kept_id), db.session.get_one(Participant, lost_id)
    plan, host = service.plan_merge(kept, lost), db.session.get_one(Host, kept.host_id)
    by = db.session.get_one(User, by_id)
    try:
        service.merge(host, kept_id=kept_id, lost_id=lost_id, staying=(), fingerprint=plan.fingerprint, by=by)
    except service.MergeRefused:
        return False
    return True


def check(stage_id: int) -> None:
    """Nobody's registration is left with an entry that is gone, and every seat counted has one who holds it."""
    db.session.expire_all()
    lost = sa.select(Participant.id).where(Participant.merged_into_id.is_not(None))
    assert not db.session.scalars(sa.select(Registration).where(Registration.participant_id.in_(lost))).all()
    seated = sa.select(sa.func.count(Registration.id)).where(
        Registration.stage_id == stage_id, Registration.state.in_(HOLDS_SEAT)
    )
    assert db.session.get_one(Stage, stage_id).seats_taken == db.session.scalar(seated)


def test_each_into_the_other(app: Flask, entered: list[int]) -> None:
    by, (one, other, _third) = factories.user().id, entered
    stage_id = db.session.scalars(sa.select(Stage.id)).one()
    done = at_once(app, [lambda: attempt(one, other, by), lambda: attempt(other, one, by)])
    assert sorted(done) == [False, True]
    check(stage_id)


def test_one_into_two_others(app: Flask, entered: list[int]) -> None:
    by, (one, other, third) = factories.user().id, entered
    stage_id = db.session.scalars(sa.select(Stage.id)).one()
    done = at_once(app, [lambda: attempt(one, other, by), lambda: attempt(third, other, by)])
    assert sorted(done) == [False, True]
    check(stage_id)


def test_while_the_person_registers_elsewhere(app: Flask, entered: list[int]) -> None:
    host = db.session.get_one(Host, db.session.get_one(Participant, entered[0]).host_id)
    for code in ("OPD", "PAKAR"):
        factories.category(host, code)
    elsewhere = factories.stage(factories.programme(host)).id
    by = factories.user().id
    who = person()
    known = factories.participant(
        host, name=who.name, identity_type=who.identity_type, identity_number=who.identity_number
    ).id
    calls: list[Callable[[], Any]] = [lambda: any(attempt(entered[0], known, by) for _again in range(10))]
    calls += [lambda: online(db.session.get_one(Stage, elsewhere), who)] * 4
    at_once(app, calls)
    assert db.session.get_one(Participant, known).merged_into_id == entered[0]
    check(elsewhere)
    assert db.session.scalar(sa.select(sa.func.count()).where(Registration.stage_id == elsewhere)) == 1
