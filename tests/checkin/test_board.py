"""The board: who is there by unsur, institution and device, when they came, and who sees what."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from app.checkin import queries, queries_board, service
from app.checkin.models import Checkpoint
from app.checkin.queries import Point
from app.checkin.rules import Decision, DeviceKind, ScanSource
from app.checkin.rules_board import per_five_minutes
from app.extensions import db, transaction
from app.registration.rules import RegistrationState
from app.shared import clock
from app.shared.dates import clock_time
from tests import factories
from tests.checkin.doors import at_two_doors, scan
from tests.journey.counting import counted
from tests.pages import Page
from tests.personas import People


@pytest.fixture
def point(people: People) -> Checkpoint:
    return factories.checkpoint(people.stage, name="Pintu Utama")


def board(people: People, who: str = "organiser", query: str = "") -> Page:
    return people.staff[who].client.get(f"/panel/kegiatan/{people.stage.slug}/presensi{query}")


def point_of(checkpoint: Checkpoint) -> Point:
    return next(one for one in queries.points_of(checkpoint.stage) if one.checkpoint.id == checkpoint.id)


@pytest.mark.both_databases
def test_shares_by_unsur_and_by_institution(people: People, point: Checkpoint) -> None:
    host = people.host
    health, bank = (
        factories.institution(host, "OPD", name="Dinas Kesehatan"),
        factories.institution(host, "BANK", name="Bank Riau"),
    )
    here, _missing, banker = (factories.registration(people.stage, institution=one) for one in (health, health, bank))
    gone = factories.registration(people.stage, institution=bank, state=RegistrationState.CANCELLED)
    for person in (here, banker, gone):
        factories.attendance(person, point)
    categories, institutions = queries_board.shares(point_of(point))
    assert [(one.name, one.expected, one.present, one.absent) for one in institutions] == [
        ("Dinas Kesehatan", 2, 1, 1),
        ("Bank Riau", 1, 2, 0),
    ]
    assert [(one.name, one.expected, one.present, one.absent) for one in categories] == [
        ("Opd", 2, 1, 1),
        ("Bank", 1, 2, 0),
    ]


@pytest.mark.both_databases
def test_doors_say_whom_they_let_in_and_what_they_hold(people: People, point: Checkpoint) -> None:
    east, west, idle, old = (
        factories.device(people.stage, name=name)[0] for name in ("Timur", "Barat", "Cadangan", "Lama")
    )
    with transaction():
        west.unsent, west.last_seen_at = 7, clock.now()
        old.revoked_at = clock.now()
    ones = [factories.registration(people.stage) for _ in range(3)]
    for person in ones[:2]:
        scan(west, point, person)
    scan(west, point, ones[0])
    scan(east, point)
    service.mark_present(ones[2], point, reason="kertas", by=None)
    found = queries_board.doors(point)
    assert [(one.device.name, one.admitted, one.scans, one.refused) for one in found.devices] == [
        ("Barat", 2, 3, 0),
        ("Cadangan", 0, 0, 0),
        ("Timur", 0, 1, 1),
    ]
    assert (found.by_hand, found.devices[1].last_at) == (1, None)
    assert idle.name == "Cadangan"
    assert "7" in board(people).one("#doors tbody tr:first-child .state-warning").text_content()


def test_a_door_that_has_fallen_silent_is_told(people: People, point: Checkpoint) -> None:
    doors = [factories.device(people.stage, name=name)[0] for name in ("Timur", "Barat", "Cadangan")]
    for device in doors[:2]:
        scan(device, point, factories.registration(people.stage))
    service.revoke_device(doors[1], by=None)
    phone = factories.device(people.stage, name="Ponsel panitia", kind=DeviceKind.PHONE)[
        0
    ]  # it asks for nothing between two taps
    scan(phone, point, factories.registration(people.stage))
    with clock.frozen(clock.now() + timedelta(minutes=7, seconds=30)):
        silent = {one.device.name: one.silent for one in queries_board.doors(point).devices}
        assert silent == {"Timur": 7, "Barat": 0, "Cadangan": 0, "Ponsel panitia": 0}  # what is revoked is told as such
        assert "Tanpa kontak 7 menit" in board(people).one("#doors").text_content()
    with transaction():
        point.closes_at = clock.now() + timedelta(minutes=1)
    with clock.frozen(clock.now() + timedelta(minutes=10)):
        assert not any(one.silent for one in queries_board.doors(point).devices)


def test_arrivals_are_those_that_hold_in_the_zone_of_the_stage(people: People, point: Checkpoint) -> None:
    early, late, annulled = (factories.registration(people.stage) for _ in range(3))
    moment = clock.now()
    factories.attendance(late, point, at=moment)
    factories.attendance(early, point, at=moment - timedelta(minutes=20))
    wrong = factories.attendance(annulled, point, at=moment - timedelta(hours=1))
    service.annul(wrong, reason="salah orang")
    assert queries_board.arrivals(point) == [moment - timedelta(minutes=20), moment]
    page = board(people)
    bars = json.loads(page.one("#chart").get("data-bars"))
    assert [number for _time, number in bars] == [1, 0, 0, 0, 1]
    assert bars[-1][0] == f"{per_five_minutes([moment], people.stage.timezone)[0].start:%H.%M}"
    assert clock_time(early_of(point), people.stage.timezone) in page.one("#arrivals-words").text_content()
    assert len(page.select("#arrivals-table tbody tr")) == 2


def early_of(point: Checkpoint) -> object:
    return queries_board.arrivals(point)[0]


def test_an_empty_board_says_so(people: People, point: Checkpoint) -> None:
    words = board(people).words()
    for sentence in (
        "Belum ada yang datang.",
        "Belum ada peserta yang diharapkan di sini.",
        "Belum ada perangkat yang memindai untuk tahap ini.",
        "Belum ada yang dipindai di sini.",
    ):
        assert sentence in words
    assert "Perlu diselesaikan" not in words


def test_the_last_twenty_scans(people: People, point: Checkpoint) -> None:
    device, _token = factories.device(people.stage, name="Timur")
    for _ in range(21):
        scan(device, point)
    last = factories.registration(people.stage, name="Siti Aminah")
    scan(device, point, last)
    rows = board(people).texts("#last-scans li")
    assert len(rows) == 20
    assert "Siti Aminah" in rows[0] and "Hadir" in rows[0]
    assert "Kode ini tidak dikenal." in rows[1]
    scan(device, point, factories.registration(people.stage), source=ScanSource.PAPER)
    rows = board(people).texts("#last-scans li")
    assert ["Timur · dari lembar kertas" in row for row in rows[:2]] == [True, False]


@pytest.mark.parametrize("who", ["viewer", "facilitator"])
def test_who_may_not_see_people_sees_how_many_wait_and_no_names(people: People, point: Checkpoint, who: str) -> None:
    person = people.participant
    first, second = (factories.device(people.stage)[0] for _ in range(2))
    at_two_doors(first, second, point, person)
    page = board(people, who)
    assert "Masuk di dua pintu: 1" in " ".join(page.texts("#waiting .badge"))
    assert page.select("#chart") and page.select("#by-category tbody tr") and page.select("#doors tbody tr")
    for text in (page.text, people.staff[who].client.get(page.one("#figures").get("data-board")).text):
        assert person.name not in text and person.institution_name not in text
    assert not page.select("form[data-settle]") and not page.select("#by-institution")
    path = f"/panel/kegiatan/{people.stage.slug}/presensi/insiden"
    people.staff[who].client.get(path, status=403)


def test_the_part_that_refreshes_is_the_same_as_on_the_page(people: People, point: Checkpoint) -> None:
    person = people.participant
    scan(factories.device(people.stage)[0], point, person)
    page = board(people)
    fresh = people.organiser.client.get(page.one("#figures").get("data-board"))
    ids = [element.get("id") for element in page.select("#figures [id]")]
    assert [element.get("id") for element in fresh.select("#figures [id]")] == ids
    assert person.full_name in fresh.text and not fresh.select("#flashes")
    people.outsider.client.get(page.one("#figures").get("data-board"), status=404)
    people.visitor.get(page.one("#figures").get("data-board"), headers={"HX-Request": "true"}, status=401)


@pytest.mark.both_databases
def test_a_big_stage_asks_no_more_than_a_small_one(app: Flask, people: People, point: Checkpoint) -> None:
    devices = [factories.device(people.stage)[0] for _ in range(2)]

    def fill(number: int) -> None:
        for place in range(number):
            person = factories.registration(people.stage)
            if place % 3 == 0:
                at_two_doors(devices[0], devices[1], point, person)
            elif place % 3 == 1:
                scan(devices[1], point, person)
            scan(devices[place % 2], point, offline=Decision.PARKED)

    def asked() -> int:
        with counted() as statements:
            board(people)
        return len(statements)

    fill(3)
    board(people)
    few = asked()
    fill(24)
    assert db.session.scalar(sa.text("SELECT count(*) FROM scan_incident")) > 20
    assert asked() <= few
