"""Whatever is done to the seats of a stage in whatever order: no limit is passed, nobody is lost, and a plain model agrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace as with_fields
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.extensions import db
from app.jobs.models import OutboxMessage
from app.programmes.models import Stage
from app.programmes.rules import ProgrammeRefused
from app.programmes.service import update_stage
from app.registration import service
from app.registration.models import Registration
from app.registration.models_seats import Invitation, Quota
from app.registration.queries import details_of, waiting_place
from app.registration.rules import PersonDetails, RegistrationSource
from app.registration.rules_seats import OPEN_INVITATION, QuotaKind
from app.registration.service.decisions import settle_decisions
from app.shared import clock
from tests import factories
from tests.registration.people import person
from tests.registration.seat_model import CONFIRMED, REJECTED, STAGE, WAITLISTED, Row, Seats, Target

CATEGORY_OF = {"Dinas Satu": "OPD", "Dinas Dua": "OPD", "Bank Satu": "PERBANKAN"}
GROUPS = ("Smart Living", "Smart Branding")
PLACES = [*((category, name) for name, category in CATEGORY_OF.items()), ("PAKAR", None), ("PAKAR", "Dinas Satu")]
TARGETS: list[Target] = [
    STAGE,
    ("category", "OPD"),
    ("category", "PAKAR"),
    ("institution", "Dinas Satu"),
    ("institution", "Bank Satu"),
    ("group", "Smart Living"),
]
numbers = st.integers(1, 9)
places = st.sampled_from(PLACES)
institutions = st.sampled_from(sorted(CATEGORY_OF))
groups = st.sets(st.sampled_from(GROUPS))
which = st.integers(0, 40)
some = st.lists(which, min_size=1, max_size=6)
SOURCES = {True: RegistrationSource.ONLINE, False: RegistrationSource.STAFF}


class SharingSeats(RuleBasedStateMachine):
    """The services and the model side by side; rows of both are in the order in which they were made."""

    def __init__(self) -> None:
        super().__init__()
        self.frozen = clock.frozen(clock.now().replace(microsecond=0))
        self.frozen.__enter__()
        now = clock.now()
        later = {"starts_on": (now + timedelta(days=900)).date(), "ends_on": (now + timedelta(days=901)).date()}
        made = factories.stage(capacity=5, registration_closes_at=now + timedelta(days=800), **later)
        self.stage_id, self.staff_id = made.id, factories.user().id
        host, programme = made.host, made.programme
        self.category_ids = {code: factories.category(host, code).id for code in ("OPD", "PERBANKAN", "PAKAR")}
        self.institution_ids: dict[str | None, int] = {
            name: factories.institution(host, code, name=name).id for name, code in CATEGORY_OF.items()
        }
        self.group_ids = {name: factories.group(programme, name=name).id for name in GROUPS}
        self.ids: list[int] = []
        self.seats = Seats({STAGE: 5}, now)

    def teardown(self) -> None:
        for table in ("registration_group", "registration", "invitation", "quota", "outbox_message"):
            with db.engine.begin() as connection:
                connection.execute(sa.delete(db.metadata.tables[table]))
        self.frozen.__exit__(None, None, None)

    # what is acted on

    @property
    def stage(self) -> Stage:
        return db.session.get_one(Stage, self.stage_id)

    @property
    def staff(self) -> Any:
        return db.session.get_one(factories.User, self.staff_id)

    def registration(self, number: int) -> Registration:
        return db.session.get_one(Registration, self.ids[number])

    def invitation(self, institution: str) -> Invitation:
        of_it = sa.select(Invitation).filter_by(
            stage_id=self.stage_id, institution_id=self.institution_ids[institution]
        )
        return db.session.scalars(of_it).one()

    def details(self, number: int, category: str, institution: str | None) -> PersonDetails:
        of_directory = self.institution_ids.get(institution)
        return person(number, category_code=category, institution_id=of_directory, institution_name=institution or "")

    def pick(self, number: int) -> tuple[int, Row]:
        chosen = number % len(self.ids)
        return chosen, self.seats.rows[chosen]

    def made(self, done: service.Registered, count: int) -> None:
        """Note the new registration where the model has a new row."""
        if len(self.seats.rows) > count:
            assert done.registration is not None
            self.ids.append(done.registration.id)

    @initialize(limited=st.sets(st.sampled_from(TARGETS[1:])), approval=st.booleans())
    def begins(self, limited: set[Target], approval: bool) -> None:
        for target in sorted(limited):
            self.is_limited(target, 3 if target[0] == "category" else 2)
        self.approval_is(approval)

    # people

    @rule(number=numbers, place=places, into=groups, by_staff=st.booleans())
    def registers(self, number: int, place: Any, into: set[str], by_staff: bool) -> None:
        count = len(self.seats.rows)
        done = service.register(
            self.stage,
            self.details(number, *place),
            source=SOURCES[not by_staff],
            group_ids=[self.group_ids[one] for one in into],
            by=self.staff if by_staff else None,
        )
        assert done.outcome is self.seats.register(number, *place, into, not by_staff)
        self.made(done, count)

    @precondition(lambda self: self.ids)
    @rule(number=which)
    def cancels(self, number: int) -> None:
        chosen, row = self.pick(number)
        assert service.cancel(self.registration(chosen)) is self.seats.cancel(row)

    @precondition(lambda self: self.ids)
    @rule(number=which)
    def accepts_the_offer(self, number: int) -> None:
        chosen, row = self.pick(number)
        assert (service.accept_offer(self.registration(chosen)) is None) is self.seats.accept(row)

    @precondition(lambda self: self.ids)
    @rule(number=which)
    def wants_to_come_still(self, number: int) -> None:
        chosen, row = self.pick(number)
        assert service.rejoin(self.registration(chosen)) is self.seats.rejoin(row)

    @precondition(lambda self: self.ids)
    @rule(number=which, other=numbers)
    def is_replaced(self, number: int, other: int) -> None:
        chosen, row = self.pick(number)
        count = len(self.seats.rows)
        done = service.replace(
            self.registration(chosen), self.details(other, "OPD", None), source=RegistrationSource.STAFF, by=self.staff
        )
        assert done.outcome is self.seats.replace(row, other)
        self.made(done, count)

    @precondition(lambda self: self.ids)
    @rule(number=which, place=places)
    def is_corrected(self, number: int, place: Any) -> None:
        chosen, row = self.pick(number)
        registration = self.registration(chosen)
        moved = self.details(row.person, *place)
        right = with_fields(
            details_of(registration),
            category_code=moved.category_code,
            institution_id=moved.institution_id,
            institution_name=moved.institution_name,
        )
        assert (service.correct(registration, right, by=self.staff) is None) is self.seats.correct(row, *place)

    @precondition(lambda self: self.ids)
    @rule(number=which, into=groups)
    def is_put_into_groups(self, number: int, into: set[str]) -> None:
        chosen, row = self.pick(number)
        reason = service.set_groups(self.registration(chosen), [self.group_ids[one] for one in into], by=self.staff)
        assert (reason is None) is self.seats.put_into(row, into)

    @precondition(lambda self: self.ids)
    @rule(number=which)
    def is_given_a_seat(self, number: int) -> None:
        chosen, row = self.pick(number)
        reason = service.give_seat(self.registration(chosen), by=self.staff, reason="Diminta pimpinan")
        assert (reason is None) is self.seats.give(row)

    # approval

    @precondition(lambda self: self.ids)
    @rule(chosen=some, approved=st.booleans())
    def is_decided_on(self, chosen: list[int], approved: bool) -> None:
        rows, ids = self.several(chosen)
        if approved:
            assert service.approve(self.stage, ids, by=self.staff) == self.seats.decide(rows, CONFIRMED)
        else:
            done = service.reject(self.stage, ids, reason="Bukan sasaran", by=self.staff)
            assert done == self.seats.decide(rows, REJECTED)

    @precondition(lambda self: self.ids)
    @rule(chosen=some)
    def decision_is_undone(self, chosen: list[int]) -> None:
        rows, ids = self.several(chosen)
        assert service.undo_decisions(self.stage, ids, by=self.staff) == self.seats.undo(rows)

    def several(self, chosen: list[int]) -> tuple[list[Row], list[int]]:
        picked = sorted({number % len(self.ids) for number in chosen})
        return [self.seats.rows[one] for one in picked], [self.ids[one] for one in picked]

    # limits

    @rule(limited=st.sampled_from(TARGETS), number=st.none() | st.integers(1, 7))
    def is_limited(self, limited: Target, number: int | None) -> None:
        assert self.set_limit(limited, number) is self.seats.limit(limited, number)

    def set_limit(self, target: Target, number: int | None) -> bool:
        kind, name = target
        if target == STAGE:
            try:
                update_stage(self.stage, by=self.staff, capacity=number)
            except ProgrammeRefused:
                return False
            return True
        ids = {"category": self.category_ids, "institution": self.institution_ids, "group": self.group_ids}[kind]
        reason = service.set_quota(
            self.stage, kind=QuotaKind(kind), target_id=ids[name], capacity=number, by=self.staff
        )
        return reason is None

    @rule(required=st.booleans())
    def approval_is(self, required: bool) -> None:
        update_stage(self.stage, by=self.staff, approval_required=required)
        self.seats.approval = required

    # invitations

    @rule(institution=institutions, number=st.integers(1, 3), hours=st.sampled_from([1, 30]))
    def is_invited(self, institution: str, number: int, hours: int) -> None:
        deadline = clock.now() + timedelta(hours=hours)
        of_directory = db.session.get_one(factories.Institution, self.institution_ids[institution])
        done = is_done(
            lambda: service.create_invitation(
                self.stage, of_directory, seats_asked=number, deadline=deadline, by=self.staff
            )
        )
        assert done is self.seats.invite(institution, CATEGORY_OF[institution], number, deadline)

    @precondition(lambda self: self.seats.invitations)
    @rule(which=which, number=st.integers(1, 4), hours=st.none() | st.sampled_from([1, 30]))
    def invitation_is_changed(self, which: int, number: int, hours: int | None) -> None:
        institution = self.pick_invitation(which)
        deadline = None if hours is None else clock.now() + timedelta(hours=hours)
        invitation = self.invitation(institution)
        change = {"seats_asked": number, "deadline": deadline}
        done = is_done(lambda: service.change_invitation(invitation, by=self.staff, **change))
        assert done is self.seats.change_invitation(institution, number, deadline)

    @precondition(lambda self: self.seats.invitations)
    @rule(which=which, declined=st.booleans())
    def invitation_ends(self, which: int, declined: bool) -> None:
        institution = self.pick_invitation(which)
        if declined:
            service.decline(self.invitation(institution), reason="Tidak ada petugas")
        else:
            service.withdraw_invitation(self.invitation(institution), by=self.staff)
        self.seats.end_invitation(institution)

    @precondition(lambda self: self.seats.invitations)
    @rule(which=which, number=numbers)
    def is_nominated(self, which: int, number: int) -> None:
        institution = self.pick_invitation(which)
        count = len(self.seats.rows)
        done = service.nominate(self.invitation(institution), self.details(number, "PAKAR", None))
        assert done.outcome is self.seats.nominate(institution, number)
        self.made(done, count)

    def pick_invitation(self, number: int) -> str:
        return sorted(self.seats.invitations)[number % len(self.seats.invitations)]

    # time

    @rule(minutes=st.sampled_from([1, 11, 70, 25 * 60]), swept=st.booleans())
    def time_passes(self, minutes: int, swept: bool) -> None:
        self.seats.now += timedelta(minutes=minutes)
        self.frozen.__exit__(None, None, None)
        self.frozen = clock.frozen(self.seats.now)
        self.frozen.__enter__()
        if swept:
            service.pass_on_offers()
            settle_decisions()
            service.expire_invitations()
            self.seats.sweep()

    # what always holds

    @invariant()
    def nobody_is_lost_and_the_model_agrees(self) -> None:
        db.session.rollback()
        of_stage = sa.select(Registration).filter_by(stage_id=self.stage_id).order_by(Registration.id)
        found = db.session.scalars(of_stage).all()
        assert [one.id for one in found] == self.ids
        for row, one in zip(self.seats.rows, found, strict=True):
            assert shown(one) == (
                row.state,
                row.category,
                row.institution,
                row.groups,
                row.passed_on,
                row.offer_until,
                row.undo_until,
                row.since,
            )
            assert not row.seated or (one.invitation.institution.name if one.invitation else None) == row.invited_by
            assert row.replaced_by is None or found[row.replaced_by].replaces_id == one.id

    @invariant()
    def counters_are_what_a_recount_finds_and_within_the_limits(self) -> None:
        stage = self.stage
        counted = Counter({STAGE: stage.seats_taken})
        limits = {} if stage.capacity is None else {STAGE: stage.capacity}
        for quota in db.session.scalars(sa.select(Quota).filter_by(stage_id=self.stage_id)):
            target = (quota.kind.value, quota.target_name if quota.category is None else quota.category.code)
            counted[target], limits[target] = quota.seats_taken, quota.capacity
        assert limits == self.seats.limits
        assert dict(counted) == {target: self.seats.taken(target) for target in {STAGE, *limits}}
        assert self.seats.within_limits()
        for invitation in db.session.scalars(sa.select(Invitation).filter_by(stage_id=self.stage_id)):
            name = invitation.institution.name
            assert (invitation.used, invitation.reserved, invitation.state in OPEN_INVITATION) == (
                self.seats.used(name),
                self.seats.reserved(name),
                self.seats.invitations[name].open,
            )

    @invariant()
    def nobody_waits_beside_a_free_seat_and_the_line_is_kept(self) -> None:
        line = self.seats.waiting()
        assert not any(self.seats.would_fit(row) for row in line)
        places = {id(row): place for place, row in enumerate(line, start=1)}
        for number, row in enumerate(self.seats.rows):
            if row.state is WAITLISTED:
                assert waiting_place(self.registration(number)) == places.get(id(row))

    @invariant()
    def no_letter_of_a_decision_waits_that_was_taken_back(self) -> None:
        held = sa.select(sa.func.count()).where(OutboxMessage.dedupe_key.startswith("decision:"))
        held = held.where(OutboxMessage.next_attempt_at > clock.now())
        undoable = [row for row in self.seats.rows if row.undo_until is not None and row.undo_until > clock.now()]
        assert db.session.scalar(held) == len(undoable)


def shown(one: Registration) -> tuple[Any, ...]:
    """What the model tells of a registration."""
    institution = one.institution.name if one.institution else None
    groups = frozenset(group.name for group in one.groups)
    passed_on = one.passed_on_at is not None
    where = (one.category.code, institution, groups)
    return (one.state, *where, passed_on, one.offer_until, one.undo_until, one.waiting_since)


def is_done(deed: Callable[[], Any]) -> bool:
    try:
        deed()
    except service.InvitationRefused:
        return False
    return True


@pytest.mark.both_databases
def test_in_any_order(app: Flask, counts) -> None:
    run_state_machine_as_test(
        SharingSeats,
        settings=settings(
            max_examples=counts(12, full=400),
            stateful_step_count=50,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
