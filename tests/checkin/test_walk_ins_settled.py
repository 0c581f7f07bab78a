"""Staff settle walk-ins for whom there was no seat: present beyond the limits, or dismissed; what was typed goes either way."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts.models import User
from app.audit.models import AuditEntry
from app.checkin import service
from app.checkin.models import Attendance, ScannerDevice
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import Settlement
from app.extensions import db
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.models_seats import Quota
from app.registration.rules import RegistrationState
from app.registration.rules_seats import QuotaKind
from app.registration.service import set_quota
from app.shared import clock
from tests import factories
from tests.checkin.test_walk_ins import Door, count, form, only

pytestmark = pytest.mark.both_databases


@pytest.fixture
def door(app: Flask) -> Door:
    """A door of a stage that is full, where every seat of the institution is taken too."""
    full = Door(app, capacity=1)
    factories.registration(full.stage, institution=full.institution)
    set_quota(full.stage, kind=QuotaKind.INSTITUTION, target_id=full.institution.id, capacity=1, by=None)
    return full


@pytest.fixture
def staff(door: Door) -> User:
    return factories.user()


def test_present_registers_beyond_every_limit_and_counts_from_the_scan_on(door: Door, staff: User) -> None:
    moment = clock.now() - timedelta(minutes=20)
    door.one(form(door, occurred_at=moment.isoformat(), offline_decision="parked"))
    assert service.settle(only(ScanIncident), Settlement.PRESENT, by=staff, note="Diundang lisan oleh Kepala Dinas")
    made = only(Registration, name="Rahmat Hidayat")
    stage, quota, incident = only(Stage, id=door.stage.id), only(Quota), only(ScanIncident)
    assert (made.state, incident.registration_id, incident.person) == (RegistrationState.CONFIRMED, made.id, None)
    assert (stage.capacity, stage.seats_taken, quota.capacity, quota.seats_taken) == (2, 2, 2, 2)
    attendance = only(Attendance)
    assert (attendance.registration_id, attendance.at) == (made.id, moment)
    raised = only(AuditEntry, action="stage.room_made")
    assert (raised.actor_id, raised.reason) == (staff.id, "Diundang lisan oleh Kepala Dinas")
    assert raised.fields == ["capacity", f"quota:{quota.id}"]
    assert only(AuditEntry, action="registration.added").actor_id == staff.id


def test_only_what_is_full_is_raised(door: Door, staff: User) -> None:
    elsewhere = factories.institution(door.stage.host)
    door.one(form(door, institution_id=elsewhere.id))
    service.settle(only(ScanIncident), Settlement.PRESENT, by=staff)
    assert (only(Stage, id=door.stage.id).capacity, only(Quota).capacity) == (2, 1)


def test_dismissed_forgets_what_was_typed(door: Door, staff: User) -> None:
    door.one(form(door))
    assert service.settle(only(ScanIncident), Settlement.DISMISSED, by=staff)
    assert not service.settle(only(ScanIncident), Settlement.PRESENT, by=staff)
    assert only(ScanIncident).person is None
    assert (count(Registration), count(Attendance), only(Stage, id=door.stage.id).capacity) == (1, 0, 1)


def test_whom_a_revoked_device_held_is_registered_when_settled(door: Door, staff: User) -> None:
    service.revoke_device(db.session.get_one(ScannerDevice, door.record.id), by=None)
    door.one(form(door))
    service.settle(only(ScanIncident), Settlement.PRESENT, by=staff)
    made = only(Registration, name="Rahmat Hidayat")
    assert only(Attendance).registration_id == made.id


def test_a_substitute_is_settled_for_himself_and_not_for_the_holder(door: Door, staff: User) -> None:
    holder = db.session.scalars(sa.select(Registration)).one()
    factories.attendance(holder, factories.checkpoint(door.stage))
    door.one(form(door, institution_id=None, name="Anita Wati", represents=holder.badge_hash))
    service.settle(only(ScanIncident), Settlement.PRESENT, by=staff)
    made = only(Registration, name="Anita Wati")
    assert only(Attendance, checkpoint_id=door.checkpoint.id).registration_id == made.id
    assert made.institution_id == holder.institution_id
    assert only(Registration, id=holder.id).state is RegistrationState.CONFIRMED


def test_whoever_waits_is_confirmed_beyond_the_limits(door: Door, staff: User) -> None:
    waiting = factories.registration(
        door.stage,
        name="Rahmat Hidayat",
        phone="+6281234567890",
        institution=door.institution,
        state=RegistrationState.WAITLISTED,
        confirmed_at=None,
    )
    assert door.one(form(door))["reason"] == "no_seat"
    service.settle(only(ScanIncident), Settlement.PRESENT, by=staff)
    assert only(Registration, id=waiting.id).state is RegistrationState.CONFIRMED
    assert only(Stage, id=door.stage.id).seats_taken == 2


def test_settled_by_two_at_once_he_is_registered_once(app: Flask, door: Door, staff: User) -> None:
    door.one(form(door))
    incident_id, staff_id, stage_id = only(ScanIncident).id, staff.id, door.stage.id
    start, answers = Barrier(4), []

    def press(settlement: Settlement) -> None:
        with app.app_context():
            start.wait(30)
            incident, by = db.session.get_one(ScanIncident, incident_id), db.session.get_one(User, staff_id)
            answers.append(service.settle(incident, settlement, by=by))

    db.session.remove()
    threads = [Thread(target=press, args=[Settlement.PRESENT]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == [False, False, False, True]
    assert (count(Registration), count(Attendance)) == (2, 1)
    assert only(Stage, id=stage_id).capacity == 2


def test_all_of_a_kind_at_once(door: Door, staff: User) -> None:
    people: list[Any] = [form(door, name=name, phone=None) for name in ("Ani", "Budi", "Cici")]
    door.walk_in(*people)
    incidents = db.session.scalars(sa.select(ScanIncident)).all()
    assert service.settle_many(incidents, Settlement.PRESENT, by=staff) == (3, 0)
    assert (only(Stage, id=door.stage.id).capacity, count(Attendance)) == (4, 3)
