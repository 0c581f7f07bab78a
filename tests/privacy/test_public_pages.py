"""Nobody who is not asked in reads who takes part: every public page is walked, and private ones keep out of caches."""

from urllib.parse import urlsplit

import pytest
from flask import Flask

from app.registration.models import Registration
from app.shared.phone import shown_phone
from tests import factories
from tests.pages import PageClient
from tests.paper.reading import text_of
from tests.privacy.scene import ADDRESS, NIP, a_host, coming, over, registered

MOST = 200


@pytest.fixture
def everybody(app: Flask) -> list[Registration]:
    """People at a stage to come and at one that is over, one of them certified and with feedback to give."""
    host = a_host()
    past, future = over(host), coming(host, capacity=1)
    factories.agenda_session(future)
    factories.questionnaire(future)
    design = factories.certificate_design(past.programme)
    assert design.signer_name != "Siti Aminah"
    people = [registered(past), registered(future)]
    people.append(
        registered(future, name="Rahmat Hidayat", identity_number="197001011995031001", email="rahmat@example.org")
    )
    return people


def walk(client: PageClient) -> dict[str, str]:
    """Every page of this site that links lead to from the front page, with its text."""
    found: dict[str, str] = {}
    waiting = ["/", "/saya", "/presensi", "/verifikasi", "/privasi", "/robots.txt"]
    while waiting and len(found) < MOST:
        path = waiting.pop()
        if path in found:
            continue
        answer = client.request_raw(path)
        is_paper = answer.mimetype == "application/pdf"
        found[path] = text_of(answer.data) if is_paper else answer.get_data(as_text=True)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            page = client.get(path)
            links = (link.get("href") or "" for link in page.select("a[href]"))
            waiting += [urlsplit(link).path for link in links if link.startswith("/") and not link.startswith("//")]
    return found


def test_no_public_page_names_anybody(client: PageClient, everybody: list[Registration]) -> None:
    pages = walk(client)
    assert {f"/kegiatan/{one.stage.slug}" for one in everybody} <= set(pages) and len(pages) < MOST
    secrets = {NIP, "19850412", ADDRESS, "rahmat@example.org", "Siti", "Aminah", "Rahmat"}
    secrets |= {text for one in everybody for text in (one.phone or "-", shown_phone(one.phone), one.ticket_code)}
    told = {path: [secret for secret in secrets if secret in text] for path, text in pages.items()}
    assert not {path: secrets for path, secrets in told.items() if secrets}


def test_what_is_private_is_kept_by_nobody(client: PageClient, everybody: list[Registration]) -> None:
    ticket = everybody[1].ticket_code
    for path in (f"/t/{ticket}", "/saya", "/saya/terkirim", "/saya/masuk/none", "/saya/alamat/none"):
        answer = client.request_raw(path)
        assert answer.headers["Cache-Control"] == "no-store", path
        assert "noindex" in answer.headers["X-Robots-Tag"], path
        assert 'name="robots" content="noindex' in answer.get_data(as_text=True), path


def test_a_ticket_shows_no_number_phone_or_mail(client: PageClient, everybody: list[Registration]) -> None:
    for one in everybody:
        text = client.get(f"/t/{one.ticket_code}").text
        assert one.name in text
        assert not [secret for secret in (NIP, "197001011995031001", one.email, one.phone) if secret and secret in text]
