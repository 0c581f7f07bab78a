"""A person who registers through the public form."""

from datetime import timedelta

import sqlalchemy as sa

from app.extensions import db
from app.institutions.service import seed_categories
from app.jobs.models import OutboxMessage
from app.programmes.models import Programme, Stage
from app.shared import clock
from tests import factories
from tests.pages import Page, PageClient, forget_what_was_read

TYPED = {
    "category": "OPD",
    "institution_other": "Dinas Kominfo",
    "name": "Raja Nur'aini",
    "identity_type": "NIP",
    "identity_number": "198507202010012001",
    "rank": "III/c",
    "position": "Analis",
    "email": "raja@tanjungpinangkota.go.id",
    "phone": "0812 3456-7890",
    "notice": True,
}


def open_stage(programme: Programme | None = None) -> Stage:
    """A stage that takes registrations; `programme` is one whose host has a privacy notice."""
    stage = factories.stage(programme, ends_on=clock.now().date() + timedelta(days=3))
    seed_categories(stage.host)
    if programme is None:
        factories.notice(stage.host)
    return db.session.get_one(Stage, stage.id, populate_existing=True)


def register(client: PageClient, stage: Stage, number: int = 1) -> Page:
    """The ticket's page; each `number` is another person."""
    own = {"identity_number": f"198507202010012{number:03}", "email": f"raja{number}@tanjungpinangkota.go.id"}
    form = client.get(f"/kegiatan/{stage.slug}/daftar")
    ticket = form.submit("main form", **TYPED | own | {"phone": f"0812345{number:05}"})
    assert ticket.url.startswith("/t/"), ticket.excerpt()
    return ticket


def outbox() -> list[OutboxMessage]:
    forget_what_was_read()
    return list(db.session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id)))
