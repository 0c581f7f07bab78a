"""Dates and times as Indonesian letters write them, the same on every machine whatever its locale data.

Formats: domain.md, "Paper". Every function takes locale="id" (the default) or "en".
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.shared.numbers import roman

ZONES = {
    "Asia/Jakarta": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
}

_MONTHS = {
    "id": (
        "Januari",
        "Februari",
        "Maret",
        "April",
        "Mei",
        "Juni",
        "Juli",
        "Agustus",
        "September",
        "Oktober",
        "November",
        "Desember",
    ),
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
}
_WEEKDAYS = {
    "id": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def long_date(d: date, locale: str = "id") -> str:
    """Return "Senin, 8 Juli 2019"."""
    return f"{_WEEKDAYS[_language(locale)][d.weekday()]}, {plain_date(d, locale)}"


def plain_date(d: date, locale: str = "id") -> str:
    """Return "8 Juli 2019"."""
    return f"{_day_and_month(d, locale)} {d.year}"


def short_date(d: date, locale: str = "id") -> str:
    """Return "Sen 8 Jul"."""
    language = _language(locale)
    return f"{_WEEKDAYS[language][d.weekday()][:3]} {d.day} {_MONTHS[language][d.month - 1][:3]}"


def date_span(a: date, b: date, locale: str = "id") -> str:
    """Return the days from a to b, naming month and year once where they are shared: "8 s.d. 9 Juli 2019"."""
    if (a.year, a.month, a.day) == (b.year, b.month, b.day):
        return plain_date(a, locale)
    english = _language(locale) == "en"
    if a.year != b.year:
        first = plain_date(a, locale)
    elif a.month != b.month:
        first = _day_and_month(a, locale)
    else:
        return f"{a.day}{'–' if english else ' s.d. '}{plain_date(b, locale)}"
    return f"{first} {'–' if english else 's.d.'} {plain_date(b, locale)}"


def clock_time(dt: datetime, zone: str, locale: str = "id") -> str:
    """Return the wall clock in the zone: "08.00 WIB", in English "08:00 WIB"."""
    return f"{_hour_and_minute(dt, zone, locale)} {zone_label(zone)}"


def beginning(dt: datetime, zone: str, locale: str = "id") -> str:
    """Return "mulai pukul 07.30 WIB", in English "from 07:30 WIB"."""
    return f"{'from' if _language(locale) == 'en' else 'mulai pukul'} {clock_time(dt, zone, locale)}"


def time_span(a: datetime, b: datetime, zone: str, locale: str = "id") -> str:
    """Return "08.00–09.30 WIB"; a span that ends with its day ends at 24.00."""
    end = _hour_and_minute(b, zone, locale)
    if end[:2] + end[3:] == "0000" and local_date(b, zone) > local_date(a, zone):
        end = "24" + end[2:]
    return f"{_hour_and_minute(a, zone, locale)}–{end} {zone_label(zone)}"


def zone_label(zone_name: str) -> str:
    """Return WIB, WITA or WIT; a zone outside Indonesia keeps its own name."""
    return ZONES.get(zone_name, zone_name)


def roman_month(d: date) -> str:
    """Return the month as letter numbers carry it: July → "VII"."""
    return roman(d.month)


def local(dt: datetime, zone: str) -> datetime:
    """Return the aware moment on the zone's wall clock. Raises ValueError for a naive one."""
    if dt.tzinfo is None:
        # astimezone would take a naive time for the server's own zone, seven hours off in silence.
        raise ValueError("a moment needs a time zone")
    return dt.astimezone(ZoneInfo(zone))


def local_date(dt: datetime, zone: str) -> date:
    """Return the calendar day of the moment in the zone."""
    return local(dt, zone).date()


def _language(locale: str) -> str:
    return "en" if str(locale).startswith("en") else "id"


def _day_and_month(d: date, locale: str) -> str:
    return f"{d.day} {_MONTHS[_language(locale)][d.month - 1]}"


def _hour_and_minute(dt: datetime, zone: str, locale: str) -> str:
    return local(dt, zone).strftime("%H:%M" if _language(locale) == "en" else "%H.%M")
