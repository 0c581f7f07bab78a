"""Who comes without a registration where sessions are for some groups alone: nobody knows yet whether he is of them."""

import pytest
from flask import Flask

from app.checkin import service
from app.checkin.models import Attendance
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import IncidentKind, Settlement
from app.programmes.models import Stage
from app.registration.models import Registration
from tests import factories
from tests.checkin.test_walk_ins import Door, count, form, only

pytestmark = pytest.mark.both_databases


@pytest.fixture
def door(app: Flask) -> Door:
    made = Door(app)
    session = factories.agenda_session(made.stage, groups=[factories.group(made.stage.programme)])
    made.checkpoint = factories.checkpoint(made.stage, sessions=[session])
    return made


@pytest.mark.parametrize("offline", [None, "parked"])
def test_a_walk_in_is_let_in_and_placed_by_staff(door: Door, offline: str | None) -> None:
    sent = form(door, offline_decision=offline)
    answer = door.one(sent)
    assert (answer["decision"], answer["reason"], answer["badge"]) == ("parked", "wrong_group", None)
    assert "panitia" in answer["detail"].lower()
    assert door.one(sent) == answer | {"replay": True}
    incident = only(ScanIncident)
    assert (incident.kind, incident.person["name"]) == (IncidentKind.WALK_IN, "Rahmat Hidayat")
    assert (count(Registration), only(Stage).seats_taken) == (0, 0)
    assert service.settle(incident, Settlement.PRESENT, by=factories.user())
    assert only(Attendance).registration_id == only(Registration).id


def test_a_substitute_of_nobody_known_is_kept(door: Door) -> None:
    answer = door.one(form(door, represents="0" * 64))
    assert (answer["decision"], answer["reason"]) == ("parked", "unknown")
    assert only(ScanIncident).person["name"] == "Rahmat Hidayat"
