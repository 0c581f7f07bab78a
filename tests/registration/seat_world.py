"""A stage beside the model of it, and what must hold of the two after whatever was done to both."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
)

from app.extensions import db
from app.jobs.models import OutboxMessage
from app.programmes.models import Stage
from app.registration import service
from app.registration.models import Registration
from app.registration.models_seats import Invitation, Quota
from app.registration.queries import waiting_place
from app.registration.rules import PersonDetails
from app.registration.rules_seats import OPEN_INVITATION
from app.shared import clock
from tests import factories
from tests.registration.people import person
from tests.registration.seat_model import STAGE, WAITLISTED, Row, Seats

CATEGORY_OF = {"Dinas Satu": "OPD", "Dinas Dua": "OPD", "Bank Satu": "PERBANKAN"}
GROUPS = ("Smart Living", "Smart Branding")


class SeatWorld(RuleBasedStateMachine):
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
