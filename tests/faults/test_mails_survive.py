"""kill -9 of the worker in the midst of many mails, to a mail server that also drops connections after it took a mail."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from app.extensions import db, transaction
from app.jobs.models import OutboxMessage
from app.jobs.rules import MessageState
from tests import factories
from tests.faults.breaking import assert_sound
from tests.faults.working import Worker, count
from tests.mailbox import Mailbox
from tests.registration.people import online, person

pytestmark = [pytest.mark.fault, pytest.mark.both_databases]


@dataclass
class Dropping(Mailbox):
    """Takes every mail, and breaks the connection in place of saying so at every `every`th."""

    every: int = 12
    drops: int = field(default=0)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if len(self.messages) % self.every == 0:
            self.drops += 1
            server.transport.abort()
        return answer


def test_no_mail_is_lost_and_each_repetition_can_be_told(app: Flask, worker: Worker, counts: Any) -> None:
    """A mail is repeated only where it cannot be known whether it arrived, and then under the same Message-ID."""
    people, kills = counts(60, full=500), counts(4, full=50)
    register(people)
    with Dropping() as mailbox:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=mailbox.port)
        for number in range(1, kills + 1):
            worker.start()
            reached = people * number // (kills + 1)
            worker.kill_when(lambda reached=reached: len(mailbox.messages) >= reached)
        worker.finish()
        assert_each_arrived(mailbox, people, most_again=kills + mailbox.drops)
        assert mailbox.drops
    assert_sound(app)


def register(people: int) -> None:
    """Each is mailed his ticket."""
    stage = factories.stage()
    factories.category(stage.host, "OPD")
    with transaction():
        for number in range(1, people + 1):
            online(stage, person(number))


def assert_each_arrived(mailbox: Mailbox, people: int, *, most_again: int) -> None:
    posted = db.session.scalars(sa.select(OutboxMessage)).all()
    assert len(posted) == people == count(OutboxMessage, OutboxMessage.state == MessageState.SENT)
    received = Counter((mail["To"], mail["Message-ID"]) for mail in mailbox.messages)
    assert {identity for _to, identity in received} == {one.message_id for one in posted}
    assert len(received) == people == len({to for to, _identity in received})
    assert len(mailbox.messages) - people <= most_again
