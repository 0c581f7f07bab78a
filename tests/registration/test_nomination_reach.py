"""How far a contact's hand reaches: to his own list, not to what is known of its people from elsewhere."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.privacy.service import save_own
from app.programmes.models import Stage
from app.registration import queries, service
from app.registration.models_seats import Invitation
from app.registration.rules import Reason
from app.shared import clock
from app.shared.identity import IdentityType
from tests import factories
from tests.pages import PageClient
from tests.registration.people import fresh, online, person


@pytest.fixture
def invitation(app: Flask) -> Invitation:
    stage = factories.stage(capacity=20)
    factories.category(stage.host, "OPD", identity_types=["NIP"], identity_required=True)
    factories.notice(stage.host)
    institution = factories.institution(stage.host, "OPD", name="Dinas Kesehatan")
    return service.create_invitation(
        stage, institution, seats_asked=2, deadline=clock.now() + timedelta(hours=5), by=None
    )


@pytest.fixture
def elsewhere(invitation: Invitation) -> Stage:
    """Another stage of the same agency."""
    return factories.stage(factories.programme(invitation.stage.host), capacity=20)


@pytest.mark.both_databases
def test_a_contact_does_not_change_by_what_address_somebody_is_known(invitation: Invitation, elsewhere: Stage) -> None:
    known = online(elsewhere, person(1)).registration
    assert known is not None
    typed = replace(person(1), email="kontak@dinas.example.org", phone="+6281200000001")
    named = service.nominate(invitation, typed).registration
    assert named is not None and named.participant_id == known.participant_id
    mended = replace(typed, name="Orang Lain", email="kontak2@dinas.example.org")
    assert service.correct_named(invitation, named, mended) is None
    assert fresh(named).email == "kontak2@dinas.example.org"
    participant = fresh(known.participant)
    assert (participant.name, participant.email) == (person(1).name, person(1).email)


@pytest.mark.both_databases
def test_a_typing_error_of_whom_only_the_contact_named_is_put_right(invitation: Invitation) -> None:
    named = service.nominate(invitation, person(1)).registration
    assert named is not None
    assert service.correct_named(invitation, named, replace(person(1), email="benar@dinas.example.org")) is None
    assert fresh(named.participant).email == "benar@dinas.example.org"


@pytest.mark.both_databases
def test_what_a_person_has_put_right_himself_is_no_longer_the_contacts(
    invitation: Invitation, client: PageClient
) -> None:
    named = service.nominate(invitation, person(1, phone="+6281200000001")).registration
    other = service.nominate(invitation, person(2, phone="+6281200000002")).registration
    assert named is not None and other is not None
    mended = replace(queries.details_of(named), phone="+6281200009999")
    assert save_own(named.participant, mended).now == ("phone",)
    assert service.correct_named(invitation, named, replace(mended, name="Siti")) is Reason.NOT_REPLACEABLE
    page = client.get(f"/undangan/{invitation.token}")
    assert page.select(f"a[href$='/{other.id}/perbaiki']") and not page.select(f"a[href$='/{named.id}/perbaiki']")
    assert "81200009999" not in page.text
    client.get(f"/undangan/{invitation.token}/peserta/{named.id}/perbaiki", status=404)


def test_a_closed_invitation_fills_nothing_in(invitation: Invitation, client: PageClient, frozen_clock: Any) -> None:
    named = service.nominate(invitation, person(1, phone="+6281200000001")).registration
    assert named is not None
    address = f"/undangan/{invitation.token}/peserta/{named.id}/perbaiki"
    token = client.get(address).values("main form.form")["csrf_token"]
    frozen_clock(clock.now() + timedelta(hours=6))
    page = client.post(address, data={"csrf_token": token}, status=422)
    assert str(named.email) not in page.text and "1200000001" not in page.text and "0000-0001" not in page.text


@pytest.mark.parametrize(
    ("typed", "number", "mended", "mended_number", "reason"),
    [
        ("drs. joko susilo, m.si", None, "Joko Soesilo", None, None),
        ("Dewi Lestary", None, "Dewi Lestari", "198507202010012007", None),
        ("Budi Santoso", None, "Budi Susanto", None, Reason.ANOTHER_PERSON),
        ("Dewi Lestary", "198507202010012005", "Dewi Lestari", "198507202010012007", Reason.ANOTHER_PERSON),
    ],
)
def test_a_name_is_spelled_right_where_no_number_says_who_it_is(
    invitation: Invitation,
    typed: str,
    number: str | None,
    mended: str,
    mended_number: str | None,
    reason: Reason | None,
) -> None:
    kind = {True: IdentityType.NIP, False: IdentityType.NONE}
    first = person(1, name=typed, identity_number=number, identity_type=kind[number is not None])
    named = service.nominate(invitation, first).registration
    assert named is not None
    better = replace(first, name=mended, identity_number=mended_number, identity_type=kind[mended_number is not None])
    assert service.correct_named(invitation, named, better) is reason
    assert fresh(named).name == (typed if reason else mended)
