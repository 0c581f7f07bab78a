"""Somebody comes in place of another (mewakili): the institution's seat is kept, and the old ticket opens no door."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.checkin import queries_incidents, service
from app.checkin.models import Attendance, ScannerDevice
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import IncidentKind, Settlement
from app.checkin.rules_board import Hindrance
from app.extensions import db
from app.jobs.models import OutboxMessage
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.rules import RegistrationSource, RegistrationState
from app.shared.codes import digest, new_code
from tests import factories
from tests.checkin.test_api import scan
from tests.checkin.test_walk_ins import Door, count, form, only

pytestmark = pytest.mark.both_databases


@pytest.fixture
def door(app: Flask) -> Door:
    return Door(app, capacity=1)


def substitute(door: Door, holder: Registration | None, **values: Any) -> dict[str, Any]:
    """What the phone sends: three fields, as institution and category are the holder's."""
    represents = holder.badge_hash if holder else digest(new_code())
    known = {"institution_id": None, "name": "Anita Wati", "phone": "081298765432", "represents": represents}
    return form(door, **known | values)


def test_the_seat_passes_on_and_the_old_ticket_dies(door: Door) -> None:
    group = factories.group(door.stage.programme, name="Smart Living")
    old = factories.registration(door.stage, name="Rahmat Hidayat", groups=[group])
    sent = substitute(door, old)
    answer = door.one(sent)
    new = only(Registration, name="Anita Wati")
    assert answer["person"] == {"name": "Anita Wati", "institution": old.institution_name, "groups": ["Smart Living"]}
    assert (answer["decision"], answer["badge"]) == ("admitted", {"code_hash": new.badge_hash})
    assert (new.state, new.source, new.replaces_id) == (
        RegistrationState.CONFIRMED,
        RegistrationSource.WALK_IN,
        old.id,
    )
    assert (new.institution_id, new.category_id) == (old.institution_id, old.category_id)
    assert only(Registration, id=old.id).state is RegistrationState.CANCELLED
    assert only(Stage, id=door.stage.id).seats_taken == 1
    assert only(Attendance).registration_id == new.id
    for code in (old.ticket_code, old.badge_code):
        refused = door.send(scan(code))["results"][0]
        assert (refused["decision"], refused["reason"]) == ("refused", "cancelled")
    assert door.one(sent) == answer | {"replay": True}
    assert (count(Registration), count(Attendance)) == (2, 1)


def test_the_one_replaced_is_told(door: Door) -> None:
    """Of the new one the door knows no address."""
    old = factories.registration(door.stage, email="rahmat@example.org")
    door.one(substitute(door, old))
    told = db.session.execute(sa.select(OutboxMessage.kind, OutboxMessage.to_address)).all()
    assert [tuple(row) for row in told] == [("registration.replaced", "rahmat@example.org")]


def test_of_a_substitute_without_phone_there_is_one_too(door: Door) -> None:
    old = factories.registration(door.stage)
    sent = [substitute(door, old, phone=None) for _ in range(2)]
    assert [one["decision"] for one in door.walk_in(*sent)["results"]] == ["admitted", "parked"]
    assert (count(Registration), only(Stage, id=door.stage.id).seats_taken) == (2, 1)


@pytest.mark.parametrize("code", ["ticket_hash", "badge_hash"])
def test_ticket_and_badge_name_the_holder(door: Door, code: str) -> None:
    old = factories.registration(door.stage)
    assert door.one(substitute(door, old, represents=getattr(old, code).upper()))["decision"] == "admitted"


def test_from_one_who_waited_for_approval(door: Door) -> None:
    old = factories.registration(door.stage, state=RegistrationState.PENDING)
    assert door.one(substitute(door, old))["decision"] == "admitted"
    assert only(Registration, name="Anita Wati").state is RegistrationState.CONFIRMED


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (RegistrationState.CANCELLED, "cancelled"),
        (RegistrationState.REJECTED, "cancelled"),
        (RegistrationState.WAITLISTED, "not_confirmed"),
    ],
)
def test_who_has_no_seat_cannot_give_one(door: Door, state: RegistrationState, reason: str) -> None:
    ended = {"ended_at": factories.clock.now()} if state is not RegistrationState.WAITLISTED else {}
    _is_kept(door, factories.registration(door.stage, state=state, **ended), reason)


def test_who_was_admitted_himself_cannot_be_replaced(door: Door) -> None:
    old = factories.registration(door.stage)
    door.send(scan(old.ticket_code))
    _is_kept(door, old, "no_seat")
    assert only(Registration, id=old.id).state is RegistrationState.CONFIRMED
    assert only(Attendance).registration_id == old.id


def test_who_was_there_on_another_day_cannot_either(door: Door) -> None:
    old = factories.registration(door.stage)
    factories.attendance(old, factories.checkpoint(door.stage))
    _is_kept(door, old, "no_seat")


def test_an_unknown_ticket_and_one_of_another_stage(app: Flask, door: Door) -> None:
    _is_kept(door, None, "unknown")
    sibling = factories.stage(door.stage.programme)
    _is_kept(door, factories.registration(sibling), "other_stage")
    _is_kept(door, factories.registration(), "unknown")


def _is_kept(door: Door, old: Registration | None, reason: str) -> None:
    before = count(Registration)
    sent = substitute(door, old)
    answer = door.one(sent)
    assert (answer["decision"], answer["reason"], answer["person"], answer["badge"]) == ("parked", reason, None, None)
    assert answer["detail"]
    incident = db.session.scalars(sa.select(ScanIncident).order_by(ScanIncident.id.desc())).first()
    assert incident is not None
    assert (incident.kind, incident.person["name"]) == (IncidentKind.WALK_IN, "Anita Wati")
    assert incident.person["represents"] == sent["represents"]
    assert count(Registration) == before
    assert door.one(sent) == answer | {"replay": True}


def test_settled_as_present_the_substitute_gets_a_seat_of_his_own(door: Door, people: Any) -> None:
    old = factories.registration(door.stage)
    door.send(scan(old.ticket_code))
    door.one(substitute(door, old))
    made = service.settle_newcomer(only(ScanIncident), people.organiser.user)
    stage = only(Stage, id=door.stage.id)
    assert (made.institution_id, made.category_id) == (old.institution_id, old.category_id)
    assert (stage.capacity, stage.seats_taken) == (2, 2)
    assert only(Registration, id=old.id).state is RegistrationState.CONFIRMED


def test_of_an_unknown_holder_somebody_without_institution_is_made(door: Door, people: Any) -> None:
    door.one(substitute(door, None))
    made = service.settle_newcomer(only(ScanIncident), people.organiser.user)
    assert made.category.code == "MASYARAKAT"


def test_from_a_revoked_device_it_is_kept_and_settled_as_a_substitution(door: Door, people: Any) -> None:
    old = factories.registration(door.stage)
    service.revoke_device(db.session.get_one(ScannerDevice, door.record.id), by=None)
    assert door.one(substitute(door, old))["reason"] == "revoked_device"
    assert only(Registration).state is RegistrationState.CONFIRMED
    incident = only(ScanIncident)
    assert (incident.kind, incident.person["represents"]) == (IncidentKind.QUARANTINE, old.badge_hash)
    made = service.settle_newcomer(incident, people.organiser.user)
    assert made.replaces_id == old.id
    assert only(Stage, id=door.stage.id).seats_taken == 1


def test_who_is_registered_himself_comes_for_himself(app: Flask) -> None:
    door = Door(app)
    old = factories.registration(door.stage, name="Rahmat Hidayat")
    own = factories.registration(door.stage, name="Anita Wati")
    answer = door.one(substitute(door, old, phone=own.phone))
    assert (answer["decision"], answer["badge"]) == ("admitted", {"code_hash": own.badge_hash})
    assert only(Registration, id=old.id).state is RegistrationState.CONFIRMED
    again = door.one(substitute(door, old, name=old.name, phone=old.phone))
    assert again["badge"] == {"code_hash": old.badge_hash}


def test_of_merged_people_the_one_who_stayed_is_replaced(app: Flask) -> None:
    door = Door(app)
    stays = factories.registration(door.stage)
    merged = factories.registration(
        door.stage, state=RegistrationState.CANCELLED, merged_into_id=stays.id, ended_at=factories.clock.now()
    )
    assert door.one(substitute(door, merged))["decision"] == "admitted"
    assert only(Registration, name="Anita Wati").replaces_id == stays.id


def test_the_prerequisite_is_not_asked_for_at_the_door(app: Flask) -> None:
    before = factories.stage()
    door = Door(app, of=before.programme, prerequisite_id=before.id)
    assert door.one(substitute(door, factories.registration(door.stage)))["decision"] == "admitted"


def test_a_closed_checkpoint_replaces_nobody(door: Door) -> None:
    old = factories.registration(door.stage)
    early = (factories.clock.now() - timedelta(hours=3)).isoformat()
    assert door.one(substitute(door, old, occurred_at=early))["reason"] == "too_early"
    assert only(Registration).state is RegistrationState.CONFIRMED


def test_the_groups_of_the_holder_count_at_the_door(door: Door) -> None:
    group = factories.group(door.stage.programme)
    session = factories.agenda_session(door.stage, groups=[group])
    door.checkpoint = factories.checkpoint(door.stage, sessions=[session])
    old = factories.registration(door.stage, groups=[group])
    answer = door.one(form(door, name="Budi"))
    assert (answer["decision"], answer["reason"]) == ("parked", "wrong_group")
    assert door.one(substitute(door, old))["decision"] == "admitted"


@pytest.mark.parametrize("settlement", list(Settlement))
def test_a_settled_substitution_is_not_shown_under_the_name_of_the_holder(
    door: Door, settlement: Settlement, people: Any
) -> None:
    old = factories.registration(door.stage, name="Siti Rahayu")
    door.send(scan(old.ticket_code))
    door.one(substitute(door, old))
    assert queries_incidents.incidents(door.stage, settled=False, limit=9)[0].name == "Anita Wati"
    assert service.settle(only(ScanIncident), settlement, by=people.organiser.user)
    shown = queries_incidents.incidents(door.stage, settled=True, limit=9)[0]
    assert shown.name == ("Anita Wati" if settlement is Settlement.PRESENT else "")


def test_of_a_form_that_was_forgotten_the_holder_is_not_offered(door: Door) -> None:
    old = factories.registration(door.stage, name="Siti Rahayu")
    door.send(scan(old.ticket_code))
    door.one(substitute(door, old))
    service.forget_newcomer(door.stage.host.id, names={"anita wati"}, phones={"+6281298765432"})
    shown = queries_incidents.incidents(door.stage, settled=False, limit=9)[0]
    assert (shown.name, shown.hindrance) == ("", Hindrance.NO_PERSON)
