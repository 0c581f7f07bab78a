"""Recording walk-ins: who stands at the door without a registration gets one, and is scanned in by it.

Each is a transaction of its own with the stage held, as whoever registers holds it; a scan of the new badge makes the attendance,
so that everything that holds for scans holds for walk-ins too. What cannot be done is kept as an incident for staff.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.accounts.models import User
from app.checkin import queries, queries_walk_ins, rules
from app.checkin.models import Checkpoint, Scan, ScannerDevice
from app.checkin.models_incidents import ScanIncident
from app.checkin.queries_walk_ins import StoredScan
from app.checkin.rules import Decision, Holder, IncidentKind, Reason, ScanSource
from app.checkin.rules_history import LETS_IN
from app.checkin.rules_walk_ins import parked_sentence
from app.checkin.service import lookup
from app.checkin.service.answers import Recorded, Result
from app.checkin.service.newcomers import Standing, look, welcome, why_unplaced
from app.checkin.service.scans import record_scans
from app.checkin.service.upload import ScanItem
from app.checkin.service.upload_walk_ins import MalformedWalkIn, WalkIn
from app.extensions import db, insert, transaction
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.registration.service import seats
from app.shared import clock
from app.shared.codes import digest


@dataclass(frozen=True, kw_only=True)
class WalkedIn:
    """The answer to one form: as to a scan, a sentence where something is to be said, and by what the phone knows him now."""

    result: Result
    detail: str | None = None
    badge_hash: str | None = None


@dataclass(frozen=True)
class RecordedWalkIns:
    """One answer for each form, in order, and the counts after them."""

    answers: list[WalkedIn]
    expected: int
    present: int


@dataclass(frozen=True)
class _Door:
    """A device at a checkpoint of its stage. `quarantined`: it may no longer scan; `skew` is what its clock lacks."""

    token_hash: str
    device_id: int
    user_id: int | None
    stage_id: int
    checkpoint_id: int
    quarantined: bool
    skew: timedelta
    sent_at: datetime | None
    received_at: datetime

    def corrected(self, item: WalkIn) -> datetime:
        return min(item.occurred_at + self.skew, self.received_at)


def record_walk_ins(
    *,
    device: ScannerDevice,
    held: bool,
    checkpoint: Checkpoint,
    items: Sequence[WalkIn | MalformedWalkIn],
    sent_at: datetime | None = None,
) -> RecordedWalkIns:
    """Register and admit whoever was typed in at a door of the device's stage. Forms known already get their stored answer.

    `held`: whoever enrolled the device may still scan (queries_devices.find_device). What a device still held that may no
    longer scan is kept for staff to settle.
    """
    now = clock.now()
    door = _Door(
        token_hash=device.token_hash,
        device_id=device.id,
        user_id=device.user_id,
        stage_id=device.stage_id,
        checkpoint_id=checkpoint.id,
        quarantined=not held or device.revoked_at is not None or now >= device.expires_at,
        skew=now - sent_at if sent_at else timedelta(),
        sent_at=sent_at,
        received_at=now,
    )
    answers = [_malformed(item) if isinstance(item, MalformedWalkIn) else _record(door, item) for item in items]
    point = db.session.get_one(Checkpoint, door.checkpoint_id)
    return RecordedWalkIns(answers, queries.expected_count(point), queries.present_count(point))


def _malformed(item: MalformedWalkIn) -> WalkedIn:
    refused = Result(scan_id=item.scan_id, decision=Decision.REFUSED, reason=Reason.MALFORMED, field=item.field)
    return WalkedIn(result=refused, detail=item.detail)


def _record(door: _Door, item: WalkIn) -> WalkedIn:
    with transaction():
        stage = seats.lock(door.stage_id)
        stored = queries_walk_ins.find_scan(item.scan_id, stage)
        if stored is not None:
            return _again(door, item, stored)
        if door.quarantined:
            return _keep(door, item, Reason.REVOKED_DEVICE, IncidentKind.QUARANTINE)
        standing = look(stage, item.newcomer)
        reason = _refusal(door, item, stage, standing)
        if reason is Reason.WRONG_GROUP and (unplaced := why_unplaced(stage, item.newcomer, standing)):
            return _keep(door, item, unplaced, IncidentKind.WALK_IN)
        if reason is not None and item.offline_decision not in LETS_IN:
            return _refuse(door, item, reason, standing)
        by = db.session.get(User, door.user_id) if door.user_id else None
        done = welcome(stage, item.newcomer, standing, by=by)
        if isinstance(done, Reason):
            return _keep(door, item, done, IncidentKind.WALK_IN)
        return _admit(door, item, done)


def _refusal(door: _Door, item: WalkIn, stage: Stage, standing: Standing) -> Reason | None:
    """Why the door would not let him in with a confirmed registration: then none is made, unless he is in already."""
    checkpoint = db.session.get_one(Checkpoint, door.checkpoint_id)
    holder = Holder(stage_id=stage.id, state=RegistrationState.CONFIRMED, groups=standing.group_ids)
    place = lookup.place_at(db.session.connection(), checkpoint)
    return rules.decide(place, holder, at=door.corrected(item), attended=False).reason


def _admit(door: _Door, item: WalkIn, registration: Registration) -> WalkedIn:
    db.session.flush()
    recorded = _scan(door, item, registration.badge_hash)
    return WalkedIn(result=recorded.results[0], badge_hash=registration.badge_hash)


def _scan(door: _Door, item: WalkIn, code_hash: str) -> Recorded:
    scan = ScanItem(
        scan_id=item.scan_id,
        code_hash=code_hash,
        occurred_at=item.occurred_at,
        source=ScanSource.WALK_IN,
        offline_decision=item.offline_decision,
    )
    return record_scans(
        token_hash=door.token_hash,
        checkpoint_id=door.checkpoint_id,
        items=[scan],
        sent_at=door.sent_at,
        received_at=door.received_at,
    )


def _again(door: _Door, item: WalkIn, stored: StoredScan) -> WalkedIn:
    """A form that was sent before, as it was answered then. Whom the phone let in before our refusal came, staff settle."""
    before = stored.scan
    own = (before.device_id, before.checkpoint_id) == (door.device_id, door.checkpoint_id)
    if (
        own
        and before.decision is Decision.REFUSED
        and before.offline_decision is None
        and item.offline_decision in LETS_IN
    ):
        _note(door, item, before.id, IncidentKind.WALK_IN)
    result = _scan(door, item, _unknown_hash(item)).results[0]
    registration = None if door.quarantined else stored.registration
    return WalkedIn(
        result=result,
        detail=_detail(item, result.reason) if result.decision is Decision.PARKED else None,
        badge_hash=registration.badge_hash if registration else None,
    )


def _keep(door: _Door, item: WalkIn, reason: Reason, kind: IncidentKind) -> WalkedIn:
    """The person was let in, and staff settle it by what is kept of him."""
    _note(door, item, _store(door, item, Decision.PARKED, reason), kind)
    result = Result(scan_id=item.scan_id, decision=Decision.PARKED, reason=reason)
    return WalkedIn(result=result, detail=_detail(item, reason))


def _note(door: _Door, item: WalkIn, scan_id: int, kind: IncidentKind) -> None:
    incident = {
        "checkpoint_id": door.checkpoint_id,
        "scan_id": scan_id,
        "kind": kind,
        "person": item.newcomer.kept(),
        "created_at": door.received_at,
        "note": "",
    }
    db.session.execute(insert(ScanIncident).values(incident).on_conflict_do_nothing())


def _refuse(door: _Door, item: WalkIn, reason: Reason, standing: Standing) -> WalkedIn:
    _store(door, item, Decision.REFUSED, reason, registration=standing.own)
    return WalkedIn(result=Result(scan_id=item.scan_id, decision=Decision.REFUSED, reason=reason))


def _store(
    door: _Door, item: WalkIn, decision: Decision, reason: Reason, *, registration: Registration | None = None
) -> int:
    """The scan of somebody who was not scanned in."""
    scan = Scan(
        scan_id=item.scan_id,
        checkpoint_id=door.checkpoint_id,
        device_id=door.device_id,
        registration_id=registration.id if registration else None,
        code_hash=_unknown_hash(item),
        source=ScanSource.WALK_IN,
        decision=decision,
        reason=reason,
        offline_decision=item.offline_decision,
        device_time=item.occurred_at,
        occurred_at=door.corrected(item),
        received_at=door.received_at,
    )
    db.session.add(scan)
    db.session.flush()
    return scan.id


def _unknown_hash(item: WalkIn) -> str:
    """What stands for the code of one who has none: that of whom he represents, or a digest that no code has."""
    return item.newcomer.represents or digest(f"walk-in {item.scan_id}")


def _detail(item: WalkIn, reason: Reason | None) -> str | None:
    return parked_sentence(reason, for_another=item.newcomer.represents is not None)
