"""What is printed for the door, for whom, and in which form."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

MOST_BLANK_ROWS = 40
BLANK_ROWS = 8


class Audience(enum.StrEnum):
    """Participants, speakers and committee sign apart: their sheets are kept and paid apart."""

    PARTICIPANTS = "peserta"
    SPEAKERS = "narasumber"
    COMMITTEE = "panitia"


class BadgeSize(enum.StrEnum):
    """One to a page of A6, or ten to a sheet of A4 that is cut."""

    A6 = "a6"
    TEN_TO_A4 = "a4"


class PaperOrder(enum.StrEnum):
    """In which order people stand on a paper."""

    INSTITUTION = "instansi"
    NAME = "nama"


AUDIENCE_LABELS = {
    Audience.PARTICIPANTS: _l("Participants"),
    Audience.SPEAKERS: _l("Speakers"),
    Audience.COMMITTEE: _l("Committee"),
}
BADGE_SIZE_LABELS = {
    BadgeSize.A6: _l("A6, one to a page"),
    BadgeSize.TEN_TO_A4: _l("A4, ten to a sheet, to be cut"),
}
ORDER_LABELS = {
    PaperOrder.INSTITUTION: _l("By category and institution"),
    PaperOrder.NAME: _l("By name"),
}
SHEET_TITLES = {
    Audience.PARTICIPANTS: "DAFTAR HADIR PESERTA",
    Audience.SPEAKERS: "DAFTAR HADIR NARASUMBER",
    Audience.COMMITTEE: "DAFTAR HADIR PANITIA",
}
"""Papers are Indonesian whoever prints them."""


@dataclass(frozen=True)
class SignedRow:
    """A row of a signed sheet: who signed, and when; without a time as the service takes it."""

    registration_id: int
    at: datetime | None = None


_TYPED_TIME = re.compile(r"([01]?[0-9]|2[0-3])[.:]?([0-5][0-9])")


def signed_at(typed: str, *, opens_at: datetime, closes_at: datetime, zone: str) -> datetime | None:
    """The moment of a time written beside a signature, "7.42" or "07:42", within the opening hours; None where it is none of them.

    It is of the checkpoint's day, or of the next where that alone lies within.
    """
    found = _TYPED_TIME.fullmatch("".join(typed.split()))
    if found is None:
        return None
    here = opens_at.astimezone(ZoneInfo(zone))
    first = here.replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
    minute = opens_at.replace(second=0, microsecond=0)
    moments = (first, first + timedelta(days=1))
    within = next((one for one in moments if minute <= one <= closes_at), None)
    return None if within is None else max(within, opens_at)
