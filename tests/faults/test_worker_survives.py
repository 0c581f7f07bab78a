"""kill -9 of the worker while it issues certificates and mails them, through a mail server that drops connections."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from app.certificates import service
from app.certificates.models import Certificate, CertificateCounter
from app.certificates.rules import CertificateState
from app.extensions import db
from app.jobs.models import Job, OutboxMessage
from app.jobs.rules import JobState, MessageState
from app.registration.models import Registration
from tests import factories
from tests.certificates.scene import scene
from tests.faults.breaking import assert_sound, kill
from tests.faults.working import Worker, count
from tests.mailbox import Mailbox

pytestmark = pytest.mark.fault
PEOPLE = 60


@dataclass
class Unsteady(Mailbox):
    """Drops the connection at every seventh mail, in turn before it took the mail and after."""

    tried: int = field(default=0)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.tried += 1
        if self.tried % 14 == 7:
            server.transport.abort()
            return "421 Try again later"
        answer = await super().handle_DATA(server, session, envelope)
        if self.tried % 14 == 0:
            server.transport.abort()
        return answer


@pytest.fixture
def unsteady(app: Flask) -> Iterator[Unsteady]:
    with Unsteady() as mailbox:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=mailbox.port)
        yield mailbox


@pytest.mark.both_databases
def test_everybody_has_one_certificate_and_one_letter(
    app: Flask, worker: Worker, unsteady: Unsteady, counts: Any
) -> None:
    """Each round issues to a stage and is killed twice: in the midst of the certificates, and in the midst of the mail."""
    programme = factories.programme()
    rounds = counts(1, full=10)
    for _round in range(rounds):
        place = scene(programme)
        place.crowd(PEOPLE)
        before, sent = count(Certificate), len(unsteady.messages)
        service.enqueue_issue(place.stage, by=None)
        worker.start()
        worker.kill_when(lambda before=before: count(Certificate) > before)
        worker.start()
        worker.kill_when(lambda sent=sent: len(unsteady.messages) >= sent + PEOPLE // 3)
    worker.finish()
    assert_one_certificate_each(rounds * PEOPLE)
    assert_no_letter_lost(unsteady)
    assert_sound(app)


def assert_one_certificate_each(people: int) -> None:
    issued = db.session.scalars(sa.select(Certificate).order_by(Certificate.sequence)).all()
    assert {one.registration_id for one in issued} == set(db.session.scalars(sa.select(Registration.id)))
    assert {one.state for one in issued} == {CertificateState.VALID}
    assert [one.sequence for one in issued] == list(range(1, people + 1))
    assert db.session.scalars(sa.select(CertificateCounter.last)).all() == [people]
    assert {job.state for job in db.session.scalars(sa.select(Job))} == {JobState.DONE}


def assert_no_letter_lost(mailbox: Mailbox) -> None:
    posted = db.session.scalars(sa.select(OutboxMessage)).all()
    assert {(one.state, one.last_error) for one in posted} == {(MessageState.SENT, "")}
    assert len(posted) == count(Certificate)
    received = Counter((one["To"], one["Message-ID"]) for one in mailbox.messages)
    assert {identity for _to, identity in received} == {one.message_id for one in posted}
    assert len(received) == len(posted)
    assert len({to for to, _identity in received}) == len(posted)
    assert max(received.values()) > 1


@dataclass
class Deadly(Mailbox):
    """The first mail's sender is killed when the mail was taken, before it is told so."""

    sender: Any = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if len(self.messages) == 1:
            kill(self.sender.process)
        return answer


def test_a_worker_killed_after_the_mail_was_taken_sends_the_same_again(app: Flask, worker: Worker) -> None:
    """It cannot be known whether the mail arrived, so it is repeated, and can be told by its Message-ID."""
    with Deadly(sender=worker) as mailbox:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=mailbox.port)
        service.issue(scene().present(email="siti@example.org"), by=None)
        worker.start()
        worker.kill_when(lambda: len(mailbox.messages) == 1 and worker.process.poll() is not None)
        assert count(OutboxMessage, OutboxMessage.state == MessageState.SENDING) == 1
        worker.finish()
        assert len(mailbox.to("siti@example.org")) == 2
        assert len({message["Message-ID"] for message in mailbox.messages}) == 1
    message = db.session.scalars(sa.select(OutboxMessage)).one()
    assert (message.state, message.attempts) == (MessageState.SENT, 2)
