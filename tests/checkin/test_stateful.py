"""Whatever doors do, with or without network, in whatever order it arrives: one attendance, and a plain model agrees."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from app.checkin import service
from app.checkin.models import Attendance, Checkpoint, Scan, ScannerDevice
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import Decision, ScanSource, Settlement
from app.checkin.service import ScanItem
from app.checkin.service.corrections import NotAnAdmission
from app.extensions import db
from app.registration import service as registration
from app.registration.models import Registration
from app.registration.rules import PersonDetails, RegistrationSource
from app.shared import clock
from app.shared.codes import digest
from tests import factories
from tests.checkin.scan_model import Doors, Person

PEOPLE = 3
NOBODY, ELSEWHERE = None, -1
MOST = 2 * PEOPLE  # where some of them are replaced
who = st.sampled_from([*range(MOST), *range(MOST), NOBODY, ELSEWHERE, NOBODY, ELSEWHERE])
some = st.integers(0, 60)
minutes = st.integers(1, 40)
SKEWS = [timedelta(), timedelta(hours=48), timedelta(minutes=-7)]
DEVICES = len(SKEWS)
devices = st.integers(0, DEVICES - 1)
decided = st.sampled_from([Decision.ADMITTED, Decision.ADMITTED, Decision.PARKED, Decision.REPEAT, Decision.REFUSED])
TABLES = ("scan_incident", "attendance", "scan")


class Scanning(RuleBasedStateMachine):
    """The service and the model side by side. `held`: what each device has not sent yet, `sent`: what it has."""

    def __init__(self) -> None:
        super().__init__()
        self.now = clock.now().replace(microsecond=0)
        self.freeze()
        stage, elsewhere = factories.stage(), factories.registration()
        opens, closes = self.now - timedelta(minutes=10), self.now + timedelta(hours=5)
        self.point_id = factories.checkpoint(stage, opens_at=opens, closes_at=closes).id
        people = [factories.registration(stage) for _ in range(PEOPLE)]
        self.ids = [one.id for one in people]
        codes = dict(enumerate([(one.ticket_code, one.badge_code) for one in people]))
        self.codes: dict[int | None, tuple[str, str]] = codes | {
            NOBODY: ("0123456789ABCDEF",) * 2,
            ELSEWHERE: (elsewhere.ticket_code,) * 2,
        }
        made = [factories.device(stage, expires_at=self.now + timedelta(days=9))[0] for _ in SKEWS]
        self.device_ids, self.tokens = [one.id for one in made], [one.token_hash for one in made]
        self.revoked: set[int] = set()
        self.held: list[list[tuple[ScanItem, int | None]]] = [[] for _ in SKEWS]
        self.sent: list[list[tuple[ScanItem, int | None]]] = [[] for _ in SKEWS]
        self.drawn = 0
        self.doors = Doors([Person() for _ in range(PEOPLE)], opens, closes)

    def freeze(self) -> None:
        self.frozen = clock.frozen(self.now)
        self.frozen.__enter__()

    def teardown(self) -> None:
        self.frozen.__exit__(None, None, None)
        db.session.rollback()
        with db.engine.begin() as connection:
            for table in TABLES:
                connection.execute(sa.delete(db.metadata.tables[table]))

    def pass_time(self, much: timedelta) -> None:
        self.frozen.__exit__(None, None, None)
        self.now += much
        self.freeze()

    # what is acted on

    def scanned(
        self,
        device: int,
        person: int | None,
        badge: bool,
        offline: Decision | None,
        source: ScanSource = ScanSource.CAMERA,
        back: int = 0,
    ) -> tuple[ScanItem, int | None]:
        """A scan at this moment by the device's own clock, and whose code it was; its id says nothing of the order."""
        self.drawn += 1
        self.pass_time(timedelta(seconds=1))
        holder = person if person is None or person < 0 else person % len(self.ids)
        item = ScanItem(
            scan_id=digest(str(self.drawn))[:8],
            code_hash=digest(self.codes[holder][badge]),
            occurred_at=self.now + SKEWS[device] - timedelta(minutes=back),
            source=source,
            offline_decision=offline,
        )
        return item, holder

    def send(self, device: int, scans: list[tuple[ScanItem, int | None]], clocked: bool = True) -> None:
        sent_at = self.now + SKEWS[device] if clocked else None
        recorded = service.record_scans(
            token_hash=self.tokens[device],
            checkpoint_id=self.point_id,
            items=[item for item, _person in scans],
            sent_at=sent_at,
        )
        known = {item.scan_id for item, _person in scans} & self.doors.scans.keys()
        moved = -SKEWS[device] if clocked else timedelta()
        timed = [(min(item.occurred_at + moved, self.now), item, person) for item, person in scans]
        for at, item, person in sorted(timed, key=lambda one: (one[1].on_paper, one[0], one[1].scan_id)):
            revoked = device in self.revoked
            self.doors.arrive(item.scan_id, person, at, item.offline_decision, revoked, item.on_paper)
        seen: set[str] = set()
        for result, (item, _person) in zip(recorded.results, scans, strict=True):
            told = self.doors.scans[item.scan_id]
            assert (result.decision, result.reason) == (told.decision, told.reason)
            assert result.replay == (item.scan_id in known | seen)
            assert result.person is None or device not in self.revoked
            seen.add(item.scan_id)
        assert recorded.present == sum(one.counted is not None for one in self.doors.people)
        assert recorded.expected == sum(one.confirmed for one in self.doors.people)
        self.sent[device] += scans

    def person(self, number: int) -> Registration:
        return db.session.get_one(Registration, self.ids[number])

    # the doors

    @rule(device=devices, person=who, badge=st.booleans(), clocked=st.booleans())
    def scans_online(self, device: int, person: int | None, badge: bool, clocked: bool) -> None:
        self.send(device, [self.scanned(device, person, badge, None)], clocked)

    @rule(device=devices, person=who, badge=st.booleans(), offline=decided)
    def scans_offline(self, device: int, person: int | None, badge: bool, offline: Decision) -> None:
        self.held[device].append(self.scanned(device, person, badge, offline))

    @rule(device=devices, person=who, offline=decided)
    def scans_offline_too(self, device: int, person: int | None, offline: Decision) -> None:
        self.scans_offline(device, person, False, offline)

    @rule(device=devices, person=who, back=minutes, offline=st.none() | decided, held=st.booleans())
    def a_row_of_a_sheet_is_keyed_in(
        self, device: int, person: int | None, back: int, offline: Decision | None, held: bool
    ) -> None:
        row = self.scanned(device, person, True, offline, ScanSource.PAPER, back)
        if held:
            self.held[device].append(row)
        else:
            self.send(device, [row])

    @rule(device=devices, data=st.data(), clocked=st.booleans())
    def sends_what_it_holds_in_any_order(self, device: int, data: st.DataObject, clocked: bool) -> None:
        if self.held[device]:
            chosen = data.draw(st.permutations(self.held[device]))[: data.draw(st.integers(1, 6))]
            self.held[device] = [one for one in self.held[device] if one not in chosen]
            self.send(device, chosen, clocked)

    @rule(device=devices, data=st.data())
    def sends_again(self, device: int, data: st.DataObject) -> None:
        """Also the same scan twice, and beside new ones."""
        if self.sent[device]:
            again = data.draw(st.lists(st.sampled_from(self.sent[device]), min_size=1, max_size=4))
            fresh, self.held[device] = self.held[device][:2], self.held[device][2:]
            self.pass_time(timedelta(seconds=1))
            self.send(device, data.draw(st.permutations([*again, *fresh])))

    @rule(device=devices, data=st.data(), offline=decided)
    def decides_alone_what_was_answered_too_late(self, device: int, data: st.DataObject, offline: Decision) -> None:
        waiting = [one for one in self.sent[device] if one[0].offline_decision is None]
        if waiting:
            item, person = data.draw(st.sampled_from(waiting))
            self.send(device, [(replace(item, offline_decision=offline), person)])

    @rule(much=minutes)
    def time_passes(self, much: int) -> None:
        self.pass_time(timedelta(minutes=much))

    # the staff

    @rule(device=devices)
    def a_device_is_revoked(self, device: int) -> None:
        if len(self.revoked) < DEVICES - 1:
            self.revoked.add(device)
            service.revoke_device(db.session.get_one(ScannerDevice, self.device_ids[device]), by=None)

    @rule(which=some)
    def a_registration_is_cancelled(self, which: int) -> None:
        number = which % len(self.ids)
        registration.cancel(self.person(number))
        self.doors.people[number].confirmed = False

    @rule(which=some)
    def somebody_stands_in(self, which: int) -> None:
        """The old ticket is dead from then on, the new one opens the door."""
        number = which % len(self.ids)
        newcomer = PersonDetails(name=f"Pengganti Nomor {len(self.ids)}", category_code="")
        new = registration.replace(self.person(number), newcomer, source=RegistrationSource.STAFF).registration
        assert (new is not None) == self.doors.substitute(number)
        if new is not None:
            self.codes[len(self.ids)] = new.ticket_code, new.badge_code
            self.ids.append(new.id)

    @precondition(lambda self: self.doors.scans)
    @rule(which=some, device=devices)
    def a_scan_is_annulled(self, which: int, device: int) -> None:
        scan_id = sorted(self.doors.scans)[which % len(self.doors.scans)]
        self.pass_time(timedelta(seconds=1))
        try:
            service.annul_scan(db.session.get_one(ScannerDevice, self.device_ids[device]), scan_id, reason="salah")
            done = True
        except NotAnAdmission:
            done = False
        assert done == self.doors.annul_scan(scan_id, self.now)

    @rule(which=some, back=minutes)
    def somebody_is_marked_present(self, which: int, back: int) -> None:
        number, at = which % len(self.ids), self.now - timedelta(minutes=back)
        if self.doors.people[number].confirmed and self.doors.opens_at <= at <= self.doors.closes_at:
            point = db.session.get_one(Checkpoint, self.point_id)
            service.mark_present(self.person(number), point, reason="kertas", by=None, at=at)
            self.doors.mark(number, at)

    @precondition(lambda self: any(one.open for one in self.doors.incidents.values()))
    @rule(which=some, settlement=st.sampled_from(Settlement))
    def an_incident_is_settled(self, which: int, settlement: Settlement) -> None:
        waiting = sorted(scan_id for scan_id, one in self.doors.incidents.items() if one.open)
        scan_id = waiting[which % len(waiting)]
        statement = sa.select(ScanIncident).join(Scan, Scan.id == ScanIncident.scan_id).where(Scan.scan_id == scan_id)
        incident = db.session.scalars(statement).one()
        try:
            assert service.settle(incident, settlement, by=None)
            done = True
        except service.NobodyKnown:
            done = False
        person = self.doors.scans[scan_id].person
        assert done == self.doors.settle(scan_id, person, settlement is Settlement.PRESENT)

    # what always holds

    @invariant()
    def one_attendance_in_force_and_it_is_the_earliest(self) -> None:
        db.session.rollback()
        found: dict[int, list[Any]] = {number: [] for number in range(len(self.ids))}
        for one in db.session.scalars(sa.select(Attendance).order_by(Attendance.annulled_at, Attendance.id)):
            ended = () if one.annulled_at is None else (one.annulled_at,)
            found[self.ids.index(one.registration_id)].append(((one.at, one.scan_id or ""), *ended))
        for number, person in enumerate(self.doors.people):
            in_force = [(person.counted,)] if person.counted else []
            expected = [*in_force, *((period.counted, period.ended_at) for period in person.ended)]
            assert sorted(found[number]) == sorted(expected)

    @invariant()
    def every_scan_is_there_once_and_the_incidents_are_those_of_the_model(self) -> None:
        scans = {one.id: one for one in db.session.scalars(sa.select(Scan))}
        assert {one.scan_id: (one.at, one.decision) for one in self.doors.scans.values()} == {
            one.scan_id: (one.occurred_at, one.decision) for one in scans.values()
        }
        assert {
            scans[one.scan_id].scan_id: (
                one.kind.value,
                scans[one.counted_id].scan_id if one.counted_id else None,
                one.settled_at is None,
            )
            for one in db.session.scalars(sa.select(ScanIncident))
        } == {scan_id: (one.kind, one.counted, one.open) for scan_id, one in self.doors.incidents.items()}


@pytest.mark.both_databases
def test_in_any_order(app: Flask, counts) -> None:
    run_state_machine_as_test(
        Scanning,
        settings=settings(
            max_examples=counts(8, full=400),
            stateful_step_count=counts(40, full=60),
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
