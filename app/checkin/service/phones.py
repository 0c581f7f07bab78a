"""The phone of a signed-in officer, who opens a ticket's link by the camera app and lets its holder in by one tap."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.checkin import rules
from app.checkin.models import OWN_PHONE, Checkpoint, ScannerDevice
from app.checkin.rules import CheckinError, DeviceKind, ScanSource
from app.checkin.service.answers import Result
from app.checkin.service.devices import NAME_LENGTH
from app.checkin.service.scans import record_scans
from app.checkin.service.upload import ScanItem
from app.extensions import db, insert, transaction
from app.programmes.models import Stage
from app.shared import clock, codes
from app.shared.text import shorten


def scan_by_phone(user: User, checkpoint: Checkpoint, code: str, *, scan_id: str) -> Result:
    """Record that an officer scanned a ticket or badge at a checkpoint just now, as any device would; a scan id counts once.

    Raises CheckinError once the stage is over and its devices would have expired.
    """
    checkpoint_id, now = checkpoint.id, clock.now()
    token_hash = _own_phone(user, checkpoint.stage)
    item = ScanItem(scan_id=scan_id, code_hash=codes.digest(code), occurred_at=now, source=ScanSource.CAMERA)
    return record_scans(token_hash=token_hash, checkpoint_id=checkpoint_id, items=[item]).results[0]


def _own_phone(user: User, stage: Stage) -> str:
    """The digest of the token of the officer's phone at a stage, which is one device however many phones he has.

    Nobody knows the token itself: the officer is let in by his session.
    """
    with transaction():
        now, expires_at = clock.now(), rules.device_expires_at(stage.ends_on, stage.timezone)
        if now >= expires_at:
            raise CheckinError(_l("This stage is over; attendance is corrected on its page of attendance."))
        values = {
            "stage_id": stage.id,
            "user_id": user.id,
            "name": shorten(gettext("Phone of %(name)s", name=user.name), NAME_LENGTH),
            "kind": DeviceKind.PHONE,
            "token_hash": codes.token_digest(codes.new_token()),
            "created_at": now,
            "expires_at": expires_at,
            "last_seen_at": now,
        }
        phone = insert(ScannerDevice.__table__).values(values)
        phone = phone.on_conflict_do_update(
            index_elements=["stage_id", "user_id"],
            index_where=OWN_PHONE,
            set_={"expires_at": expires_at, "last_seen_at": now},
        )
        return str(db.session.execute(phone.returning(ScannerDevice.__table__.c.token_hash)).scalar_one())
