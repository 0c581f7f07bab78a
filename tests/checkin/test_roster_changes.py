"""A phone that only asks what has changed knows what one knows that asks for everybody, whatever is changed in whatever order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace as with_fields
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.checkin import service
from app.checkin.models import Attendance, Checkpoint, Excuse
from app.checkin.queries_roster import OVERLAP
from app.checkin.rules import CheckinError
from app.checkin.service.excuses import give_excuse, withdraw_excuse
from app.extensions import db
from app.hosts.models import Host
from app.programmes.models import ParticipantGroup, Stage
from app.programmes.service import rename_group
from app.registration import service as registration
from app.registration.models import Registration
from app.registration.queries import details_of
from app.registration.rules import PersonDetails, RegistrationSource
from app.registration.service import bulk
from app.registration.service.merging import MergeRefused, merge, plan_merge
from app.shared import clock
from tests import factories
from tests.checkin.test_api import Device, scan

BETWEEN = OVERLAP * 2  # so that a change nobody has noted is not told by chance
SEATS = 5


class Phone:
    """What a scanner holds: entries by each of their hashes, as interface.md says."""

    def __init__(self, ask: Callable[[str], Any]) -> None:
        self.ask = ask
        self.revision = ""
        self.known: dict[str, dict[str, Any]] = {}

    def refresh(self) -> Any:
        answer = self.ask(f"?since={self.revision}")
        for one in answer["removed"]:
            self.forget(one)
        for entry in answer["entries"]:
            for one in entry["hashes"]:
                self.forget(one)
            self.known |= dict.fromkeys(entry["hashes"], entry)
        self.revision = answer["revision"]
        assert answer["count"] == len(self.entries())
        return answer

    def forget(self, one: str) -> None:
        for each in self.known.get(one, {"hashes": []})["hashes"]:
            del self.known[each]

    def entries(self) -> list[dict[str, Any]]:
        return sorted({id(one): one for one in self.known.values()}.values(), key=lambda one: one["hashes"])


class World:
    """A stage with three people and two groups; every deed picks whom it concerns by numbers of any size."""

    def __init__(self, app: Flask) -> None:
        self.now = clock.now().replace(microsecond=0)
        with clock.frozen(self.now):
            self.door = Device(app, factories.stage(capacity=SEATS))
            self.stage_id, self.point_id = self.door.stage.id, self.door.checkpoint.id
            self.host_id = self.door.stage.programme.host_id
            self.place = factories.institution(self.door.stage.programme.host)
            self.details = {"category_code": "OPD", "institution_id": self.place.id}
            self.details |= {"institution_name": self.place.name, "position": "Staf"}
            self.group_ids = [factories.group(self.door.stage.programme).id for _ in range(2)]
            self.staff_id = factories.user().id
            self.number = 0
            for _ in range(3):
                self.register(0, 1)
        self.path = f"/checkpoints/{self.point_id}/roster"

    def roster(self, query: str = "") -> Any:
        with clock.frozen(self.now):
            return self.door.ask(self.path + query).json

    def act(self, deed: str, one: int, other: int) -> None:
        self.now += BETWEEN
        with clock.frozen(self.now), suppress(CheckinError, MergeRefused):
            getattr(self, deed)(one, other)
        db.session.rollback()

    # who and what

    @property
    def stage(self) -> Stage:
        return db.session.get_one(Stage, self.stage_id)

    @property
    def point(self) -> Checkpoint:
        return db.session.get_one(Checkpoint, self.point_id)

    @property
    def staff(self) -> Any:
        return db.session.get_one(factories.User, self.staff_id)

    def person(self, number: int) -> Registration:
        of_stage = sa.select(Registration).filter_by(stage_id=self.stage_id).order_by(Registration.id)
        people = db.session.scalars(of_stage.execution_options(populate_existing=True)).all()
        return people[number % len(people)]

    def somebody(self) -> PersonDetails:
        """Nobody who is known yet."""
        self.number += 1
        phone = f"+62813{self.number:08}"
        return PersonDetails(name=f"Orang Nomor {self.number}", phone=phone, **self.details)

    def groups(self, number: int) -> list[int]:
        return [group for place, group in enumerate(self.group_ids) if number >> place & 1]

    # deeds

    def register(self, one: int, other: int) -> None:
        chosen = self.groups(other)
        registration.register(
            self.stage, self.somebody(), source=RegistrationSource.STAFF, group_ids=chosen, by=self.staff
        )

    def cancel(self, one: int, other: int) -> None:
        registration.cancel(self.person(one), by=self.staff, reason="berhalangan")

    def attend(self, one: int, other: int) -> None:
        person = self.person(one)
        self.door.send(scan((person.ticket_code, person.badge_code)[other % 2]))

    def attend_earlier(self, one: int, other: int) -> None:
        """A door whose network was gone: its scan takes the place of a later one."""
        at = clock.now() - timedelta(seconds=1 + 30 * other)
        earlier = {"occurred_at": at.isoformat(), "offline_decision": "admitted"}
        self.door.send(scan(self.person(one).ticket_code, **earlier), sent_at=clock.now().isoformat())

    def annul(self, one: int, other: int) -> None:
        for attendance in self.of(Attendance, one):
            service.annul(attendance, reason="keliru", by=self.staff)

    def excuse(self, one: int, other: int) -> None:
        give_excuse(self.person(one), self.point, with_jp=True, reason="dinas luar", by=self.staff)

    def withdraw(self, one: int, other: int) -> None:
        for excuse in self.of(Excuse, one):
            withdraw_excuse(excuse, by=self.staff)

    def rename(self, one: int, other: int) -> None:
        self.number += 1
        person = self.person(one)
        right = with_fields(details_of(person), name=f"Nama Lain {self.number}", title_after="S.T." * (other % 2))
        registration.correct(person, right, by=self.staff)

    def set_groups(self, one: int, other: int) -> None:
        registration.set_groups(self.person(one), self.groups(other), by=self.staff)

    def into_group(self, one: int, other: int) -> None:
        bulk.put_into_group(self.stage, self.pair(one, other), self.group_ids[other % 2], by=self.staff)

    def out_of_group(self, one: int, other: int) -> None:
        bulk.take_out_of_group(self.stage, self.pair(one, other), self.group_ids[other % 2], by=self.staff)

    def rename_group(self, one: int, other: int) -> None:
        self.number += 1
        group = db.session.get_one(ParticipantGroup, self.group_ids[one % 2])
        rename_group(group, f"Kelompok Lain {self.number}", by=self.staff)

    def merge(self, one: int, other: int) -> None:
        kept, lost = self.person(one).participant, self.person(other).participant
        if kept.id == lost.id:
            return
        staying = [self.person(other).id] if one % 2 else []
        plan, host = plan_merge(kept, lost, staying=staying), db.session.get_one(Host, self.host_id)
        ids = {"kept_id": kept.id, "lost_id": lost.id}
        merge(host, **ids, staying=staying, fingerprint=plan.fingerprint, by=self.staff)

    def replace(self, one: int, other: int) -> None:
        registration.replace(self.person(one), self.somebody(), source=RegistrationSource.STAFF, by=self.staff)

    def pair(self, one: int, other: int) -> list[int]:
        return [self.person(one).id, self.person(other).id]

    def of(self, model: Any, number: int) -> list[Any]:
        kept = self.person(number)
        return list(db.session.scalars(sa.select(model).filter_by(registration_id=kept.id)))


DEEDS = [name for name in vars(World) if name not in {"roster", "act", "person", "somebody", "groups", "pair", "of"}]
DEEDS = [name for name in DEEDS if not name.startswith("_") and callable(getattr(World, name))]
which = st.integers(0, 11)
steps = st.lists(st.tuples(st.sampled_from(DEEDS), which, which, st.booleans()), min_size=1, max_size=14)
EVERY_DEED = [
    ("attend", 0, 0, True),
    ("attend_earlier", 0, 11, True),
    ("annul", 0, 0, True),
    ("rename", 1, 1, True),
    ("set_groups", 0, 3, True),
    ("set_groups", 0, 0, True),
    ("into_group", 0, 2, True),
    ("rename_group", 0, 0, True),
    ("out_of_group", 0, 2, True),
    ("excuse", 2, 0, True),
    ("withdraw", 2, 0, True),
    ("attend", 1, 0, True),
    ("into_group", 1, 1, True),
    ("merge", 0, 1, True),
    ("merge", 2, 0, True),
    ("register", 0, 1, True),
    ("replace", 3, 0, True),
    *[("register", 0, 3, True)] * 4,
    ("cancel", 4, 0, True),
]


@pytest.mark.both_databases
def test_what_has_changed_adds_up_to_everybody(app: Flask, counts: Any) -> None:
    @settings(max_examples=counts(4, full=300), suppress_health_check=list(HealthCheck))
    @given(steps)
    @example(EVERY_DEED)
    def check(done: list[tuple[str, int, int, bool]]) -> None:
        world = World(app)
        world.now += BETWEEN
        phone = Phone(world.roster)
        phone.refresh()
        for deed, one, other, asks in [*done, ("attend", 0, 0, True)]:
            world.act(deed, one, other)
            if asks:
                told, whole = phone.refresh(), world.roster()
                assert phone.entries() == sorted(whole["entries"], key=lambda entry: entry["hashes"]), deed
                assert (told["count"], told["counts"]) == (whole["count"], whole["counts"])

    check()


def test_every_deed_does_something(app: Flask) -> None:
    """Else the property would hold of nothing."""
    world = World(app)
    before = world.roster()["entries"]
    for deed, one, other, _asks in EVERY_DEED:
        world.act(deed, one, other)
        before, after = world.roster()["entries"], before
        assert before != after, deed
    assert {deed for deed, *_more in EVERY_DEED} == set(DEEDS)
    assert any(len(entry["hashes"]) == 6 for entry in before)
    assert {entry["status"] for entry in before} >= {"confirmed", "cancelled", "offered"}
