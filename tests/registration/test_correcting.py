"""What a correction of a registration reaches of the person."""

from dataclasses import replace

import pytest
from flask import Flask

from app.programmes.models import Stage
from app.registration import service
from app.registration.models import Registration
from tests import factories
from tests.registration.people import fresh, online, person

OF_ANOTHER = "lain@pribadi.example.org"


@pytest.fixture
def squatting(app: Flask) -> Registration:
    """Somebody registered with the number of a person who is known, and with an address of his own."""
    stage: Stage = factories.stage(capacity=20)
    factories.category(stage.host, "OPD", identity_types=["NIP"], identity_required=True)
    other = factories.stage(factories.programme(stage.host), capacity=20)
    known = online(stage, person(1)).registration
    made = online(other, person(1, email=OF_ANOTHER, phone="+6281200000001")).registration
    assert known is not None and made is not None and made.participant_id == known.participant_id
    return made


@pytest.mark.both_databases
def test_what_was_not_corrected_does_not_reach_the_participant(squatting: Registration) -> None:
    mended = replace(person(1, email=OF_ANOTHER, phone="+6281200000001"), position="Analis", title_after="M.Kom.")
    assert service.correct(squatting, mended, by=factories.user()) is None
    held, participant = fresh(squatting), fresh(squatting.participant)
    assert (held.position, held.email) == ("Analis", OF_ANOTHER)
    assert (participant.email, participant.phone) == (person(1).email, person(1).phone)
    assert (participant.title_after, participant.identity_number) == ("M.Kom.", person(1).identity_number)


@pytest.mark.both_databases
def test_what_was_corrected_does(squatting: Registration) -> None:
    mended = person(1, email="siti@baru.example.org", phone="+6281200000001")
    assert service.correct(squatting, mended, by=factories.user()) is None
    participant = fresh(squatting.participant)
    assert (participant.email, participant.phone) == ("siti@baru.example.org", person(1).phone)
