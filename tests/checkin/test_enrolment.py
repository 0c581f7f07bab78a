"""A browser without account becomes a scanner by a code that is used once."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.checkin import service
from app.checkin.models import DeviceEnrolment, ScannerDevice
from app.checkin.rules import CheckinError
from app.extensions import db, transaction
from app.shared import clock
from app.shared.codes import digest, grouped, new_code
from tests import factories
from tests.pages import PageClient, browse
from tests.personas import People


def shown(people: People) -> str:
    return service.offer_enrolment(people.stage, by=people.organiser.user)[1]


def enrol(client: PageClient, code: Any, *, status: int = 201, name: Any = "HP Pintu 2") -> Any:
    body = {"enrolment_code": code, "name": name}
    return client.post("/api/v1/devices", json=body, status=status).json


@pytest.mark.both_databases
def test_a_phone_scans_by_the_code_that_it_was_shown(app: Flask, people: People) -> None:
    point, code = factories.checkpoint(people.stage), shown(people)
    answer = enrol(browse(app), code)
    assert answer.keys() == {"token", "device", "stage", "expires_at"}
    assert (answer["device"], answer["stage"]) == ("HP Pintu 2", people.stage.slug)
    headers = {"Authorization": f"Bearer {answer['token']}"}
    found = browse(app).get("/api/v1/checkpoints", headers=headers).json
    assert [one["id"] for one in found["checkpoints"]] == [point.id]
    device = db.session.scalars(sa.select(ScannerDevice)).one()
    used = db.session.scalars(sa.select(DeviceEnrolment)).one()
    assert (device.user_id, used.device_id) == (people.organiser.user.id, device.id)
    assert used.code_hash == digest(code) and used.used_at is not None
    assert "no-store" in browse(app).get("/api/v1/checkpoints", headers=headers).headers["Cache-Control"]


@pytest.mark.parametrize(
    "written",
    [str.lower, grouped, " {} ".format, "http://localhost/presensi#daftar={}".format],
    ids=["small", "in fours", "with spaces", "as a link"],
)
def test_the_code_as_people_and_cameras_read_it(app: Flask, people: People, written: Any) -> None:
    enrol(browse(app), written(shown(people)))


def test_a_code_is_used_once(app: Flask, people: People) -> None:
    code = shown(people)
    enrol(browse(app), code)
    problem = enrol(browse(app), code, status=422)
    assert problem["field"] == "enrolment_code" and "Perangkat lain" in problem["detail"]
    assert db.session.scalar(sa.select(sa.func.count(ScannerDevice.id))) == 1


def test_a_code_lives_five_minutes(people: People) -> None:
    code, now = shown(people), clock.now()
    with clock.frozen(now + timedelta(minutes=5)), pytest.raises(service.WrongCode):
        service.enrol_by_code(code, name="Terlambat")
    with clock.frozen(now + timedelta(minutes=4, seconds=59)):
        service.enrol_by_code(code, name="Tepat waktu")


def test_a_new_code_ends_the_one_before_it_and_no_one_elses(people: People) -> None:
    first = shown(people)
    other = service.offer_enrolment(people.stage, by=people.manager.user)[1]
    second = shown(people)
    with pytest.raises(service.WrongCode):
        service.enrol_by_code(first, name="a")
    service.enrol_by_code(second, name="b")
    service.enrol_by_code(other, name="c")


def test_who_lost_the_role_meanwhile_lets_nobody_in(people: People) -> None:
    code = shown(people)
    with transaction():
        for membership in people.organiser.user.memberships:
            db.session.delete(membership)
    with pytest.raises(service.WrongCode):
        service.enrol_by_code(code, name="a")
    assert db.session.scalar(sa.select(sa.func.count(ScannerDevice.id))) == 0
    assert db.session.scalars(sa.select(DeviceEnrolment.used_at)).one() is None


def test_once_the_stage_is_over_no_code_is_shown_or_taken(people: People) -> None:
    code = shown(people)
    with transaction():
        people.stage.starts_on -= timedelta(days=9)
        people.stage.ends_on -= timedelta(days=9)
    with pytest.raises(CheckinError):
        shown(people)
    with pytest.raises(CheckinError):
        service.enrol_by_code(code, name="a")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "enrolment_code"),
        ({"enrolment_code": None, "name": "a"}, "enrolment_code"),
        ({"enrolment_code": 7, "name": "a"}, "enrolment_code"),
        ({"enrolment_code": " ", "name": "a"}, "enrolment_code"),
        ({"enrolment_code": "A" * 10_000, "name": "a"}, "enrolment_code"),
        ({"enrolment_code": "\ud800" * 16, "name": "a"}, "enrolment_code"),
        ({"enrolment_code": "ABC", "name": "a"}, "enrolment_code"),
        ({"enrolment_code": new_code(), "name": "a"}, "enrolment_code"),
        ({"enrolment_code": new_code()}, "name"),
        ({"enrolment_code": new_code(), "name": "\u200b"}, "name"),
        ({"enrolment_code": new_code(), "name": ["a"]}, "name"),
    ],
)
@pytest.mark.both_databases
def test_bad_bodies_name_the_field(app: Flask, body: dict[str, Any], field: str) -> None:
    page = browse(app).post("/api/v1/devices", json=body, status=422)
    assert page.headers["Content-Type"] == "application/problem+json"
    assert page.json["field"] == field
    browse(app).post("/api/v1/devices", data=b"nonsense", status=400)


@pytest.mark.both_databases
def test_a_name_of_any_length_and_kind(app: Flask, people: People) -> None:
    assert enrol(browse(app), shown(people), name="HP\0 " + "x " * 500)["device"].startswith("HP x x")


def test_guessing_the_rest_of_a_code_is_stopped(app: Flask, people: People) -> None:
    code, client = shown(people), browse(app)
    wrong = [code[:4] + new_code()[4:] for _ in range(10)]
    for guess in wrong:
        enrol(client, guess, status=422)
    page = client.post("/api/v1/devices", json={"enrolment_code": code, "name": "a"}, status=429)
    assert int(page.headers["Retry-After"]) <= 300
    enrol(client, service.offer_enrolment(people.stage, by=people.manager.user)[1])


@pytest.mark.both_databases
def test_of_two_phones_with_one_code_one_wins(app: Flask, people: People) -> None:
    code, barrier, answers = shown(people), threading.Barrier(4), list[str]()
    db.session.remove()

    def try_it(number: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                service.enrol_by_code(code, name=f"HP {number}")
                answers.append("enrolled")
            except service.WrongCode as error:
                answers.append(str(error.sentence))

    threads = [threading.Thread(target=try_it, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count("enrolled") == 1 and len(answers) == 4, answers
    assert db.session.scalar(sa.select(sa.func.count(ScannerDevice.id))) == 1


def test_codes_of_former_days_are_forgotten(people: People) -> None:
    with clock.frozen(clock.now() - timedelta(days=2)):
        shown(people)
    shown(people)
    assert db.session.scalar(sa.select(sa.func.count(DeviceEnrolment.id))) == 1
