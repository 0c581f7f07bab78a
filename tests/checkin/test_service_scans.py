"""What is stored and answered for an upload of scans, on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app import extensions
from app.checkin import service
from app.checkin.models import Attendance, Scan
from app.checkin.rules import Decision, Reason
from app.checkin.service import Malformed, history, lookup, people
from app.extensions import db, transaction
from app.registration.rules import RegistrationState
from app.shared import clock
from app.shared.codes import token_digest
from tests import factories
from tests.checkin.door import Door, attendances, scan

pytestmark = pytest.mark.both_databases


@pytest.fixture
def door(app: Flask) -> Door:
    return Door()


def test_first_scan_admits_and_the_second_tells_when_and_where(door: Door) -> None:
    person = factories.registration(door.stage, name="Siti Aminah", title_after="S.Kom.")
    first = door.scan(person.ticket_code)
    assert (first.decision, first.person.name, first.person.institution) == (
        Decision.ADMITTED,
        "Siti Aminah, S.Kom.",
        person.institution_name,
    )
    second = door.scan(person.badge_code)
    assert second.decision is Decision.REPEAT
    assert second.first.by == "Pintu Utama"
    assert second.first.at == attendances()[0].at
    assert len(attendances()) == 1


def test_counts_follow(door: Door) -> None:
    crowd = [factories.registration(door.stage) for _ in range(3)]
    factories.registration(door.stage, state=RegistrationState.WAITLISTED)
    recorded = door.record(scan(crowd[0].ticket_code), scan(crowd[1].ticket_code))
    assert (recorded.expected, recorded.present) == (3, 2)


def test_a_known_scan_gets_its_stored_answer(door: Door) -> None:
    person = factories.registration(door.stage)
    item, again = scan(person.ticket_code), scan(person.ticket_code)
    door.record(item, again)
    replay = door.record(again, item)
    assert [(one.decision, one.replay) for one in replay.results] == [
        (Decision.REPEAT, True),
        (Decision.ADMITTED, True),
    ]
    assert replay.results[0].first.by == "Pintu Utama"
    assert replay.results[1].person.name == person.full_name
    assert db.session.scalar(sa.select(sa.func.count(Scan.id))) == 2


def test_a_replay_answers_as_before_though_the_admission_was_annulled(door: Door) -> None:
    item = scan(factories.registration(door.stage).ticket_code)
    door.record(item)
    service.annul(attendances()[0], reason="salah orang", by=None)
    assert door.record(item).results[0].decision is Decision.ADMITTED
    assert attendances() == []


def test_the_same_scan_twice_in_a_batch_is_one(door: Door) -> None:
    item = scan(factories.registration(door.stage).ticket_code)
    first, second = door.record(item, item).results
    assert (first.decision, first.replay) == (Decision.ADMITTED, False)
    assert (second.decision, second.replay) == (Decision.ADMITTED, True)
    assert len(attendances()) == 1


def test_two_codes_of_one_person_in_a_batch(door: Door) -> None:
    person = factories.registration(door.stage)
    ticket, badge = door.record(scan(person.ticket_code), scan(person.badge_code)).results
    assert (ticket.decision, badge.decision) == (Decision.ADMITTED, Decision.REPEAT)
    assert badge.first.by == "Pintu Utama"


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (RegistrationState.CANCELLED, Reason.CANCELLED),
        (RegistrationState.PENDING, Reason.NOT_CONFIRMED),
        (RegistrationState.WAITLISTED, Reason.NOT_CONFIRMED),
    ],
)
def test_refusals_by_state_name_the_person(door: Door, state: RegistrationState, reason: Reason) -> None:
    result = door.scan(factories.registration(door.stage, state=state).ticket_code)
    assert (result.decision, result.reason) == (Decision.REFUSED, reason)
    assert result.person is not None
    assert attendances() == []


@pytest.mark.parametrize(
    ("state", "reason"),
    [(RegistrationState.CONFIRMED, Reason.OTHER_STAGE), (RegistrationState.CANCELLED, Reason.CANCELLED)],
)
def test_a_ticket_of_another_stage_names_nobody(door: Door, state: RegistrationState, reason: Reason) -> None:
    elsewhere = factories.registration(state=state)
    item = scan(elsewhere.ticket_code)
    for _ in ("first", "replay"):
        result = door.record(item).results[0]
        assert (result.decision, result.reason, result.person) == (Decision.REFUSED, reason, None)
        assert result.stage is None


def test_a_ticket_of_another_stage_of_the_same_agency_says_of_which(door: Door) -> None:
    item = scan(factories.registration(factories.stage(door.stage.programme, name="Tahap Kedua")).ticket_code)
    for _ in ("first", "replay"):
        result = door.record(item).results[0]
        assert (result.reason, result.person, result.stage) == (Reason.OTHER_STAGE, None, "Tahap Kedua")


def test_an_unknown_code_is_kept_too(door: Door) -> None:
    assert door.scan("0123456789ABCDEF").reason is Reason.UNKNOWN
    assert db.session.scalars(sa.select(Scan)).one().decision is Decision.REFUSED


def test_groups_of_the_covered_sessions_decide(app: Flask) -> None:
    stage = factories.stage()
    living, economy = factories.group(stage.programme, name="Smart Living"), factories.group(stage.programme)
    session = factories.agenda_session(stage, groups=[living])
    door = Door()
    door.stage = stage
    door.checkpoint = factories.checkpoint(stage, sessions=[session])
    door.device, door.token = factories.device(stage)
    member = factories.registration(stage, groups=[living, economy])
    assert door.scan(factories.registration(stage, groups=[economy]).ticket_code).reason is Reason.WRONG_GROUP
    result = door.scan(member.ticket_code)
    assert result.decision is Decision.ADMITTED
    assert result.person.groups == ("Smart Living", economy.name)
    assert door.record().expected == 1


def test_the_time_is_corrected_by_the_clock_of_the_device(door: Door) -> None:
    person = factories.registration(door.stage)
    two_days = timedelta(hours=48)
    item = scan(person.ticket_code, occurred_at=clock.now() + two_days - timedelta(minutes=5))
    result = door.record(item, sent_at=clock.now() + two_days).results[0]
    stored = db.session.scalars(sa.select(Scan)).one()
    assert result.decision is Decision.ADMITTED
    assert abs(stored.received_at - stored.occurred_at - timedelta(minutes=5)) < timedelta(seconds=5)
    assert stored.device_time == item.occurred_at


def test_nothing_happens_in_the_future(door: Door) -> None:
    item = scan(factories.registration(door.stage).ticket_code, occurred_at=clock.now() + timedelta(hours=1))
    door.record(item)
    stored = db.session.scalars(sa.select(Scan)).one()
    assert stored.occurred_at == stored.received_at


def test_what_came_before_now_is_timed_by_when_it_came(door: Door) -> None:
    """A walk-in's scan is recorded after his registration, which may have waited."""
    came, two_days = clock.now() - timedelta(minutes=20), timedelta(hours=48)
    late, early = (factories.registration(door.stage) for _ in range(2))
    items = [
        scan(one.ticket_code, occurred_at=came + two_days + timedelta(minutes=by))
        for one, by in ((early, -5), (late, 5))
    ]
    door.record(*items, sent_at=came + two_days, received_at=came)
    expected = {early.id: came - timedelta(minutes=5), late.id: came}
    assert {one.registration_id: one.occurred_at for one in db.session.scalars(sa.select(Scan))} == expected
    assert {one.registration_id: one.at for one in attendances()} == expected
    assert {one.received_at for one in db.session.scalars(sa.select(Scan))} == {came}


def test_a_malformed_item_spoils_no_other(door: Door) -> None:
    good = scan(factories.registration(door.stage).ticket_code)
    results = door.record(Malformed(scan_id=None, field="scan_id"), good, Malformed(scan_id="x", field="code")).results
    assert [one.decision for one in results] == [Decision.REFUSED, Decision.ADMITTED, Decision.REFUSED]
    assert [one.field for one in results] == ["scan_id", None, "code"]


@pytest.mark.parametrize("values", [{"revoked_at": clock.now()}, {"expires_at": clock.now()}])
def test_what_a_revoked_or_expired_device_holds_is_parked(door: Door, values: dict[str, Any]) -> None:
    person = factories.registration(door.stage)
    before = scan(person.ticket_code)
    door.record(before)
    with transaction():
        for name, value in values.items():
            setattr(door.device, name, value)
    later = scan(person.ticket_code)
    replayed, parked = door.record(before, later).results
    assert (parked.decision, parked.reason, parked.person) == (Decision.PARKED, Reason.REVOKED_DEVICE, None)
    assert (replayed.decision, replayed.replay, replayed.person) == (Decision.ADMITTED, True, None)
    assert len(attendances()) == 1
    stored = db.session.scalars(sa.select(Scan).where(Scan.scan_id == later.scan_id)).one()
    assert stored.decision is Decision.PARKED


def test_unknown_devices_and_checkpoints_of_others(door: Door) -> None:
    with pytest.raises(service.UnknownDevice):
        service.record_scans(token_hash=token_digest("?"), checkpoint_id=door.checkpoint.id, items=[])
    with pytest.raises(service.UnknownCheckpoint):
        service.record_scans(token_hash=token_digest(door.token), checkpoint_id=Door().checkpoint.id, items=[])


def test_a_scan_id_used_at_another_checkpoint_is_wrong(door: Door) -> None:
    item = scan(factories.registration(door.stage).ticket_code)
    door.record(item)
    door.checkpoint = factories.checkpoint(door.stage)
    result = door.record(item).results[0]
    assert (result.reason, result.field, result.person) == (Reason.MALFORMED, "scan_id", None)


@pytest.mark.parametrize(("seconds", "decision"), [(-1, Decision.ADMITTED), (1, Decision.REPEAT)])
def test_an_admission_that_comes_and_goes_in_the_same_moment(
    door: Door, monkeypatch: pytest.MonkeyPatch, seconds: int, decision: Decision
) -> None:
    """Another door admits after this one has looked, and its admission is annulled before this one has read who was faster.

    If this scan was after the annulment it admits, if it was before it it is a repeat of what was annulled.
    """
    person = factories.registration(door.stage)
    rivals = sa.select(Attendance.id).where(Attendance.scan_id.is_(None))
    enter_with, periods_of = people.enter_with, history.periods_of
    ended_at = clock.now() + timedelta(seconds=seconds)

    def rival_comes(connection: Any, *rest: Any, **more: Any) -> Any:
        found = enter_with(connection, *rest, **more)
        values = {"registration_id": key, "checkpoint_id": checkpoint_id, "at": clock.now()}
        connection.execute(sa.insert(Attendance).values(values))
        return found

    def rival_goes(connection: Any, *rest: Any, **more: Any) -> Any:
        ended = {"annulled_at": ended_at, "annul_reason": "salah orang"}
        if more:  # somebody else was faster, and is looked at again
            connection.execute(sa.update(Attendance).where(Attendance.id.in_(rivals)).values(ended))
        return periods_of(connection, *rest, **more)

    key, item = person.id, scan(person.ticket_code)
    token, checkpoint_id = door.token, door.checkpoint.id
    monkeypatch.setattr(people, "enter_with", rival_comes)
    monkeypatch.setattr(history, "periods_of", rival_goes)
    recorded = service.record_scans(token_hash=token_digest(token), checkpoint_id=checkpoint_id, items=[item])
    admitted = [(key, item.scan_id)] if decision is Decision.ADMITTED else []
    assert (recorded.results[0].decision, recorded.present) == (decision, len(admitted))
    assert [(one.registration_id, one.scan_id) for one in attendances()] == admitted
    assert db.session.scalars(sa.select(Scan)).one().decision is decision


def test_whoever_may_not_scan_here_takes_no_write_lock(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger who knocks all day long must not make the doors wait."""
    monkeypatch.setattr(extensions, "_turn_to_write", lambda: pytest.fail("the write lock was asked for"))
    with pytest.raises(service.UnknownDevice):
        service.record_scans(token_hash=token_digest("?"), checkpoint_id=door.checkpoint.id, items=[scan("A")])
    with pytest.raises(service.UnknownCheckpoint):
        service.record_scans(token_hash=token_digest(door.token), checkpoint_id=0, items=[])


@pytest.mark.parametrize("annulled", [False, True])
def test_a_scan_stored_while_its_copy_waits_admits_nobody_anew(
    door: Door, monkeypatch: pytest.MonkeyPatch, annulled: bool
) -> None:
    """The copy has looked for known scans before it had its turn; what was admitted may have been annulled since."""
    item = scan(factories.registration(door.stage).ticket_code)
    door.record(item)
    if annulled:
        service.annul(attendances()[0], reason="salah orang", by=None)
    entry_of = lookup.entry_of
    monkeypatch.setattr(lookup, "entry_of", lambda *rest: replace(entry_of(*rest), known_scans=0))
    recorded = door.record(item)
    assert (recorded.results[0].decision, recorded.results[0].replay) == (Decision.ADMITTED, True)
    assert (len(attendances()), recorded.present) == ((0, 0) if annulled else (1, 1))


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements said, BEGIN and COMMIT apart; who is expected is counted anew."""
    said: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            said.append(statement)

    lookup._kept.clear()
    sa.event.listen(db.engine, "before_cursor_execute", note)
    yield said
    sa.event.remove(db.engine, "before_cursor_execute", note)


MOST_STATEMENTS = 5


@pytest.mark.parametrize("grouped", [False, True])
def test_five_statements_at_most_whatever_the_scan_and_the_batch(app: Flask, grouped: bool) -> None:
    stage = factories.stage()
    groups = [factories.group(stage.programme)] if grouped else []
    factories.agenda_session(stage, groups=groups)
    door = Door(stage)
    crowd = [factories.registration(stage, groups=groups).ticket_code for _ in range(40)]
    refused = factories.registration(stage, state=RegistrationState.CANCELLED).ticket_code
    door.record(scan("met before"))
    cost = {}
    for name, codes in {
        "admitted": crowd[:1],
        "repeat": crowd[:1],
        "refused": [refused],
        "unknown": ["0123456789ABCDEF"],
        "few": crowd[1:3],
        "many": crowd[3:],
        "some of all": [*crowd[1:4], refused, "0123456789ABCDEF"],
    }.items():
        items, token, point = [scan(code) for code in codes], token_digest(door.token), door.checkpoint.id
        with counted() as said:
            service.record_scans(token_hash=token, checkpoint_id=point, items=items)
        cost[name] = len(said)
    assert max(cost.values()) <= MOST_STATEMENTS
    assert cost["few"] == cost["many"]
    assert len(attendances()) == 40
