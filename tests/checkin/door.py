"""A checkpoint that is open, with devices at it."""

from typing import Any

import sqlalchemy as sa

from app.checkin import service
from app.checkin.models import Attendance, Scan
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import Decision, ScanSource
from app.checkin.service import Malformed, Recorded, ScanItem
from app.extensions import db
from app.shared import clock
from app.shared.codes import digest, new_code, token_digest
from tests import factories


class Door:
    """A checkpoint that is open, and a device at it."""

    def __init__(self, stage: Any = None, **values: Any) -> None:
        self.stage = stage or factories.stage()
        self.checkpoint = factories.checkpoint(self.stage, **values)
        self.device, self.token = factories.device(self.stage, name="Pintu Utama")

    def record(self, *items: ScanItem | Malformed, token: str | None = None, **more: Any) -> Recorded:
        """By the door's own device, or by that of `token`."""
        return service.record_scans(
            token_hash=token_digest(token or self.token), checkpoint_id=self.checkpoint.id, items=items, **more
        )

    def scan(self, code: str, **more: Any) -> Any:
        return self.record(scan(code), **more).results[0]

    def scan_offline(self, code: str, decision: Decision) -> Any:
        """A scan on which the phone had to decide alone."""
        return self.record(scan(code, offline_decision=decision)).results[0]


def scan(code: str, **values: Any) -> ScanItem:
    known = {"scan_id": new_code(), "code_hash": digest(code), "occurred_at": clock.now(), "source": ScanSource.CAMERA}
    return ScanItem(**known | values)


def attendances() -> list[Attendance]:
    return list(db.session.scalars(sa.select(Attendance).where(Attendance.annulled_at.is_(None))))


def incidents() -> list[tuple[str, str, str | None]]:
    """Kind, the scan, and the scan that counts instead, by scan id; in the order of the scans."""
    statement = sa.select(ScanIncident).join(Scan, Scan.id == ScanIncident.scan_id).order_by(Scan.scan_id)
    return [
        (one.kind.value, one.scan.scan_id, one.counted.scan_id if one.counted else None)
        for one in db.session.scalars(statement.execution_options(populate_existing=True))
    ]
