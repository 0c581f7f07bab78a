"""Browsers that scan."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.audit import service as audit
from app.checkin import rules
from app.checkin.models import ScannerDevice
from app.checkin.rules import CheckinError
from app.extensions import db, transaction
from app.programmes.models import Stage
from app.shared import clock, codes
from app.shared.text import shorten

NAME_LENGTH = 80


def enrol(stage: Stage, *, name: str, user: User | None = None) -> tuple[ScannerDevice, str]:
    """Let a browser scan for `stage`; the token is known to the caller alone, here its digest is kept.

    Raises CheckinError once the stage is over and its devices would have expired.
    """
    token = codes.new_token()
    with transaction():
        now = clock.now()
        expires_at = rules.device_expires_at(stage.ends_on, stage.timezone)
        if now >= expires_at:
            raise CheckinError(_l("This stage is over; attendance is corrected on its page of attendance."))
        device = ScannerDevice(
            stage_id=stage.id,
            user_id=user.id if user else None,
            name=shorten(name, NAME_LENGTH) or (shorten(user.name, NAME_LENGTH) if user else "–"),
            token_hash=codes.token_digest(token),
            created_at=now,
            expires_at=expires_at,
        )
        db.session.add(device)
        audit.record("device.enrolled", device, by=user, host_id=stage.programme.host_id)
    return device, token


def revoke_device(device: ScannerDevice, *, by: User | None) -> None:
    """From now on the device's scans go into quarantine, and nothing else is answered to it. A second time changes nothing."""
    with transaction():
        if device.revoked_at is not None:
            return
        device.revoked_at = clock.now()
        audit.record("device.revoked", device, by=by, host_id=device.stage.programme.host_id)
