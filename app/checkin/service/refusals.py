"""Whom a door refused and staff let in all the same."""

from __future__ import annotations

from flask_babel import gettext

from app.accounts.models import User
from app.checkin.models import Attendance, Checkpoint, Scan
from app.checkin.rules import REASON_LABELS, CorrectionKind
from app.checkin.service.corrections import mark_present
from app.extensions import transaction
from app.registration.models import Registration


def admit_refused(scan: Scan, registration: Registration, checkpoint: Checkpoint, *, by: User | None) -> Attendance:
    """Record that the person of a refused scan is there, from the scan on as far as the checkpoint was open.

    The attendance in force if there is one already. Raises CheckinError for a registration that is not confirmed.
    """
    with transaction():
        said = str(REASON_LABELS[scan.reason]) if scan.reason else ""
        return mark_present(
            registration,
            checkpoint,
            reason=gettext("Refused at the door and let in by staff. %(reason)s", reason=said).strip(),
            by=by,
            correction=CorrectionKind.SETTLED,
            at=min(max(scan.occurred_at, checkpoint.opens_at), checkpoint.closes_at),
        )
