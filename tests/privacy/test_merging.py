"""People who were entered twice: the other entry is theirs too, on the way in, in the export and when all is forgotten."""

import pytest
from flask import Flask

from app.extensions import db, transaction
from app.privacy import queries, service
from app.privacy.queries_own import own_data
from app.privacy.rules import RequestKind
from app.registration.models import Participant
from app.shared.identity import IdentityType
from tests import factories
from tests.privacy.scene import ADDRESS, a_host, coming, over, registered


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
