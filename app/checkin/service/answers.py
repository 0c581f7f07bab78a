"""What a device is told of a scan: now, and word for word whenever it asks again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from app.checkin.rules import Decision, Reason, Verdict
from app.checkin.rules_history import Effect, Period, was_let_in
from app.checkin.service.lookup import Entry
from app.checkin.service.people import First, Found, Person, stored_scans
from app.checkin.service.upload import Malformed, ScanItem
from app.shared.names import full_name


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
class Judged:
    """An item with its verdict, its corrected time, and what it changes in somebody's attendance; `met`: what was there."""

    item: ScanItem
    at: datetime
    found: Found | None
    verdict: Verdict
    changes: Effect | None = None
    met: Period | None = None

    @property
    def first(self) -> First | None:
        """What a repeat is answered with."""
        if self.verdict.decision is not Decision.REPEAT or self.met is None:
            return None
        return First(self.met.at, self.met.by)

    @property
    def owner(self) -> int:
        """Whose registration it is; 0 if nobody's."""
        return self.found.id if self.found else 0

    @property
    def admits(self) -> bool:
        """Whether it makes an attendance, or becomes the scan of one."""
        return self.verdict.decision is Decision.ADMITTED

    @property
    def begins(self) -> bool:
        """Whether it makes an attendance where there is none."""
        return self.admits and self.changes is Effect.STARTS

    @property
    def is_second_door(self) -> bool:
        """Whether this scan or the one that it takes the place of may be one of two doors that let the same person in."""
        if self.found is None or self.verdict.decision not in (Decision.ADMITTED, Decision.REPEAT):
            return False
        if self.changes in (Effect.FOLLOWS, Effect.LATE):
            return not self.item.on_paper and was_let_in(self.verdict.decision, self.item.offline_decision)
        return self.changes is Effect.MOVES

    def is_told_apart_from(self, other: Judged) -> bool:
        """Whether the door is told something else of it."""
        return (self.verdict, self.first) != (other.verdict, other.first)


def malformed(item: Malformed) -> Result:
    return Result(scan_id=item.scan_id, decision=Decision.REFUSED, reason=Reason.MALFORMED, field=item.field)


def answer(entry: Entry, judged: Judged) -> Result:
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


def stored_answers(connection: Connection, entry: Entry, scan_ids: Sequence[str]) -> dict[str, Result]:
    """What scans that are known already were answered. A scan id of another checkpoint is no replay but a wrong id."""
    if not scan_ids:
        return {}
    rows: dict[str, list[Any]] = {}
    for row in stored_scans(connection, scan_ids):
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
