"""People who were entered twice: the other entry is theirs too, on the way in, in the export and when all is forgotten."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from app.audit.models import AuditEntry
from app.extensions import db, transaction
from app.institutions.service import seed_categories
from app.privacy import queries, service
from app.privacy.queries_own import own_data
from app.privacy.rules import RequestKind
from app.registration.models import Participant
from app.shared.identity import IdentityType
from tests import factories
from tests.mailbox import Mailbox
from tests.pages import PageClient
from tests.personas import People
from tests.privacy.scene import ADDRESS, a_host, come_in, coming, over, registered

OTHER = "lain@example.org"


@pytest.mark.both_databases
def test_the_other_entry_is_the_persons_own(app: Flask) -> None:
    host = a_host()
    kept = registered(coming(host))
    other = registered(over(host), identity_type=IdentityType.NONE, identity_number=None, email="lama@example.org")
    other = other if other.participant_id != kept.participant_id else factories.registration(over(host), name="Siti")
    with transaction():
        entry = db.session.get_one(Participant, other.participant_id)
        entry.merged_into_id, entry.email = kept.participant_id, "lama@example.org"
    person = db.session.get_one(Participant, kept.participant_id)
    for address in (ADDRESS, "lama@example.org"):
        assert [one.id for one in queries.participants_of(address)] == [person.id]
        assert [one.participant.id for one in queries.known_by(address)] == [person.id]
    assert own_data(person).tables["entries"][0]["email"] == "lama@example.org"
    service.accept(service.ask(person, RequestKind.DELETION), by=factories.user())
    assert db.session.get_one(Participant, other.participant_id).email is None
    assert not queries.participants_of("lama@example.org")


@pytest.mark.both_databases
@pytest.mark.parametrize("dropped", [False, True])
def test_where_the_other_address_leads_is_said_and_decided(
    people: People, client: PageClient, smtp: Mailbox, work: Callable[[], None], dropped: bool
) -> None:
    seed_categories(people.host)
    kept = registered(coming(people.host))
    lost = registered(coming(people.host), name="Siti Amina", identity_number="198504122010011004", email=OTHER)
    come_in(client, smtp, work, OTHER)
    pair = f"{kept.participant_id}/{lost.participant_id}?keep={kept.participant_id}"
    page = people.administrator.client.get(f"/panel/penyelenggara/{people.host.slug}/peserta-ganda/{pair}")
    assert f"alamat {OTHER} membuka data orang ini" in page.words()
    person_id = kept.participant_id
    page.submit("form.form", **({"drop": "y"} if dropped else {}))
    assert [one.id for one in queries.participants_of(OTHER)] == ([] if dropped else [person_id])
    assert [one.id for one in queries.participants_of(ADDRESS)] == [person_id]
    assert bool(client.get("/saya").select("input[name=email]")) is dropped
    merged = db.session.scalars(sa.select(AuditEntry).filter_by(action="participant.merged")).one()
    assert ("email" in merged.fields) is dropped and OTHER not in merged.reason


def test_an_address_that_leads_there_anyway_is_not_asked_about(people: People) -> None:
    seed_categories(people.host)
    kept = registered(coming(people.host))
    lost = registered(coming(people.host), name="Siti Amina", identity_number="198504122010011004")
    pair = f"{kept.participant_id}/{lost.participant_id}?keep={kept.participant_id}"
    page = people.administrator.client.get(f"/panel/penyelenggara/{people.host.slug}/peserta-ganda/{pair}")
    assert "membuka data orang ini" not in page.words() and not page.select("[name=drop]")
