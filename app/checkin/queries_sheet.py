"""The attendance sheet of a checkpoint, a day or a session, as PDF. Papers are Indonesian whatever language the page is read in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from app.agenda.models import AgendaSession
from app.agenda.queries import days_of, sessions_of
from app.agenda.rules import SessionKind, expects
from app.checkin import queries, rules
from app.checkin.models import Attendance, Excuse
from app.checkin.pdf import UNNAMED, AttendanceRow, AttendanceSheet, attendance_sheet
from app.checkin.queries import Point
from app.checkin.queries_paper import badge_address, committee_of, leading_of, said_of, select_participants
from app.checkin.rules_paper import BLANK_ROWS, Audience, PaperOrder
from app.extensions import db
from app.hosts.queries import letterhead_of
from app.paper.pages import Paper
from app.paper.signature import Signer
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.queries_people import PeopleFilter
from app.shared import identity
from app.shared.dates import clock_time, local_date, long_date, plain_date
from app.shared.identity import IdentityType
from app.shared.phone import shown_phone

MOST_TITLES = 3
EVERYBODY = PeopleFilter()


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """What people sign for. `key` names it in an address; `point_ids`: the checkpoints that prove attendance of it.

    `groups`: of whom somebody is expected (none: everyone). `agenda` is "" for a whole day. Who came from `leaves_at` on was not there:
    a session is over then, while a day or a checkpoint is whoever comes to it.
    """

    key: str
    day: date
    starts_at: datetime | None
    ends_at: datetime | None
    sessions: tuple[AgendaSession, ...]
    point_ids: frozenset[int]
    groups: frozenset[int]
    agenda: str = ""
    room: str = ""
    leaves_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SheetWish:
    """In which form a sheet is wanted. `position`, `signer`: who acknowledges it; else it is written by hand."""

    audience: Audience = Audience.PARTICIPANTS
    narrowed: PeopleFilter = EVERYBODY
    order: PaperOrder = PaperOrder.INSTITUTION
    filled: bool = False
    with_codes: bool = True
    blank_rows: int = BLANK_ROWS
    paper: Paper = Paper.A4
    landscape: bool = True
    position: str = ""
    signer: str = ""


@dataclass(frozen=True)
class Occasions:
    """All that a stage's sheets can be for."""

    points: list[tuple[Point, Occasion]]
    days: list[Occasion]
    sessions: list[Occasion]

    def find(self, key: str) -> Occasion | None:
        every = (*(occasion for _point, occasion in self.points), *self.days, *self.sessions)
        return next((one for one in every if one.key == key), None)


def key_of_point(checkpoint_id: int) -> str:
    return f"titik-{checkpoint_id}"


def occasions_of(stage: Stage) -> Occasions:
    """Checkpoints, days and sessions of a stage, in a constant number of queries."""
    points, sessions, zone = queries.points_of(stage), sessions_of(stage), stage.timezone
    by_day = {one.day: tuple(one.sessions) for one in days_of(sessions, zone)}
    span = (stage.ends_on - stage.starts_on).days + 1
    days = sorted({*by_day, *(stage.starts_on + timedelta(days=number) for number in range(min(span, 62)))})
    return Occasions(
        [(point, _of_point(point, zone)) for point in points],
        [_of_day(day, by_day.get(day, ()), points, zone) for day in days],
        [_of_session(one, points, zone) for one in sessions if one.kind is not SessionKind.BREAK],
    )


def printed(stage: Stage, occasion: Occasion, wish: SheetWish) -> bytes:
    """Who is expected, with room to sign; filled: with the times at which they came."""
    sheet = AttendanceSheet(
        letterhead=letterhead_of(stage.host),
        event=f"{stage.name} – {stage.programme.name}",
        day=long_date(occasion.day),
        time=_time(occasion, stage.timezone),
        place=_place(occasion.room, stage.place),
        agenda=occasion.agenda,
        selection=said_of(stage, wish.narrowed) if wish.audience is Audience.PARTICIPANTS else "",
        rows=tuple(_rows(stage, occasion, wish)),
        audience=wish.audience,
        signer=Signer(position=wish.position or UNNAMED.position, name=wish.signer or UNNAMED.name, nip=UNNAMED.nip),
        place_and_date=f"{stage.host.city}, {plain_date(occasion.day)}"
        if stage.host.city
        else plain_date(occasion.day),
        filled=wish.filled,
        walk_in_rows=wish.blank_rows,
        paper=wish.paper,
        landscape=wish.landscape,
    )
    return attendance_sheet(sheet)


def _rows(stage: Stage, occasion: Occasion, wish: SheetWish) -> list[AttendanceRow]:
    if wish.audience is Audience.COMMITTEE:
        return [AttendanceRow(name=name, position=task) for name, task in committee_of(stage)]
    if wish.audience is Audience.SPEAKERS:
        return [
            AttendanceRow(
                name=one.speaker.full_name,
                position=one.speaker.position or one.role,
                institution=one.speaker.institution,
                subject="; ".join(one.titles),
            )
            for one in leading_of(stage, occasion.sessions)
        ]
    return _participants(stage, occasion, wish)


def _participants(stage: Stage, occasion: Occasion, wish: SheetWish) -> list[AttendanceRow]:
    zone = stage.timezone
    came = first_times(occasion.point_ids, before=occasion.leaves_at) if wish.filled else {}
    excused = excused_from(occasion.point_ids) if wish.filled else {}
    people = db.session.scalars(select_participants(stage, wish.narrowed, wish.order, came)).all()
    return [
        _row(person, _when(came.get(person.id), excused.get(person.id), zone), with_code=wish.with_codes)
        for person in people
        if person.id in came or expects(occasion.groups, frozenset(group.id for group in person.groups))
    ]


def first_times(point_ids: frozenset[int], *, before: datetime | None = None) -> dict[int, datetime]:
    """When each person came to the first of these checkpoints, by registration id; only who came `before` a moment."""
    statement = (
        sa.select(Attendance.registration_id, sa.func.min(Attendance.at))
        .where(Attendance.checkpoint_id.in_(point_ids), Attendance.annulled_at.is_(None))
        .group_by(Attendance.registration_id)
    )
    if before is not None:
        statement = statement.where(Attendance.at < before)
    return {row[0]: row[1] for row in db.session.execute(statement)}


def excused_from(point_ids: frozenset[int]) -> dict[int, bool]:
    """Who is excused from one of these checkpoints, by registration id, and whether with the JP."""
    statement = (
        sa.select(Excuse.registration_id, Excuse.with_jp)
        .where(Excuse.checkpoint_id.in_(point_ids), Excuse.withdrawn_at.is_(None))
        .order_by(Excuse.with_jp)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def _when(at: datetime | None, with_jp: bool | None, zone: str) -> str:
    if at is not None:
        return clock_time(at, zone)
    return "" if with_jp is None else "Izin"


def _row(person: Registration, signed_at: str, *, with_code: bool) -> AttendanceRow:
    is_civil_servant = person.identity_type is IdentityType.NIP
    return AttendanceRow(
        name=person.full_name,
        nip=identity.shown(person.identity_type, person.identity_number) if is_civil_servant else "",
        position=person.position,
        institution=person.institution_name,
        phone=shown_phone(person.phone),
        signed_at=signed_at,
        qr_text=badge_address(person) if with_code else "",
    )


def _of_point(point: Point, zone: str) -> Occasion:
    """A whole day needs no list of its sessions; those chosen for the checkpoint are named where they are few."""
    titles = [session.title for session in point.sessions]
    return Occasion(
        key=key_of_point(point.checkpoint.id),
        day=local_date(point.checkpoint.opens_at, zone),
        starts_at=min((session.starts_at for session in point.sessions), default=point.checkpoint.opens_at),
        ends_at=max((session.ends_at for session in point.sessions), default=point.checkpoint.closes_at),
        sessions=point.sessions,
        point_ids=frozenset({point.checkpoint.id}),
        groups=point.group_ids,
        agenda="; ".join(titles) if point.checkpoint.sessions and len(titles) <= MOST_TITLES else "",
    )


def _of_day(day: date, sessions: tuple[AgendaSession, ...], points: Sequence[Point], zone: str) -> Occasion:
    ids = {session.id for session in sessions}
    here = [
        point
        for point in points
        if local_date(point.checkpoint.opens_at, zone) == day or any(one.id in ids for one in point.sessions)
    ]
    audiences = [frozenset(group.id for group in session.groups) for session in sessions]
    return Occasion(
        key=f"hari-{day.isoformat()}",
        day=day,
        starts_at=min((session.starts_at for session in sessions), default=None),
        ends_at=max((session.ends_at for session in sessions), default=None),
        sessions=sessions,
        point_ids=frozenset(point.checkpoint.id for point in here),
        groups=rules.expected_groups(audiences),
    )


def _of_session(session: AgendaSession, points: Sequence[Point], zone: str) -> Occasion:
    return Occasion(
        key=f"sesi-{session.id}",
        day=local_date(session.starts_at, zone),
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        sessions=(session,),
        point_ids=frozenset(point.checkpoint.id for point in points if session in point.sessions),
        groups=frozenset(group.id for group in session.groups),
        agenda=session.title,
        room=session.room,
        leaves_at=session.ends_at,
    )


def _place(room: str, place: str) -> str:
    """The room and where it is, unless the one says the other."""
    named = place if room and place.startswith(room) else ", ".join(part for part in (room, place) if part)
    return named or "–"


def _time(occasion: Occasion, zone: str) -> str:
    if occasion.starts_at is None or occasion.ends_at is None:
        return ""
    return f"{clock_time(occasion.starts_at, zone).rpartition(' ')[0]} s.d. {clock_time(occasion.ends_at, zone)}"
