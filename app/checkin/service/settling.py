"""Settling what happened at the door: whoever was let in was present, or was not."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.audit import service as audit
from app.checkin import rules, rules_history
from app.checkin.models import Checkpoint, Scan
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import CheckinError, CorrectionKind, Decision, Holder, IncidentKind, ScanSource, Settlement
from app.checkin.rules_history import Effect
from app.checkin.service import history, incidents, lookup
from app.checkin.service.corrections import REASON_LENGTH
from app.extensions import db, transaction
from app.registration.models import Registration
from app.registration.service import seats
from app.shared import clock
from app.shared.text import squash

Registrar = Callable[[ScanIncident, User | None], Registration]
_registrars: list[Registrar] = []


class NobodyKnown(CheckinError):
    """Of whom an incident is about no registration of the stage is known."""


def on_walk_in(registrar: Registrar) -> None:
    """Who registers the person of a walk-in that is settled as present, beyond the limits; within the open transaction.

    Raises NobodyKnown where nothing is known of him any more.
    """
    _registrars.append(registrar)


def settle(
    incident: ScanIncident,
    settlement: Settlement,
    *,
    by: User | None,
    note: str = "",
    registration: Registration | None = None,
) -> bool:
    """Settle an incident; False when it was settled before.

    PRESENT: the person was there from the moment of the scan (`registration`: who it was, where the code alone does not tell).
    Of two doors it says only that it was in order. DISMISSED: nothing comes of it. Either forgets what a walk-in form said.
    Raises NobodyKnown, after which the incident is still open.
    """
    with transaction():
        seats.lock(incident.checkpoint.stage_id)  # before its incidents, as whoever registers or erases has it
        ended = db.session.execute(
            sa.update(ScanIncident)
            .where(ScanIncident.id == incident.id, ScanIncident.settled_at.is_(None))
            .values(
                settlement=settlement,
                settled_at=clock.now(),
                settled_by_id=by.id if by else None,
                note=squash(note)[:REASON_LENGTH],
            )
            .returning(ScanIncident.id)
            .execution_options(synchronize_session=False)
        ).one_or_none()
        if ended is None:
            return False
        db.session.refresh(incident)
        if settlement is Settlement.PRESENT and incident.kind is not IncidentKind.TWO_DOORS:
            person = registration or _person_of(incident, by)
            incident.registration_id = person.id
            _count(incident.scan, person, by=by, note=incident.note)
        incident.person = None
        host_id = incident.checkpoint.stage.programme.host_id
        audit.record(f"incident.{settlement.value}", incident, by=by, host_id=host_id, reason=incident.note)
    return True


def settle_many(
    incidents_: Iterable[ScanIncident], settlement: Settlement, *, by: User | None, note: str = ""
) -> tuple[int, int]:
    """Settle several, each as settle() does; how many were settled, and of how many nobody knows who it was, which stay open.

    Each in a transaction of its own: the incidents are not in the order of people in which doors take theirs, and the stage
    is not held while hundreds are gone through.
    """
    settled = unknown = 0
    for incident in incidents_:
        try:
            settled += settle(incident, settlement, by=by, note=note)
        except CheckinError:
            unknown += 1
    return settled, unknown


def _person_of(incident: ScanIncident, by: User | None) -> Registration:
    """Whom an incident is about: as noted, as the scan knew, as its code says by now, or registered at last."""
    stage_id = incident.checkpoint.stage_id
    for key in (incident.registration_id, incident.scan.registration_id):
        person = _living(db.session.get(Registration, key)) if key else None
        if person is not None and person.stage_id == stage_id:
            return person
    of_form = incident.person or incident.scan.source is ScanSource.WALK_IN
    if of_form and _registrars:  # its code is nobody's, or that of whom he came for
        return _registrars[0](incident, by)
    person = find_person(incident.scan)
    if person is None or person.stage_id != stage_id:
        raise NobodyKnown(_l("Nobody of this stage has this code. Register the person first, or dismiss it."))
    return person


def find_person(scan: Scan) -> Registration | None:
    """Whose code was scanned, as is known by now; of any stage."""
    coded = sa.or_(Registration.ticket_hash == scan.code_hash, Registration.badge_hash == scan.code_hash)
    return _living(db.session.scalar(sa.select(Registration).where(coded)))


def _living(person: Registration | None) -> Registration | None:
    return db.session.get(Registration, person.merged_into_id) if person and person.merged_into_id else person


def _count(scan: Scan, person: Registration, *, by: User | None, note: str) -> None:
    """The person is there from the moment of the scan, or from before; also where an attendance of that time was annulled."""
    connection, point, on_paper = db.session.connection(), scan.checkpoint_id, scan.source is ScanSource.PAPER
    row = history.admission(
        registration_id=person.id,
        checkpoint_id=point,
        at=scan.occurred_at,
        scan_id=scan.scan_id,
        device_id=scan.device_id,
        recorded_by_id=by.id if by else None,
        correction=None if _is_admissible(scan, person) else CorrectionKind.SETTLED,
        reason=note,
    )
    while True:
        periods = history.periods_of(connection, point, [person.id], lock=True)[person.id]
        changes, met = rules_history.effect(periods, at=scan.occurred_at, scan_id=scan.scan_id, on_paper=on_paper)
        if changes is Effect.FOLLOWS:
            return
        if changes is Effect.MOVES and met is not None and history.move(connection, met, row):
            incidents.note_two_doors(connection, point, [person.id])
            return
        in_force = any(period.ended_at is None for period in periods)
        if changes is not Effect.MOVES and (in_force or history.start(connection, [row])):
            return


def _is_admissible(scan: Scan, person: Registration) -> bool:
    checkpoint = db.session.get_one(Checkpoint, scan.checkpoint_id)
    place = lookup.place_at(db.session.connection(), checkpoint)
    groups = frozenset(group.id for group in person.groups)
    holder = Holder(stage_id=person.stage_id, state=person.state, groups=groups)
    return rules.decide(place, holder, at=scan.occurred_at, attended=False).decision is Decision.ADMITTED
