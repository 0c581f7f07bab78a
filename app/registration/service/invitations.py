"""How many people each institution is asked to send."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db, insert, transaction
from app.programmes.models import Stage
from app.registration.models import Invitation
from app.shared import clock


def invite(stage: Stage, seats: Mapping[int, int], *, by: User) -> int:
    """Set the number of people asked of institutions (by id); 0 takes an invitation back. Answers how many changed."""
    with transaction():
        known = {one.institution_id: one.seats for one in invitations_of(stage)}
        changed = {key: number for key, number in seats.items() if known.get(key, 0) != number}
        gone = [key for key, number in changed.items() if number == 0]
        db.session.execute(
            sa.delete(Invitation).where(Invitation.stage_id == stage.id, Invitation.institution_id.in_(gone))
        )
        for institution_id, number in changed.items():
            if number:
                _set(stage.id, institution_id, number)
        if changed:
            record(
                "invitations.changed", stage, by=by, host_id=stage.programme.host_id, fields=sorted(map(str, changed))
            )
    return len(changed)


def invitations_of(stage: Stage) -> list[Invitation]:
    """A stage's invitations."""
    return list(db.session.scalars(sa.select(Invitation).where(Invitation.stage_id == stage.id)))


def _set(stage_id: int, institution_id: int, seats: int) -> None:
    adding = insert(Invitation).values(
        stage_id=stage_id, institution_id=institution_id, seats=seats, created_at=clock.now()
    )
    db.session.execute(
        adding.on_conflict_do_update(index_elements=["stage_id", "institution_id"], set_={"seats": seats})
    )
