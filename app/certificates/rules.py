"""Who has earned a certificate, what its number is, and what its seal is made of."""

from __future__ import annotations

import enum
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.shared.dates import roman_month


class CertificateState(enum.Enum):
    VALID = "valid"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"


class ConditionKind(enum.Enum):
    """REGISTRATION is only named where it fails: a certificate goes to nobody who has cancelled."""

    REGISTRATION = "registration"
    JP = "jp"
    FEEDBACK = "feedback"


STATE_LABELS = {
    CertificateState.VALID: _l("Genuine"),
    CertificateState.SUPERSEDED: _l("Superseded"),
    CertificateState.REVOKED: _l("Revoked"),
}
CONDITION_LABELS = {
    ConditionKind.REGISTRATION: _l("Registration"),
    ConditionKind.JP: _l("Attendance"),
    ConditionKind.FEEDBACK: _l("Feedback"),
}
CHANGE_LABELS = {
    "name": _l("name"),
    "nip": _l("NIP"),
    "rank": _l("rank"),
    "position": _l("position"),
    "institution": _l("institution"),
    "event": _l("name of the event"),
    "body": _l("place, dates or JP"),
    "lessons": _l("list of lessons"),
}
"""What of a certificate comes from the records of the person and the stage, and may differ from them later."""

NUMBER_FIELDS = ("klasifikasi", "urut", "unit", "bulan_romawi", "tahun")
LONGEST_NUMBER = 160
WIDEST_PADDING = 9
HIGHEST_SEQUENCE = 9_999_999
LONGEST_MONTH = date(2000, 8, 1)  # VIII
_PIECE = re.compile(r"\{(?P<field>[^{}:!]*)(?::(?P<padding>[^{}]*))?\}|(?P<text>[^{}]+)")


class CertificateError(Exception):
    """Why a certificate cannot be issued, replaced or revoked: one sentence for whoever asked."""

    @property
    def sentence(self) -> str:
        return str(self)


class NotEarned(CertificateError):
    """The person has not earned the certificate."""


class DesignIncomplete(CertificateError):
    """The programme's design lacks what every certificate shows."""


class NotInForce(CertificateError):
    """The certificate has been revoked or replaced before."""


class AlreadyHeld(CertificateError):
    """The same person holds a valid certificate of this stage, from a registration that was cancelled."""


class BadPattern(CertificateError):
    """A pattern of numbers that cannot be followed: one sentence that says why."""


@dataclass(frozen=True)
class Condition:
    """One condition with what was reached, what is needed, and whether it holds; `brief` is enough to say of one that does."""

    kind: ConditionKind
    figure: str
    needed: str
    holds: bool
    brief: str = ""


@dataclass(frozen=True)
class Override:
    """A decision by hand; `by` is the name of who took it."""

    earned: bool
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Standing:
    """Whether a person has earned the certificate, and why."""

    registration_id: int
    earned: bool
    conditions: tuple[Condition, ...]
    override: Override | None = None

    @property
    def by_rule(self) -> bool:
        """What the conditions alone say."""
        return all(condition.holds for condition in self.conditions)


def standing(
    registration_id: int,
    *,
    confirmed: bool,
    attended: int,
    expected: int,
    min_jp_percent: int | None,
    feedback_given: bool,
    feedback_required: bool,
    override: Override | None = None,
) -> Standing:
    """Weigh a stage's conditions; None and False switch one off. An override decides, except for who is not registered."""
    if not confirmed:
        failed = Condition(ConditionKind.REGISTRATION, gettext("not registered any more"), gettext("confirmed"), False)
        return Standing(registration_id, False, (failed,), override)
    conditions = []
    if min_jp_percent is not None:
        conditions.append(_attendance(attended, expected, min_jp_percent))
    if feedback_required:
        figure = gettext("given") if feedback_given else gettext("not given yet")
        needed, brief = gettext("given"), gettext("feedback")
        conditions.append(Condition(ConditionKind.FEEDBACK, figure, needed, feedback_given, brief))
    by_rule = all(condition.holds for condition in conditions)
    return Standing(registration_id, override.earned if override else by_rule, tuple(conditions), override)


def reaches(attended: int, expected: int, percent: int) -> bool:
    """Whether `attended` is at least `percent` of `expected`, exactly; of nothing expected there is no share."""
    return expected > 0 and attended * 100 >= expected * percent


def _attendance(attended: int, expected: int, percent: int) -> Condition:
    needed = gettext("at least %(percent)d %%", percent=percent)
    if expected <= 0:
        return Condition(ConditionKind.JP, gettext("no JP on this person's agenda"), needed, False)
    holds = reaches(attended, expected, percent)
    share = (attended * 200 + expected) // (2 * expected)  # rounded half up
    share = share if holds else min(share, percent - 1)  # 79.6 % must not read as the 80 % that was missed
    figure = gettext(
        "%(attended)d of %(expected)d JP (%(share)d %%)", attended=attended, expected=expected, share=share
    )
    brief = gettext("%(attended)d/%(expected)d JP", attended=attended, expected=expected)
    return Condition(ConditionKind.JP, figure, needed, holds, brief)


def missing_in_design(design: Any) -> list[str]:
    """What every certificate shows and the design does not say yet, in words."""
    used = fields_of(design.number_pattern)
    needed = {
        _l("place"): design.place,
        _l("position of the signer"): design.signer_position,
        _l("name of the signer"): design.signer_name,
        _l("classification code"): design.classification or "klasifikasi" not in used,
        _l("unit code"): design.unit or "unit" not in used,
    }
    return [str(label) for label, value in needed.items() if not value]


def format_number(pattern: str, *, sequence: int, dated: date, classification: str = "", unit: str = "") -> str:
    """The number that a pattern makes, such as "800/007/DISKOMINFO/VII/2019". Raises BadPattern."""
    values: dict[str, str | int] = {
        "klasifikasi": classification,
        "urut": sequence,
        "unit": unit,
        "bulan_romawi": roman_month(dated),
        "tahun": dated.year,
    }
    number = "".join(
        text if field is None else _padded(values[field], padding) for text, field, padding in _pieces(pattern)
    )
    if len(number) > LONGEST_NUMBER:
        raise BadPattern(gettext("The number would be longer than %(most)d characters.", most=LONGEST_NUMBER))
    return number


def number_by(design: Any, sequence: int, dated: date) -> str:
    """The number that a design makes. Raises BadPattern."""
    return format_number(
        design.number_pattern, sequence=sequence, dated=dated, classification=design.classification, unit=design.unit
    )


def check_pattern(pattern: str, *, classification: str = "", unit: str = "") -> None:
    """Raise BadPattern, with a sentence, unless certificates can be numbered by `pattern` in every month and for ever."""
    fields = fields_of(pattern)
    if "urut" not in fields:
        raise BadPattern(gettext("The pattern needs {urut}, or all certificates would have the same number."))
    format_number(pattern, sequence=HIGHEST_SEQUENCE, dated=LONGEST_MONTH, classification=classification, unit=unit)


def fields_of(pattern: str) -> set[str]:
    """The fields that a pattern uses. Raises BadPattern."""
    return {field for _text, field, _padding in _pieces(pattern) if field}


def _pieces(pattern: str) -> Iterable[tuple[str, str | None, int]]:
    """Literal text, or a field with the digits it is filled up to. The pattern is data: nothing in it is ever evaluated."""
    position = 0
    pieces: list[tuple[str, str | None, int]] = []
    while position < len(pattern):
        found = _PIECE.match(pattern, position)
        if found is None:
            raise BadPattern(gettext("A curly bracket in the pattern has no partner."))
        pieces.append(_piece(found))
        position = found.end()
    return pieces


def _piece(found: re.Match[str]) -> tuple[str, str | None, int]:
    if found["text"] is not None:
        if not found["text"].isprintable():
            raise BadPattern(gettext("The pattern holds characters that cannot be printed."))
        return found["text"], None, 0
    field, padding = found["field"], found["padding"]
    if field not in NUMBER_FIELDS:
        known = ", ".join(f"{{{name}}}" for name in NUMBER_FIELDS)
        raise BadPattern(gettext("{%(field)s} is not known. The pattern may use %(known)s.", field=field, known=known))
    if padding is None:
        return "", field, 0
    if field not in ("urut", "tahun") or not re.fullmatch(r"0?[1-9]", padding):
        raise BadPattern(gettext("Only a number of digits may follow the colon, as in {urut:03}."))
    return "", field, int(padding)


def _padded(value: str | int, padding: int) -> str:
    return f"{value:0{padding}d}" if isinstance(value, int) and padding else str(value)


def content_hash(snapshot: Mapping[str, Any]) -> str:
    """The SHA-256, in hexadecimal digits, of the canonical JSON of a snapshot."""
    return hashlib.sha256(canonical_json(snapshot)).hexdigest()


def canonical_json(snapshot: Mapping[str, Any]) -> bytes:
    """UTF-8, keys in order, no spaces. Snapshots hold strings, whole numbers and lists only, so there is one such form."""
    return json.dumps(snapshot, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode(
        "utf-8", "surrogatepass"
    )


def changes(frozen: Mapping[str, Any], today: Mapping[str, Any]) -> tuple[str, ...]:
    """Which fields of CHANGE_LABELS differ between what was printed and what would be printed now."""
    return tuple(field for field in CHANGE_LABELS if frozen.get(field) != today.get(field))
