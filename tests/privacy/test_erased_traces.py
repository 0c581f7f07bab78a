"""What a deletion must not leave behind in the rooms that send mail."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.extensions import db, transaction
from app.hosts.models import Host
from app.jobs.models import BadAddress, OutboxMessage
from app.jobs.rules import MessageState
from app.jobs.service import mark_bad, send_again
from app.privacy import service
from app.privacy.rules import RequestKind
from app.registration.models import Registration
from app.registration.service import resend_ticket
from app.shared import clock
from tests import factories
from tests.mailbox import Mailbox
from tests.pages import PageClient
from tests.personas import People
from tests.privacy.scene import ADDRESS, a_host, ask, come_in, coming, registered


@pytest.fixture
def host(app: object) -> Host:
    return a_host()


def erase(registration: Registration) -> None:
    request = service.ask(registration.participant, RequestKind.DELETION)
    assert service.accept(request, by=factories.user()) is True


@pytest.mark.both_databases
def test_neither_marks_against_the_address_nor_what_the_server_said(
    host: Host, smtp: Mailbox, work: Callable[[], None]
) -> None:
    registration = registered(coming(host))
    smtp.refuse_with = f"550 no mailbox {ADDRESS}"
    work()
    marked = sa.select(BadAddress.address).where(BadAddress.host_id == host.id)
    assert db.session.scalars(marked).all() == [ADDRESS]
    erase(registration)
    assert not db.session.scalars(marked).all()
    mail = db.session.scalars(sa.select(OutboxMessage).filter_by(kind="registration.ticket")).one()
    assert (mail.state, mail.to_address, mail.to_name, mail.subject) == (MessageState.FAILED, "", "", "")
    assert ADDRESS not in mail.last_error


def test_what_is_known_against_the_address_of_others_too_stays(host: Host) -> None:
    stage = coming(host)
    registration = registered(stage)
    registered(stage, name="Rahmat", identity_number="197001011995031001")
    mark_bad(host.id, ADDRESS, reason="550")
    erase(registration)
    assert db.session.scalars(sa.select(BadAddress.address)).all() == [ADDRESS]


def test_mails_with_a_link_let_go_of_the_address(
    host: Host, client: PageClient, smtp: Mailbox, work: Callable[[], None]
) -> None:
    registration = registered(coming(host))
    come_in(client, smtp, work)
    erase(registration)
    service.forget_addresses_of_erased()
    written = db.session.scalars(sa.select(OutboxMessage).filter_by(kind="person.link")).one()
    assert (written.to_address, written.to_name) == ("", "")


def test_also_where_nobody_asks_for_it_once_the_link_is_over(
    host: Host, client: PageClient, smtp: Mailbox, work: Callable[[], None], frozen_clock: Callable[[object], None]
) -> None:
    registered(coming(host))
    ask(client)
    work()
    frozen_clock(clock.now() + timedelta(days=2))
    service.forget_old_links()
    service.forget_addresses_of_erased()
    kept = dict(db.session.execute(sa.select(OutboxMessage.kind, OutboxMessage.to_address)).all())
    assert kept == {"registration.ticket": ADDRESS, "person.link": ""}


def test_a_mail_without_recipient_is_shown_and_not_sent_again(
    people: People, smtp: Mailbox, work: Callable[[], None]
) -> None:
    registration = factories.registration(people.stage, email=ADDRESS)
    resend_ticket(registration, by=people.administrator.user)
    work()
    mail_id = db.session.scalars(sa.select(OutboxMessage.id)).one()
    erase(registration)
    assert not send_again(db.session.get_one(OutboxMessage, mail_id), by=people.administrator.user)
    panel = people.administrator.client
    for page in (panel.get("/panel/pesan"), panel.get(f"/panel/pesan/{mail_id}")):
        assert "Penerima telah dihapus" in page.words()
        assert not page.select(f"form[action$='/{mail_id}/kirim-lagi']")


@pytest.mark.both_databases
def test_a_mail_that_was_leaving_lets_go_of_the_address_once_it_is_sent(host: Host) -> None:
    registration = registered(coming(host))
    leaving = sa.update(OutboxMessage).filter_by(kind="registration.ticket")
    with transaction():
        db.session.execute(leaving.values(state=MessageState.SENDING, attempts=1))
    erase(registration)
    mail = db.session.scalars(sa.select(OutboxMessage).filter_by(kind="registration.ticket")).one()
    assert mail.to_address == ADDRESS
    with transaction():
        db.session.execute(leaving.values(state=MessageState.SENT))
    service.forget_addresses_of_erased()
    db.session.refresh(mail)
    assert (mail.to_address, mail.to_name) == ("", "")
