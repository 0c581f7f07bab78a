"""The way in by a mailed link: alike for every address, used once, ended by a button, a time or a clerk."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.extensions import db
from app.jobs.models import Job, OutboxMessage
from app.privacy import service
from app.privacy.models import PersonLink
from app.shared.codes import token_digest
from app.shared.identity import IdentityType
from app.web import throttle
from tests.databases import statements
from tests.mailbox import Mailbox
from tests.pages import PageClient, browse
from tests.personas import People
from tests.privacy.scene import ADDRESS, FORM, a_host, ask, come_in, coming, link_in, registered

Work = Callable[[], None]


@pytest.mark.both_databases
def test_the_way_in(client: PageClient, smtp: Mailbox, work: Work) -> None:
    """Asked for, opened twice as by a scanner of mail, used once, refused the second time."""
    registered(coming(a_host()))
    page = ask(client)
    assert page.url == "/saya/terkirim" and ADDRESS not in page.text
    work()
    link = link_in(smtp)
    for _opened in range(2):
        page = browse(client.application).get(link)
        assert page.one(f"{FORM} button").text_content().strip()
    page = client.get(link).submit(FORM)
    assert page.url == "/saya" and "Siti Aminah" in page.words()
    assert page.headers["Cache-Control"] == "no-store" and "noindex" in page.headers["X-Robots-Tag"]
    again = browse(client.application)
    assert "Minta tautan baru" in again.get(link, status=410).words()
    token = again.get("/saya").values(FORM)["csrf_token"]
    assert again.post(link, data={"csrf_token": token}, status=410)
    assert again.get("/saya").select("input[name=email]")


def test_only_the_hash_of_a_token_lies_in_the_database(client: PageClient, smtp: Mailbox, work: Work) -> None:
    registered(coming(a_host()))
    ask(client)
    work()
    token = link_in(smtp).rpartition("/")[2]
    link = db.session.scalars(sa.select(PersonLink)).one()
    assert len(token) == 43 and link.token_hash == token_digest(token)
    held = [str(value) for row in db.session.execute(sa.select(PersonLink.__table__)) for value in row]
    held += [str(row) for row in db.session.scalars(sa.select(Job.args))]
    held += [str(row.subject) + row.kind for row in db.session.scalars(sa.select(OutboxMessage))]
    assert not any(token in value for value in held)
    assert service.token_of(link) == token


@pytest.mark.both_databases
def test_known_and_unknown_addresses_are_answered_alike(app: Flask, smtp: Mailbox, work: Work) -> None:
    """The same page, the same status, the same headers and the same statements: the worker finds out, not the answer."""
    registered(coming(a_host()))
    answers, ways = [], []
    for address in (ADDRESS, "nobody@dinas.example.org"):
        client = browse(app)
        form = client.get("/saya").values(FORM)
        with statements() as seen:
            answer = client.request_raw("/saya", method="POST", data=form | {"email": address})
        headers = {name: value for name, value in answer.headers if name not in ("Date", "Set-Cookie")}
        answers.append((answer.status_code, answer.data, headers, client.get("/saya/terkirim").text))
        ways.append([statement.split("VALUES")[0] for statement in seen])
    assert answers[0] == answers[1] and answers[0][0] == 303
    assert ways[0] == ways[1]
    work()
    assert len(smtp.messages) == len(smtp.to(ADDRESS)) > 0
    assert db.session.scalars(sa.select(PersonLink.email)).all() == [ADDRESS]


def test_too_many_for_one_address(client: PageClient, smtp: Mailbox, work: Work, frozen_clock: Any) -> None:
    """Alike for known and unknown ones; another address is not touched; soon it works again.

    Who is refused, perhaps because somebody else asked in his name, comes in by a link that was mailed before.
    """
    now = frozen_clock(datetime(2026, 3, 2, 2, 20, tzinfo=UTC))
    registered(coming(a_host()))
    pages = {}
    for address in (ADDRESS, "nobody@dinas.example.org"):
        for _time in range(3):
            ask(client, address)
        pages[address] = ask(client, address.upper(), status=429)
        assert "10 menit" in pages[address].words() and pages[address].headers["Retry-After"] == "600"
    known, unknown = (page.words().replace(address.upper(), "") for address, page in pages.items())
    assert known == unknown
    work()
    assert len([message for message in smtp.to(ADDRESS) if "tautan" in str(message["Subject"]).lower()]) == 3
    ask(client, "another@dinas.example.org")
    frozen_clock(now + timedelta(minutes=9, seconds=59))
    ask(client, status=429)
    assert client.get(link_in(smtp)).select(FORM)
    frozen_clock(now + timedelta(minutes=11))
    ask(client)


def test_a_wrong_address_is_said_at_once(client: PageClient) -> None:
    assert "@" in ask(client, "siti", status=422).one(".invalid-feedback").text_content()
    assert not db.session.scalars(sa.select(PersonLink)).all()


def test_a_link_lasts_half_an_hour_and_a_visit_two(
    client: PageClient, smtp: Mailbox, work: Work, frozen_clock: Any
) -> None:
    now = frozen_clock(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))
    registered(coming(a_host()))
    ask(client)
    work()
    link = link_in(smtp)
    frozen_clock(now + timedelta(minutes=30))
    assert "tidak berlaku" in client.get(link, status=410).words()
    frozen_clock(now + timedelta(minutes=29))
    client.get(link).submit(FORM)
    frozen_clock(now + timedelta(minutes=29, hours=1, seconds=3599))
    assert "Siti Aminah" in client.get("/saya").words()
    frozen_clock(now + timedelta(minutes=29, hours=2, seconds=1))
    assert client.get("/saya").select("input[name=email]")
    assert client.get("/saya/data").url == "/saya"


def test_a_late_mail_carries_no_dead_link(client: PageClient, smtp: Mailbox, work: Work, frozen_clock: Any) -> None:
    now = frozen_clock(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))
    registered(coming(a_host()))
    work()
    before = len(smtp.messages)
    smtp.refuse_with = "451 later"
    ask(client)
    work()
    smtp.refuse_with = ""
    frozen_clock(now + timedelta(hours=1))
    work()
    assert len(smtp.messages) == before


class TestSharedAddress:
    def test_one_chooses_once_also_between_agencies(self, client: PageClient, smtp: Mailbox, work: Work) -> None:
        tanjungpinang, bintan = a_host(), a_host()
        siti = registered(coming(tanjungpinang))
        budi = registered(
            coming(bintan),
            name="Budi Santoso",
            institution_name="Bank Riau Kepri",
            identity_number="197001011995031001",
        )
        page = come_in(client, smtp, work)
        assert page.url == "/saya/pilih"
        words = page.words()
        assert all(name in words for name in ("Siti Aminah", "Dinas Kesehatan", "Budi Santoso", "Bank Riau Kepri"))
        assert "1985" not in words and "0812" not in words and ADDRESS not in page.text
        assert client.get("/saya/data").url == "/saya/pilih"
        page = page.submit(FORM, person=str(budi.participant_id))
        assert page.url == "/saya" and "Budi Santoso" in page.words() and siti.name not in page.words()
        token = client.get("/saya/permintaan").values(FORM)["csrf_token"]
        client.post("/saya/pilih", data={"csrf_token": token, "person": siti.participant_id})
        assert "Budi Santoso" in client.get("/saya").words()

    def test_nobody_outside_the_address_can_be_chosen(self, client: PageClient, smtp: Mailbox, work: Work) -> None:
        host = a_host()
        stage = coming(host)
        registered(stage)
        registered(stage, name="Budi Santoso", identity_type=IdentityType.NONE, identity_number=None)
        other = registered(stage, name="Orang Lain", email="lain@example.org", identity_number="197001011995031001")
        page = come_in(client, smtp, work)
        token = page.values(FORM)["csrf_token"]
        page = client.post("/saya/pilih", data={"csrf_token": token, "person": other.participant_id}, status=422)
        assert "Orang Lain" not in page.words()
        assert client.post("/saya/pilih", data={"csrf_token": token}, status=422)

    def test_an_address_of_a_registration_alone_opens_nothing(
        self, client: PageClient, smtp: Mailbox, work: Work
    ) -> None:
        """Anybody can register another by his NIP with an address of his own."""
        host = a_host()
        registered(coming(host))
        registered(coming(host), email="stranger@example.org")
        ask(client, "stranger@example.org")
        work()
        with pytest.raises(AssertionError, match="no link"):
            link_in(smtp, "stranger@example.org")


class TestVisit:
    def test_leaving_ends_it_wherever_the_cookie_lies(self, client: PageClient, smtp: Mailbox, work: Work) -> None:
        registered(coming(a_host()))
        page = come_in(client, smtp, work)
        cookie = client.get_cookie("saya", path="/saya")
        assert cookie is not None and cookie.max_age is None and cookie.expires is None and cookie.http_only
        page.submit(".own-head form")
        assert client.get_cookie("saya", path="/saya") is None
        thief = browse(client.application)
        thief.set_cookie("saya", cookie.value, path="/saya")
        assert thief.get("/saya").select("input[name=email]")

    def test_a_made_up_cookie_is_nobody(self, client: PageClient) -> None:
        client.set_cookie("saya", "made-up", path="/saya")
        assert client.get("/saya").select("input[name=email]")

    def test_staff_stay_signed_in_and_are_nobody_here(self, people: People) -> None:
        client = people.organiser.client
        assert client.get("/saya").select("input[name=email]")
        assert client.get("/panel").status == 200

    def test_what_is_sent_after_the_end_is_told_so(self, client: PageClient, smtp: Mailbox, work: Work) -> None:
        registered(coming(a_host()))
        come_in(client, smtp, work)
        form = client.get("/saya/data")
        service.leave(db.session.scalars(sa.select(PersonLink)).one())
        page = form.submit(FORM, phone="0812 1111 2222", status=422)
        assert "Kunjungan" in page.words() and page.select("input[name=email]")


def test_old_links_are_swept_away(client: PageClient, work: Work, frozen_clock: Any) -> None:
    now = frozen_clock(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))
    registered(coming(a_host()))
    ask(client)
    work()
    service.forget_old_links()
    assert db.session.scalars(sa.select(PersonLink)).all()
    frozen_clock(now + timedelta(days=2))
    service.forget_old_links()
    assert not db.session.scalars(sa.select(PersonLink)).all()


def test_minutes_left_are_never_none(frozen_clock: Any) -> None:
    frozen_clock(datetime(2026, 3, 2, 2, 59, 59, tzinfo=UTC))
    assert throttle.minutes_left(timedelta(hours=1)) == 1


def test_a_program_that_fills_in_every_field_is_stopped(client: PageClient) -> None:
    page = client.get("/saya").submit(FORM, email=ADDRESS, second_address="x", status=422)
    assert page.values(FORM)["email"] == ADDRESS and not db.session.scalars(sa.select(PersonLink)).all()
