"""The contract of the scanners' API."""

from typing import Any

import pytest
from flask import Flask

from app.accounts.rules import Role
from app.checkin import service
from app.checkin.models import ScannerDevice
from app.extensions import db, transaction
from app.programmes.models import Stage
from app.registration.rules import RegistrationState
from app.shared import clock
from app.shared.codes import new_code
from tests import factories
from tests.pages import Page, PageClient, browse
from tests.personas import People


class Device:
    """A scanner that speaks to the API, at a checkpoint that is open."""

    def __init__(self, app: Flask, stage: Stage | None = None) -> None:
        self.client: PageClient = browse(app)
        self.stage = stage or factories.stage()
        self.checkpoint = factories.checkpoint(self.stage)
        self.record, self.token = factories.device(self.stage, name="Pintu Utama")

    def ask(self, path: str, method: str = "GET", *, status: int = 200, **options: Any) -> Page:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.client.open(f"/api/v1{path}", method=method, status=status, headers=headers, **options)

    def send(self, *scans: Any, status: int = 200, **body: Any) -> Any:
        path = f"/checkpoints/{self.checkpoint.id}/scans"
        return self.ask(path, "POST", status=status, json={"scans": list(scans), **body}).json


def scan(code: str, **values: Any) -> dict[str, Any]:
    return {"scan_id": new_code(), "code": code, "occurred_at": clock.now().isoformat(), "source": "camera"} | values


@pytest.fixture
def device(app: Flask) -> Device:
    return Device(app)


def test_a_scan_is_answered_as_the_interface_says(device: Device) -> None:
    group = factories.group(device.stage.programme, name="Smart Living")
    person = factories.registration(device.stage, name="Siti Aminah", groups=[group])
    first = scan(f"http://localhost/T/{person.ticket_code}")
    assert device.send(first, sent_at=clock.now().isoformat()) == {
        "results": [
            {
                "scan_id": first["scan_id"],
                "decision": "admitted",
                "reason": None,
                "replay": False,
                "person": {"name": "Siti Aminah", "institution": person.institution_name, "groups": ["Smart Living"]},
                "first": None,
            }
        ],
        "counts": {"expected": 1, "present": 1},
    }
    again = device.send(scan(person.badge_code.lower()))["results"][0]
    assert (again["decision"], again["first"]["by"]) == ("repeat", "Pintu Utama")
    assert again["first"]["at"].endswith("+00:00")


def test_a_hash_is_as_good_as_a_code(device: Device) -> None:
    person = factories.registration(device.stage)
    item = scan("") | {"code_hash": person.badge_hash.upper()}
    del item["code"]
    assert device.send(item)["results"][0]["decision"] == "admitted"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"scan_id": None}, "scan_id"),
        ({"scan_id": "x" * 37}, "scan_id"),
        ({"scan_id": "a b"}, "scan_id"),
        ({"code": None}, "code"),
        ({"code": 7}, "code"),
        ({"code": " "}, "code"),
        ({"code": "A" * 10_000}, "code"),
        ({"code": None, "code_hash": "xyz"}, "code_hash"),
        ({"occurred_at": None}, "occurred_at"),
        ({"occurred_at": "2019-07-08T08:00:00"}, "occurred_at"),
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at"),
        ({"occurred_at": 1562547600}, "occurred_at"),
        ({"source": "telepathy"}, "source"),
        ({"source": []}, "source"),
        ({"offline_decision": "maybe"}, "offline_decision"),
    ],
)
def test_a_malformed_item_names_its_field_and_the_good_ones_are_served(
    device: Device, change: dict[str, Any], field: str
) -> None:
    good = scan(factories.registration(device.stage).ticket_code)
    wrong, right = device.send(scan("0" * 16) | change, good)["results"]
    assert (wrong["decision"], wrong["reason"], wrong["field"]) == ("refused", "malformed", field)
    assert right["decision"] == "admitted"


@pytest.mark.parametrize(
    "code", ["\x00\x01\x02", "\ud800", "😀" * 50, "https://example.org/", "' OR 1=1 --", "0123456789ABCDEF"]
)
def test_any_text_in_a_qr_is_merely_unknown(device: Device, code: str) -> None:
    assert device.send(scan(code))["results"][0]["reason"] == "unknown"


@pytest.mark.parametrize("item", [None, 7, "scan", [], True])
def test_an_item_that_is_no_object(device: Device, item: Any) -> None:
    assert device.send(item)["results"][0] | {} == {
        "scan_id": None,
        "decision": "refused",
        "reason": "malformed",
        "replay": False,
        "person": None,
        "first": None,
        "field": "scans",
    }


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"data": b"not json"}, 400, "body"),
        ({"data": b"[" * 200_000}, 400, "body"),
        ({"data": b"\xff\xfe"}, 400, "body"),
        ({"json": []}, 422, "body"),
        ({"json": {}}, 422, "scans"),
        ({"json": {"scans": []}}, 422, "scans"),
        ({"json": {"scans": {}}}, 422, "scans"),
        ({"json": {"scans": [None] * 501}}, 422, "scans"),
        ({"json": {"scans": [None], "sent_at": "2019-07-08T08:00:00"}}, 422, "sent_at"),
        ({"json": {"scans": [None], "sent_at": 8}}, 422, "sent_at"),
    ],
)
def test_problems_name_the_field(device: Device, body: dict[str, Any], status: int, field: str) -> None:
    page = device.ask(f"/checkpoints/{device.checkpoint.id}/scans", "POST", status=status, **body)
    assert page.headers["Content-Type"] == "application/problem+json"
    assert (page.json["status"], page.json["field"]) == (status, field)


def test_a_body_beyond_all_measure(device: Device) -> None:
    page = device.ask(f"/checkpoints/{device.checkpoint.id}/scans", "POST", status=413, data=b" " * 2_000_000)
    assert page.headers["Content-Type"] == "application/problem+json"


def test_five_hundred_scans_in_order(device: Device) -> None:
    scans = [scan(new_code()) for _ in range(500)]
    assert [one["scan_id"] for one in device.send(*scans)["results"]] == [one["scan_id"] for one in scans]


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/checkpoints", "GET"),
        ("/checkpoints/1/people?q=siti", "GET"),
        ("/checkpoints/1/recent", "GET"),
        ("/scans/x", "DELETE"),
        ("/checkpoints/1/scans", "POST"),
    ],
)
@pytest.mark.parametrize("header", [None, "Bearer", "Bearer  ", "Bearer wrong", "Basic YTpi"])
def test_no_token_no_answer(app: Flask, path: str, method: str, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    body = {"scans": [None], "reason": "x"} if method != "GET" else None
    page = browse(app).open(f"/api/v1{path}", method=method, status=401, headers=headers, json=body)
    assert page.headers["WWW-Authenticate"] == "Bearer"
    assert page.headers["Content-Type"] == "application/problem+json"


def test_no_cookie_is_looked_at(app: Flask, people: Any) -> None:
    people.organiser.client.get("/api/v1/checkpoints", status=401)


def test_checkpoints_say_who_is_expected(device: Device) -> None:
    group = factories.group(device.stage.programme, name="Tim Pelaksana")
    session = factories.agenda_session(device.stage, title="Diskusi", groups=[group])
    narrow = factories.checkpoint(device.stage, sessions=[session], name="Ruang Diskusi")
    factories.registration(device.stage, groups=[group])
    factories.registration(device.stage)
    answer = device.ask("/checkpoints").json
    assert answer["stage"]["slug"] == device.stage.slug
    found = {one["id"]: one for one in answer["checkpoints"]}
    assert found[narrow.id]["groups"] == ["Tim Pelaksana"]
    assert [one["title"] for one in found[narrow.id]["sessions"]] == ["Diskusi"]
    assert found[narrow.id]["counts"] == {"expected": 1, "present": 0}
    assert answer["preselected"] in found


def test_other_stages_are_out_of_reach(app: Flask, device: Device) -> None:
    other = Device(app)
    path = f"/checkpoints/{other.checkpoint.id}"
    device.ask(f"{path}/people?q=siti", status=404)
    device.ask(f"{path}/recent", status=404)
    problem = device.ask(f"{path}/scans", "POST", status=404, json={"scans": [scan("0" * 16)]}).json
    assert problem["field"] == "checkpoint_id"
    admitted = scan(factories.registration(other.stage).ticket_code)
    other.send(admitted)
    device.ask(f"/scans/{admitted['scan_id']}", "DELETE", status=404, json={"reason": "salah"})


def test_annulling(device: Device) -> None:
    person = factories.registration(device.stage)
    admitted, refused = scan(person.ticket_code), scan("0" * 16)
    device.send(admitted, refused)
    path = f"/scans/{admitted['scan_id']}"
    assert device.ask(path, "DELETE", status=422, json={"reason": " "}).json["field"] == "reason"
    assert device.ask(path, "DELETE", json={"reason": "salah orang"}).json["counts"] == {"expected": 1, "present": 0}
    device.ask(path, "DELETE", json={"reason": "sekali lagi"})
    assert (
        device.ask(f"/scans/{refused['scan_id']}", "DELETE", status=409, json={"reason": "salah"}).json["status"] == 409
    )
    assert device.send(admitted)["results"][0]["replay"] is True
    assert device.send(scan(person.ticket_code))["results"][0]["decision"] == "admitted"


def test_search_tells_no_more_than_a_door_needs(device: Device) -> None:
    person = factories.registration(device.stage, name="Siti Nur'aini", identity_number="196901011990032001")
    factories.registration(device.stage, name="Budi", state=RegistrationState.CANCELLED)
    factories.registration(name="Siti di Tahap Lain")
    found = device.ask(f"/checkpoints/{device.checkpoint.id}/people?q=SITI nuraini").json["people"]
    assert found == [
        {
            "code_hash": person.badge_hash,
            "name": "Siti Nur'aini",
            "institution": person.institution_name,
            "groups": [],
            "status": "confirmed",
            "attended_at": None,
        }
    ]
    by_place = device.ask(f"/checkpoints/{device.checkpoint.id}/people?q=dinas nomor").json["people"]
    assert {one["status"] for one in by_place} == {"confirmed", "cancelled"}
    assert device.ask(f"/checkpoints/{device.checkpoint.id}/people?q=%25").json["people"] == []
    device.ask(f"/checkpoints/{device.checkpoint.id}/people?q={'a' * 101}", status=422)


def test_search_gives_at_most_twenty(device: Device) -> None:
    for number in range(22):
        factories.registration(device.stage, name=f"Siti {number}")
    assert len(device.ask(f"/checkpoints/{device.checkpoint.id}/people?q=siti").json["people"]) == 20


def test_recent_admissions_of_this_device_alone(device: Device) -> None:
    people = [factories.registration(device.stage) for _ in range(7)]
    device.send(*(scan(person.ticket_code) for person in people))
    answer = device.ask(f"/checkpoints/{device.checkpoint.id}/recent").json
    assert [one["person"]["name"] for one in answer["recent"]] == [person.full_name for person in reversed(people[2:])]
    assert answer["counts"] == {"expected": 7, "present": 7}


def test_a_revoked_device_may_only_hand_over_its_scans(device: Device) -> None:
    service.revoke_device(db.session.get_one(ScannerDevice, device.record.id), by=None)
    person = factories.registration(device.stage)
    for path in (
        "/checkpoints",
        f"/checkpoints/{device.checkpoint.id}/people?q=a",
        f"/checkpoints/{device.checkpoint.id}/recent",
    ):
        assert device.ask(path, status=403).headers["Content-Type"] == "application/problem+json"
    device.ask("/scans/x", "DELETE", status=403, json={"reason": "x"})
    result = device.send(scan(person.ticket_code))["results"][0]
    assert (result["decision"], result["reason"], result["person"]) == ("parked", "revoked_device", None)


@pytest.mark.both_databases
def test_a_scanner_ends_with_the_role_or_the_account_of_who_enrolled_it(app: Flask, people: People) -> None:
    device = Device(app, people.stage)
    scanning = [people.organiser, people.manager, people.administrator]
    for person in scanning:
        with transaction():
            db.session.get_one(ScannerDevice, device.record.id).user_id = person.user.id
        device.ask("/checkpoints")
    with transaction():
        people.administrator.user.active = False
    _no_longer(device)
    with transaction():
        people.administrator.user.active = True
    device.ask("/checkpoints")
    with transaction():
        for membership in people.administrator.user.memberships:
            db.session.delete(membership)
    _no_longer(device)
    factories.membership(people.administrator.user, Role.VIEWER, people.programme)
    factories.membership(people.administrator.user, Role.ORGANISER, people.other_stage.programme)
    _no_longer(device)


def _no_longer(device: Device) -> None:
    person = factories.registration(device.stage)
    device.ask("/checkpoints", status=403)
    device.ask(f"/checkpoints/{device.checkpoint.id}/people?q=a", status=403)
    answer = device.send(scan(person.ticket_code))["results"][0]
    assert (answer["decision"], answer["reason"], answer["person"]) == ("parked", "revoked_device", None)
