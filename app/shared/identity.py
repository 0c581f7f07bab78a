"""Identity numbers of participants: which kinds there are, what each looks like (domain.md, "Identity").

NIP and NI PPPK share one form of 18 digits (Peraturan Kepala BKN 22/2007 and 1/2019):
birth date (8), year and month of appointment (6), sex (1), serial number (3).
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum

from flask_babel import LazyString, gettext, lazy_gettext

from app.shared.text import squash

NIP_LENGTH = 18
YOUNGEST, OLDEST = 16, 75


class IdentityType(Enum):
    """The kind of number by which a person is known."""

    NIP = "NIP"
    NRP = "NRP"
    NIDN = "NIDN"
    NUPTK = "NUPTK"
    NIM = "NIM"
    COMPANY = "COMPANY"
    NONE = "NONE"

    @property
    def label(self) -> LazyString:
        return _LABELS[self]


class Sex(Enum):
    """The fifteenth digit of a NIP."""

    MAN = "man"
    WOMAN = "woman"


class ServantKind(Enum):
    """What digits 13 and 14 of a NIP tell: a month for a PNS, 21 to 99 for a PPPK."""

    PNS = "PNS"
    PPPK = "PPPK"


@dataclass(frozen=True)
class Checked:
    """A number in its canonical form, or a sentence that says which part is wrong; warnings do not block."""

    number: str | None
    problem: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class NipParts:
    """What a valid NIP says; appointed_month is None for a PPPK."""

    birth_date: date
    appointed_year: int
    appointed_month: int | None
    kind: ServantKind
    sex: Sex
    serial: str


_LABELS = {
    IdentityType.NIP: lazy_gettext("NIP / NI PPPK"),
    IdentityType.NRP: lazy_gettext("NRP (military, police)"),
    IdentityType.NIDN: lazy_gettext("NIDN (lecturer)"),
    IdentityType.NUPTK: lazy_gettext("NUPTK (teacher)"),
    IdentityType.NIM: lazy_gettext("NIM (student)"),
    IdentityType.COMPANY: lazy_gettext("Company staff number"),
    IdentityType.NONE: lazy_gettext("No number"),
}
_SEXES = {"1": Sex.MAN, "2": Sex.WOMAN}
_SEPARATORS = re.compile(r"[\s.\-‐‑–—]+")
_NRP = re.compile(r"[0-9]{5,16}(/[A-Z]{1,3})?")
_NIM = re.compile(r"[A-Z0-9]{6,15}")
_COMPANY = re.compile(r"(?=.*[A-Z0-9])[A-Z0-9 ./_-]{1,20}")
_DIGITS_ONLY = {IdentityType.NIP: NIP_LENGTH, IdentityType.NIDN: 10, IdentityType.NUPTK: 16}
_LONGEST_TYPED = 64


def check(
    identity_type: IdentityType,
    text: str | None,
    *,
    today: date,
    birth_date: date | None = None,
    sex: Sex | None = None,
) -> Checked:
    """Read a typed number of the given kind.

    An empty text is a problem, except for NONE: whether a number is required is the category's business,
    so the caller asks only where one was typed or is wanted. A birth date or sex stated elsewhere that a NIP
    contradicts gives warnings.
    """
    if identity_type is IdentityType.NONE:
        return Checked(None)
    typed = squash(text)
    if not typed:
        return Checked(None, gettext("Type the number (%(kind)s).", kind=identity_type.label))
    number, problem = _read(identity_type, typed, today)
    if problem:
        return Checked(None, problem)
    warnings = _contradictions(number, birth_date, sex) if identity_type is IdentityType.NIP else ()
    return Checked(number, warnings=warnings)


def shown(identity_type: IdentityType, number: str | None) -> str:
    """Return the number as people read it: a NIP as 8-6-1-3 digits with spaces, others as they are."""
    if not number or identity_type is IdentityType.NONE:
        return ""
    if identity_type is not IdentityType.NIP or len(number) != NIP_LENGTH:
        return number
    return " ".join((number[:8], number[8:14], number[14], number[15:]))


def nip_parts(number: str) -> NipParts:
    """Take a canonical NIP apart. Raises ValueError where its digits say nothing real."""
    if not re.fullmatch(r"[0-9]{18}", number):
        raise ValueError("a NIP has 18 digits")
    group = int(number[12:14])
    kind = _servant_kind(group)
    if kind is None or number[14] not in _SEXES:
        raise ValueError("digits 13 to 15 of this NIP say nothing")
    return NipParts(
        birth_date=date(int(number[:4]), int(number[4:6]), int(number[6:8])),
        appointed_year=int(number[8:12]),
        appointed_month=group if kind is ServantKind.PNS else None,
        kind=kind,
        sex=_SEXES[number[14]],
        serial=number[15:],
    )


def _read(identity_type: IdentityType, typed: str, today: date) -> tuple[str, str | None]:
    if len(typed) > _LONGEST_TYPED:
        return typed, gettext("The number is too long: %(typed)d characters were typed.", typed=len(typed))
    if identity_type is IdentityType.COMPANY:
        return _patterned(
            typed.upper(),
            _COMPANY,
            gettext("A staff number has at most 20 letters, digits, spaces and the signs . - / _."),
        )
    compact = _SEPARATORS.sub("", typed).upper()
    if identity_type is IdentityType.NRP:
        problem = gettext("An NRP has 5 to 16 digits, followed by a corps code such as /P where there is one.")
        return _patterned(compact, _NRP, problem)
    if identity_type is IdentityType.NIM:
        return _patterned(compact, _NIM, gettext("An NIM has 6 to 15 letters and digits."))
    problem = _length_problem(identity_type, compact)
    if problem is None and identity_type is IdentityType.NIP:
        problem = _nip_problem(compact, today)
    return compact, problem


def _patterned(number: str, pattern: re.Pattern[str], problem: str) -> tuple[str, str | None]:
    return number, None if pattern.fullmatch(number) else problem


def _length_problem(identity_type: IdentityType, number: str) -> str | None:
    kind, length = identity_type.value, _DIGITS_ONLY[identity_type]
    for place, letter in enumerate(number, start=1):
        if letter not in "0123456789":
            return gettext(
                "%(kind)s consists of digits only; character %(place)d is “%(letter)s”.",
                kind=kind,
                place=place,
                letter=letter,
            )
    if len(number) != length:
        return gettext(
            "%(kind)s has %(length)d digits; %(typed)d were typed.", kind=kind, length=length, typed=len(number)
        )
    return None


def _nip_problem(number: str, today: date) -> str | None:
    """Go through the groups from left to right and return the first that is wrong."""
    born = _date_of(number[:8])
    if born is None:
        return _date_problem(number[:8])
    return (
        _age_problem(born, number[:8], today)
        or _appointment_problem(born, number[8:12], today)
        or _month_problem(number[12:14])
        or _tail_problem(number[14], number[15:])
    )


def _date_problem(digits: str) -> str:
    """Which part of a birth date that no calendar holds is wrong."""
    month, day = digits[4:6], digits[6:8]
    if not 1 <= int(month) <= 12:
        wrong = gettext("there is no month %(month)s", month=month)
    elif not 1 <= int(day) <= 31 or int(digits[:4]) == 0:
        wrong = gettext("there is no day %(day)s", day=day)
    else:
        wrong = gettext("month %(month)s has no day %(day)s", month=month, day=day)
    return gettext(
        "Digits 1–8 of the NIP (%(digits)s) must be a birth date as year, month, day (19850720 for 20 July 1985),"
        " but %(wrong)s.",
        digits=digits,
        wrong=wrong,
    )


def _age_problem(born: date, digits: str, today: date) -> str | None:
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if YOUNGEST <= age <= OLDEST:
        return None
    return gettext(
        "Digits 1–8 of the NIP (%(digits)s) give a birth date outside the ages of %(youngest)d to %(oldest)d years;"
        " check the year of birth.",
        digits=digits,
        youngest=YOUNGEST,
        oldest=OLDEST,
    )


def _appointment_problem(born: date, digits: str, today: date) -> str | None:
    first, last = born.year + YOUNGEST, today.year + 1
    if first <= int(digits) <= last:
        return None
    return gettext(
        "Digits 9–12 of the NIP (%(digits)s) are the year of appointment; with this birth date it lies between"
        " %(first)d and %(last)d.",
        digits=digits,
        first=first,
        last=last,
    )


def _month_problem(digits: str) -> str | None:
    if _servant_kind(int(digits)):
        return None
    return gettext(
        "Digits 13–14 of the NIP (%(digits)s) must be the month of appointment, 01–12, or for a PPPK 21–99.",
        digits=digits,
    )


def _tail_problem(sex: str, serial: str) -> str | None:
    if sex not in _SEXES:
        return gettext("Digit 15 of the NIP (%(digits)s) must be 1 for a man or 2 for a woman.", digits=sex)
    if serial == "000":
        return gettext(
            "Digits 16–18 of the NIP must be a serial number, 001–999; a spreadsheet may have rounded them to 000."
        )
    return None


def _contradictions(number: str, birth_date: date | None, sex: Sex | None) -> tuple[str, ...]:
    parts = nip_parts(number)
    warnings = []
    if birth_date is not None and birth_date != parts.birth_date:
        warnings.append(gettext("The birth date differs from digits 1–8 of the NIP."))
    if sex is not None and sex is not parts.sex:
        warnings.append(gettext("The sex differs from digit 15 of the NIP."))
    return tuple(warnings)


def _servant_kind(group: int) -> ServantKind | None:
    if 1 <= group <= 12:
        return ServantKind.PNS
    return ServantKind.PPPK if 21 <= group <= 99 else None


def _date_of(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
