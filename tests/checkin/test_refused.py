"""Whom a door refused: on the board and on the page of incidents, recorded as present by one tap."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.checkin import queries_incidents
from app.checkin.models import Attendance, Checkpoint, ScannerDevice
from app.checkin.rules import CorrectionKind
from app.extensions import db
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.shared import clock
from tests import factories
from tests.checkin.doors import scan
from tests.personas import People


@pytest.fixture
def point(people: People) -> Checkpoint:
    return factories.checkpoint(people.stage, name="Pintu Utama")


@pytest.fixture
def east(people: People, point: Checkpoint) -> ScannerDevice:
    return factories.device(people.stage, name="Timur")[0]


def root(people: People) -> str:
    return f"/panel/kegiatan/{people.stage.slug}/presensi"


def attendances() -> list[Any]:
    return list(db.session.scalars(sa.select(Attendance).order_by(Attendance.id)))


def refused(people: People, point: Checkpoint, device: ScannerDevice, **values: Any) -> Registration:
    person = factories.registration(people.stage, **values)
    scan(device, point, person, at=point.opens_at - timedelta(minutes=10))
    return person


def test_by_one_tap_there_from_the_opening(people: People, point: Checkpoint, east: ScannerDevice) -> None:
    person = refused(people, point, east, name="Siti Aminah")
    page = people.organiser.client.get(root(people))
    (row,) = page.texts("li.waiting")
    assert "Siti Aminah" in row and "“Timur” pukul" in row
    page = page.submit("li.waiting form[data-settle]", button="settlement=present")
    (attendance,) = attendances()
    assert (attendance.registration_id, attendance.at) == (person.id, point.opens_at)
    assert (attendance.correction, attendance.recorded_by_id) == (CorrectionKind.SETTLED, people.organiser.user.id)
    assert not page.select("li.waiting")


def test_at_a_checkpoint_that_has_not_opened_nobody_is_let_in(people: People, east: ScannerDevice) -> None:
    now = clock.now()
    later = factories.checkpoint(people.stage, opens_at=now + timedelta(hours=9), closes_at=now + timedelta(hours=18))
    person = factories.registration(people.stage, name="Siti Aminah")
    scan(east, later, person)
    address = f"{root(people)}?titik={later.id}"
    assert not people.organiser.client.get(address).select("li.waiting")
    with clock.frozen(later.opens_at + timedelta(minutes=1)):
        assert "Siti Aminah" in people.organiser.client.get(address).texts("li.waiting")[0]


def test_who_is_not_confirmed_is_not_let_in_and_it_says_why(
    people: People, point: Checkpoint, east: ScannerDevice
) -> None:
    refused(people, point, east, state=RegistrationState.CANCELLED, ended_at=clock.now())
    page = people.organiser.client.get(root(people))
    assert not page.select("li.waiting form")
    assert "sudah berakhir" in page.one(".waiting-why").text_content()


def test_each_person_once_and_nobody_who_came_after_all(people: People, point: Checkpoint, east: ScannerDevice) -> None:
    again, came = (refused(people, point, east) for _ in range(2))
    scan(east, point, again, at=point.opens_at - timedelta(minutes=5))
    scan(east, point, came)
    found = queries_incidents.refusals(people.stage, point, number=1, size=5)
    assert [one.registration.id for one in found] == [again.id]


def test_on_the_board_whom_a_tap_settles_comes_first_and_all_are_on_the_page_of_incidents(
    people: People, point: Checkpoint, east: ScannerDevice
) -> None:
    other = factories.checkpoint(people.stage, name="Pintu Timur", opens_at=point.opens_at)
    early = [refused(people, point, east, name=f"Terlalu Dini {number}") for number in range(2)]
    for number in range(4):
        refused(
            people,
            point,
            east,
            name=f"Batal {number}",
            state=RegistrationState.CANCELLED,
            ended_at=clock.now(),
        )
    refused(people, other, east, name="Di Pintu Lain")
    page = people.organiser.client.get(f"{root(people)}?titik={point.id}")
    names = [row.text_content() for row in page.select("li.waiting strong")]
    assert names == ["Terlalu Dini 1", "Terlalu Dini 0", "Batal 3"]
    page = page.follow("#more-refused")
    rows = page.texts("#refused li.waiting")
    assert len(rows) == 7 and all("Batal" in row for row in rows[3:])
    assert "(Pintu Timur)" in rows[0]
    page = page.submit("#refused li.waiting:nth-child(2) form[data-settle]", button="settlement=present")
    assert [one.registration_id for one in attendances()] == [early[1].id]
    assert len(page.select("#refused li.waiting")) == 6


def test_many_are_in_pages(
    people: People, point: Checkpoint, east: ScannerDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.checkin.staff_incidents.MOST_SHOWN", 2)
    for number in range(3):
        refused(people, point, east, name=f"Orang {number}")
    page = people.organiser.client.get(f"{root(people)}/insiden")
    assert not page.select(".empty") and len(page.select("#refused li.waiting")) == 2
    assert [row.text_content() for row in page.follow("a[rel=next]").select("li.waiting strong")] == ["Orang 0"]


def test_what_was_not_refused_is_not_found(people: People, point: Checkpoint, east: ScannerDevice) -> None:
    person = refused(people, point, east)
    address = people.organiser.client.get(root(people)).one("li.waiting form").get("action")
    token = people.organiser.client.get("/presensi/kegiatan").json["csrf_token"]
    wrong = f"{address.rpartition('/')[0]}/999999"
    people.organiser.client.post(wrong, data={"csrf_token": token}, status=404)
    people.organiser.client.post(address, data={}, status=400)
    assert not attendances() and person.id
