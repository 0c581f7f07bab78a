"""The words in which a person reads his own data in a spreadsheet; programs read the names and values themselves. No database."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

from flask_babel import lazy_gettext as _l

from app.certificates.rules import STATE_LABELS as CERTIFICATE_LABELS
from app.checkin.rules import CorrectionKind
from app.jobs.rules import STATE_LABELS as MAIL_LABELS
from app.privacy.rules import KIND_LABELS, REQUEST_STATE_LABELS
from app.registration.rules import CONSENT_LABELS, SOURCE_LABELS, STATE_LABELS
from app.shared.identity import IdentityType

HEADINGS = {
    "host": _l("Agency"),
    "title_before": _l("Title before the name"),
    "name": _l("Name without titles"),
    "title_after": _l("Titles after the name"),
    "identity_type": _l("Kind of identity number"),
    "identity_number": _l("Identity number"),
    "email": _l("E-mail"),
    "phone": _l("Mobile number"),
    "known_since": _l("Known since"),
    "stage": _l("Stage"),
    "programme": _l("Programme"),
    "starts_on": _l("First day"),
    "ends_on": _l("Last day"),
    "state": _l("State"),
    "source": _l("Source"),
    "category": _l("Category"),
    "institution": _l("Institution"),
    "rank": _l("Rank"),
    "position": _l("Position"),
    "ticket_code": _l("Ticket code"),
    "groups": _l("Groups"),
    "privacy_notice_version": _l("Version of the privacy notice"),
    "cancel_reason": _l("Reason why it ended"),
    "created_at": _l("Recorded at"),
    "confirmed_at": _l("Confirmed at"),
    "ended_at": _l("Ended at"),
    "question": _l("Question"),
    "answer": _l("Answer"),
    "answered_at": _l("Answered at"),
    "file_name": _l("File name"),
    "kind": _l("Kind"),
    "bytes": _l("Size in bytes"),
    "handed_in_at": _l("Handed in at"),
    "wording": _l("Wording"),
    "given_at": _l("Given at"),
    "withdrawn_at": _l("Withdrawn at"),
    "checkpoint": _l("Checkpoint"),
    "at": _l("Time"),
    "correction": _l("Added by hand"),
    "reason": _l("Reason"),
    "annulled_at": _l("Annulled at"),
    "questionnaire": _l("Questionnaire"),
    "number": _l("Number"),
    "version": _l("Version"),
    "dated": _l("Date"),
    "code": _l("Code"),
    "issued_at": _l("Issued at"),
    "printed": _l("What is printed on it"),
    "subject": _l("Subject"),
    "to": _l("Sent to"),
    "sent_at": _l("Sent at"),
    "text": _l("What was asked for"),
    "proposed": _l("Proposed"),
    "settled_at": _l("Settled at"),
    "action": _l("Act"),
    "by": _l("Done by"),
    "fields": _l("Fields"),
}


def _by_value(labels: Iterable[tuple[Enum, Any]]) -> dict[Any, Any]:
    return {member.value: label for member, label in labels}


_CORRECTIONS = {
    CorrectionKind.PAPER: _l("From the paper list"),
    CorrectionKind.DEVICE_LOST: _l("The device was lost"),
    CorrectionKind.SETTLED: _l("Settled by staff"),
    CorrectionKind.OTHER: _l("For another reason"),
}
_IDENTITY = {kind.value: kind for kind in IdentityType}
_WORDS = {
    ("registrations", "state"): _by_value(STATE_LABELS.items()),
    ("registrations", "source"): _by_value(SOURCE_LABELS.items()),
    ("consents", "kind"): _by_value(CONSENT_LABELS.items()),
    ("attendances", "correction"): _by_value(_CORRECTIONS.items()),
    ("excuses", "kind"): {"with_jp": _l("With JP"), "without_jp": _l("Without JP")},
    ("certificates", "state"): _by_value(CERTIFICATE_LABELS.items()),
    ("messages", "state"): _by_value(MAIL_LABELS.items()),
    ("requests", "kind"): _by_value(KIND_LABELS.items()),
    ("requests", "state"): _by_value(REQUEST_STATE_LABELS.items()),
    ("activity", "by"): {"staff": _l("Staff"), "self or system": _l("The person or the system")},
}


def heading_of(column: str) -> str:
    return str(HEADINGS[column])


def as_read(table: str, column: str, value: Any) -> Any:
    """A value in words where it is one of a few; everything else as it is."""
    if column == "identity_type":
        return _IDENTITY[value].label
    words = _WORDS.get((table, column), {})
    return str(words[value]) if isinstance(value, str) and value in words else value
