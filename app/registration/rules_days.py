"""The days of a stage as its people are told of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.shared.dates import beginning, date_span, local_date, long_date

MOST_LINES = 5
"""Days of a stage that a ticket has room to name one by one."""


@dataclass(frozen=True)
class CourseDay:
    """A day of a stage, and from when until when its sessions last; without times where the agenda has none that day."""

    day: date
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def course_days(first: date, last: date, spans: Collection[tuple[datetime, datetime]], zone: str) -> list[CourseDay]:
    """The days of a stage with the times of these sessions; sessions outside its days are passed over."""
    by_day: dict[date, list[tuple[datetime, datetime]]] = {}
    for span in spans:
        by_day.setdefault(local_date(span[0], zone), []).append(span)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [
        CourseDay(day, min(by_day[day])[0], max(ends for _starts, ends in by_day[day]))
        if day in by_day
        else CourseDay(day)
        for day in days
    ]


def when_lines(days: Sequence[CourseDay], zone: str, locale: str = "id") -> list[str]:
    """When to come, in lines to be read: all days in one where they begin alike, else a line for each."""
    first, last = days[0].day, days[-1].day
    span = long_date(first, locale) if first == last else date_span(first, last, locale)
    begun = [day for day in days if day.starts_at]
    if not begun:
        return [span]
    if {_beginning(day, zone, locale) for day in days} == {alike := _beginning(begun[0], zone, locale)}:
        return [span + alike]
    shown = days if len(days) <= MOST_LINES else begun[:1]
    lines = [long_date(day.day, locale) + _beginning(day, zone, locale) for day in shown]
    return lines if shown is days else [span, *lines]


def _beginning(day: CourseDay, zone: str, locale: str) -> str:
    return f", {beginning(day.starts_at, zone, locale)}" if day.starts_at else ""
