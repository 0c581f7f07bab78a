"""What every template may use: dates, names and numbers as Indonesians write them, and the addresses of pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined

from app.shared import clock, codes, dates, names, phone
from app.web import paging
from app.web.locale import current_language


def init_app(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        long_date=long_date,
        plain_date=plain_date,
        clock_time=clock_time,
        date_time=date_time,
        time_span=time_span,
        hours=hours,
        zone_label=dates.zone_label,
        date_span=date_span,
        full_name=full_name,
        grouped=codes.grouped,
        initials=names.initials,
        phone=phone.shown_phone,
        decimal=decimal,
        thousands=thousands,
    )
    app.jinja_env.globals.update(now=clock.now, page_url=paging.page_url, url_with=paging.url_with)


def long_date(value: date | datetime, zone: str | None = None) -> str:
    """`Senin, 8 Juli 2019`; a datetime needs the zone."""
    return dates.long_date(_day(value, zone), current_language())


def plain_date(value: date | datetime, zone: str | None = None) -> str:
    """`8 Juli 2019`; a datetime needs the zone."""
    return dates.plain_date(_day(value, zone), current_language())


def clock_time(value: datetime, zone: str) -> str:
    """`08.00 WIB`."""
    return dates.clock_time(value, zone, current_language())


def date_time(value: datetime, zone: str) -> str:
    """`8 Juli 2019, 08.00 WIB`."""
    return f"{plain_date(value, zone)}, {clock_time(value, zone)}"


def time_span(start: datetime, end: datetime, zone: str) -> str:
    """`08.00–09.30 WIB`."""
    return dates.time_span(start, end, zone, current_language())


def hours(start: datetime, end: datetime, zone: str) -> str:
    """`08.00–09.30`, below a heading that names the zone."""
    return time_span(start, end, zone).removesuffix(f" {dates.zone_label(zone)}")


def date_span(start: date | datetime, end: date | datetime, zone: str | None = None) -> str:
    """`8 s.d. 9 Juli 2019`; datetimes need the zone."""
    return dates.date_span(_day(start, zone), _day(end, zone), current_language())


def full_name(person: Any) -> str:
    """The printed name of whatever has `title_before`, `name` and `title_after`."""
    return names.full_name(person.title_before, person.name, person.title_after)


def decimal(value: float | None, places: int = 2) -> str:
    """`4,25` in Indonesian, `4.25` in English; a dash for None."""
    if value is None:
        return "–"
    text = f"{value:,.{places}f}"
    return text if current_language() == "en" else text.translate(str.maketrans(",.", ".,"))


def thousands(value: int | None) -> str:
    """`1.250` in Indonesian, `1,250` in English; a dash for None."""
    return decimal(value, 0)


def _day(value: date | datetime, zone: str | None) -> date:
    if not isinstance(value, datetime):
        return value
    if zone is None:
        raise ValueError("a moment has a day only in a time zone")
    return dates.local_date(value, zone)
