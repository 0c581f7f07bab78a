"""What a device is told when it may no longer scan, and what it says of itself."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
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


def page_of(people: People) -> str:
    return f"/panel/kegiatan/{people.stage.slug}/presensi/perangkat"


def test_a_code_is_shown_and_the_page_says_which_phone_used_it(app: Flask, people: People) -> None:
    client = people.organiser.client
    page = client.get(page_of(people))
    assert "Belum ada perangkat" in page.words()
    page = page.submit(f"form[action='{page_of(people)}']")
    assert page.headers["Cache-Control"] == "no-store"
    code = page.texts(".enrolment-letters")[0]
    assert len(page.select(".enrolment svg.qr")) == 1 and "http://localhost/presensi" in page.words()
    state = page.one("#enrolment-state")
    assert 295 <= int(state.get("data-seconds")) <= 300
    htmx = {"HX-Request": "true"}
    waiting = client.get(state.get("hx-get"), headers=htmx)
    assert "HX-Retarget" not in waiting.headers and code not in waiting.text
    service.enrol_by_code(code, name="HP Pintu Samping")
    used = client.get(state.get("hx-get"), headers=htmx)
    assert used.headers["HX-Retarget"] == "#enrolment"
    assert "“HP Pintu Samping” sudah terdaftar" in " ".join(used.texts("h2"))
    assert used.one("#devices").get("hx-swap-oob") == "true"
    assert "HP Pintu Samping" in client.get(page_of(people)).words()


def test_a_code_that_nobody_used_gives_way_to_a_new_one_by_one_press(people: People) -> None:
    offered, _code = service.offer_enrolment(people.stage, by=people.organiser.user)
    where = f"{page_of(people)}/kode/{offered.id}"
    with transaction():
        offered.expires_at = clock.now()
    over = people.organiser.client.get(where)
    assert "kedaluwarsa" in over.texts("h2")[0]
    assert over.one("#enrolment form button").text_content().strip() == "Kode baru"
    people.organiser.client.get(f"{page_of(people)}/kode/999999", status=404)
    other = service.offer_enrolment(people.other_stage, by=people.outsider.user)[0]
    people.organiser.client.get(f"{page_of(people)}/kode/{other.id}", status=404)


def test_the_devices_say_what_they_hold_and_are_revoked(app: Flask, people: People) -> None:
    _record, token = factories.device(people.stage, name="HP Aula", user_id=people.organiser.user.id)
    ask(app, token, unsent="5")
    page = people.organiser.client.get(page_of(people))
    assert page.texts("td[data-label='Belum terkirim'] .badge") == ["5"]
    assert people.organiser.user.name in page.texts("td.card-title")[0]
    page = page.submit("form[action$='/cabut']")
    assert "Dicabut" in page.words() and page.url.endswith("/presensi/perangkat")
    assert ask(app, token, status=403)["code"] == "device_revoked"


def test_who_may_not_scan_sees_no_code(people: People) -> None:
    for person, status in ((people.viewer, 403), (people.facilitator, 403), (people.outsider, 404)):
        person.client.get(page_of(people), status=status)


def test_once_the_stage_is_over_the_page_says_so(people: People) -> None:
    with transaction():
        people.stage.starts_on -= timedelta(days=9)
        people.stage.ends_on -= timedelta(days=9)
    client = people.organiser.client
    page = client.get(page_of(people)).submit(f"form[action='{page_of(people)}']")
    assert not page.select("#enrolment") and page.select(".alert-danger")


def test_as_many_queries_for_three_devices_as_for_thirty(people: People) -> None:
    people.organiser.client.get(page_of(people))
    found = []
    for number in (3, 27):
        for _ in range(number):
            factories.device(people.stage, user_id=people.organiser.user.id)
        found.append(_statements(lambda: people.organiser.client.get(page_of(people))))
    assert found[0] == found[1]


def _statements(do: Any) -> int:
    counted: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        counted.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    do()
    sa.event.remove(db.engine, "before_cursor_execute", note)
    return len(counted)
