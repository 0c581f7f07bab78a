"""Telephone numbers in any usual Indonesian writing, kept as E.164 (domain.md, "Identity")."""

import re
from dataclasses import dataclass

import phonenumbers
from flask_babel import gettext

from app.shared.text import squash

INDONESIA = "+62"

_MOBILE = re.compile(r"\+628[1-9][0-9]{6,10}")
_PUNCTUATION = re.compile(r"[\s().\-‐‑‒–—―−]")
_SECOND_NUMBER = re.compile(r"[/,;&]|\b(?:dan|atau|and|or)\b", re.IGNORECASE)
_LONGEST = 17  # 15 of E.164, and 00 before them


@dataclass(frozen=True)
class PhoneResult:
    """A number in E.164, or a sentence that says what is wrong with what was typed."""

    e164: str | None
    problem: str | None = None


def parse_phone(text: str | None) -> PhoneResult:
    """Read a mobile number of Indonesia, or a valid one of another country when it starts with + or 00."""
    typed = squash(text)
    if not typed:
        return _wrong(gettext("Type the mobile number."))
    if _SECOND_NUMBER.search(typed):
        return _wrong(gettext("Type one mobile number only."))
    compact = _PUNCTUATION.sub("", typed)
    if not re.fullmatch(r"\+?[0-9]+", compact):
        return _wrong(gettext("A mobile number consists of digits, for example 0812-3456-7890."))
    digits = len(compact.removeprefix("+"))
    if digits > _LONGEST:
        return _wrong(gettext("The mobile number is too long: %(typed)d digits were typed.", typed=digits))
    number = _international(compact)
    return _indonesian(number) if number.startswith(INDONESIA) else _foreign(number)


def shown_phone(e164: str | None) -> str:
    """Return the number as people write it: 0812-3456-7890; a foreign one in its international form."""
    if not e164:
        return ""
    if not _MOBILE.fullmatch(e164):
        return _shown_foreign(e164)
    national = "0" + e164[len(INDONESIA) :]
    rest = national[4:]
    middle = min(4, (len(rest) + 1) // 2)
    return f"{national[:4]}-{rest[:middle]}-{rest[middle:]}"


def _international(compact: str) -> str:
    """Return the digits behind a "+", the trunk zero of "+62 0812" dropped."""
    if compact.startswith("00"):
        compact = "+" + compact[2:]
    if not compact.startswith(("+", "62")):
        return INDONESIA + compact.removeprefix("0")
    number = "+" + compact.removeprefix("+")
    if number.startswith(INDONESIA + "0"):
        return INDONESIA + number[len(INDONESIA) + 1 :]
    return number


def _indonesian(number: str) -> PhoneResult:
    if _MOBILE.fullmatch(number):
        return PhoneResult(number)
    national = number[len(INDONESIA) :]
    if not national.startswith("8"):
        return _wrong(gettext("This is not a mobile number; an Indonesian one starts with 08."))
    if national.startswith("80"):
        return _wrong(gettext("An Indonesian mobile number does not start with 080."))
    return _wrong(
        gettext(
            "An Indonesian mobile number that starts with 08 has 9 to 13 digits; %(typed)d were typed.",
            typed=len(national) + 1,
        )
    )


def _foreign(number: str) -> PhoneResult:
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_valid_number(parsed):
        return _wrong(gettext("This foreign number does not exist; check the country code and the digits."))
    return PhoneResult(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _shown_foreign(e164: str) -> str:
    try:
        parsed = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _wrong(problem: str) -> PhoneResult:
    return PhoneResult(None, problem)
