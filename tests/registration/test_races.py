"""Many at once: the last seat is given once, a person is registered once, and no seat stays empty while someone waits."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.extensions import db, transaction
from app.programmes.models import Stage
from app.registration.models import Participant, Registration
from app.registration.queries import counts_by_state
from app.registration.rules import HOLDS_SEAT, Outcome, RegistrationState
from app.registration.rules_seats import QuotaKind
from app.registration.service import (
    accept_offer,
    approve,
    cancel,
    create_invitation,
    nominate,
    pass_on_offers,
    set_quota,
)
from app.shared import clock
from app.shared.identity import IdentityType
from tests import factories
from tests.registration.people import fresh, online, person, registrations, seats_taken, unnumbered

pytestmark = pytest.mark.both_databases


@pytest.fixture
def stage(app) -> Stage:
    made = factories.stage(capacity=10)
    for code in ("OPD", "PAKAR"):
        factories.category(made.host, code)
    return made


def at_once(app: Flask, calls: Iterable[Callable[[], Any]]) -> list[Any]:
    """Run all calls in threads of their own that set out together; answers what each answered."""
    calls = list(calls)
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


def test_fifty_at_once_for_ten_seats(app: Flask, stage: Stage) -> None:
    stage_id = stage.id
    outcomes = at_once(app, [lambda n=n: online(stage_of(stage_id), person(n)).outcome for n in range(1, 51)])
    assert Counter(outcomes) == {Outcome.CONFIRMED: 10, Outcome.WAITLISTED: 40}
    assert seats_taken(fresh(stage)) == 10
    assert counts_by_state(fresh(stage))[RegistrationState.WAITLISTED] == 40


@pytest.mark.parametrize("who", [person(), unnumbered()], ids=["by number", "by name and address"])
def test_one_person_at_twenty_doors(app: Flask, stage: Stage, who) -> None:
    stage_id = stage.id
    outcomes = at_once(app, [lambda: online(stage_of(stage_id), who).outcome for _ in range(20)])
    assert Counter(outcomes) == {Outcome.CONFIRMED: 1, Outcome.ALREADY: 19}
    assert seats_taken(fresh(stage)) == 1


def test_one_person_with_and_without_a_number_at_once(app: Flask, stage: Stage) -> None:
    """Nothing in the tables keeps these two apart: whoever counts the seat second sees the first."""
    stage_id = stage.id
    for number in range(1, 9):
        same = {"category_code": "PAKAR", "email": f"ahli{number}@ahli.id", "phone": None}
        pair = [person(number, **same), person(number, **same, identity_type=IdentityType.NONE, identity_number=None)]
        outcomes = at_once(app, [lambda one=one: online(stage_of(stage_id), one).outcome for one in pair])
        assert Counter(outcomes) == {Outcome.CONFIRMED: 1, Outcome.ALREADY: 1}
    assert seats_taken(fresh(stage)) == 8
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Participant)) == 8


def test_one_person_at_several_stages_at_once_is_one_participant(app: Flask, stage: Stage) -> None:
    stage_ids = [stage.id, *(factories.stage(stage.programme).id for _ in range(5))]
    outcomes = at_once(app, [lambda one=one: online(stage_of(one), unnumbered()).outcome for one in stage_ids])
    assert set(outcomes) == {Outcome.CONFIRMED}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Participant)) == 1


def test_no_seat_stays_empty_while_people_come_and_go(app: Flask, stage: Stage) -> None:
    stage_id = stage.id
    early = [online(stage_of(stage_id), person(number)).registration.id for number in range(1, 11)]
    going = [lambda one=one: cancel(db.session.get_one(Registration, one)) for one in early]
    coming = [lambda n=n: online(stage_of(stage_id), person(n)).outcome for n in range(11, 26)]
    at_once(app, going + coming)
    states = Counter(one.state for one in registrations(fresh(stage)))
    assert sum(states[state] for state in HOLDS_SEAT) == seats_taken(fresh(stage)) == 10
    assert states[RegistrationState.WAITLISTED] == 5 and states[RegistrationState.CANCELLED] == 10


def test_one_seat_freed_twice_at_once_calls_one_person(app: Flask, stage: Stage) -> None:
    made = [online(stage_of(stage.id), person(number)).registration.id for number in range(1, 14)]
    answers = at_once(app, [lambda: cancel(db.session.get_one(Registration, made[0])) for _ in range(8)])
    assert Counter(answers) == {True: 1, False: 7}
    assert seats_taken(fresh(stage)) == 10
    assert counts_by_state(fresh(stage))[RegistrationState.WAITLISTED] == 2


def stage_of(stage_id: int) -> Stage:
    return db.session.get_one(Stage, stage_id)


def test_a_seat_freed_while_someone_joins_the_waiting_list_is_his(app: Flask, stage: Stage) -> None:
    made = [online(stage_of(stage.id), person(number)).registration.id for number in range(1, 11)]
    freeing = Thread(target=cancel_apart, args=[app, made[0]])
    with transaction():
        late = online(stage_of(stage.id), person(11)).registration.id
        freeing.start()
        freeing.join(0.5)  # he has joined, and it is not committed yet: who frees a seat must wait for that
        assert freeing.is_alive()
    freeing.join(30)
    assert db.session.get_one(Registration, late, populate_existing=True).state is RegistrationState.OFFERED


def cancel_apart(app: Flask, registration_id: int) -> None:
    with app.app_context():
        cancel(db.session.get_one(Registration, registration_id))


def offered(stage: Stage) -> tuple[int, int]:
    """Somebody to whom the only free seat is offered, and who waits behind him, by their ids."""
    made = [online(stage_of(stage.id), person(number)).registration.id for number in range(1, 13)]
    cancel(db.session.get_one(Registration, made[0]))
    assert db.session.get_one(Registration, made[10]).state is RegistrationState.OFFERED
    return made[10], made[11]


def state_of(registration_id: int) -> RegistrationState:
    return db.session.get_one(Registration, registration_id, populate_existing=True).state


def test_an_offer_taken_in_eight_tabs_is_taken_once(app: Flask, stage: Stage) -> None:
    first, _second = offered(stage)
    answers = at_once(app, [lambda: accept_offer(db.session.get_one(Registration, first)) for _ in range(8)])
    assert answers.count(None) == 1
    assert state_of(first) is RegistrationState.CONFIRMED and seats_taken(stage) == 10


def test_an_offer_is_taken_or_passes_on_but_not_both(app: Flask, stage: Stage) -> None:
    first, second = offered(stage)
    with db.engine.begin() as connection:
        a_moment_ago = clock.now() - timedelta(seconds=1)
        connection.execute(sa.update(Registration).where(Registration.id == first).values(offer_until=a_moment_ago))
    at_once(app, [lambda: accept_offer(db.session.get_one(Registration, first)), pass_on_offers] * 3)
    assert (state_of(first), state_of(second)) == (RegistrationState.WAITLISTED, RegistrationState.OFFERED)
    assert seats_taken(stage) == 10


def test_two_tabs_nominate_for_the_last_seat(app: Flask, stage: Stage) -> None:
    place = factories.institution(stage.host)
    deadline = clock.now() + timedelta(days=1)
    invitation = create_invitation(stage, place, seats_asked=2, deadline=deadline, by=None)
    invitation_id, kind = invitation.id, type(invitation)

    def named(number: int) -> Outcome:
        return nominate(db.session.get_one(kind, invitation_id), person(number)).outcome

    outcomes = at_once(app, [lambda number=number: named(number) for number in range(1, 9)])
    assert Counter(outcomes) == {Outcome.CONFIRMED: 2, Outcome.REFUSED: 6}
    found = db.session.get_one(kind, invitation_id, populate_existing=True)
    assert (found.used, found.reserved, seats_taken(stage)) == (2, 2, 2)


def test_who_cancels_while_he_is_accepted_is_gone(app: Flask, stage: Stage) -> None:
    with transaction():
        fresh(stage).approval_required = True
    staff_id, kind, stage_id = factories.user().id, factories.User, stage.id
    made = [online(stage_of(stage_id), person(number)).registration.id for number in range(1, 6)]
    accepting = [lambda: approve(stage_of(stage_id), made, by=db.session.get_one(kind, staff_id)) for _ in range(2)]
    leaving = [lambda one=one: cancel(db.session.get_one(Registration, one)) for one in made]
    at_once(app, accepting + leaving)
    assert {state_of(one) for one in made} == {RegistrationState.CANCELLED}
    assert seats_taken(stage) == 0


def test_a_limit_lowered_while_people_register_holds(app: Flask, stage: Stage) -> None:
    stage_id, category_id = stage.id, factories.category(stage.host, "OPD").id
    limiting = [
        lambda: set_quota(stage_of(stage_id), kind=QuotaKind.CATEGORY, target_id=category_id, capacity=4, by=None)
    ]
    coming = [lambda n=n: online(stage_of(stage_id), person(n)).outcome for n in range(1, 9)]
    reason = next(one for one in at_once(app, limiting + coming) if not isinstance(one, Outcome))
    seated = counts_by_state(fresh(stage))[RegistrationState.CONFIRMED]
    assert seated == seats_taken(stage) and (seated == 4 or (reason is not None and seated == 8))
