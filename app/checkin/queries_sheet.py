"""The attendance sheet of a checkpoint, as PDF. Papers are Indonesian whatever language the page is read in."""

from __future__ import annotations

from app.checkin.models import Attendance
from app.checkin.pdf import AttendanceRow, AttendanceSheet, attendance_sheet
from app.checkin.queries import Point, expected_people
from app.hosts.queries import letterhead_of
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.shared import identity
from app.shared.dates import clock_time, local_date, long_date, plain_date
from app.shared.identity import IdentityType
from app.shared.phone import shown_phone

MOST_TITLES = 3


def printed(stage: Stage, point: Point, *, filled: bool) -> bytes:
    """Who is expected, with room to sign; filled: with the times at which they came."""
    zone = stage.timezone
    day = local_date(point.checkpoint.opens_at, zone)
    people = expected_people(point)
    if not filled:
        people = [row for row in people if row[0].state is RegistrationState.CONFIRMED]
    sheet = AttendanceSheet(
        letterhead=letterhead_of(stage.host),
        event=f"{stage.name} – {stage.programme.name}",
        day=long_date(day),
        time=_time(point, zone),
        place=stage.place or "–",
        agenda=_agenda(point),
        rows=tuple(_row(person, attendance, zone) for person, attendance in people),
        place_and_date=f"{stage.host.city}, {plain_date(day)}" if stage.host.city else plain_date(day),
        filled=filled,
    )
    return attendance_sheet(sheet)


def _time(point: Point, zone: str) -> str:
    """Of the sessions covered; without any, of the checkpoint."""
    starts = min((session.starts_at for session in point.sessions), default=point.checkpoint.opens_at)
    ends = max((session.ends_at for session in point.sessions), default=point.checkpoint.closes_at)
    return f"{clock_time(starts, zone).rpartition(' ')[0]} s.d. {clock_time(ends, zone)}"


def _agenda(point: Point) -> str:
    """The sessions chosen for the checkpoint, where they are few; a whole day needs no list."""
    titles = [session.title for session in point.sessions]
    return "; ".join(titles) if point.checkpoint.sessions and len(titles) <= MOST_TITLES else ""


def _row(person: Registration, attendance: Attendance | None, zone: str) -> AttendanceRow:
    is_civil_servant = person.identity_type is IdentityType.NIP
    return AttendanceRow(
        name=person.full_name,
        nip=identity.shown(person.identity_type, person.identity_number) if is_civil_servant else "",
        position=person.position,
        institution=person.institution_name,
        phone=shown_phone(person.phone),
        signed_at=clock_time(attendance.at, zone) if attendance else "",
    )
