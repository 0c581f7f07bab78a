"""What the ticket's page says and lets do before there is a seat for good: approval, offer, waiting list, rejection."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.extensions import db, transaction
from app.jobs.models import OutboxMessage
from app.programmes.models import Stage
from app.registration import service
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.registration.rules_answers import AnswerKind
from app.shared import clock
from tests import factories
from tests.journey import scene as scenes
from tests.pages import Page, PageClient
from tests.registration.questions import asked


@pytest.fixture
def stage(app: Flask) -> Stage:
    return scenes.in_two_weeks()


@pytest.fixture
def now(frozen_clock) -> datetime:
    return frozen_clock(clock.now().replace(microsecond=0))


def holder(stage: Stage, **values: Any) -> Registration:
    return factories.registration(stage, name="Siti Aminah", **values)


def offered(stage: Stage, now: datetime) -> Registration:
    until = now + timedelta(hours=20)
    return holder(stage, state=RegistrationState.OFFERED, offer_until=until, confirmed_at=None)


def ticket(client: PageClient, registration: Registration) -> Page:
    return client.get(f"/t/{registration.ticket_code}")


def again(registration: Registration) -> Registration:
    return db.session.get_one(Registration, registration.id)


def test_who_waits_for_approval_has_no_qr_code(client: PageClient, stage: Stage) -> None:
    registration = holder(stage, state=RegistrationState.PENDING)
    page = ticket(client, registration)
    assert "menunggu persetujuan panitia" in page.words() and not page.select(".ticket-qr")
    client.get(f"/t/{registration.ticket_code}.pdf", status=404)


def test_a_rejection_is_not_told_while_it_can_be_undone(client: PageClient, stage: Stage, now, frozen_clock) -> None:
    values = {"cancel_reason": "Kuota unsur penuh.", "undo_until": now + timedelta(minutes=10), "ended_at": now}
    registration = holder(stage, state=RegistrationState.REJECTED, **values)
    page = ticket(client, registration)
    assert "menunggu persetujuan panitia" in page.words() and "Kuota unsur penuh" not in page.words()
    frozen_clock(now + timedelta(minutes=11))
    page = ticket(client, registration)
    assert "tidak disetujui" in page.words() and "Kuota unsur penuh." in page.words()


def test_whoever_was_rejected_sees_what_one_who_waits_sees(client: PageClient, stage: Stage, now: datetime) -> None:
    asked(stage, AnswerKind.SHORT_TEXT, text="Ukuran kaus", required=True)
    place, until = factories.institution(stage.host), now + timedelta(minutes=10)
    rejected = holder(stage, state=RegistrationState.REJECTED, undo_until=until, ended_at=now, institution=place)
    waiting = holder(stage, state=RegistrationState.PENDING, institution=place)
    shown, usual = ticket(client, rejected), ticket(client, waiting)
    assert shown.words() == usual.words() and "Jawab pertanyaan" in usual.words()
    assert shown.follow("a[href$='/pertanyaan']").select("main form")


@pytest.mark.both_databases
def test_whoever_was_rejected_without_knowing_it_can_cancel(client: PageClient, stage: Stage, now: datetime) -> None:
    staff = factories.user()
    with transaction():
        stage.capacity = 1
    registration = holder(stage, state=RegistrationState.PENDING, confirmed_at=None, email="siti@kota.test")
    behind = factories.registration(stage, state=RegistrationState.WAITLISTED, waiting_since=now)
    service.reject(stage, [registration.id], reason="Kuota", by=staff)
    assert not service.cancel(registration, by=staff)
    page = ticket(client, registration).submit("form[action$='/batal']", sure="y")
    assert "dibatalkan" in page.words()
    assert (again(registration).state, again(registration).undo_until) == (RegistrationState.CANCELLED, None)
    assert again(behind).state is RegistrationState.OFFERED
    kinds = sa.select(OutboxMessage.kind).where(OutboxMessage.subject_id == registration.id)
    assert db.session.scalars(kinds).all() == ["registration.cancelled"]


def test_an_offer_is_taken(client: PageClient, stage: Stage, now: datetime) -> None:
    registration = offered(stage, now)
    page = ticket(client, registration)
    assert "Sisa 20 jam" in page.words() and not page.select(".ticket-qr")
    page = page.submit("form[action$='/ambil']")
    assert page.select(".ticket-qr") and "milik Bapak/Ibu" in page.words()
    assert again(registration).state is RegistrationState.CONFIRMED


def test_an_offer_that_needs_approval_still(client: PageClient, stage: Stage, now: datetime) -> None:
    with transaction():
        stage.approval_required = True
    registration = offered(stage, now)
    page = ticket(client, registration).submit("form[action$='/ambil']")
    assert "menunggu persetujuan panitia" in page.words()
    assert again(registration).state is RegistrationState.PENDING


def test_an_offer_is_declined_with_one_more_press(client: PageClient, stage: Stage, now: datetime) -> None:
    registration = offered(stage, now)
    assert len(ticket(client, registration).select("form[action$='/batal']")) == 1
    ticket(client, registration).submit("form[action$='/batal']")
    assert again(registration).state is RegistrationState.CANCELLED


def test_an_offer_that_has_passed_on(client: PageClient, stage: Stage, now, frozen_clock) -> None:
    with transaction():
        stage.capacity = 1
    registration = offered(stage, now)
    behind = factories.registration(stage, state=RegistrationState.WAITLISTED, waiting_since=now)
    page = ticket(client, registration)
    frozen_clock(now + timedelta(hours=21))
    page = page.submit("form[action$='/ambil']")
    assert "Tawaran telah lewat" in page.words() and not page.select("form[action$='/ambil']")
    assert again(behind).state is RegistrationState.OFFERED
    page = page.submit("form[action$='/masih-hadir']")
    assert "urutan 1 daftar tunggu" in page.words()
    assert again(registration).passed_on_at is None


def test_who_was_replaced_is_told_without_a_name(client: PageClient, stage: Stage) -> None:
    registration = holder(stage, state=RegistrationState.CANCELLED)
    factories.registration(stage, name="Budi Pengganti", replaces_id=registration.id)
    page = ticket(client, registration)
    assert "dialihkan kepada peserta lain" in page.words() and "Budi" not in page.words()


@pytest.mark.parametrize("action", ["ambil", "masih-hadir"])
def test_nothing_to_take(client: PageClient, stage: Stage, action: str) -> None:
    registration = holder(stage)
    token = ticket(client, registration).select("[name=csrf_token]")[0].get("value")
    client.post(f"/t/{registration.ticket_code}/{action}", data={"csrf_token": token})
    assert again(registration).state is RegistrationState.CONFIRMED
    client.get(f"/t/{registration.ticket_code}/{action}", status=405)
    client.post(f"/t/{'0' * 16}/{action}", data={"csrf_token": token}, status=404)
