"""A seat for whoever comes to the door without a registration, or in place of somebody who has one (mewakili)."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace as with_fields

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.checkin import queries_walk_ins
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import Reason
from app.checkin.rules_walk_ins import Newcomer, may_be
from app.checkin.service.settling import NobodyKnown, on_walk_in
from app.extensions import db, transaction
from app.institutions.queries import categories_of
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.queries import known_as
from app.registration.rules import ENDED, SOURCE_LABELS, Outcome, PersonDetails, RegistrationSource, person_key
from app.registration.rules_seats import REPLACEABLE
from app.registration.service import replace, seat
from app.registration.service.entry import Registered
from app.registration.service.holding import hold
from app.registration.service.making_room import confirm
from app.registration.service.registering import standing_of


@dataclass(frozen=True)
class Standing:
    """Where a newcomer stands at a stage before anything is done: his registration in force, and whom he represents."""

    person: PersonDetails
    own: Registration | None
    represented: Registration | None
    rejected: bool

    @property
    def group_ids(self) -> frozenset[int]:
        """The groups in which he will be."""
        kept = self.own or self.represented
        return frozenset(group.id for group in kept.groups) if kept else frozenset()


def look(stage: Stage, newcomer: Newcomer) -> Standing:
    """Needs the stage held. Whoever comes for another is of that one's unsur and institution."""
    represented = None
    if newcomer.represents is not None:
        represented = queries_walk_ins.find_represented(stage.programme.host_id, newcomer.represents)
    person = _details(stage, newcomer, represented)
    known = known_as(stage, person_key(person))
    own = standing_of(known)
    rejected = own is None and queries_walk_ins.was_rejected(stage, [one.participant_id for one in known])
    return Standing(person, own, represented, rejected)


def why_unplaced(stage: Stage, newcomer: Newcomer, standing: Standing) -> Reason | None:
    """Why staff must settle somebody who comes where sessions are for groups alone; None: his registration says which are his."""
    old = standing.represented
    if standing.own is not None or (old is not None and old.stage_id == stage.id):
        return None
    if newcomer.represents is not None:
        return Reason.OTHER_STAGE if old is not None else Reason.UNKNOWN
    return Reason.NOT_CONFIRMED if standing.rejected else Reason.WRONG_GROUP


def welcome(stage: Stage, newcomer: Newcomer, standing: Standing, *, by: User | None) -> Registration | Reason:
    """A confirmed registration for him, or why staff must settle it. Needs the stage held.

    Who is registered himself comes for himself, whomever else he represents.
    """
    if standing.own is None and newcomer.represents is not None:
        return _replace(stage, standing, by=by)
    if standing.rejected:
        return Reason.NOT_CONFIRMED
    return _seated(seat(stage, standing.person, by=by)) or Reason.NO_SEAT


def settle_newcomer(incident: ScanIncident, by: User | None) -> Registration:
    """Register whom an incident keeps, beyond the limits where they are full; by staff's word that he was there.

    His attendance is the caller's. Raises NobodyKnown where nothing is known of him any more.
    """
    with transaction():
        if not incident.person:
            raise NobodyKnown(_l("Nothing is known of this person any more, so the entry can only be dismissed."))
        newcomer, stage = Newcomer.of_kept(incident.person), incident.checkpoint.stage
        standing = look(stage, newcomer)
        if standing.own is None and newcomer.represents is not None:
            replaced = _replace(stage, standing, by=by)
            if isinstance(replaced, Registration):
                return replaced
        why = incident.note or str(SOURCE_LABELS[RegistrationSource.WALK_IN])
        seated = _seated(seat(stage, standing.person, by=by, beyond=why))
        if seated is None:
            raise RuntimeError("a seat beyond the limits was refused")
        return seated


def forget_newcomer(host_id: int, *, names: set[str], phones: set[str]) -> int:
    """Clear what incidents of a host keep of a person (name keys, phones in E.164); answers how many did."""
    about = incidents_about(host_id, names=names, phones=phones)
    clearing = sa.update(ScanIncident).where(ScanIncident.id.in_([one.id for one in about]))
    with transaction():
        db.session.execute(clearing.values(person=sa.null()).execution_options(synchronize_session=False))
        for one in about:
            db.session.expire(one)
    return len(about)


def incidents_about(host_id: int, *, names: set[str], phones: set[str]) -> list[ScanIncident]:
    """Incidents that keep something which is perhaps about a person."""
    kept = queries_walk_ins.unsettled_of_host(host_id)
    return [one for one in kept if may_be(one.person or {}, names=names, phones=phones)]


def _replace(stage: Stage, standing: Standing, *, by: User | None) -> Registration | Reason:
    """Give the seat on, where the one represented has one and was not there himself."""
    old = standing.represented
    if old is None:
        return Reason.UNKNOWN
    if old.stage_id != stage.id:
        return Reason.OTHER_STAGE
    _stage, old = hold(old)
    if queries_walk_ins.was_admitted(old):
        return Reason.NO_SEAT
    if old.state not in REPLACEABLE:
        return Reason.CANCELLED if old.state in ENDED else Reason.NOT_CONFIRMED
    taken_over = replace(old, standing.person, source=RegistrationSource.WALK_IN, by=by)
    if taken_over.registration is None:
        return Reason.NOT_CONFIRMED
    db.session.flush()
    # Whoever takes over from one who waited for approval is confirmed as everybody who stands at the door.
    return _seated(confirm(taken_over.registration, by=by)) or Reason.NOT_CONFIRMED


def _seated(done: Registered) -> Registration | None:
    return None if done.outcome is Outcome.REFUSED else done.registration


def _details(stage: Stage, newcomer: Newcomer, represented: Registration | None) -> PersonDetails:
    if represented is not None and represented.stage_id == stage.id:
        person = newcomer.details(category=represented.category.code)
        return _of_institution(person, represented)
    return newcomer.details(category="" if newcomer.category else _unasked_category(stage))


def _unasked_category(stage: Stage) -> str:
    """For one of whom no category was asked since he came for somebody who turns out to be unknown; staff can correct it."""
    categories = categories_of(stage.programme.host)
    free = [one for one in categories if not one.institution_required]
    return (free or categories)[-1].code


def _of_institution(person: PersonDetails, of: Registration) -> PersonDetails:
    return with_fields(
        person,
        category_code=of.category.code,
        institution_id=of.institution_id,
        institution_name=of.institution_name,
    )


on_walk_in(settle_newcomer)
