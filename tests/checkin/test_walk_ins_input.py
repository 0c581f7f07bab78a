"""Whatever a device sends as a walk-in is answered with the field that is wrong and a sentence; the good ones are served."""

from typing import Any

import pytest
from flask import Flask

from app.checkin.models import Scan
from app.registration.models import Participant, Registration
from tests.checkin.test_walk_ins import Door, count, form

LONG = "Siti " * 2000


@pytest.fixture
def door(app: Flask) -> Door:
    return Door(app)


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"scan_id": ""}, "scan_id", "scan_id"),
        ({"scan_id": "x" * 37}, "scan_id", "scan_id"),
        ({"scan_id": 7}, "scan_id", "scan_id"),
        ({"occurred_at": ""}, "occurred_at", "ISO 8601"),
        ({"occurred_at": "2019-07-08T08:00:00"}, "occurred_at", "ISO 8601"),
        ({"occurred_at": 1562547600}, "occurred_at", "ISO 8601"),
        ({"offline_decision": "maybe"}, "offline_decision", "admitted"),
        ({"offline_decision": "refused"}, "offline_decision", "admitted, parked"),
        ({"offline_decision": "repeat"}, "offline_decision", "admitted, parked"),
        ({"offline_decision": []}, "offline_decision", "admitted"),
        ({"name": ""}, "name", "nama"),
        ({"name": None}, "name", "nama"),
        ({"name": LONG}, "name", "120"),
        ({"name": 7}, "name", ""),
        ({"name": ["Siti"]}, "name", ""),
        ({"name": "0812345"}, "name", "huruf"),
        ({"name": "https://contoh.id"}, "name", "alamat"),
        ({"name": "Siti\x00Aminah"}, "name", ""),
        ({"name": "\ud800"}, "name", ""),
        ({"phone": "bukan nomor"}, "phone", "angka"),
        ({"phone": "0771-21234"}, "phone", "08"),
        ({"phone": "9" * 10_000}, "phone", ""),
        ({"phone": 812}, "phone", ""),
        ({"position": "x" * 10_000}, "position", "160"),
        ({"position": {}}, "position", ""),
        ({"institution_id": 10**30}, "institution_id", "instansi"),
        ({"institution_id": "9" * 5000}, "institution_id", "instansi"),
        ({"institution_id": -1}, "institution_id", "instansi"),
        ({"institution_id": True}, "institution_id", "instansi"),
        ({"institution_id": 1.5}, "institution_id", "instansi"),
        ({"institution_id": [1]}, "institution_id", "instansi"),
        ({"institution_id": None, "institution": "x" * 10_000, "category": "OPD"}, "institution", "200"),
        ({"institution_id": None, "institution": 5, "category": "OPD"}, "institution", ""),
        ({"institution_id": None, "institution": "Koperasi", "category": "RAJA"}, "category", "unsur"),
        ({"institution_id": None, "institution": "Koperasi", "category": []}, "category", ""),
        ({"represents": "xyz"}, "represents", "SHA-256"),
        ({"represents": 7}, "represents", "SHA-256"),
    ],
)
def test_a_malformed_item_names_its_field_and_the_good_ones_are_served(
    door: Door, change: dict[str, Any], field: str, says: str
) -> None:
    good = form(door, name="Ani")
    sent = {name: value for name, value in (form(door) | change).items() if value is not None}
    wrong, right = door.walk_in(sent, good)["results"]
    assert (wrong["decision"], wrong["reason"], wrong["field"], wrong["badge"]) == ("refused", "malformed", field, None)
    assert says.lower() in wrong["detail"].lower()
    assert len(wrong["detail"]) > 5
    assert right["decision"] == "admitted"
    assert (count(Registration), count(Participant), count(Scan)) == (1, 1, 1)


@pytest.mark.parametrize("item", [None, 7, "x", [], [{}]])
def test_what_is_no_object_is_answered_in_its_place(door: Door, item: Any) -> None:
    wrong, right = door.walk_in(item, form(door))["results"]
    assert (wrong["scan_id"], wrong["reason"], wrong["field"]) == (None, "malformed", "walk_ins")
    assert right["decision"] == "admitted"


@pytest.mark.parametrize("items", [[], "x", None, {}, [{}] * 51])
def test_one_to_fifty_are_taken(door: Door, items: Any) -> None:
    path = f"/checkpoints/{door.checkpoint.id}/walk-ins"
    answer = door.ask(path, "POST", status=422, json={"walk_ins": items})
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["field"] == "walk_ins"
    assert "50" in answer.json["detail"]


def test_fifty_at_once(door: Door) -> None:
    names = [f"{first}{second} Wati" for first in "ABCDEFGHIJ" for second in "aeiou"]
    answer = door.walk_in(*(form(door, name=name, phone=None) for name in names))
    assert {one["decision"] for one in answer["results"]} == {"admitted"}
    assert answer["counts"] == {"expected": 50, "present": 50}


def test_a_body_that_is_not_json_or_a_time_without_zone(door: Door) -> None:
    path = f"/checkpoints/{door.checkpoint.id}/walk-ins"
    for body, status in ((b"\xff\x00", 400), (b"[]", 422), (b"7", 422), (b"{", 400)):
        answer = door.ask(path, "POST", status=status, data=body)
        assert (answer.headers["Content-Type"], answer.json["field"]) == ("application/problem+json", "body")
    for sent_at in ("2019-07-08T08:00:00", 7, "kemarin", [], "x" * 10_000):
        answer = door.ask(path, "POST", status=422, json={"walk_ins": [form(door)], "sent_at": sent_at})
        assert answer.json["field"] == "sent_at"
    assert count(Registration) == 0


@pytest.mark.both_databases
def test_foreign_tokens_and_checkpoints(app: Flask, door: Door) -> None:
    other = Door(app)
    for point in (other.checkpoint.id, 0, 10**9):
        for method, path in (("POST", "walk-ins"), ("GET", "institutions")):
            options = {"json": {"walk_ins": [form(door)]}} if method == "POST" else {}
            answer = door.ask(f"/checkpoints/{point}/{path}", method, status=404, **options)
            assert answer.headers["Content-Type"] == "application/problem+json"
    for token in ("", "x", "x" * 10_000):
        door.token = token
        for method, path in (("POST", "walk-ins"), ("GET", "institutions")):
            door.ask(f"/checkpoints/{door.checkpoint.id}/{path}", method, status=401)
    door.token = other.token
    assert other.one(form(other, institution_id=door.institution.id))["field"] == "institution_id"
