"""Free consents: given, withdrawn, given again; each time is kept with its words, at /t/<ticket> as at /saya."""

import pytest
import sqlalchemy as sa
from flask import Flask

from app.audit.models import AuditEntry
from app.extensions import db, transaction
from app.registration.models import Consent, Registration
from app.registration.rules import ConsentKind
from app.registration.service.consents import give_consent, withdraw_consent
from tests import factories
from tests.pages import PageClient


def again(of: Registration) -> Registration:
    return db.session.get_one(Registration, of.id)


@pytest.mark.both_databases
def test_every_time_is_kept(app: Flask) -> None:
    registration = factories.registration()
    assert not withdraw_consent(registration, ConsentKind.PHOTO)
    for _round in range(2):
        assert give_consent(registration, ConsentKind.PHOTO)
        assert not give_consent(registration, ConsentKind.PHOTO)
        assert again(registration).consents_to(ConsentKind.PHOTO)
        assert withdraw_consent(registration, ConsentKind.PHOTO)
        assert not again(registration).consents_to(ConsentKind.PHOTO)
    assert give_consent(registration, ConsentKind.PHOTO)
    held = again(registration)
    assert held.consents_to(ConsentKind.PHOTO) and not held.consents_to(ConsentKind.WHATSAPP)
    history = held.consents_of(ConsentKind.PHOTO)
    assert [one.withdrawn_at is None for one in history] == [True, False, False]
    assert held.consent_to(ConsentKind.PHOTO) is history[0]
    assert all(len(one.wording) > 20 for one in history)
    actions = db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["registration.consent_given", "registration.consent_withdrawn"] * 2 + [
        "registration.consent_given"
    ]


def test_on_the_ticket(client: PageClient, app: Flask) -> None:
    """What was agreed to is shown in its own words, also when the sentence of today is another."""
    registration = factories.registration()
    page = client.get(f"/t/{registration.ticket_code}")
    page = page.submit(".own-consent:nth-child(1) form")
    assert page.url.startswith(f"/t/{registration.ticket_code}") and again(registration).consents_to(ConsentKind.PHOTO)
    consent = db.session.scalars(sa.select(Consent)).one()
    with transaction():
        db.session.get_one(Consent, consent.id).wording = "Kalimat yang dulu disetujui."
    page = client.get(f"/t/{registration.ticket_code}")
    assert "Kalimat yang dulu disetujui." in page.words()
    page = page.submit(".own-consent:nth-child(1) form")
    assert not again(registration).consents_to(ConsentKind.PHOTO)
    assert "Kalimat yang dulu disetujui." in page.words() and "Ditarik" in page.words()


def test_nonsense_is_refused(client: PageClient, app: Flask) -> None:
    registration = factories.registration()
    page = client.get(f"/t/{registration.ticket_code}")
    page.submit(".own-consent:nth-child(1) form", kind="all", status=400)
    token = page.values(".own-consent:nth-child(1) form")["csrf_token"]
    client.post("/t/0000000000000000/persetujuan", data={"csrf_token": token, "kind": "photo"}, status=404)
    assert not again(registration).consents


def test_the_notice_that_was_read_can_be_read_again(client: PageClient, app: Flask) -> None:
    stage = factories.stage()
    read = factories.notice(stage.host, body="Pemberitahuan pertama.")
    factories.notice(stage.host, version=2, body="Pemberitahuan kedua.")
    registration = factories.registration(stage, notice_id=read.id)
    page = client.get(f"/t/{registration.ticket_code}")
    link = next(one.get("href") for one in page.select("main a") if "/privasi/" in (one.get("href") or ""))
    old = client.get(link)
    assert "Pemberitahuan pertama." in old.words() and "versi terdahulu" in old.words()
    assert "Pemberitahuan kedua." in client.get(f"/privasi/{stage.host.slug}").words()
    client.get(f"/privasi/{stage.host.slug}/9", status=404)
