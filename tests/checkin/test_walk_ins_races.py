"""Walk-ins of several doors at the same moment: one person is registered once, and the last seat is given once."""

from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.checkin.models import Attendance, Scan
from app.checkin.models_incidents import ScanIncident
from app.extensions import db
from app.institutions.service import seed_categories
from app.programmes.models import Stage
from app.registration.models import Participant, Registration
from app.registration.rules import HOLDS_SEAT
from app.shared import clock
from app.shared.codes import new_code
from tests import factories
from tests.checkin.test_many_at_once import at_once, post

pytestmark = pytest.mark.both_databases
DOORS = 8


class Doors:
    """Several devices at one checkpoint, and what they send at once."""

    def __init__(self, server: str, **stage: Any) -> None:
        self.stage = factories.stage(**stage)
        self.institution_id = factories.institution(self.stage.host).id
        seed_categories(self.stage.host)
        self.stage_id = self.stage.id
        point = factories.checkpoint(self.stage)
        self.tokens = [factories.device(self.stage, name=f"Pintu {number}")[1] for number in range(DOORS)]
        self.address = f"{server}/api/v1/checkpoints/{point.id}"

    def form(self, name: str, phone: str | None, **values: Any) -> dict[str, Any]:
        known = {"scan_id": new_code(), "occurred_at": clock.now().isoformat(), "name": name, "phone": phone}
        return known | {"institution_id": self.institution_id} | values

    def send(self, *bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Each body from a door of its own, all at once; every result."""
        db.session.remove()
        calls = [
            lambda token=token, body=body: post(f"{self.address}/walk-ins", token, {"walk_ins": body})
            for token, body in zip(self.tokens, bodies, strict=False)
        ]
        return [result for answer in at_once(calls) for result in answer["results"]]


def count(model: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def only_attendance() -> Attendance:
    return db.session.scalars(sa.select(Attendance)).one()


def test_the_same_person_at_all_doors_is_registered_once(app: Flask, gunicorn_server: str) -> None:
    doors = Doors(gunicorn_server)
    forms = [doors.form("Rahmat Hidayat", "081234567890") for _ in range(DOORS)]
    results = doors.send(*([one] for one in forms))
    assert Counter(one["decision"] for one in results) == {"admitted": 1, "repeat": DOORS - 1}
    assert [only_attendance().scan_id] == [one["scan_id"] for one in results if one["decision"] == "admitted"]
    assert len({one["badge"]["code_hash"] for one in results}) == 1
    assert (count(Registration), count(Participant), count(Attendance), count(Scan)) == (1, 1, 1, DOORS)


def test_one_form_sent_at_all_doors_is_one(app: Flask, gunicorn_server: str) -> None:
    doors = Doors(gunicorn_server)
    once = doors.form("Rahmat Hidayat", None)
    results = doors.send(*([once] for _ in range(DOORS)))
    assert Counter((one["decision"], one["replay"]) for one in results) == {
        ("admitted", False): 1,
        ("admitted", True): DOORS - 1,
    }
    assert (count(Registration), count(Attendance), count(Scan)) == (1, 1, 1)


def test_the_last_seats_are_given_once(app: Flask, gunicorn_server: str) -> None:
    doors = Doors(gunicorn_server, capacity=10)
    results = doors.send(
        *([doors.form(f"{letter}{other} Wati", None) for other in "aeiou"] for letter in "ABCDEFGH"[:DOORS])
    )
    assert Counter(one["decision"] for one in results) == {"admitted": 10, "parked": 5 * DOORS - 10}
    stage = db.session.get_one(Stage, doors.stage_id)
    holding = sa.select(sa.func.count(Registration.id)).where(Registration.state.in_(HOLDS_SEAT))
    assert (stage.seats_taken, db.session.scalar(holding), count(Attendance)) == (10, 10, 10)
    assert count(ScanIncident) == 5 * DOORS - 10


def test_batches_of_the_same_people_in_every_order(app: Flask, gunicorn_server: str) -> None:
    doors = Doors(gunicorn_server)
    people = [(f"{letter}nita", f"0812345678{number}") for number, letter in enumerate("ABCDEF", start=10)]
    bodies = []
    for turn in range(DOORS):
        order = people[turn % 6 :] + people[: turn % 6]
        bodies.append([doors.form(*one) for one in (order[::-1] if turn % 2 else order)])
    results = doors.send(*bodies)
    assert {one["decision"] for one in results} <= {"admitted", "repeat"}
    assert (count(Registration), count(Attendance), count(Scan)) == (6, 6, 6 * DOORS)


def test_one_seat_is_given_on_once_at_two_doors(app: Flask, gunicorn_server: str) -> None:
    doors = Doors(gunicorn_server)
    held_by = factories.registration(doors.stage).badge_hash
    results = doors.send(
        *([doors.form(f"{letter}nita", None, represents=held_by, offline_decision="admitted")] for letter in "ABCDEFGH")
    )
    assert Counter((one["decision"], one["reason"]) for one in results) == {
        ("admitted", None): 1,
        ("parked", "cancelled"): DOORS - 1,
    }
    stage = db.session.get_one(Stage, doors.stage_id)
    assert (stage.seats_taken, count(Registration), count(Attendance)) == (1, 2, 1)
