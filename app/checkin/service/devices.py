"""Browsers that scan."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.audit import service as audit
from app.checkin import rules
from app.checkin.models import ScannerDevice
from app.checkin.rules import CheckinError
from app.extensions import core_transaction, db, transaction
from app.programmes.models import Stage
from app.shared import clock, codes
from app.shared.text import shorten

NAME_LENGTH = 80
NOTED_EVERY = timedelta(minutes=1)


def enrol(stage: Stage, *, name: str, user: User | None = None) -> tuple[ScannerDevice, str]:
    """Let a browser scan for `stage`; the token is known to the caller alone, here its digest is kept.

    Raises CheckinError once the stage is over and its devices would have expired.
    """
    token = codes.new_token()
    with transaction():
        now = clock.now()
        expires_at = require_running(stage, now)
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


def require_running(stage: Stage, now: datetime) -> datetime:
    """Until when a device of the stage may scan. Raises CheckinError where that is past."""
    expires_at = rules.device_expires_at(stage.ends_on, stage.timezone)
    if now >= expires_at:
        raise CheckinError(_l("This stage is over; attendance is corrected on its page of attendance."))
    return expires_at


def prolong_devices(stage: Stage) -> None:
    """Devices may scan as long as their stage, whose days have changed. Needs an open transaction."""
    expires_at = rules.device_expires_at(stage.ends_on, stage.timezone)
    still = sa.update(ScannerDevice).where(ScannerDevice.stage_id == stage.id, ScannerDevice.revoked_at.is_(None))
    db.session.execute(still.values(expires_at=expires_at))


def note_contact(device: ScannerDevice, *, unsent: int | None) -> None:
    """Keep that the device was heard of, once a minute, and how many scans it says that it still holds, when that changes."""
    now, known = clock.now(), device.last_seen_at
    says = device.unsent if unsent is None else unsent
    if known is not None and now - known < NOTED_EVERY and says == device.unsent:
        return
    _keep_contact(ScannerDevice.id == device.id, now, says)


def note_unsent(token_hash: str, unsent: int) -> None:
    """The same for an upload of scans, whose hot path does not look at it: what this process was told last is remembered."""
    now, (said, at) = clock.now(), _said.get(token_hash, (None, None))
    if said == unsent or (at is not None and now - at < NOTED_EVERY / 6 and unsent):
        return
    if len(_said) >= MOST_DEVICES:
        _said.clear()
    _said[token_hash] = unsent, now
    _keep_contact(ScannerDevice.token_hash == token_hash, now, unsent)


_said: dict[str, tuple[int, datetime]] = {}
MOST_DEVICES = 10_000


def _keep_contact(which: sa.ColumnElement[bool], now: datetime, unsent: int) -> None:
    with core_transaction() as connection:
        connection.execute(sa.update(ScannerDevice).where(which).values(last_seen_at=now, unsent=unsent))


def revoke_device(device: ScannerDevice, *, by: User | None) -> None:
    """From now on the device's scans go into quarantine, and nothing else is answered to it. A second time changes nothing."""
    with transaction():
        if device.revoked_at is not None:
            return
        device.revoked_at = clock.now()
        audit.record("device.revoked", device, by=by, host_id=device.stage.programme.host_id)
