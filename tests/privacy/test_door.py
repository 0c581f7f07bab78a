"""What the door holds of a person beside attendance: told in his export, and forgotten with him."""

import io
import json
import zipfile
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask

from app.checkin.models import Attendance, Excuse
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import CheckinError, CorrectionKind, Settlement
from app.checkin.service import give_excuse, settle
from app.extensions import db
from app.privacy import service
from app.privacy.queries_own import own_data
from app.privacy.rules import RequestKind
from app.privacy.service.exporting import export_own
from app.registration.models import Participant, Registration
from tests import factories
from tests.checkin.test_walk_ins import Door, form, only

pytestmark = pytest.mark.both_databases


@pytest.fixture
def door(app: Flask) -> Door:
    """A door of a stage that is full."""
    full = Door(app, capacity=1)
    factories.registration(full.stage)
    return full


def known(door: Door, **values: Any) -> Participant:
    """Rahmat, whom the host knows from another stage."""
    details = {"name": "Rahmat Hidayat", "phone": "+6281234567890"} | values
    of = factories.registration(factories.stage(door.stage.programme), **details)
    return db.session.get_one(Participant, of.participant_id)


def erase(participant: Participant) -> None:
    assert service.accept(service.ask(participant, RequestKind.DELETION), by=factories.user()) is True


def test_a_form_that_waits_is_in_the_export(door: Door) -> None:
    participant = known(door)
    door.one(form(door, name="dr. Rahmat Hidayat, M.Kes."))
    door.one(form(door, name="Orang Lain", phone="081299999999"))
    row = own_data(participant).tables["walk_ins"]
    assert [(one["name"], one["phone"], one["position"], one["institution"], one["checkpoint"]) for one in row] == [
        ("dr. Rahmat Hidayat, M.Kes.", "+6281234567890", "Perawat", "Dinas Kesehatan", door.checkpoint.name)
    ]


@pytest.mark.parametrize(
    ("typed", "his"),
    [
        ({"name": "RAHMAT  HIDAYAT"}, True),
        ({"name": "Rahmat Hidayat", "phone": None}, True),
        ({"name": "Pak Rahmat"}, True),
        ({"name": "Rahmat Hidayat", "phone": "081211111111"}, False),
        ({"name": "Siti Aminah", "phone": None}, False),
    ],
)
def test_erasing_forgets_what_is_his_alone(door: Door, typed: dict[str, Any], his: bool) -> None:
    participant = known(door)
    door.one(form(door, **typed))
    erase(participant)
    incident = only(ScanIncident)
    assert (incident.person is None) is his
    assert incident.settled_at is None
    if his:
        with pytest.raises(CheckinError):
            settle(incident, Settlement.PRESENT, by=None)
        assert settle(only(ScanIncident), Settlement.DISMISSED, by=None)


def test_forms_at_another_agency_are_not_his(app: Flask, door: Door) -> None:
    participant = factories.registration(name="Rahmat Hidayat", phone="+6281234567890").participant
    door.one(form(door))
    assert own_data(participant).tables["walk_ins"] == []
    erase(participant)
    assert only(ScanIncident).person["name"] == "Rahmat Hidayat"


def test_excuses_and_corrections_are_named(app: Flask) -> None:
    door = Door(app)
    registration = factories.registration(door.stage)
    second = factories.checkpoint(door.stage)
    factories.attendance(registration, second, correction=CorrectionKind.PAPER)
    give_excuse(registration, door.checkpoint, with_jp=True, reason="Rawat inap", by=factories.user())
    participant = db.session.get_one(Participant, registration.participant_id)
    with zipfile.ZipFile(io.BytesIO(export_own(participant))) as archive:
        held = json.loads(archive.read("data.json"))
        book = openpyxl.load_workbook(io.BytesIO(archive.read("data.xlsx")))
    assert [(one["kind"], one["reason"]) for one in held["excuses"]] == [("with_jp", "Rawat inap")]
    assert [one["correction"] for one in held["attendances"]] == ["paper"]
    words = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    assert {"Rawat inap", "Dengan JP", "Dari daftar hadir kertas"} <= words
    erase(participant)
    assert db.session.scalars(sa.select(Excuse.reason)).all() == ["–"]
    assert db.session.scalars(sa.select(Attendance.reason)).all() == ["–"]
    assert only(Registration, id=registration.id).name == registration.name
