"""Bad input at the door: whatever a camera reads or a phone sends is answered with a decision or a problem that names the field."""

import random
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.checkin.models import Attendance, Scan
from app.checkin.service import MOST_SCANS, revoke_device
from app.extensions import db
from app.shared import clock
from app.shared.codes import new_code
from tests import factories
from tests.checkin.test_api import Device, scan

SCANS = "/checkpoints/{}/scans"
BYTES = 400


@pytest.fixture
def device(app: Flask) -> Device:
    return Device(app)


def read(data: bytes, number: int) -> str:
    """As a decoder may hand over the bytes of a QR code."""
    return data.decode(
        ("utf-8", "latin-1", "utf-16-le")[number % 3], ("replace", "strict", "surrogatepass")[number % 3]
    )


@pytest.mark.both_databases
def test_any_bytes_in_a_qr(device: Device) -> None:
    """Of each a decision; of nothing but spaces, or what is longer than any address, that the code is malformed."""
    random_bytes = random.Random(11)
    codes = [read(random_bytes.randbytes(2 * random_bytes.randint(1, 200)), number) for number in range(BYTES)]
    results = device.send(*(scan(code) for code in codes))["results"]
    assert len(results) == BYTES
    for code, result in zip(codes, results, strict=True):
        told = (result["decision"], result["reason"], result.get("field"))
        assert (
            told == ("refused", "unknown", None)
            if code.strip() and len(code) <= 512
            else ("refused", "malformed", "code")
        )
    assert not db.session.scalar(sa.select(sa.func.count(Attendance.id)))


@pytest.mark.parametrize(
    "code",
    [
        "",
        "\x00",
        "A" * 10_000,
        "\u202e" * 600,
        "\ud800\udc00",
        "0" * 16,
        "%00%0A",
        "javascript:alert(1)",
        "{{7*7}}",
        "../../etc/passwd",
        "http://[",
        "http://localhost/t/",
        "\u0660" * 16,
        "ﬀ" * 8,
        "ı" * 16,
    ],
)
def test_a_strange_code_admits_nobody_and_spoils_no_other(device: Device, code: str) -> None:
    person = factories.registration(device.stage)
    strange, good = device.send(scan(code), scan(person.ticket_code))["results"]
    assert (strange["decision"], strange["person"]) == ("refused", None)
    assert strange["reason"] in ("unknown", "malformed") and good["decision"] == "admitted"


@pytest.mark.both_databases
def test_an_unknown_or_foreign_checkpoint_names_the_field(device: Device) -> None:
    foreign = factories.checkpoint(factories.stage())
    for checkpoint in (foreign.id, 0, 2**31, 2**63, 10**30):
        page = device.ask(SCANS.format(checkpoint), "POST", status=404, json={"scans": [scan(new_code())]})
        assert page.headers["Content-Type"] == "application/problem+json"
        assert checkpoint >= 2**31 or page.json["field"] == "checkpoint_id"
    for checkpoint in ("-1", "abc", "1.5"):
        page = device.ask(SCANS.format(checkpoint), "POST", status=404, json={"scans": [scan(new_code())]})
        assert page.headers["Content-Type"] == "application/problem+json"
    assert not db.session.scalar(sa.select(sa.func.count(Scan.id)))


def test_a_token_that_is_none(device: Device) -> None:
    path, body = SCANS.format(device.checkpoint.id), {"scans": [scan(new_code())]}
    for token in ("x", "A" * 43, "A" * 5000, device.token[:-1], device.token + "A", device.token.swapcase()):
        device.token, right = token, device.token
        page = device.ask(path, "POST", status=401, json=body)
        device.token = right
        assert page.headers["Content-Type"] == "application/problem+json" and page.json["code"]
    assert not db.session.scalar(sa.select(sa.func.count(Scan.id)))


@pytest.mark.parametrize("ended", ["expired", "revoked"])
def test_a_token_that_has_ended_hands_over_and_learns_nothing(app: Flask, ended: str) -> None:
    device = Device(app)
    person = factories.registration(device.stage)
    if ended == "expired":
        device.record, device.token = factories.device(device.stage, expires_at=clock.now() - timedelta(minutes=1))
    else:
        revoke_device(device.record, by=None)
    [result] = device.send(scan(person.ticket_code))["results"]
    assert (result["decision"], result["person"], result["first"]) == ("parked", None, None)
    page = device.ask("/checkpoints", status=403)
    assert page.json["code"] == f"device_{ended}" and not db.session.scalar(sa.select(sa.func.count(Attendance.id)))


@pytest.mark.parametrize(
    "values",
    [
        {"occurred_at": "2019-07-08 08:00"},
        {"occurred_at": "2019-07-08T08:00:00+99:00"},
        {"occurred_at": "٢٠١٩-٠٧-٠٨T08:00:00+07:00"},
        {"occurred_at": {"$date": 1}},
        {"occurred_at": True},
        {"occurred_at": float("nan")},
        {"scan_id": 7},
        {"scan_id": ""},
        {"scan_id": "a\n"},
        {"scan_id": "ａ"},
        {"scan_id": ["a"]},
        {"code": ["a"]},
        {"code": True},
        {"code": None, "code_hash": "g" * 64},
        {"code": None, "code_hash": "a" * 63},
        {"code": None, "code_hash": 10**64},
        {"source": None},
        {"source": {}},
        {"source": "walk_in"},
        {"offline_decision": "replaced"},
        {"offline_decision": []},
        {"offline_decision": True},
    ],
)
def test_a_wrong_item_names_its_field_and_the_good_are_served(device: Device, values: dict[str, Any]) -> None:
    people = [factories.registration(device.stage).ticket_code for _ in range(2)]
    first, wrong, last = device.send(scan(people[0]), scan(new_code()) | values, scan(people[1]))["results"]
    assert (wrong["decision"], wrong["reason"]) == ("refused", "malformed")
    assert wrong["field"] in values
    assert (first["decision"], last["decision"]) == ("admitted", "admitted")


@pytest.mark.parametrize("path", [SCANS, "/checkpoints/{}/walk-ins"])
@pytest.mark.parametrize(
    ("data", "status"),
    [(b"", 400), (b"\xef\xbb\xbf{", 400), (b"NaN", 422), (b'{"scans": [1e999,', 400), (b"null", 422)],
)
def test_a_body_that_is_no_json_object(device: Device, path: str, data: bytes, status: int) -> None:
    page = device.ask(path.format(device.checkpoint.id), "POST", status=status, data=data)
    assert page.headers["Content-Type"] == "application/problem+json" and page.json["field"] == "body"


@pytest.mark.parametrize(
    ("path", "key", "most"), [(SCANS, "scans", MOST_SCANS), ("/checkpoints/{}/walk-ins", "walk_ins", 50)]
)
def test_one_item_too_many(device: Device, path: str, key: str, most: int) -> None:
    page = device.ask(path.format(device.checkpoint.id), "POST", status=422, json={key: [{}] * (most + 1)})
    assert page.json["field"] == key and str(most) in page.json["detail"]
    assert not db.session.scalar(sa.select(sa.func.count(Scan.id)))
