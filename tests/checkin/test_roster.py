"""The roster by which a phone decides alone."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.checkin.models import Excuse
from app.extensions import db, transaction
from app.registration.rules import RegistrationState
from app.shared import clock
from app.shared.codes import digest
from app.shared.identity import IdentityType
from tests import factories
from tests.checkin.test_api import Device, scan


@pytest.fixture
def device(app: Flask) -> Device:
    return Device(app)


def roster(device: Device, query: str = "", *, status: int = 200, **options: Any) -> Any:
    return device.ask(f"/checkpoints/{device.checkpoint.id}/roster{query}", status=status, **options).json


@pytest.mark.both_databases
def test_everybody_of_the_stage_is_in_it(device: Device) -> None:
    group = factories.group(device.stage.programme, name="Smart Living")
    person = factories.registration(device.stage, name="Siti Aminah", title_after="S.T.", groups=[group])
    gone = factories.registration(device.stage, name="Budi", state=RegistrationState.CANCELLED)
    factories.registration(name="Orang Tahap Lain")
    device.send(first := scan(person.ticket_code))
    answer = roster(device)
    assert answer["count"] == 2
    assert answer["counts"] == {"expected": 1, "present": 1}
    assert answer["removed"] == []
    assert [entry["name"] for entry in answer["entries"]] == ["Budi", "Siti Aminah, S.T."]
    assert answer["entries"][1] == {
        "hashes": [digest(person.ticket_code), digest(person.badge_code)],
        "name": "Siti Aminah, S.T.",
        "institution": person.institution_name,
        "groups": ["Smart Living"],
        "group_ids": [group.id],
        "status": "confirmed",
        "attended_at": first["occurred_at"],
        "excused": False,
    }
    assert answer["entries"][0]["status"] == "cancelled" and gone.ticket_hash in answer["entries"][0]["hashes"]


def test_the_checkpoint_comes_with_it_as_decisions_need_it(device: Device) -> None:
    group = factories.group(device.stage.programme)
    session = factories.agenda_session(device.stage, groups=[group])
    factories.registration(device.stage)
    factories.registration(device.stage, groups=[group])
    with transaction():
        device.checkpoint.sessions = [session]
    answer = roster(device)
    assert answer["checkpoint"] == {
        "id": device.checkpoint.id,
        "stage_id": device.stage.id,
        "opens_at": device.checkpoint.opens_at.isoformat(),
        "closes_at": device.checkpoint.closes_at.isoformat(),
        "expected_group_ids": [group.id],
    }
    assert answer["counts"] == {"expected": 1, "present": 0} and answer["count"] == 2


def test_nothing_that_a_door_needs_not(device: Device) -> None:
    secret = {"email": "siti.rahasia@example.org", "phone": "+628117654321", "identity_number": "196901011990032001"}
    person = factories.registration(device.stage, identity_type=IdentityType.NIP, **secret)
    text = device.ask(f"/checkpoints/{device.checkpoint.id}/roster").text
    for value in (*secret.values(), "siti.rahasia", person.ticket_code, person.badge_code):
        assert value not in text
    assert not re.search(
        r'"(email|phone|identity\w*|position|ticket_code|badge_code|id)":', text.partition("entries")[2]
    )


@pytest.mark.both_databases
def test_later_only_what_has_changed(device: Device, frozen_clock: Any) -> None:
    start = frozen_clock(clock.now())
    people = [factories.registration(device.stage) for _ in range(3)]
    frozen_clock(start + timedelta(minutes=5))
    first = roster(device)
    assert len(first["entries"]) == 3
    frozen_clock(start + timedelta(minutes=10))
    quiet = roster(device, f"?since={first['revision']}")
    assert (quiet["entries"], quiet["removed"], quiet["count"]) == ([], [], 3)
    assert quiet["revision"] - first["revision"] == 300_000
    device.send(scan(people[1].badge_code))
    changed = roster(device, f"?since={quiet['revision']}")
    assert [entry["name"] for entry in changed["entries"]] == [people[1].name]
    assert changed["counts"]["present"] == 1


@pytest.mark.both_databases
def test_a_change_that_was_committed_late_is_not_missed(device: Device, frozen_clock: Any) -> None:
    start = frozen_clock(clock.now())
    person = factories.registration(device.stage)
    frozen_clock(start + timedelta(minutes=5))
    first = roster(device)
    with transaction():
        person.changed_at = start + timedelta(minutes=4, seconds=1)
    assert len(roster(device, f"?since={first['revision']}")["entries"]) == 1
    with transaction():
        person.changed_at = start + timedelta(minutes=3, seconds=59)
    assert roster(device, f"?since={first['revision']}")["entries"] == []


def test_whoever_is_excused(device: Device, frozen_clock: Any) -> None:
    start = frozen_clock(clock.now())
    person = factories.registration(device.stage)
    frozen_clock(start + timedelta(minutes=5))
    first = roster(device)
    with transaction():
        excuse = Excuse(registration_id=person.id, checkpoint_id=device.checkpoint.id, reason="dinas luar")
        excuse.given_at = frozen_clock(start + timedelta(minutes=10))
        db.session.add(excuse)
    second = roster(device, f"?since={first['revision']}")
    assert [entry["excused"] for entry in second["entries"]] == [True]
    frozen_clock(start + timedelta(minutes=20))
    with transaction():
        db.session.scalars(sa.select(Excuse)).one().withdrawn_at = clock.now()
    third = roster(device, f"?since={second['revision']}")
    assert [entry["excused"] for entry in third["entries"]] == [False]


def test_short_hashes_but_for_the_badge_which_is_sent(device: Device) -> None:
    person = factories.registration(device.stage)
    hashes = roster(device, "?hashes=short")["entries"][0]["hashes"]
    assert hashes == [person.ticket_hash[:16], person.badge_hash]


@pytest.mark.parametrize("since", ["x", "-1", "1.5", "²", "9" * 14, "9" * 400])
def test_a_revision_that_is_none(device: Device, since: str) -> None:
    assert roster(device, f"?since={since}", status=422)["field"] == "since"


def test_revisions_at_the_edges(device: Device) -> None:
    factories.registration(device.stage)
    for since in ("", "0", "1", "59999"):
        assert len(roster(device, f"?since={since}")["entries"]) == 1
    assert roster(device, f"?since={9 * 10**12}")["entries"] == []
    assert roster(device, "?hashes=none", status=422)["field"] == "hashes"


def test_another_stages_checkpoint_is_none(app: Flask, device: Device) -> None:
    other = Device(app)
    for point in (other.checkpoint.id, 999_999):
        assert device.ask(f"/checkpoints/{point}/roster", status=404).json["field"] == "checkpoint_id"


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_it_is_compressed(device: Device, encoding: str) -> None:
    for _ in range(10):
        factories.registration(device.stage)
    headers = {"Authorization": f"Bearer {device.token}", "Accept-Encoding": encoding}
    answer = device.client.request_raw(f"/api/v1/checkpoints/{device.checkpoint.id}/roster", headers=headers)
    assert answer.headers["Content-Encoding"] == encoding


@pytest.mark.both_databases
def test_as_many_statements_for_three_as_for_thirty(app: Flask, device: Device) -> None:
    group = factories.group(device.stage.programme)
    session = factories.agenda_session(device.stage, groups=[group])
    with transaction():
        device.checkpoint.sessions = [session]
    found: list[tuple[str, int]] = []
    for number in (3, 27):
        for _ in range(number):
            factories.attendance(factories.registration(device.stage, groups=[group]), device.checkpoint)
        roster(device)  # the first contact is noted
        found += [(query, _statements(device, query)) for query in ("", "?since=1")]
    assert found[:2] == found[2:], found
    assert max(count for _query, count in found) <= 12, found


def _statements(device: Device, query: str) -> int:
    counted: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        if not statement.startswith(("BEGIN", "COMMIT")):
            counted.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    roster(device, query)
    sa.event.remove(db.engine, "before_cursor_execute", note)
    return len(counted)
