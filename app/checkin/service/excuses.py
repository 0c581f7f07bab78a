"""People who were excused from a checkpoint (izin), with or without the JP of its sessions."""

from __future__ import annotations

import sqlalchemy as sa

from app.accounts.models import User
from app.audit import service as audit
from app.checkin.models import Checkpoint, Excuse
from app.checkin.service.corrections import checked_person, checked_reason
from app.extensions import db, insert, transaction
from app.registration.models import Registration
from app.shared import clock


def give_excuse(
    registration: Registration, checkpoint: Checkpoint, *, with_jp: bool, reason: str, by: User | None
) -> Excuse:
    """Excuse somebody; the excuse in force, with these JP and this reason, if there is one already.

    Whoever is there all the same counts as there. The reason, which is often one of health, is kept with the excuse alone and
    not in the trail, so that erasing the person forgets it. Raises CheckinError without a reason, and for a registration that is not
    confirmed or of another stage.
    """
    why = checked_reason(reason)
    with transaction():
        checked_person(registration, checkpoint)
        row = {
            "registration_id": registration.id,
            "checkpoint_id": checkpoint.id,
            "with_jp": with_jp,
            "reason": why,
            "given_at": clock.now(),
            "given_by_id": by.id if by else None,
        }
        statement = insert(Excuse.__table__).values(row).on_conflict_do_nothing()
        added = db.session.execute(statement.returning(Excuse.__table__.c.id)).scalar()
        excuse = _in_force(registration, checkpoint)
        host_id = checkpoint.stage.programme.host_id
        if added is not None:
            audit.record("excuse.given", excuse, by=by, host_id=host_id)
        elif (excuse.with_jp, excuse.reason) != (with_jp, why):
            changed = [name for name in ("with_jp", "reason") if getattr(excuse, name) != row[name]]
            excuse.with_jp, excuse.reason = with_jp, why
            audit.record("excuse.changed", excuse, by=by, host_id=host_id, fields=changed)
    return excuse


def withdraw_excuse(excuse: Excuse, *, by: User | None) -> bool:
    """End an excuse; False when it was withdrawn before."""
    with transaction():
        ended = db.session.execute(
            sa.update(Excuse)
            .where(Excuse.id == excuse.id, Excuse.withdrawn_at.is_(None))
            .values(withdrawn_at=clock.now(), withdrawn_by_id=by.id if by else None)
            .returning(Excuse.id)
        ).one_or_none()
        if ended is None:
            return False
        audit.record("excuse.withdrawn", excuse, by=by, host_id=excuse.checkpoint.stage.programme.host_id)
    return True


def _in_force(registration: Registration, checkpoint: Checkpoint) -> Excuse:
    statement = sa.select(Excuse).where(
        Excuse.registration_id == registration.id,
        Excuse.checkpoint_id == checkpoint.id,
        Excuse.withdrawn_at.is_(None),
    )
    return db.session.scalars(statement).one()
