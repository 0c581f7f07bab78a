"""Use-cases of the door: recording scans, correcting attendance, devices and checkpoints."""

from app.checkin.service.checkpoints import (
    add_checkpoint,
    edit_checkpoint,
    ensure_day_checkpoints,
    remove_checkpoint,
)
from app.checkin.service.corrections import annul, annul_scan, mark_present
from app.checkin.service.devices import enrol, revoke_device
from app.checkin.service.lookup import UnknownCheckpoint, UnknownDevice
from app.checkin.service.scans import MOST_SCANS, Recorded, Result, record_scans
from app.checkin.service.upload import Malformed, ScanItem, WrongField, read_item, read_moment

__all__ = [
    "MOST_SCANS",
    "Malformed",
    "Recorded",
    "Result",
    "ScanItem",
    "UnknownCheckpoint",
    "UnknownDevice",
    "WrongField",
    "add_checkpoint",
    "annul",
    "annul_scan",
    "edit_checkpoint",
    "enrol",
    "ensure_day_checkpoints",
    "mark_present",
    "read_item",
    "read_moment",
    "record_scans",
    "remove_checkpoint",
    "revoke_device",
]
