"""Use-cases of the door: recording scans, correcting attendance, devices and checkpoints."""

from app.checkin.service.answers import Recorded, Result
from app.checkin.service.checkpoints import (
    add_checkpoint,
    edit_checkpoint,
    ensure_day_checkpoints,
    remove_checkpoint,
)
from app.checkin.service.corrections import annul, annul_scan, mark_present
from app.checkin.service.devices import enrol, note_contact, note_unsent, revoke_device
from app.checkin.service.enrolment import TooManyGuesses, WrongCode, enrol_by_code, offer_enrolment
from app.checkin.service.excuses import give_excuse, withdraw_excuse
from app.checkin.service.lookup import UnknownCheckpoint, UnknownDevice
from app.checkin.service.newcomers import forget_newcomer, incidents_about, settle_newcomer
from app.checkin.service.phones import scan_by_phone
from app.checkin.service.refusals import admit_refused
from app.checkin.service.scans import MOST_SCANS, record_scans
from app.checkin.service.settling import NobodyKnown, find_person, on_walk_in, settle, settle_many
from app.checkin.service.signed_sheets import KeyedSheet, record_signed
from app.checkin.service.upload import Malformed, ScanItem, WrongField, read_item, read_moment
from app.checkin.service.upload_walk_ins import MalformedWalkIn, WalkIn, moment_sentence, read_walk_in
from app.checkin.service.walk_ins import WalkedIn, record_walk_ins

__all__ = [
    "MOST_SCANS",
    "KeyedSheet",
    "Malformed",
    "NobodyKnown",
    "MalformedWalkIn",
    "Recorded",
    "Result",
    "ScanItem",
    "TooManyGuesses",
    "UnknownCheckpoint",
    "UnknownDevice",
    "WrongCode",
    "WalkIn",
    "WalkedIn",
    "WrongField",
    "add_checkpoint",
    "admit_refused",
    "annul",
    "annul_scan",
    "edit_checkpoint",
    "enrol",
    "enrol_by_code",
    "ensure_day_checkpoints",
    "find_person",
    "give_excuse",
    "mark_present",
    "on_walk_in",
    "note_contact",
    "note_unsent",
    "offer_enrolment",
    "forget_newcomer",
    "incidents_about",
    "moment_sentence",
    "read_item",
    "read_moment",
    "read_walk_in",
    "record_scans",
    "record_signed",
    "remove_checkpoint",
    "revoke_device",
    "settle",
    "settle_many",
    "scan_by_phone",
    "withdraw_excuse",
    "record_walk_ins",
    "settle_newcomer",
]
