"""Several tabs, several people and the sweep at once: never more people than seats, and nothing is counted twice."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.extensions import db
from app.institutions.models import Institution
from app.programmes.models import Stage
from app.registration import service
from app.registration.models import Registration
from app.registration.models_seats import Invitation
from app.registration.rules import HOLDS_SEAT, Outcome, Reason, RegistrationSource, RegistrationState
from app.registration.rules_seats import OPEN_INVITATION
from app.shared import clock
from tests import factories
from tests.registration.people import fresh, online, person, registrations, seats_taken
from tests.registration.test_races import at_once, stage_of

pytestmark = pytest.mark.both_databases


@pytest.fixture
def stage(app: Flask) -> Stage:
    made = factories.stage(capacity=12)
    factories.category(made.host, "OPD")
    return made


@pytest.fixture
def invitation(stage: Stage) -> Invitation:
    return invited(stage, 5)


def invited(stage: Stage, seats: int) -> Invitation:
    of = factories.institution(stage.host, "OPD")
    until = clock.now() + timedelta(days=1)
    return service.create_invitation(stage, of, seats_asked=seats, deadline=until, by=None)


def get(kind: Any, key: int) -> Any:
    return db.session.get_one(kind, key)


def expect_agreement(stage: Stage) -> None:
    """What is counted is what is there."""
    db.session.rollback()
    holding = [one for one in registrations(stage) if one.state in HOLDS_SEAT]
    unused = 0
    for invitation in service.invitations_of(stage):
        named = sum(one.invitation_id == invitation.id for one in holding)
        assert invitation.used == named <= invitation.reserved <= invitation.seats
        assert invitation.reserved == (invitation.seats if invitation.state in OPEN_INVITATION else invitation.used)
        unused += invitation.reserved - invitation.used
    assert seats_taken(stage) == len(holding) + unused <= (fresh(stage).capacity or 0)


def test_many_tabs_for_few_seats(app: Flask, stage: Stage, invitation: Invitation) -> None:
    key = invitation.id
    made = at_once(app, [lambda n=n: service.nominate(get(Invitation, key), person(n)) for n in range(1, 21)])
    assert Counter((one.outcome, one.reason) for one in made) == {
        (Outcome.CONFIRMED, None): 5,
        (Outcome.REFUSED, Reason.NO_SEAT_LEFT): 15,
    }
    expect_agreement(stage)


def test_one_person_in_many_tabs_is_named_once(app: Flask, stage: Stage, invitation: Invitation) -> None:
    key = invitation.id
    made = at_once(app, [lambda: service.nominate(get(Invitation, key), person(1)).outcome for _ in range(10)])
    assert Counter(made) == {Outcome.CONFIRMED: 1, Outcome.ALREADY: 9}
    expect_agreement(stage)


def test_a_person_is_replaced_once(app: Flask, stage: Stage, invitation: Invitation) -> None:
    old = service.nominate(invitation, person(1)).registration.id
    source = RegistrationSource.INVITATION
    made = at_once(
        app,
        [lambda n=n: service.replace(get(Registration, old), person(n), source=source).outcome for n in range(2, 10)],
    )
    assert Counter(made) == {Outcome.CONFIRMED: 1, Outcome.REFUSED: 7}
    expect_agreement(stage)


def test_naming_while_the_invitation_is_withdrawn(app: Flask, stage: Stage, invitation: Invitation) -> None:
    key, stage_id = invitation.id, stage.id
    for number in range(30, 38):
        online(stage, person(number))
    calls: list[Any] = [lambda n=n: service.nominate(get(Invitation, key), person(n)).outcome for n in range(1, 7)]
    calls += [lambda: service.withdraw_invitation(get(Invitation, key), by=None)]
    calls += [lambda n=n: online(stage_of(stage_id), person(n)).outcome for n in range(40, 46)]
    at_once(app, calls)
    expect_agreement(stage)
    states = Counter(db.session.scalars(sa.select(Registration.state).filter_by(stage_id=stage_id)))
    if states[RegistrationState.WAITLISTED]:
        assert seats_taken(stage) == 12


def test_two_invitations_for_the_same_institution_or_the_last_seats(app: Flask, stage: Stage) -> None:
    first, second = (factories.institution(stage.host, "OPD").id for _ in range(2))
    stage_id, until = stage.id, clock.now() + timedelta(days=1)

    def invite(institution_id: int) -> str:
        one = db.session.get_one(Institution, institution_id)
        try:
            service.create_invitation(stage_of(stage_id), one, seats_asked=8, deadline=until, by=None)
        except service.InvitationRefused as refused:
            return refused.reason.value
        return "invited"

    answers = Counter(at_once(app, [lambda one=one: invite(one) for one in (first, second) * 4]))
    assert answers["invited"] == 1 and set(answers) <= {"invited", "full", "already_invited"}
    expect_agreement(stage)
