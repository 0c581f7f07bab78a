"""A mail server that refuses, is away or hangs: people register as ever, and their mail goes out later."""

import socket
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.jobs.rules import MessageState
from app.shared import clock
from tests import servers, services
from tests.faults.breaking import comes_true
from tests.faults.registering import open_stage, outbox, register
from tests.mailbox import Mailbox
from tests.pages import PageClient
from tests.personas import People

pytestmark = pytest.mark.fault
LONG = 25


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(50)
        yield listening.getsockname()[1]


def assert_kept_and_sent_later(work: Callable[[], None], frozen_clock: Any, mailbox: Mailbox, *, reason: str) -> None:
    """The worker tries, keeps the mail with the reason, and sends the same mail once the server is well again."""
    moment = frozen_clock(clock.now() + timedelta(seconds=1))
    work()
    (kept,) = outbox()
    assert (kept.state, kept.attempts) == (MessageState.QUEUED, 1)
    assert reason in kept.last_error
    assert moment < kept.next_attempt_at <= moment + timedelta(minutes=5)
    work()
    assert outbox()[0].attempts == 1
    mailbox.refuse_with = ""
    frozen_clock(outbox()[0].next_attempt_at)
    work()
    (sent,) = outbox()
    assert (sent.state, sent.last_error) == (MessageState.SENT, "")
    (received,) = mailbox.messages
    assert (received["To"].addresses[0].addr_spec, received["Message-ID"]) == (sent.to_address, sent.message_id)


def test_a_server_that_refuses(client: PageClient, people: People, smtp: Mailbox, work: Any, frozen_clock: Any) -> None:
    smtp.refuse_with = "451 4.3.2 Mailbox is being moved"
    register(client, open_stage(people.programme))
    assert not smtp.messages
    assert_kept_and_sent_later(work, frozen_clock, smtp, reason="451 4.3.2 Mailbox is being moved")


def test_staff_read_why_mail_waits(app: Flask, client: PageClient, people: People, work: Any) -> None:
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=services.free_port())
    register(client, open_stage(people.programme))
    work()
    words = people.manager.client.get("/panel/pesan").words()
    assert "raja1@tanjungpinangkota.go.id" in words
    assert "ConnectionRefusedError" in words


def test_a_server_that_is_away(app: Flask, client: PageClient, work: Any, frozen_clock: Any) -> None:
    mailbox = Mailbox()
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=mailbox.port)
    register(client, open_stage())
    frozen_clock(clock.now() + timedelta(seconds=1))
    work()
    (kept,) = outbox()
    assert kept.state is MessageState.QUEUED and "ConnectionRefusedError" in kept.last_error
    frozen_clock(kept.next_attempt_at)
    with mailbox:
        work()
    assert outbox()[0].state is MessageState.SENT and len(mailbox.messages) == 1


def test_a_server_that_never_answers(app: Flask, client: PageClient, silent: int, work: Any) -> None:
    """Whoever registers does not wait for it; the worker waits no longer than MAIL_TIMEOUT."""
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=silent, MAIL_TIMEOUT=LONG)
    stage, begun = open_stage(), time.monotonic()
    register(client, stage)
    assert time.monotonic() - begun < LONG
    assert outbox()[0].attempts == 0
    app.config["MAIL_TIMEOUT"] = 0.2
    work()
    (kept,) = outbox()
    assert kept.state is MessageState.QUEUED and "timed out" in kept.last_error


@pytest.mark.both_databases
def test_people_register_while_the_worker_waits_for_the_mail_server(
    app: Flask, client: PageClient, smtp: Mailbox, tmp_path: Path, counts: Any
) -> None:
    """The worker holds no lock on the database while it waits."""
    smtp.hang, stage, people = True, open_stage(), counts(5, full=50)
    app.config["MAIL_TIMEOUT"] = LONG * 4
    with servers.process(["flask", "worker", "run"], app, tmp_path / "worker.log") as worker:
        register(client, stage)
        assert comes_true(lambda: outbox()[0].state is MessageState.SENDING)
        begun = time.monotonic()
        for number in range(2, people + 1):
            register(client, stage, number)
        assert time.monotonic() - begun < LONG * 4
        assert not smtp.messages
        smtp.hang = False
        assert comes_true(lambda: len(smtp.messages) == people, pause=0.1), (tmp_path / "worker.log").read_text()
        assert comes_true(lambda: {one.state for one in outbox()} == {MessageState.SENT}, pause=0.1)
        assert worker.poll() is None
