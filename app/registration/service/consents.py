"""Free consents: given and withdrawn by the person, each time kept with the words that were agreed to."""

from __future__ import annotations

import sqlalchemy as sa

from app.audit.service import record
from app.extensions import db, insert, transaction
from app.registration.models import IN_FORCE, Consent, Registration
from app.registration.rules import CONSENT_WORDINGS, ConsentKind
from app.shared import clock


def give_consent(registration: Registration, kind: ConsentKind) -> bool:
    """The person says yes; False where that holds already."""
    with transaction():
        giving = insert(Consent).values(
            registration_id=registration.id, kind=kind, wording=str(CONSENT_WORDINGS[kind]), given_at=clock.now()
        )
        # The predicate is that of the partial index: one of each kind is in force.
        once = giving.on_conflict_do_nothing(index_elements=["registration_id", "kind"], index_where=IN_FORCE)
        given = db.session.scalar(once.returning(Consent.id))
        return given is not None and _kept(registration, "registration.consent_given", kind)


def withdraw_consent(registration: Registration, kind: ConsentKind) -> bool:
    """The person takes it back; False where there was none."""
    with transaction():
        withdrawing = (
            sa.update(Consent)
            .where(Consent.registration_id == registration.id, Consent.kind == kind, Consent.withdrawn_at.is_(None))
            .values(withdrawn_at=clock.now())
            .returning(Consent.id)
            .execution_options(synchronize_session=False)
        )
        withdrawn = db.session.scalar(withdrawing)
        return withdrawn is not None and _kept(registration, "registration.consent_withdrawn", kind)


def _kept(registration: Registration, action: str, kind: ConsentKind) -> bool:
    record(action, registration, host_id=registration.stage.programme.host_id, fields=[f"consent_{kind.value}"])
    db.session.expire(registration, ["consents"])
    return True
