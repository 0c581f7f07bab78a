"""Seats in everything that counts them: what moves between unsur, institutions, groups and invitations, on both databases."""

from dataclasses import replace as with_fields
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.extensions import db, transaction
from app.institutions.models import Institution
from app.programmes.models import Stage
from app.registration import service
from app.registration.models import Registration
from app.registration.models_seats import Invitation
from app.registration.queries import details_of, quotas_of
from app.registration.rules import Outcome, Reason, RegistrationSource, RegistrationState
from app.registration.rules_seats import QuotaKind
from app.registration.service.quotas import seats_taken as recounted
from app.shared import clock
from tests import factories
from tests.registration.people import fresh, online, person, seats_taken

pytestmark = pytest.mark.both_databases
CONFIRMED, OFFERED, WAITLISTED = RegistrationState.CONFIRMED, RegistrationState.OFFERED, RegistrationState.WAITLISTED


@pytest.fixture
def stage(app) -> Stage:
    made = factories.stage(capacity=6)
    for code in ("OPD", "PAKAR"):
        factories.category(made.host, code)
    return made


@pytest.fixture
def office(stage: Stage) -> Institution:
    return factories.institution(stage.host)


def invited(stage: Stage, office: Institution, seats: int = 2) -> Invitation:
    deadline = clock.now() + timedelta(days=1)
    return service.create_invitation(stage, office, seats_asked=seats, deadline=deadline, by=None)


def limit(stage: Stage, code: str, capacity: int) -> Reason | None:
    target = factories.category(stage.host, code).id
    return service.set_quota(stage, kind=QuotaKind.CATEGORY, target_id=target, capacity=capacity, by=None)


def counters_hold(stage: Stage) -> bool:
    """Whether every limit counts what a recount finds."""
    db.session.expire_all()
    kept = [(quota.seats_taken, recounted(stage, quota.kind, quota.target_id or 0)) for quota in quotas_of(stage)]
    return all(counted == found for counted, found in kept)


def as_of(registration: Registration, code: str) -> Reason | None:
    right = with_fields(details_of(registration), category_code=code)
    return service.correct(registration, right, by=None)


def test_what_a_correction_leaves_is_offered_to_who_waits_for_it(stage: Stage) -> None:
    limit(stage, "OPD", 1)
    first, second = (online(stage, person(number)).registration for number in (1, 2))
    assert fresh(second).state is WAITLISTED
    assert as_of(fresh(first), "PAKAR") is None
    assert fresh(second).state is OFFERED and counters_hold(stage)


def test_who_waits_is_offered_a_seat_once_he_belongs_where_there_is_room(stage: Stage) -> None:
    limit(stage, "OPD", 1)
    waits = [online(stage, person(number)).registration for number in (1, 2)][1]
    assert as_of(fresh(waits), "PAKAR") is None
    assert fresh(waits).state is OFFERED


def test_a_correction_into_a_full_unsur_changes_nothing(stage: Stage, office: Institution) -> None:
    limit(stage, "PAKAR", 0)
    invitation = invited(stage, office)
    named = service.nominate(invitation, person()).registration
    for _state in ("open", "ended"):
        assert as_of(fresh(named), "PAKAR") is Reason.CATEGORY_FULL
        kept = fresh(invitation)
        assert (fresh(named).invitation_id, kept.used, fresh(named).category.code) == (invitation.id, 1, "OPD")
        assert seats_taken(stage) == kept.reserved and counters_hold(stage)
        service.withdraw_invitation(kept, by=None)


def test_a_group_of_a_named_person_who_leaves_is_offered(stage: Stage, office: Institution) -> None:
    group, staff = factories.group(stage.programme), factories.user()
    service.set_quota(stage, kind=QuotaKind.GROUP, target_id=group.id, capacity=1, by=staff)
    named = service.nominate(invited(stage, office), person()).registration
    assert service.set_groups(fresh(named), [group.id], by=staff) is None
    waits = service.register(stage, person(2), source=RegistrationSource.STAFF, group_ids=[group.id], by=staff)
    assert waits.outcome is Outcome.WAITLISTED
    service.cancel(fresh(named))
    assert db.session.get_one(Registration, waits.registration_id).state is OFFERED and counters_hold(stage)


def test_who_registered_under_another_unsur_is_counted_as_the_invitation_is(stage: Stage, office: Institution) -> None:
    own = person(category_code="PAKAR", institution_id=office.id, institution_name=office.name)
    made = online(stage, own).registration
    limit(stage, "OPD", 4)
    limit(stage, "PAKAR", 4)
    invitation = invited(stage, office)
    assert service.nominate(invitation, person()).outcome is Outcome.CONFIRMED
    assert (fresh(made).category.code, fresh(made).invitation_id, seats_taken(stage)) == ("OPD", invitation.id, 2)
    service.withdraw_invitation(fresh(invitation), by=None)
    service.cancel(fresh(made))
    assert seats_taken(stage) == 0 and counters_hold(stage)


def test_whom_staff_put_on_the_list_is_not_asked_to_wait_for_approval(stage: Stage) -> None:
    with transaction():
        stage.capacity, stage.approval_required = 1, True
    first = online(stage, person(1)).registration
    late = service.register(stage, person(2), source=RegistrationSource.STAFF, by=factories.user()).registration
    service.cancel(fresh(first))
    assert service.accept_offer(fresh(late)) is None
    assert fresh(late).state is CONFIRMED


def test_a_limit_is_not_set_below_what_invitations_keep(stage: Stage, office: Institution) -> None:
    invited(stage, office, 3)
    assert limit(stage, "OPD", 2) is Reason.QUOTA_BELOW_SEATS
    assert limit(stage, "OPD", 3) is None
    assert online(stage, person(5)).outcome is Outcome.WAITLISTED
    assert db.session.scalar(sa.select(Stage.seats_taken).where(Stage.id == stage.id)) == 3


def test_the_full_group_of_another_keeps_nobody_waiting(stage: Stage) -> None:
    """Only the groups of whoever waits are looked at, not those of anybody."""
    limit(stage, "OPD", 1)
    group = factories.group(stage.programme)
    assert service.set_quota(stage, kind=QuotaKind.GROUP, target_id=group.id, capacity=1, by=None) is None
    in_group = service.register(
        stage, person(1, category_code="PAKAR"), source=RegistrationSource.STAFF, group_ids=[group.id]
    )
    first, second = (online(stage, person(number)).registration for number in (2, 3))
    assert in_group.outcome is Outcome.CONFIRMED and fresh(second).state is WAITLISTED
    service.cancel(fresh(first))
    assert fresh(second).state is OFFERED and counters_hold(stage)
