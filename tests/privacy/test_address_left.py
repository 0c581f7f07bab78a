"""An address by which a person is no longer known opens nothing, and whoever reads mail there is told."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from app.extensions import db
from app.hosts.models import Host
from app.jobs.models import OutboxMessage
from app.privacy import service
from app.privacy.models import PersonLink
from app.registration.queries import details_of
from app.registration.service import correct
from tests import factories
from tests.mailbox import Mailbox
from tests.pages import PageClient, browse
from tests.privacy.scene import ADDRESS, FORM, a_host, ask, come_in, coming, link_in, registered, subjects

Work = Callable[[], None]
NEW = "baru@example.org"
TOLD = "Alamat surel Bapak/Ibu telah diubah"


@pytest.fixture
def host(app: Flask) -> Host:
    return a_host()


@pytest.mark.both_databases
def test_what_staff_change_is_told_to_the_former_address(
    host: Host, client: PageClient, smtp: Mailbox, work: Work
) -> None:
    registration = registered(coming(host))
    assert come_in(client, smtp, work).url == "/saya"
    assert correct(registration, replace(details_of(registration), email=NEW), by=factories.user()) is None
    work()
    assert subjects(smtp)[-1] == TOLD
    assert "penyelenggara" in str(smtp.to(ADDRESS)[-1].get_body(("plain",)).get_content()).lower()
    assert client.get("/saya").select("input[name=email]")


def test_another_correction_tells_nobody_and_ends_no_visit(
    host: Host, client: PageClient, smtp: Mailbox, work: Work
) -> None:
    registration = registered(coming(host))
    come_in(client, smtp, work)
    changed = replace(details_of(registration), position="Kepala Seksi", email=ADDRESS.upper())
    assert correct(registration, changed, by=factories.user()) is None
    work()
    assert TOLD not in subjects(smtp)
    assert not client.get("/saya").select("input[name=email]")


@pytest.mark.both_databases
def test_a_confirmed_address_ends_the_visits_elsewhere(
    host: Host, client: PageClient, smtp: Mailbox, work: Work
) -> None:
    registered(coming(host))
    come_in(client, smtp, work)
    elsewhere = browse(client.application)
    come_in(elsewhere, smtp, work)
    client.get("/saya/data").submit(FORM, email=NEW)
    work()
    client.get(link_in(smtp, NEW, "/saya/alamat/")).submit(FORM)
    assert "Siti Aminah" in client.get("/saya").words()
    assert elsewhere.get("/saya").select("input[name=email]")


def test_a_link_under_another_secret_key_is_not_mailed(
    app: Flask, host: Host, client: PageClient, smtp: Mailbox, work: Work
) -> None:
    registered(coming(host))
    work()
    before = len(smtp.messages)
    ask(client)
    service.find_people(None, {"link": db.session.scalars(sa.select(PersonLink.id)).one()})
    app.secret_key = "another"
    work()
    assert len(smtp.messages) == before
    assert db.session.scalar(sa.select(OutboxMessage.state).filter_by(kind="person.link")).value == "dropped"
