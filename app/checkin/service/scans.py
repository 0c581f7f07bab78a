"""Recording scans: the hottest path of the house, so it speaks Core, in a number of statements that no batch changes.

A single scan takes two on PostgreSQL: the device, its checkpoint and whose code it is with the attendance there; the scan and its
attendance. SQLite takes them one by one. One more where sessions are for some groups alone, and one now and then to count who is
expected. A batch takes five at most. What is out of the ordinary takes more: two doors, somebody who was faster, an annulment.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from app.checkin import rules_history
from app.checkin.rules import Decision, Place, Reason, Verdict
from app.checkin.rules_history import Effect, Period
from app.checkin.service import history, incidents, lookup, people, storing
from app.checkin.service.answers import Judged, Recorded, Result, answer, malformed, stored_answers
from app.checkin.service.lookup import Entry
from app.checkin.service.people import Crowd, Found
from app.checkin.service.together import Together
from app.checkin.service.upload import Malformed, ScanItem
from app.extensions import core_transaction, db, is_postgresql, is_writing, single_statements
from app.shared import clock

MOST_SCANS = 500
Periods = dict[int, list[Period]]


@dataclass(frozen=True)
class _Upload:
    """What a device has sent: `fresh` are its readable scans by id."""

    token_hash: str
    checkpoint_id: int
    items: Sequence[ScanItem | Malformed]
    fresh: dict[str, ScanItem]
    sent_at: datetime | None
    received_at: datetime

    def enter(self, connection: Connection) -> tuple[Entry, Crowd]:
        """The device, and whose codes it has scanned. Raises lookup.UnknownDevice or lookup.UnknownCheckpoint."""
        hashes = {item.code_hash for item in self.fresh.values()}
        asked = people.Asked(self.token_hash, self.checkpoint_id, list(self.fresh), list(hashes))
        return people.enter_with(connection, asked, now=self.received_at)


def record_scans(
    *,
    token_hash: str,
    checkpoint_id: int,
    items: Sequence[ScanItem | Malformed],
    sent_at: datetime | None = None,
    received_at: datetime | None = None,
) -> Recorded:
    """Decide and store scans of a device in one transaction. Scans known already get their stored answer.

    `sent_at`: by the device's clock; `received_at`: by this one, where they came before now.

    A device that is revoked or past its end, or whose holder may no longer scan, gets its scans into quarantine: stored,
    decision parked, nobody named.
    Raises lookup.UnknownDevice, or lookup.UnknownCheckpoint for one that is not of the device's stage.
    """
    fresh: dict[str, ScanItem] = {}
    for item in items:
        if isinstance(item, ScanItem):
            fresh.setdefault(item.scan_id, item)
    upload = _Upload(token_hash, checkpoint_id, items, fresh, sent_at, received_at or clock.now())
    if token_hash not in _doors:
        _meet(upload)
    alone = len(items) == len(fresh) == 1 and is_postgresql() and not is_writing()
    return _record_alone(upload) if alone else _record_together(upload)


def _record_alone(upload: _Upload) -> Recorded:
    """One scan, as most are: whoever comes in is stored by one statement. Whatever else it is goes on, by what was read, in a
    transaction."""
    with single_statements() as connection:
        entry, crowd = upload.enter(connection)
        work = _Work(connection, entry, lookup.place_of(connection, entry), upload, crowd)
        if recorded := work.admit_at_once(*upload.fresh.values()):
            return recorded
    with core_transaction() as connection:
        return _record_one(replace(work, connection=connection))


_doors: set[str] = set()  # digests of tokens that this process has met; what each may do is asked at every scan
MOST_DOORS = 10_000


def _meet(upload: _Upload) -> None:
    """Look at a token for the first time, by reading alone: a stranger who knocks all day must not make the doors wait."""
    with nullcontext(db.session.connection()) if is_writing() else db.engine.connect() as connection:
        lookup.enter(connection, upload.token_hash, upload.checkpoint_id, scan_ids=(), now=upload.received_at)
    if len(_doors) >= MOST_DOORS:
        _doors.clear()
    _doors.add(upload.token_hash)


def _record(connection: Connection, uploads: list[_Upload]) -> list[Recorded]:
    """Record uploads one after the other. Who is expected at a checkpoint is read once."""
    places: dict[int, Place] = {}
    recorded = []
    for upload in uploads:
        entry, crowd = upload.enter(connection)
        if entry.checkpoint_id not in places:
            places[entry.checkpoint_id] = lookup.place_of(connection, entry)
        recorded.append(_record_one(_Work(connection, entry, places[entry.checkpoint_id], upload, crowd)))
    return recorded


_record_together: Together[_Upload, Recorded] = Together(_record)


def _record_one(work: _Work) -> Recorded:
    entry, upload = work.entry, work.upload
    answers = stored_answers(work.connection, entry, list(upload.fresh)) if entry.known_scans else {}
    new = [item for item in upload.fresh.values() if item.scan_id not in answers]
    answers |= work.answers(new)
    again = [item for item in upload.fresh.values() if answers[item.scan_id].replay]
    decided = {item.scan_id: item.offline_decision for item in again if item.offline_decision is not None}
    incidents.note_told_since(work.connection, entry, decided)
    return Recorded(_in_order(upload.items, answers), *work.counts())


def _in_order(items: Sequence[ScanItem | Malformed], answers: Mapping[str, Result]) -> list[Result]:
    results, seen = [], set()
    for item in items:
        if isinstance(item, Malformed):
            results.append(malformed(item))
            continue
        found = answers[item.scan_id]
        results.append(replace(found, replay=True) if item.scan_id in seen else found)
        seen.add(item.scan_id)
    return results


@dataclass
class _Work:
    """The new scans of one upload on their way into the database. `came`: how many people came in by them."""

    connection: Connection
    entry: Entry
    place: Place
    upload: _Upload
    crowd: Crowd
    came: int = 0
    alone: bool = True  # False: others were there at the same moment, so that people are counted anew

    def admit_at_once(self, item: ScanItem) -> Recorded | None:
        """Somebody who comes in, with nothing out of the ordinary; else None, and nothing is stored."""
        found = self.crowd.people.get(item.code_hash)
        if self.entry.known_scans or self.entry.quarantined or found is None or found.is_late(self._at(item)):
            return None
        one = self._judge_one(item, self._at(item), found, {})
        row = storing.row(self.entry, one, self.upload.received_at)
        if not one.begins or not storing.admit(self.connection, row, self._row(one)):
            return None
        self.came = 1
        return Recorded([answer(self.entry, one)], *self.counts())

    def answers(self, items: Sequence[ScanItem]) -> dict[str, Result]:
        """Decide and store; answers by scan id. Of those sent twice at once, the first to arrive is the answer."""
        if not items:
            return {}
        judged = self._judge(items, {})
        keys, anew = self._store([judged[item.scan_id] for item in items])
        lost = judged.keys() - keys.keys()
        anew |= {one.owner for one in judged.values() if one.found and (one.is_second_door or one.item.scan_id in lost)}
        judged = {scan_id: one for scan_id, one in judged.items() if scan_id in keys}
        if anew:
            judged |= self._judge_anew(judged, anew)
        incidents.note_each(self.connection, self.entry.checkpoint_id, judged.values(), keys)
        answers = {scan_id: answer(self.entry, one) for scan_id, one in judged.items()}
        return answers | stored_answers(self.connection, self.entry, list(lost))

    def counts(self) -> tuple[int, int]:
        """How many are expected, and how many are there now."""
        if not self.alone:
            return lookup.expected(self.connection, self.place), lookup.present(self.connection, self.entry)
        expected = lookup.expected_lately(self.connection, self.entry, self.place)
        present = self.crowd.present + self.came
        lookup.note_present(self.entry.checkpoint_id, present, counted=False)
        return expected, present

    def _judge(self, items: Iterable[ScanItem], known: Periods) -> dict[str, Judged]:
        """Verdicts in the order of time, each as if those before had been recorded already; `known`: what has been read anew.

        Rows of a sheet come after what doors have scanned, whose place they never take.
        """
        timed = sorted(
            ((self._at(item), item.scan_id, item) for item in items), key=lambda one: (one[2].on_paper, *one[:2])
        )
        if self.entry.quarantined:
            parked = Verdict(Decision.PARKED, Reason.REVOKED_DEVICE)
            return {scan_id: Judged(item, at, None, parked) for at, scan_id, item in timed}
        people = self.crowd.people
        late = {found.id for at, _, item in timed if (found := people.get(item.code_hash)) and found.is_late(at)}
        known |= history.periods_of(self.connection, self.entry.checkpoint_id, late - known.keys())
        return {scan_id: self._judge_one(item, at, people.get(item.code_hash), known) for at, scan_id, item in timed}

    def _judge_one(self, item: ScanItem, at: datetime, found: Found | None, known: Periods) -> Judged:
        offline = item.offline_decision
        if found is None:
            return Judged(item, at, None, rules_history.verdict(self.place, None, at=at, offline=offline))
        periods = known.setdefault(found.id, [found.in_force] if found.in_force else [])
        changes, met = rules_history.effect(periods, at=at, scan_id=item.scan_id, on_paper=item.on_paper)
        if changes is Effect.MOVES and offline is None:
            # The door waits for our word, and another has let him in: of two at once one alone may.
            changes = Effect.FOLLOWS
        verdict = rules_history.verdict(self.place, found.holder, at=at, offline=offline, changes=changes)
        if verdict.decision is Decision.ADMITTED:
            admitted = Period(at=at, scan_id=item.scan_id, by=self.entry.device_name, id=met.id if met else 0)
            known[found.id] = [admitted, *(one for one in periods if one is not met)]
        return Judged(item, at, found, verdict, changes, met)

    def _judge_anew(self, judged: Mapping[str, Judged], owners: Collection[int]) -> dict[str, Judged]:
        """With the attendance of these people held, so that two doors that know of each other too late agree in the end."""
        self.alone = False
        found: dict[str, Judged] = {}
        while owners:
            periods = history.periods_of(self.connection, self.entry.checkpoint_id, owners, lock=True)
            items = [one.item for one in {**judged, **found}.values() if one.owner in owners]
            if any(all(one.ended_at for one in periods[owner]) for owner in owners):
                # Nobody has been faster: perhaps the seat was given on, or two became one, since we looked.
                self.crowd = people.find_people(self.connection, self.entry, {item.code_hash for item in items})
            again = self._judge(items, periods)
            owners = self._start(again.values()) | self._move(again.values())
            found |= again
        storing.correct(
            self.connection, [one for scan_id, one in found.items() if one.is_told_apart_from(judged[scan_id])]
        )
        doors = {one.owner for one in found.values() if one.is_second_door}
        incidents.note_two_doors(self.connection, self.entry.checkpoint_id, doors)
        return found

    def _store(self, judged: Sequence[Judged]) -> tuple[dict[str, int], set[int]]:
        """Store scans and the attendances that begin with them: row ids by scan id, without those that are stored already;
        and the people for whom somebody else has been faster."""
        keys = storing.store(self.connection, [storing.row(self.entry, one, self.upload.received_at) for one in judged])
        held = {one.owner for one in judged if one.is_second_door or one.item.scan_id not in keys}
        return keys, self._start(one for one in judged if one.owner not in held)

    def _start(self, judged: Iterable[Judged]) -> set[int]:
        """Add the attendances that begin. The people for whom somebody else has been faster."""
        rows = [self._row(one) for one in judged if one.begins]
        started = history.start(self.connection, rows, confirmed=True)
        self.came += len(started)
        return {row["registration_id"] for row in rows} - started

    def _move(self, judged: Iterable[Judged]) -> set[int]:
        moving = [one for one in judged if one.admits and one.changes is Effect.MOVES]
        return {one.owner for one in moving if one.met and not history.move(self.connection, one.met, self._row(one))}

    def _row(self, judged: Judged) -> dict[str, Any]:
        return history.admission(
            registration_id=judged.owner,
            checkpoint_id=self.entry.checkpoint_id,
            at=judged.at,
            scan_id=judged.item.scan_id,
            device_id=self.entry.device_id,
        )

    def _at(self, item: ScanItem) -> datetime:
        upload = self.upload
        return rules_history.corrected(item.occurred_at, sent_at=upload.sent_at, received_at=upload.received_at)
