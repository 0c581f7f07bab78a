"""Corrections, devices and checkpoints."""

from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from app.agenda.models import AgendaSession
from app.agenda.rules import AgendaError
from app.agenda.service import remove_session
from app.audit.models import AuditEntry
from app.checkin import queries, service
from app.checkin.models import Attendance, Checkpoint, Excuse, ScannerDevice
from app.checkin.rules import CheckinError, JpTally
from app.extensions import db, transaction
from app.programmes.models import Stage
from app.programmes.service import update_stage
from app.registration.rules import RegistrationState
from app.shared import clock
from app.shared.codes import token_digest
from tests import factories

pytestmark = pytest.mark.usefixtures("app")


def actions() -> list[str]:
    return [entry.action for entry in db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id))]


@pytest.mark.both_databases
def test_marking_by_hand_once_and_with_a_reason(app: Flask) -> None:
    stage, by = factories.stage(), factories.user(name="Sri Wahyuni")
    person, point = factories.registration(stage), factories.checkpoint(stage)
    with pytest.raises(CheckinError):
        service.mark_present(person, point, reason="  ", by=by)
    first = service.mark_present(person, point, reason="tanda tangan di kertas", by=by)
    again = service.mark_present(person, point, reason="sekali lagi", by=by)
    assert again.id == first.id
    assert again.reason == "tanda tangan di kertas"
    assert actions() == ["attendance.added"]
    assert queries.present_count(point) == 1


@pytest.mark.both_databases
def test_annulling_keeps_what_was_and_admits_anew(app: Flask) -> None:
    stage, by = factories.stage(), factories.user()
    person, point = factories.registration(stage), factories.checkpoint(stage)
    attendance = service.mark_present(person, point, reason="kertas", by=by)
    assert service.annul(attendance, reason="salah orang", by=by) is True
    assert service.annul(attendance, reason="sekali lagi", by=by) is False
    assert db.session.get_one(Attendance, attendance.id).annul_reason == "salah orang"
    service.mark_present(person, point, reason="kertas", by=by)
    assert queries.present_count(point) == 1
    assert len(queries.attendance_of(person)) == 1
    assert actions() == ["attendance.added", "attendance.annulled", "attendance.added"]


def test_marking_is_refused_where_it_makes_no_sense() -> None:
    stage = factories.stage()
    point = factories.checkpoint(stage)
    for person in (factories.registration(), factories.registration(stage, state=RegistrationState.CANCELLED)):
        with pytest.raises(CheckinError):
            service.mark_present(person, point, reason="kertas", by=None)
    late = point.closes_at + timedelta(minutes=1)
    with pytest.raises(CheckinError):
        service.mark_present(factories.registration(stage), point, reason="kertas", by=None, at=late)


def test_marking_while_closed_counts_from_the_opening() -> None:
    """Whoever signed on paper was there from the start: the closing hour would earn nobody a single JP."""
    opens_at = clock.now() - timedelta(hours=9)
    point = factories.checkpoint(opens_at=opens_at, closes_at=opens_at + timedelta(hours=8))
    session = factories.agenda_session(
        point.stage, starts_at=opens_at + timedelta(hours=2), ends_at=opens_at + timedelta(hours=3, minutes=30)
    )
    with transaction():
        db.session.get_one(Checkpoint, point.id).sessions = [db.session.get_one(AgendaSession, session.id)]
    person = factories.registration(point.stage)
    assert service.mark_present(person, point, reason="kertas", by=None).at == point.opens_at
    assert queries.jp_tally(point.stage)[person.id] == JpTally(2, 2)


def test_marking_while_open_counts_from_now() -> None:
    point = factories.checkpoint()
    with clock.frozen(point.opens_at + timedelta(minutes=90)):
        attendance = service.mark_present(factories.registration(point.stage), point, reason="kertas", by=None)
    assert attendance.at == point.opens_at + timedelta(minutes=90)


def test_a_device_lives_as_long_as_its_stage() -> None:
    stage, user = factories.stage(), factories.user(name="Sri Wahyuni")
    device, token = service.enrol(stage, name="  Pintu   Utama ", user=user)
    assert (device.name, device.token_hash) == ("Pintu Utama", token_digest(token))
    noon = datetime.combine(
        stage.ends_on + timedelta(days=1), datetime.min.time().replace(hour=12), ZoneInfo("Asia/Jakarta")
    )
    assert device.expires_at == noon
    assert service.enrol(stage, name="", user=user)[0].name == "Sri Wahyuni"
    with clock.frozen(noon), pytest.raises(CheckinError):
        service.enrol(stage, name="Terlambat", user=user)


@pytest.mark.both_databases
@pytest.mark.parametrize("days", [7, -1])
def test_devices_follow_the_days_of_their_stage(app: Flask, days: int) -> None:
    today = clock.now().astimezone(ZoneInfo("Asia/Jakarta")).date()
    stage = factories.stage(starts_on=today + timedelta(days=3), ends_on=today + timedelta(days=4))
    (scanning, _), (revoked, _) = service.enrol(stage, name="Pintu"), service.enrol(stage, name="Hilang")
    elsewhere, _ = service.enrol(factories.stage(stage.programme), name="Lain")
    service.revoke_device(revoked, by=None)
    before = [one.expires_at for one in (scanning, revoked, elsewhere)]
    starts_on, ends_on = (one + timedelta(days=days) for one in (stage.starts_on, stage.ends_on))
    update_stage(stage, by=None, starts_on=starts_on, ends_on=ends_on)
    db.session.expire_all()
    after = [one.expires_at for one in (scanning, revoked, elsewhere)]
    assert after == [before[0] + timedelta(days=days), before[1], before[2]]


def test_revoking_twice_is_revoking_once() -> None:
    device, _token = factories.device(factories.stage())
    service.revoke_device(device, by=None)
    at = db.session.get_one(ScannerDevice, device.id).revoked_at
    service.revoke_device(device, by=None)
    assert db.session.get_one(ScannerDevice, device.id).revoked_at == at
    assert actions() == ["device.revoked"]


def windows(stage: Stage) -> list[tuple[str, datetime]]:
    return [(point.name, point.opens_at) for point in queries.checkpoints_of(stage)]


def test_a_checkpoint_for_each_day_follows_the_dates(app: Flask) -> None:
    stage = factories.stage(starts_on=datetime(2019, 7, 8).date(), ends_on=datetime(2019, 7, 9).date())
    service.ensure_day_checkpoints(stage)
    service.ensure_day_checkpoints(stage)
    six = datetime(2019, 7, 8, 6, tzinfo=ZoneInfo("Asia/Jakarta"))
    assert windows(stage) == [
        ("Hari 1 – Senin, 8 Juli 2019", six),
        ("Hari 2 – Selasa, 9 Juli 2019", six + timedelta(days=1)),
    ]
    with transaction():
        stage.starts_on = stage.ends_on = datetime(2019, 9, 10).date()
    service.ensure_day_checkpoints(stage)
    assert windows(stage) == [("Selasa, 10 September 2019", datetime(2019, 9, 10, 6, tzinfo=ZoneInfo("Asia/Jakarta")))]


def test_edited_and_used_checkpoints_stay_as_they_are() -> None:
    stage = factories.stage(starts_on=datetime(2019, 7, 8).date(), ends_on=datetime(2019, 7, 9).date())
    first, second = service.ensure_day_checkpoints(stage)
    service.edit_checkpoint(first, name="Pintu Utama", opens_at=first.opens_at, closes_at=first.closes_at)
    factories.attendance(factories.registration(stage), second)
    before = windows(stage)
    with transaction():
        stage.ends_on = datetime(2019, 7, 8).date()
    service.ensure_day_checkpoints(stage)
    assert windows(stage) == before


def july(first: int, last: int) -> Stage:
    """A stage in July 2019 for which people registered in June."""
    june = datetime(2019, 6, 1, tzinfo=UTC)
    return factories.stage(
        starts_on=date(2019, 7, first),
        ends_on=date(2019, 7, last),
        registration_opens_at=june,
        registration_closes_at=june + timedelta(days=20),
    )


def test_a_removed_day_stays_removed_until_the_stage_has_new_days() -> None:
    stage = july(8, 9)
    _first, second = service.ensure_day_checkpoints(stage)
    service.remove_checkpoint(second)
    update_stage(stage, by=None, capacity=40)
    assert [name for name, _opens_at in windows(stage)] == ["Hari 1 – Senin, 8 Juli 2019"]
    update_stage(stage, by=None, ends_on=date(2019, 7, 10))
    assert [name for name, _opens_at in windows(stage)] == [
        "Hari 1 – Senin, 8 Juli 2019",
        "Hari 3 – Rabu, 10 Juli 2019",
    ]
    update_stage(stage, by=None, starts_on=date(2019, 7, 10))
    assert [name for name, _opens_at in windows(stage)] == ["Rabu, 10 Juli 2019"]


def test_a_day_that_had_a_checkpoint_keeps_one_whatever_its_number() -> None:
    stage = july(8, 9)
    first, _second = service.ensure_day_checkpoints(stage)
    service.remove_checkpoint(first)
    update_stage(stage, by=None, starts_on=date(2019, 7, 9))
    assert [name for name, _opens_at in windows(stage)] == ["Selasa, 9 Juli 2019"]


def test_checkpoints_go_with_a_stage_that_moves_as_a_whole() -> None:
    stage = july(8, 9)
    first, second = service.ensure_day_checkpoints(stage)
    service.edit_checkpoint(first, name="Pintu Utama", opens_at=first.opens_at, closes_at=first.closes_at)
    later = second.opens_at + timedelta(hours=1)
    service.edit_checkpoint(second, name=second.name, opens_at=later, closes_at=second.closes_at)
    update_stage(stage, by=None, starts_on=date(2019, 7, 15), ends_on=date(2019, 7, 16))
    six = datetime(2019, 7, 15, 6, tzinfo=ZoneInfo("Asia/Jakarta"))
    assert windows(stage) == [
        ("Pintu Utama", six),
        ("Hari 2 – Selasa, 16 Juli 2019", six + timedelta(days=1, hours=1)),
    ]


def test_an_edited_checkpoint_of_a_stage_that_becomes_longer_leaves_the_new_days_to_new_ones() -> None:
    stage = july(8, 8)
    (edited,) = service.ensure_day_checkpoints(stage)
    service.edit_checkpoint(edited, name="Pintu Utama", opens_at=edited.opens_at, closes_at=edited.closes_at)
    update_stage(stage, by=None, starts_on=date(2019, 7, 15), ends_on=date(2019, 7, 16))
    assert [name for name, _opens_at in windows(stage)] == [
        "Pintu Utama",
        "Hari 1 – Senin, 15 Juli 2019",
        "Hari 2 – Selasa, 16 Juli 2019",
    ]


def test_a_used_checkpoint_is_not_removed() -> None:
    point = factories.checkpoint()
    attendance = factories.attendance(factories.registration(point.stage), point)
    with pytest.raises(CheckinError):
        service.remove_checkpoint(point)
    assert db.session.get(Checkpoint, attendance.checkpoint_id) is not None
    empty = factories.checkpoint(point.stage)
    key = empty.id
    service.remove_checkpoint(empty)
    assert db.session.get(Checkpoint, key) is None


@pytest.mark.both_databases
@pytest.mark.parametrize("withdrawn", [False, True])
def test_a_checkpoint_from_which_somebody_was_excused_is_not_removed(app: Flask, withdrawn: bool) -> None:
    point = factories.checkpoint()
    person = factories.registration(point.stage)
    excuse = service.give_excuse(person, point, with_jp=True, reason="Dinas luar", by=None)
    if withdrawn:
        service.withdraw_excuse(excuse, by=None)
    with pytest.raises(CheckinError):
        service.remove_checkpoint(point)
    assert db.session.get(Excuse, excuse.id) is not None


@pytest.mark.both_databases
@pytest.mark.parametrize("with_jp", [True, False])
def test_a_session_whose_jp_an_excuse_gives_stays(app: Flask, frozen_clock: Any, with_jp: bool) -> None:
    stage = factories.stage()
    frozen_clock(factories.at(stage, 12))
    point = factories.checkpoint(stage, opens_at=factories.at(stage, 6), closes_at=factories.at(stage, 18))
    session = factories.agenda_session(stage, starts_at=factories.at(stage, 8))
    person = factories.registration(stage)
    service.give_excuse(person, point, with_jp=with_jp, reason="Dinas luar", by=None)
    with pytest.raises(AgendaError) if with_jp else nullcontext():
        remove_session(session)


@pytest.mark.both_databases
def test_a_day_from_which_somebody_was_excused_follows_the_dates_and_outlives_them(app: Flask) -> None:
    stage = factories.stage(starts_on=datetime(2019, 7, 8).date(), ends_on=datetime(2019, 7, 9).date())
    last = service.ensure_day_checkpoints(stage)[-1]
    service.give_excuse(factories.registration(stage), last, with_jp=True, reason="Dinas luar", by=None)
    opens_at = last.opens_at
    with transaction():
        stage.starts_on, stage.ends_on = datetime(2019, 7, 9).date(), datetime(2019, 7, 10).date()
    service.ensure_day_checkpoints(stage)
    assert last.opens_at == opens_at + timedelta(days=1)
    with transaction():
        stage.ends_on = stage.starts_on
    service.ensure_day_checkpoints(stage)
    assert [point.day_number for point in queries.checkpoints_of(stage)] == [1, 2]


def test_a_checkpoint_needs_a_name_and_a_window_in_order() -> None:
    stage, now = factories.stage(), clock.now()
    for name, closes_at in (("", now + timedelta(hours=1)), ("Pintu", now)):
        with pytest.raises(CheckinError):
            service.add_checkpoint(stage, name=name, opens_at=now, closes_at=closes_at)
    other = factories.agenda_session()
    point = service.add_checkpoint(
        stage, name="Pintu", opens_at=now, closes_at=now + timedelta(hours=1), session_ids=[other.id]
    )
    assert point.sessions == []
