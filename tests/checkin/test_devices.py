"""What a device is told when it may no longer scan, and what it says of itself."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.checkin import service
from app.checkin.models import ScannerDevice
from app.extensions import db, transaction
from app.shared import clock
from app.shared.codes import new_code
from tests import factories
from tests.pages import browse
from tests.personas import People


@pytest.fixture
def device(people: People) -> tuple[ScannerDevice, str]:
    return factories.device(people.stage, user_id=people.organiser.user.id)


def ask(app: Flask, token: str, path: str = "/checkpoints", *, status: int = 200, unsent: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {token}"} | ({} if unsent is None else {"Unsent-Scans": unsent})
    return browse(app).get(f"/api/v1{path}", headers=headers, status=status).json


def again(device: tuple[ScannerDevice, str]) -> ScannerDevice:
    return db.session.get_one(ScannerDevice, device[0].id, populate_existing=True)


def test_a_device_is_told_why_it_may_no_longer_scan(
    app: Flask, people: People, device: tuple[ScannerDevice, str]
) -> None:
    assert ask(app, "nobody's", status=401)["code"] == "device_unknown"
    with transaction():
        people.organiser.user.active = False
    assert ask(app, device[1], status=403)["code"] == "holder_lost"
    with transaction():
        again(device).expires_at = clock.now()
    assert ask(app, device[1], status=403)["code"] == "device_expired"
    service.revoke_device(again(device), by=None)
    for path in ("/checkpoints", "/checkpoints/1/roster", "/checkpoints/1/people?q=a", "/checkpoints/1/recent"):
        assert ask(app, device[1], path, status=403)["code"] == "device_revoked"


def test_an_unknown_token_is_told_so_by_the_upload_too(app: Flask, people: People) -> None:
    point = factories.checkpoint(people.stage)
    page = browse(app).post(
        f"/api/v1/checkpoints/{point.id}/scans",
        json={"scans": [None]},
        headers={"Authorization": "Bearer x"},
        status=401,
    )
    assert page.json["code"] == "device_unknown"


@pytest.mark.both_databases
def test_contact_is_noted_once_a_minute_or_when_something_changes(
    app: Flask, frozen_clock: Any, device: tuple[ScannerDevice, str]
) -> None:
    start = frozen_clock(clock.now())
    ask(app, device[1], unsent="3")
    assert (again(device).last_seen_at, again(device).unsent) == (start, 3)
    frozen_clock(start + timedelta(seconds=59))
    ask(app, device[1], unsent="3")
    ask(app, device[1])
    assert (again(device).last_seen_at, again(device).unsent) == (start, 3)
    later = frozen_clock(start + timedelta(seconds=60))
    ask(app, device[1])
    assert (again(device).last_seen_at, again(device).unsent) == (later, 3)
    soon = frozen_clock(later + timedelta(seconds=1))
    ask(app, device[1], unsent="0")
    assert (again(device).last_seen_at, again(device).unsent) == (soon, 0)


@pytest.mark.parametrize("said", ["-1", "x", "1e3", "²", "99999999999999999999", "", " "])
@pytest.mark.both_databases
def test_a_count_that_cannot_be_read_is_no_count(app: Flask, device: tuple[ScannerDevice, str], said: str) -> None:
    ask(app, device[1], unsent="4")
    ask(app, device[1], unsent=said)
    assert again(device).unsent == 4


def test_an_upload_says_what_is_left(app: Flask, people: People, device: tuple[ScannerDevice, str]) -> None:
    point, person = factories.checkpoint(people.stage), factories.registration(people.stage)
    for unsent, kept in (("12", 12), ("11", 12), ("0", 0), ("0", 0)):
        scan = {"scan_id": new_code(), "code": person.ticket_code, "occurred_at": clock.now().isoformat()}
        browse(app).post(
            f"/api/v1/checkpoints/{point.id}/scans",
            json={"scans": [scan]},
            headers={"Authorization": f"Bearer {device[1]}", "Unsent-Scans": unsent},
        )
        assert again(device).unsent == kept


def test_a_revoked_device_still_says_what_it_holds(app: Flask, device: tuple[ScannerDevice, str]) -> None:
    service.revoke_device(again(device), by=None)
    ask(app, device[1], status=403, unsent="7")
    assert again(device).unsent == 7
