"""Codes that make a browser without account a scanner: shown once as a QR, used once, for five minutes."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.audit import service as audit
from app.checkin import queries_devices
from app.checkin.models import DeviceEnrolment, ScannerDevice
from app.checkin.rules import CheckinError
from app.checkin.service.devices import enrol, require_running
from app.extensions import db, transaction
from app.programmes.models import Stage
from app.shared import clock, codes
from app.web import throttle

LIVES = timedelta(minutes=5)
FORGOTTEN_AFTER = timedelta(days=1)
IN_LINK = "daftar="
"""What stands before the code in the address that the QR holds: BASE_URL/presensi#daftar=CODE."""
GUESSED = "device-enrolment"
GUESSES, GUESSES_WITHIN = 10, timedelta(minutes=5)
KNOWN_BY = 4
UNKNOWN = _l("This code is not known. Check each character, or ask for a new code.")


class WrongCode(CheckinError):
    """No browser can be enrolled by this code."""


class TooManyGuesses(Exception):
    """Too many wrong codes that begin like this one."""


def offer_enrolment(stage: Stage, *, by: User) -> tuple[DeviceEnrolment, str]:
    """A fresh code for `stage`; it is known to the caller alone, here its digest is kept. What `by` showed before it ends.

    Raises CheckinError once the stage is over and its devices would have expired.
    """
    code = codes.new_code()
    with transaction():
        now = clock.now()
        require_running(stage, now)
        _end_former(stage, by, now)
        offered = DeviceEnrolment(
            stage_id=stage.id,
            code_hash=codes.digest(code),
            created_by_id=by.id,
            created_at=now,
            expires_at=now + LIVES,
        )
        db.session.add(offered)
        db.session.flush()
        audit.record("device.offered", offered, by=by, host_id=stage.programme.host_id)
    return offered, code


def enrol_by_code(typed: str, *, name: str) -> tuple[ScannerDevice, str]:
    """Make a browser a scanner of the stage whose code it knows; of two with the same code one does.

    Whoever showed the code answers for the device. The first four characters of a code say which one is meant, the other
    twelve are its secret: after ten wrong ones nobody is heard for five minutes.
    Raises WrongCode, TooManyGuesses, or CheckinError once the stage is over.
    """
    code = codes.canonical(typed.rpartition(IN_LINK)[2])
    if problem := codes.length_problem(code):
        raise WrongCode(problem)
    if not codes.is_code(code):
        raise WrongCode(UNKNOWN)
    if throttle.is_spent(GUESSED, code[:KNOWN_BY], limit=GUESSES, window=GUESSES_WITHIN):
        raise TooManyGuesses
    try:
        return _use(codes.digest(code), name)
    except WrongCode:
        throttle.hit(GUESSED, code[:KNOWN_BY], limit=GUESSES, window=GUESSES_WITHIN)
        raise


def _use(code_hash: str, name: str) -> tuple[ScannerDevice, str]:
    with transaction():
        now = clock.now()
        using = (
            sa.update(DeviceEnrolment)
            .where(
                DeviceEnrolment.code_hash == code_hash,
                DeviceEnrolment.used_at.is_(None),
                DeviceEnrolment.expires_at > now,
            )
            .values(used_at=now)
            .returning(DeviceEnrolment.id)
        )
        found = db.session.scalar(using.execution_options(synchronize_session=False))
        if found is None:
            raise _wrong(code_hash)
        offered = db.session.get_one(DeviceEnrolment, found, populate_existing=True)
        by = db.session.get(User, offered.created_by_id) if offered.created_by_id else None
        if by is None:
            raise WrongCode(_l("Whoever showed this code may no longer scan. Ask for a new code."))
        device, token = enrol(offered.stage, name=name, user=by)
        db.session.flush()
        if not queries_devices.is_held(device):
            raise WrongCode(_l("Whoever showed this code may no longer scan. Ask for a new code."))
        offered.device_id = device.id
    return device, token


def _wrong(code_hash: str) -> WrongCode:
    known = db.session.scalar(sa.select(DeviceEnrolment).where(DeviceEnrolment.code_hash == code_hash))
    if known is None:
        return WrongCode(UNKNOWN)
    if known.used_at is not None:
        return WrongCode(_l("Another device has used this code already. Ask for a new code."))
    return WrongCode(_l("This code has expired. Ask for a new code."))


def _end_former(stage: Stage, by: User, now: datetime) -> None:
    """One code at a time is shown by a person; codes of former days are forgotten."""
    of_stage = DeviceEnrolment.stage_id == stage.id
    forgetting = sa.delete(DeviceEnrolment).where(of_stage, DeviceEnrolment.expires_at < now - FORGOTTEN_AFTER)
    ending = (
        sa.update(DeviceEnrolment)
        .where(
            of_stage,
            DeviceEnrolment.created_by_id == by.id,
            DeviceEnrolment.used_at.is_(None),
            DeviceEnrolment.expires_at > now,
        )
        .values(expires_at=now)
    )
    for statement in (forgetting, ending):
        db.session.execute(statement.execution_options(synchronize_session=False))
