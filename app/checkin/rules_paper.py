"""What is printed for the door, for whom, and in which form."""

from __future__ import annotations

import enum

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
