"""Whatever is done to the seats of a stage in whatever order: no limit is passed, nobody is lost, and a plain model agrees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as with_fields
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.extensions import db
from app.programmes.rules import ProgrammeRefused
from app.programmes.service import update_stage
from app.registration import service
from app.registration.queries import details_of
from app.registration.rules import RegistrationSource
from app.registration.rules_seats import QuotaKind
from app.registration.service.decisions import settle_decisions
from app.shared import clock
from tests import factories
from tests.registration.seat_model import CONFIRMED, REJECTED, STAGE, Row, Target
from tests.registration.seat_world import CATEGORY_OF, GROUPS, SeatWorld

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


class SharingSeats(SeatWorld):
    """Everything that can be done to seats."""

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
            done = service.decline(self.invitation(institution), reason="Tidak ada petugas")
            assert done is self.seats.decline(institution)
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
            max_examples=counts(10, full=400),
            stateful_step_count=50,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
