"""Seats that institutions are asked to fill: reserved until a deadline, then given back and offered on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db, insert, transaction
from app.institutions.models import Institution
from app.jobs.service import on_sweep
from app.programmes.models import Stage
from app.registration.models_seats import Invitation, Quota
from app.registration.rules import REASON_LABELS, Reason
from app.registration.rules_invitations import usual_deadline
from app.registration.rules_seats import OPEN_INVITATION, InvitationState
from app.registration.service import seats
from app.registration.service.offers import fill_seats
from app.shared import clock
from app.shared.codes import new_token

SEATS_LACK = frozenset({Reason.FULL, Reason.CATEGORY_FULL, Reason.INSTITUTION_FULL})
CHANGEABLE = ("contact_name", "contact_email", "contact_phone", "letter_number", "letter_date")


class InvitationRefused(Exception):
    """Why an invitation cannot be so; `sentence` says it to people."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.sentence = REASON_LABELS[reason]


def create_invitation(
    stage: Stage, institution: Institution, *, seats_asked: int, deadline: datetime, by: User | None, **contact: Any
) -> Invitation:
    """Ask an institution for people and reserve their seats; `contact` is any of CHANGEABLE.

    Raises InvitationRefused: too few seats are free (FULL, CATEGORY_FULL, INSTITUTION_FULL), the deadline has passed, or the
    institution has an invitation to the stage already (ALREADY_INVITED), also an ended one, which a new deadline opens again.
    """
    _require_known(contact)
    with transaction():
        stage = seats.lock(stage)
        _require_future(deadline)
        _reserve(stage, institution.category_id, institution.id, seats_asked)
        adding = insert(Invitation).values(
            stage_id=stage.id,
            institution_id=institution.id,
            category_id=institution.category_id,
            seats=seats_asked,
            reserved=seats_asked,
            used=0,
            state=InvitationState.DRAFTED,
            token=new_token(),
            deadline=deadline,
            decline_reason="",
            created_at=clock.now(),
            **{"contact_name": "", "letter_number": ""} | contact,
        )
        adding = adding.on_conflict_do_nothing(index_elements=["stage_id", "institution_id"])
        invitation_id = db.session.scalar(adding.returning(Invitation.id))
        if invitation_id is None:
            seats.give_back(stage, seats.Place(institution.category_id, institution.id), seats_asked)
            raise InvitationRefused(Reason.ALREADY_INVITED)
        invitation = db.session.get_one(Invitation, invitation_id)
        record("invitation.created", invitation, by=by, host_id=stage.programme.host_id)
        return invitation


def change_invitation(
    invitation: Invitation,
    *,
    by: User | None,
    seats_asked: int | None = None,
    deadline: datetime | None = None,
    **contact: Any,
) -> None:
    """Change the number of seats, the deadline, or any of CHANGEABLE. A deadline opens again what had ended.

    A withdrawn one gets a new link then. Raises InvitationRefused, with nothing changed: too few free seats, fewer seats than
    are used (QUOTA_BELOW_SEATS), or the deadline has passed.
    """
    _require_known(contact)
    with transaction():
        stage, invitation = _hold(invitation)
        changes = contact | ({} if seats_asked is None else {"seats": seats_asked})
        ended = invitation.state not in OPEN_INVITATION
        if deadline is not None and (ended or deadline != invitation.deadline):
            _require_future(deadline)
            changes |= {"deadline": deadline} | _opened_again(invitation)
        changed = {name: value for name, value in changes.items() if getattr(invitation, name) != value}
        wanted = changed.get("seats", invitation.seats)
        if wanted < invitation.used:
            raise InvitationRefused(Reason.QUOTA_BELOW_SEATS)
        if changed.get("state", invitation.state) in OPEN_INVITATION and wanted != invitation.reserved:
            _move_reserve(invitation, stage, wanted)
            changed["reserved"] = wanted
        for name, value in changed.items():
            setattr(invitation, name, value)
        if changed:
            names = sorted(changed.keys() - {"token"})
            record("invitation.changed", invitation, by=by, host_id=stage.programme.host_id, fields=names)
            db.session.flush()
            fill_seats(stage, by=by)


def withdraw_invitation(invitation: Invitation, *, by: User | None) -> bool:
    """Take an invitation back; people who were named stay. False where it was withdrawn already."""
    return _end(invitation, InvitationState.WITHDRAWN, by=by)


def decline(invitation: Invitation, *, reason: str) -> bool:
    """The institution sends nobody, or nobody more; False where the invitation is not open any more."""
    return _end(invitation, InvitationState.DECLINED, by=None, reason=reason)


def expire_invitations() -> None:
    """Give back the unused seats of invitations whose deadline has passed."""
    due = sa.and_(Invitation.state.in_(OPEN_INVITATION), Invitation.deadline <= clock.now())
    found = db.session.scalars(sa.select(Invitation).where(due).order_by(Invitation.id)).all()
    for invitation in found:
        _end(invitation, InvitationState.EXPIRED, by=None)


def invitations_of(stage: Stage) -> list[Invitation]:
    """A stage's invitations."""
    return list(db.session.scalars(sa.select(Invitation).where(Invitation.stage_id == stage.id)))


def invite(
    stage: Stage, asked: Mapping[int, int], *, by: User | None, deadline: datetime | None = None
) -> list[tuple[Institution, Reason]]:
    """Ask institutions (by id) for so many people each; 0 withdraws an open invitation, a number opens an ended one again.

    Another number than before gives one whose deadline has just passed, and that no sweep has ended yet, a new deadline too.

    Without `deadline` until the usual one. Answers those that could not be, and why.
    """
    refused = []
    with transaction():
        stage = seats.lock(stage)
        until = deadline or usual_deadline_of(stage)
        present = {one.institution_id: one for one in invitations_of(stage)}
        institutions = sa.select(Institution).where(
            Institution.id.in_(asked.keys()), Institution.host_id == stage.programme.host_id
        )
        for institution in db.session.scalars(institutions).unique().all():
            try:
                _set(stage, institution, present.get(institution.id), asked[institution.id], until, by)
            except InvitationRefused as problem:
                refused.append((institution, problem.reason))
    return refused


def usual_deadline_of(stage: Stage) -> datetime | None:
    """Until when an institution is asked for names where nobody says otherwise; None once the stage is over."""
    return usual_deadline(
        clock.now(),
        closes_at=stage.registration_closes_at,
        starts_on=stage.starts_on,
        ends_on=stage.ends_on,
        zone=stage.timezone,
    )


def free_for(stage: Stage, institution: Institution) -> int | None:
    """How many seats are free for an institution, as its limits stand; None where nothing limits them."""
    place = seats.Place(institution.category_id, institution.id)
    left = [stage.capacity - stage.seats_taken] if stage.capacity is not None else []
    quotas = sa.select(Quota.capacity - Quota.seats_taken).where(Quota.stage_id == stage.id, place.quotas)
    return min([*left, *db.session.scalars(quotas)], default=None)


def _set(
    stage: Stage,
    institution: Institution,
    present: Invitation | None,
    number: int,
    until: datetime | None,
    by: User | None,
) -> None:
    is_open = present is not None and present.state in OPEN_INVITATION
    if number == 0:
        if present is not None and is_open:
            withdraw_invitation(present, by=by)
        return
    if until is None:
        raise InvitationRefused(Reason.OVER)
    if present is None:
        create_invitation(stage, institution, seats_asked=number, deadline=until, by=by)
    else:
        goes_on = is_open and (present.deadline > clock.now() or present.seats == number)
        change_invitation(present, by=by, seats_asked=number, deadline=None if goes_on else until)


def _end(invitation: Invitation, state: InvitationState, *, by: User | None, reason: str = "") -> bool:
    with transaction():
        stage, invitation = _hold(invitation)
        withdrawing = state is InvitationState.WITHDRAWN and invitation.state is not InvitationState.WITHDRAWN
        if invitation.state not in OPEN_INVITATION and not withdrawing:
            return False
        if state is InvitationState.EXPIRED and invitation.deadline > clock.now():
            return False  # it was given more time meanwhile
        if state is InvitationState.DECLINED and invitation.deadline <= clock.now():
            return False
        _move_reserve(invitation, stage, invitation.used)
        invitation.reserved = invitation.used
        invitation.state = state
        invitation.decline_reason = reason
        invitation.ended_at = clock.now()
        record(f"invitation.{state.value}", invitation, by=by, host_id=stage.programme.host_id)
        db.session.flush()
        fill_seats(stage, by=by)
        return True


def _hold(invitation: Invitation) -> tuple[Stage, Invitation]:
    stage = seats.lock(invitation.stage_id)
    statement = sa.select(Invitation).where(Invitation.id == invitation.id).with_for_update(of=Invitation)
    return stage, db.session.scalars(statement.execution_options(populate_existing=True)).one()


def _reserve(stage: Stage, category_id: int, institution_id: int, number: int) -> None:
    full = seats.take(stage, seats.Place(category_id, institution_id), number)
    if full is not None:
        raise InvitationRefused(full)


def _move_reserve(invitation: Invitation, stage: Stage, wanted: int) -> None:
    more = wanted - invitation.reserved
    if more > 0:
        _reserve(stage, invitation.category_id, invitation.institution_id, more)
    elif more < 0:
        seats.give_back(stage, seats.Place(invitation.category_id, invitation.institution_id), -more)


def _opened_again(invitation: Invitation) -> dict[str, Any]:
    """What changes beside the deadline where an ended invitation is opened again."""
    if invitation.state in OPEN_INVITATION:
        return {}
    withdrawn = invitation.state is InvitationState.WITHDRAWN
    if invitation.answered_at is not None:
        state = InvitationState.ANSWERED
    else:
        state = InvitationState.SENT if invitation.sent_at is not None and not withdrawn else InvitationState.DRAFTED
    values = {"state": state, "ended_at": None, "decline_reason": ""}
    return values | ({"token": new_token()} if withdrawn else {})


def _require_future(deadline: datetime) -> None:
    if deadline <= clock.now():
        raise InvitationRefused(Reason.DEADLINE_PASSED)


def _require_known(contact: Collection[str] | Mapping[str, Any]) -> None:
    unknown = set(contact) - set(CHANGEABLE)
    if unknown:
        raise TypeError(f"no such field: {', '.join(sorted(unknown))}")


on_sweep(expire_invitations)
