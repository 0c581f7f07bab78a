"""Scans as the devices of a stage send them, for the tests of the board."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa

from app.checkin import service
from app.checkin.models import Checkpoint, ScannerDevice
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import Decision, ScanSource
from app.checkin.service import Result, ScanItem
from app.extensions import db
from app.registration.models import Registration
from app.shared import clock
from app.shared.codes import digest, new_code

_numbers = count(1)


def scan(
    device: ScannerDevice,
    point: Checkpoint,
    who: Registration | str | None = None,
    *,
    offline: Decision | None = None,
    at: datetime | None = None,
    source: ScanSource = ScanSource.CAMERA,
) -> Result:
    """One scan of somebody, of a hash, or without either of a code that nobody has; `offline`: what the door decided alone."""
    code_hash = who if isinstance(who, str) else who.ticket_hash if who else digest(new_code())
    item = ScanItem(
        scan_id=f"s{next(_numbers)}",
        code_hash=code_hash,
        occurred_at=at or clock.now(),
        source=source,
        offline_decision=offline,
    )
    return service.record_scans(token_hash=device.token_hash, checkpoint_id=point.id, items=[item]).results[0]


def at_two_doors(first: ScannerDevice, second: ScannerDevice, point: Checkpoint, who: Registration) -> None:
    """Both let the same person in without network, the first two minutes before the second."""
    scan(first, point, who, offline=Decision.ADMITTED, at=clock.now() - timedelta(minutes=5))
    scan(second, point, who, offline=Decision.ADMITTED, at=clock.now() - timedelta(minutes=3))


def waiting() -> list[Any]:
    """The incidents that nobody has settled."""
    open_ones = sa.select(ScanIncident).where(ScanIncident.settled_at.is_(None)).order_by(ScanIncident.id)
    return list(db.session.scalars(open_ones.execution_options(populate_existing=True)))
