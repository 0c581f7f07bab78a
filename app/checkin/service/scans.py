"""Recording scans: the hottest path of the house, so it speaks Core, in a number of statements that no batch changes.

A single admitted scan takes six: device and checkpoint, audiences, holders with their attendance, the attendance, the scan, the counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.checkin import rules
from app.checkin.models import Attendance, Scan
from app.checkin.rules import Decision, Place, Reason, Verdict
from app.checkin.service import lookup
from app.checkin.service.lookup import Entry, First, Found, Person
from app.checkin.service.together import Together
from app.checkin.service.upload import Malformed, ScanItem
from app.extensions import db, insert, is_writing
from app.shared import clock
from app.shared.names import full_name

MOST_SCANS = 500


@dataclass(frozen=True, kw_only=True)
class Result:
    """The answer to one item. `field` names what is wrong with a malformed one, `stage` the one that a ticket is for instead."""

    scan_id: str | None
    decision: Decision
    reason: Reason | None = None
    replay: bool = False
    person: Person | None = None
    first: First | None = None
    stage: str | None = None
    field: str | None = None


@dataclass(frozen=True)
class Recorded:
    """One result for each item, in order, and the counts after them."""

    results: list[Result]
    expected: int
    present: int


@dataclass(frozen=True)
class _Upload:
    """What a device has sent: `fresh` are its readable scans by id, `skew` is what its clock lacks."""

    token_hash: str
    checkpoint_id: int
    items: Sequence[ScanItem | Malformed]
    fresh: dict[str, ScanItem]
    skew: timedelta
    received_at: datetime
    entry: Entry | None = None  # where the token had to be looked at before

    def enter(self, connection: Connection) -> Entry:
        """Raises lookup.UnknownDevice or lookup.UnknownCheckpoint."""
        scan_ids = list(self.fresh)
        return lookup.enter(connection, self.token_hash, self.checkpoint_id, scan_ids=scan_ids, now=self.received_at)


@dataclass(frozen=True)
class _Judged:
    """An item with its verdict, before it is stored."""

    item: ScanItem
    at: datetime
    found: Found | None
    verdict: Verdict
    first: First | None = None


def record_scans(
    *, token_hash: str, checkpoint_id: int, items: Sequence[ScanItem | Malformed], sent_at: datetime | None = None
) -> Recorded:
    """Decide and store scans of a device in one transaction. Scans known already get their stored answer.

    A device that is revoked or past its end, or whose holder may no longer scan, gets its scans into quarantine: stored,
    decision parked, nobody named.
    Raises lookup.UnknownDevice, or lookup.UnknownCheckpoint for one that is not of the device's stage.
    """
    received_at = clock.now()
    skew = received_at - sent_at if sent_at else timedelta()
    fresh: dict[str, ScanItem] = {}
    for item in items:
        if isinstance(item, ScanItem):
            fresh.setdefault(item.scan_id, item)
    upload = _Upload(token_hash, checkpoint_id, items, fresh, skew, received_at)
    return _record_together(upload if token_hash in _doors else _meet(upload))


_doors: set[str] = set()  # digests of tokens that this process has met; what each may do is asked at every scan
MOST_DOORS = 10_000


def _meet(upload: _Upload) -> _Upload:
    """Look at a token for the first time, by reading alone: a stranger who knocks all day must not make the doors wait."""
    with nullcontext(db.session.connection()) if is_writing() else db.engine.connect() as connection:
        entry = upload.enter(connection)
    if len(_doors) >= MOST_DOORS:
        _doors.clear()
    _doors.add(upload.token_hash)
    return replace(upload, entry=entry)


def _record(connection: Connection, uploads: list[_Upload]) -> list[Recorded]:
    """Record uploads one after the other. What holds for all at a checkpoint is read once: who is expected, and the counts."""
    places: dict[int, Place] = {}
    results = []
    for upload in uploads:
        entry = upload.entry or upload.enter(connection)
        if entry.checkpoint_id not in places:
            places[entry.checkpoint_id] = lookup.place_of(connection, entry)
        results.append(_record_one(connection, upload, entry, places[entry.checkpoint_id]))
    counts = {point: lookup.counts(connection, place, point) for point, place in places.items()}
    return [Recorded(result, *counts[upload.checkpoint_id]) for upload, result in zip(uploads, results, strict=True)]


def _record_one(connection: Connection, upload: _Upload, entry: Entry, place: Place) -> list[Result]:
    fresh = upload.fresh
    answers = _replays(connection, entry, list(fresh)) if entry.known_scans else {}
    new = [item for item in fresh.values() if item.scan_id not in answers]
    judged = _judge(connection, entry, place, new, upload.skew, upload.received_at)
    answers |= _store(connection, entry, judged, upload.received_at)
    return _in_order(upload.items, answers)


_record_together: Together[_Upload, Recorded] = Together(_record)


def _in_order(items: Sequence[ScanItem | Malformed], answers: dict[str, Result]) -> list[Result]:
    results, seen = [], set()
    for item in items:
        if isinstance(item, Malformed):
            refused = Result(scan_id=item.scan_id, decision=Decision.REFUSED, reason=Reason.MALFORMED, field=item.field)
            results.append(refused)
            continue
        answer = answers[item.scan_id]
        results.append(replace(answer, replay=True) if item.scan_id in seen else answer)
        seen.add(item.scan_id)
    return results


def _judge(
    connection: Connection,
    entry: Entry,
    place: Place,
    items: Sequence[ScanItem],
    skew: timedelta,
    received_at: datetime,
) -> list[_Judged]:
    """Verdicts in the order of the upload; whoever is admitted twice in it is a repeat the second time."""
    if entry.quarantined:
        parked = Verdict(Decision.PARKED, Reason.REVOKED_DEVICE)
        return [_Judged(item, _corrected(item, skew, received_at), None, parked) for item in items]
    people = lookup.find_people(connection, entry, {item.code_hash for item in items})
    admitted: dict[int, _Judged] = {}
    judged = []
    for item in items:
        found, at = people.get(item.code_hash), _corrected(item, skew, received_at)
        first = (found.first or _first_of(admitted.get(found.id), entry)) if found else None
        verdict = rules.decide(place, found.holder if found else None, at=at, attended=first is not None)
        judged.append(_Judged(item, at, found, verdict, first if verdict.decision is Decision.REPEAT else None))
        if found and verdict.decision is Decision.ADMITTED:
            admitted[found.id] = judged[-1]
    taken = _admit(connection, entry, list(admitted.values())) if admitted else {}
    return [_after_race(one, taken) for one in judged] if taken else judged


def _corrected(item: ScanItem, skew: timedelta, received_at: datetime) -> datetime:
    """By the server's clock; nothing has happened in the future."""
    return min(item.occurred_at + skew, received_at)


def _first_of(judged: _Judged | None, entry: Entry) -> First | None:
    return First(judged.at, entry.device_name) if judged else None


def _after_race(judged: _Judged, taken: dict[int, First]) -> _Judged:
    """Another door was faster by a moment: its admission holds, and this one is a repeat of it."""
    if judged.found is None or judged.found.id not in taken or judged.verdict.decision is Decision.REFUSED:
        return judged
    return replace(judged, verdict=Verdict(Decision.REPEAT), first=taken[judged.found.id])


def _admit(connection: Connection, entry: Entry, admitted: Sequence[_Judged]) -> dict[int, First]:
    """Insert attendances; the registrations that another door has admitted meanwhile are returned with that admission.

    In order of registration: two doors that admit the same people in other orders would wait for each other.
    """
    by_id = {one.found.id: one for one in admitted if one.found}
    rows = [
        {
            "registration_id": registration_id,
            "checkpoint_id": entry.checkpoint_id,
            "at": by_id[registration_id].at,
            "scan_id": by_id[registration_id].item.scan_id,
            "device_id": entry.device_id,
            "recorded_by_id": None,
            "reason": "",
            "annul_reason": "",
        }
        for registration_id in sorted(by_id)
    ]
    table = Attendance.__table__
    statement = insert(table).on_conflict_do_nothing().returning(table.c.registration_id)
    inserted = set(connection.execute(statement, rows).scalars())
    lost = by_id.keys() - inserted
    if not lost:
        return {}
    taken = lookup.attendance_of(connection, entry, lost)
    free_again = [by_id[registration_id] for registration_id in lost - taken.keys()]  # annulled in this moment
    return taken | _admit(connection, entry, free_again) if free_again else taken


def _store(connection: Connection, entry: Entry, judged: Sequence[_Judged], received_at: datetime) -> dict[str, Result]:
    """Insert the scans and answer them. Of those that the same device sent twice at once, the first to arrive is the answer."""
    if not judged:
        return {}
    table = Scan.__table__
    statement = insert(table).on_conflict_do_nothing().returning(table.c.scan_id)
    stored = set(connection.execute(statement, [_row(entry, one, received_at) for one in judged]).scalars())
    answers = {one.item.scan_id: _answer(entry, one) for one in judged}
    lost = answers.keys() - stored
    if not lost:
        return answers
    _take_back(connection, [one for one in judged if one.item.scan_id in lost])
    return answers | _replays(connection, entry, list(lost))


def _take_back(connection: Connection, judged: Sequence[_Judged]) -> None:
    """What a copy of a stored scan admitted just now: its first arrival has been annulled, or it would be a repeat."""
    admitted = [one.item.scan_id for one in judged if one.verdict.decision is Decision.ADMITTED]
    if admitted:
        in_force = Attendance.annulled_at.is_(None)
        connection.execute(sa.delete(Attendance).where(Attendance.scan_id.in_(admitted), in_force))


def _row(entry: Entry, judged: _Judged, received_at: datetime) -> dict[str, Any]:
    return {
        "scan_id": judged.item.scan_id,
        "checkpoint_id": entry.checkpoint_id,
        "device_id": entry.device_id,
        "registration_id": judged.found.id if judged.found else None,
        "code_hash": judged.item.code_hash,
        "source": judged.item.source,
        "decision": judged.verdict.decision,
        "reason": judged.verdict.reason,
        "offline_decision": judged.item.offline_decision,
        "first_at": judged.first.at if judged.first else None,
        "first_by": judged.first.by if judged.first else "",
        "device_time": judged.item.occurred_at,
        "occurred_at": judged.at,
        "received_at": received_at,
    }


def _answer(entry: Entry, judged: _Judged) -> Result:
    """Nobody of another stage is named, nor the stage of another agency."""
    found = judged.found
    named = found if found and found.holder.stage_id == entry.stage_id else None
    shared = found if found and found.host_id == entry.host_id else None
    return Result(
        scan_id=judged.item.scan_id,
        decision=judged.verdict.decision,
        reason=judged.verdict.reason,
        person=named.person if named else None,
        first=judged.first,
        stage=shared.stage_name if shared and judged.verdict.reason is Reason.OTHER_STAGE else None,
    )


def _replays(connection: Connection, entry: Entry, scan_ids: Sequence[str]) -> dict[str, Result]:
    """The stored answers of scans that are known already. A scan id of another checkpoint is no replay but a wrong id."""
    rows: dict[str, list[Any]] = {}
    for row in lookup.stored_scans(connection, scan_ids):
        rows.setdefault(row.scan_id, []).append(row)
    return {scan_id: _stored_answer(entry, same) for scan_id, same in rows.items()}


def _stored_answer(entry: Entry, rows: Sequence[Any]) -> Result:
    row = rows[0]
    if row.checkpoint_id != entry.checkpoint_id:
        return Result(scan_id=row.scan_id, decision=Decision.REFUSED, reason=Reason.MALFORMED, field="scan_id")
    named = row.stage_id == entry.stage_id and not entry.quarantined
    shared = row.host_id == entry.host_id and not entry.quarantined
    person = Person(
        full_name(row.title_before, row.name, row.title_after),
        row.institution_name,
        tuple(one.group_name for one in rows if one.group_name),
    )
    return Result(
        scan_id=row.scan_id,
        decision=row.decision,
        reason=row.reason,
        replay=True,
        person=person if named else None,
        first=First(row.first_at, row.first_by) if row.first_at and not entry.quarantined else None,
        stage=row.stage_name if row.reason is Reason.OTHER_STAGE and shared else None,
    )
