"""Asking institutions: their letters mailed, marked as sent, and those that do not answer reminded."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db, transaction
from app.jobs.service import post
from app.programmes.models import Stage
from app.registration.models_seats import Invitation
from app.registration.rules_invitations import is_due
from app.registration.rules_seats import InvitationState, takes_names
from app.registration.service import seats
from app.shared import clock
from app.shared.text import shorten

LETTER, REMINDER = "invitation.letter", "invitation.reminder"


@dataclass
class Asked:
    """What became of many invitations: how many were mailed, which have no address, which were passed over and why.

    `closed` take no names any more; `waiting` were reminded a moment ago; `settled` have answered, or were never asked.
    """

    mailed: int = 0
    unaddressed: list[str] = field(default_factory=list)
    closed: int = 0
    waiting: int = 0
    settled: int = 0


def send_invitations(stage: Stage, ids: Collection[int], *, by: User | None) -> Asked:
    """Mail the letters of these invitations to their contacts, also of those that were sent before."""
    asked = Asked()
    with transaction():
        now = clock.now()
        for invitation in _hold_all(stage, ids):
            if not takes_names(invitation.state, deadline=invitation.deadline, now=now):
                asked.closed += 1
            elif not _mail(LETTER, invitation):
                asked.unaddressed.append(invitation.institution.name)
            else:
                _mark(invitation)
                record("invitation.sent", invitation, by=by, host_id=_host_id(invitation))
                asked.mailed += 1
    return asked


def mark_sent(stage: Stage, ids: Collection[int], *, by: User | None) -> int:
    """Note that these invitations were handed over in another way; answers how many were still drafts."""
    marked = 0
    with transaction():
        for invitation in _hold_all(stage, ids):
            if invitation.state is InvitationState.DRAFTED:
                _mark(invitation)
                record("invitation.handed_over", invitation, by=by, host_id=_host_id(invitation))
                marked += 1
    return marked


def remind(stage: Stage, ids: Collection[int], *, by: User | None, insist: bool = False) -> Asked:
    """Mail a reminder to those of these invitations that were sent and not answered, at most once a day unless staff `insist`."""
    asked = Asked()
    with transaction():
        now = clock.now()
        for invitation in _hold_all(stage, ids):
            if not takes_names(invitation.state, deadline=invitation.deadline, now=now):
                asked.closed += 1
            elif invitation.state is not InvitationState.SENT:
                asked.settled += 1
            elif not is_due(invitation.state, reminded_at=invitation.reminded_at, now=now, insist=insist):
                asked.waiting += 1
            elif not _mail(REMINDER, invitation):
                asked.unaddressed.append(invitation.institution.name)
            else:
                invitation.reminded_at = now
                record("invitation.reminded", invitation, by=by, host_id=_host_id(invitation))
                asked.mailed += 1
    return asked


def _hold_all(stage: Stage, ids: Collection[int]) -> list[Invitation]:
    stage = seats.lock(stage)
    statement = (
        sa.select(Invitation)
        .where(Invitation.stage_id == stage.id, Invitation.id.in_(ids))
        .options(joinedload(Invitation.institution))
        .order_by(Invitation.id)
        .with_for_update(of=Invitation)
    )
    return list(db.session.scalars(statement.execution_options(populate_existing=True)))


def _mark(invitation: Invitation) -> None:
    invitation.sent_at = clock.now()
    if invitation.state is InvitationState.DRAFTED:
        invitation.state = InvitationState.SENT


def _mail(kind: str, invitation: Invitation) -> bool:
    if not invitation.contact_email:
        return False
    post(
        kind,
        subject_id=invitation.id,
        host_id=_host_id(invitation),
        programme_id=invitation.stage.programme_id,
        to_address=invitation.contact_email,
        to_name=shorten(invitation.contact_name or invitation.institution.name, seats.LONGEST_ADDRESSEE),
    )
    return True


def _host_id(invitation: Invitation) -> int:
    return invitation.stage.programme.host_id
