"""Which device asks: its token, and why it may no longer scan."""

from __future__ import annotations

from typing import NoReturn

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.checkin.models import ScannerDevice
from app.checkin.queries_devices import find_device
from app.checkin.service import note_contact
from app.shared import clock
from app.web.problems import bearer_token, problem, unauthorised

NO_TOKEN = _l("Send a device's token as “Authorization: Bearer TOKEN”.")
UNKNOWN = "device_unknown"
UNSENT = "Unsent-Scans"
MOST_UNSENT = 1_000_000


def token_sent() -> str:
    """The token that is sent; 401 where there is none."""
    return bearer_token(NO_TOKEN)


def asking_device() -> ScannerDevice:
    """The device that asks, with its stage, if it may still scan.

    401 for a token that nobody has, 403 for one that is over, both with a `code` by which a phone knows what to do.
    """
    device, held = find_device(token_sent()) or unknown_token()
    note_contact(device, unsent=unsent_scans())
    if device.revoked_at is not None:
        problem(403, _("This device may no longer scan: it was revoked."), code="device_revoked")
    if clock.now() >= device.expires_at:
        problem(403, _("This device may no longer scan: its stage is over."), code="device_expired")
    if not held:
        problem(403, _("This device may no longer scan: who enrolled it lost the role."), code="holder_lost")
    return device


def unknown_token() -> NoReturn:
    """401 for a token that nobody has."""
    unauthorised(NO_TOKEN, code=UNKNOWN)


def unsent_scans() -> int | None:
    """How many scans the device says that it still holds; None where it says nothing that can be read."""
    said = request.headers.get(UNSENT, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 8 and int(said) <= MOST_UNSENT else None
