"""Mail through a real SMTP server that takes it, refuses it, is away, or hangs."""

import smtplib
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.extensions import db, transaction
from app.hosts.models import Host
from app.jobs import emails, queries, service
from app.jobs.models import OutboxMessage
from app.jobs.rules import DOWN_FOR, LEASE, RETRY_AFTER, MessageState, is_server_down
from tests import factories, services
from tests.jobs.letters import post
from tests.mailbox import Mailbox


def only() -> OutboxMessage:
    return db.session.scalars(sa.select(OutboxMessage)).one()


def test_a_mail_arrives_whole(smtp: Mailbox, host: Host, work: Any) -> None:
    message_id = post(host).message_id
    work()
    (mail,) = smtp.messages
    assert mail["Subject"] == "Surat 1"
    assert mail.get_all("Message-ID") == [message_id]
    assert mail["Reply-To"] == "diskominfo@example.org"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "siti@example.org" in mail["To"] and "Nur'aini" in mail["To"]
    assert mail.get_body(("plain",)).get_content().strip() == "Isi surat"
    assert mail.get_body(("html",)).get_content().strip() == "<p>Isi surat</p>"
    assert [part.get_filename() for part in mail.iter_attachments()] == ["catatan.txt"]
    sent = only()
    assert (sent.state, sent.subject, sent.attempts, sent.last_error) == (MessageState.SENT, "Surat 1", 1, "")
    assert sent.sent_at is not None


def test_a_mail_is_sent_once_however_often_the_worker_looks(smtp: Mailbox, host: Host, work: Any) -> None:
    post(host)
    work()
    work()
    assert len(smtp.messages) == 1


def test_more_mail_than_one_batch_is_sent(
    smtp: Mailbox, host: Host, work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emails, "BATCH", 2)
    for number in range(1, 6):
        post(host, number, to_address=f"orang{number}@example.org")
    work()
    assert [mail["Subject"] for mail in smtp.messages] == [f"Surat {number}" for number in range(1, 6)]


def test_a_refused_mail_waits_longer_each_time_and_is_given_up(
    smtp: Mailbox, host: Host, work: Any, frozen_clock: Any
) -> None:
    smtp.refuse_with = "450 Mailbox is busy"
    moment = frozen_clock()
    post(host)
    for attempt, wait in enumerate(RETRY_AFTER, start=1):
        work()
        waiting = only()
        assert (waiting.state, waiting.attempts, waiting.last_error) == (
            MessageState.QUEUED,
            attempt,
            "450 Mailbox is busy",
        )
        assert waiting.next_attempt_at == moment + wait
        frozen_clock(moment + wait - timedelta(seconds=1))
        work()
        assert only().attempts == attempt
        moment = frozen_clock(moment + wait)
    work()
    assert only().state is MessageState.FAILED
    assert smtp.messages == []


def test_a_refused_mail_stops_no_other(smtp: Mailbox, host: Host, work: Any) -> None:
    post(host, 13)
    post(host, 2)
    work()
    assert [mail["Subject"] for mail in smtp.messages] == ["Surat 2"]
    states = dict(db.session.execute(sa.select(OutboxMessage.subject_id, OutboxMessage.state)).all())
    assert states == {13: MessageState.QUEUED, 2: MessageState.SENT}


def test_mail_waits_while_the_server_is_away_and_goes_when_it_is_back(
    app: Flask, host: Host, work: Any, frozen_clock: Any
) -> None:
    moment = frozen_clock()
    port = services.free_port()
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=port)
    post(host)
    work()
    assert only().last_error.startswith("ConnectionRefusedError")
    frozen_clock(moment + timedelta(minutes=2))
    with Mailbox(port=port) as mailbox:
        work()
        assert len(mailbox.messages) == 1
    assert only().state is MessageState.SENT


@pytest.mark.both_databases
def test_mail_waits_through_an_hour_without_a_server_and_loses_no_attempt(
    app: Flask, host: Host, work: Any, frozen_clock: Any
) -> None:
    start = frozen_clock()
    port = services.free_port()
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=port)
    ids = {post(host, number, to_address=f"orang{number}@example.org").message_id for number in range(1, 6)}
    for minute in range(60):
        frozen_clock(start + timedelta(minutes=minute))
        work()
    waiting = list(db.session.scalars(sa.select(OutboxMessage)))
    assert {one.state for one in waiting} == {MessageState.QUEUED}
    assert min(one.failing_since for one in waiting if one.failing_since) == start
    assert max(one.next_attempt_at for one in waiting) <= start + timedelta(hours=1, minutes=5)
    with Mailbox(port=port) as mailbox:
        for minute in range(60, 66):
            frozen_clock(start + timedelta(minutes=minute))
            work()
        assert {mail["Message-ID"] for mail in mailbox.messages} == ids and len(mailbox.messages) == 5
    sent = list(db.session.scalars(sa.select(OutboxMessage)))
    assert {(one.state, one.failing_since) for one in sent} == {(MessageState.SENT, None)}


def test_one_look_does_not_wait_for_as_many_timeouts_as_there_is_mail(
    app: Flask, smtp: Mailbox, host: Host, work: Any
) -> None:
    app.config["MAIL_TIMEOUT"] = 0.2
    smtp.hang = True
    for number in range(1, 6):
        post(host, number)
    work()
    assert sorted(db.session.scalars(sa.select(OutboxMessage.attempts))) == [0, 0, 0, 0, 1]


def test_a_mail_that_makes_every_server_hang_up_is_given_up_in_the_end(
    app: Flask, host: Host, work: Any, frozen_clock: Any
) -> None:
    start = frozen_clock()
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=services.free_port())
    post(host)
    work()
    frozen_clock(start + DOWN_FOR + timedelta(minutes=1))
    work()
    assert only().state is MessageState.FAILED


@pytest.mark.both_databases
def test_an_address_that_is_refused_for_good_is_marked_and_not_tried_again_until_it_works(
    smtp: Mailbox, host: Host, work: Any
) -> None:
    smtp.refuse_with = "550 No such user"
    post(host, to_address="Siti@example.org")
    work()
    assert (only().state, only().attempts, only().last_error) == (MessageState.FAILED, 1, "550 No such user")
    marked = queries.bad_address(host.id, "siti@EXAMPLE.org")
    assert marked is not None and marked.reason == "550 No such user"
    assert queries.bad_address(factories.host().id, "siti@example.org") is None
    smtp.refuse_with = ""
    assert service.send_again(only(), by=factories.user())
    work()
    assert only().state is MessageState.SENT
    assert queries.bad_address(host.id, "siti@example.org") is None


def test_a_server_that_hangs_is_left_after_the_timeout(app: Flask, smtp: Mailbox, host: Host, work: Any) -> None:
    app.config["MAIL_TIMEOUT"] = 0.3
    smtp.hang = True
    post(host)
    work()
    waiting = only()
    assert waiting.state is MessageState.QUEUED
    assert "timed out" in waiting.last_error
    assert is_server_down(waiting.last_error)


def test_a_mail_whose_worker_died_is_sent_when_its_lease_ends_under_the_same_id(
    smtp: Mailbox, host: Host, work: Any, frozen_clock: Any
) -> None:
    moment = frozen_clock()
    message = post(host)
    message_id = message.message_id
    with transaction():
        message.state, message.lease_until, message.attempts = MessageState.SENDING, moment + LEASE, 1
    work()
    assert smtp.messages == []
    frozen_clock(moment + LEASE + timedelta(seconds=1))
    work()
    assert [mail["Message-ID"] for mail in smtp.messages] == [message_id]
    assert only().attempts == 2


@pytest.mark.both_databases
def test_a_mail_under_which_every_worker_dies_is_given_up(
    smtp: Mailbox, host: Host, work: Any, frozen_clock: Any
) -> None:
    moment = frozen_clock()
    message = post(host)
    attempts = len(RETRY_AFTER) + 1
    with transaction():
        message.state, message.lease_until, message.attempts = MessageState.SENDING, moment, attempts
    frozen_clock(moment + timedelta(seconds=1))
    work()
    assert smtp.messages == []
    assert (only().state, only().attempts, only().lease_until) == (MessageState.FAILED, attempts, None)
    assert "pekerjanya berhenti" in only().last_error


def test_a_worker_whose_mail_was_taken_over_does_not_settle_it(
    smtp: Mailbox, host: Host, frozen_clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = frozen_clock()
    message_id = post(host).id

    def slow(_message: OutboxMessage, _letter: Any) -> None:
        db.session.rollback()
        frozen_clock(moment + LEASE + timedelta(seconds=1))
        assert emails._claim(message_id) == 2
        raise TimeoutError("timed out")

    monkeypatch.setattr(emails, "deliver", slow)
    assert emails.send_due() == 0
    assert (only().state, only().attempts, only().last_error) == (MessageState.SENDING, 2, "")


def test_why_a_mail_failed_is_said_without_what_it_holds(
    host: Host, work: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A server's answer is shown to whoever may see the mail; what a program stumbled over may quote a person's data."""
    post(host, 13)
    work()
    assert only().last_error == "ValueError"
    assert "was not sent: ValueError" in caplog.text


def test_the_log_names_no_recipient(smtp: Mailbox, host: Host, work: Any, caplog: pytest.LogCaptureFixture) -> None:
    smtp.refuse_with = "550 <siti@example.org> is unknown"
    post(host)
    work()
    assert "siti@example.org" in only().last_error
    assert "was not sent: SMTPRecipientsRefused" in caplog.text
    assert "siti@example.org" not in caplog.text


@pytest.mark.both_databases
def test_two_workers_never_take_the_same_mail(host: Host) -> None:
    message_id = post(host).id
    assert emails._claim(message_id) == 1
    assert emails._claim(message_id) is None


def test_what_need_not_be_said_any_more_is_dropped(smtp: Mailbox, host: Host, work: Any) -> None:
    post(host, 0)
    work()
    assert smtp.messages == []
    assert only().state is MessageState.DROPPED


def test_production_without_a_mail_server_keeps_the_mail_waiting(app: Flask, host: Host, work: Any) -> None:
    app.config.update(APP_ENV="production", MAIL_SERVER="")
    post(host)
    work()
    assert only().state is MessageState.QUEUED
    assert "MAIL_SERVER" in only().last_error


def test_line_breaks_in_a_name_add_no_header(smtp: Mailbox, host: Host, work: Any) -> None:
    post(host, to_name="Siti\r\nBcc: orang@example.org")
    work()
    assert not [mail for mail in smtp.messages if mail["Bcc"]]


def test_a_goodbye_that_fails_does_not_send_the_mail_twice(
    smtp: Mailbox, host: Host, work: Any, frozen_clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = frozen_clock()

    def hang_up(_server: smtplib.SMTP) -> None:
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(smtplib.SMTP, "quit", hang_up)
    post(host)
    work()
    assert only().state is MessageState.SENT
    frozen_clock(moment + timedelta(hours=1))
    work()
    assert len(smtp.messages) == 1
