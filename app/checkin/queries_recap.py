"""The recap of a stage's attendance, as PDF and as rows of a spreadsheet, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.agenda.rules import expects
from app.checkin import queries
from app.checkin.models import Attendance, Checkpoint, Excuse
from app.checkin.pdf_recap import Recap, RecapRow, RecapTotal, recap_paper
from app.checkin.queries import Point
from app.checkin.queries_paper import said_of, select_participants
from app.checkin.rules import JpTally, short_name
from app.checkin.rules_paper import PaperOrder
from app.extensions import db
from app.hosts.queries import letterhead_of
from app.paper.pages import Paper
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.queries_people import PeopleFilter
from app.shared import clock
from app.shared.dates import clock_time, date_span, local_date, plain_date
from app.shared.names import sort_key
from app.shared.spreadsheets import Heading, Value

ABSENT = "–"


@dataclass(frozen=True)
class Mark:
    """Of a person at a checkpoint: when he came, whether he was excused (and with JP), whether he was expected."""

    at: datetime | None
    excused: bool | None
    expected: bool

    def shown(self, zone: str) -> str:
        if self.at is not None:
            return clock_time(self.at, zone).rpartition(" ")[0]
        if self.excused is not None:
            return "Izin JP" if self.excused else "Izin"
        return ABSENT if self.expected else ""


@dataclass(frozen=True)
class Line:
    """A person with a mark for each checkpoint, and the JP."""

    person: Registration
    marks: tuple[Mark, ...]
    jp: JpTally | None


@dataclass(frozen=True)
class Counted:
    """How many of some people came to each checkpoint, out of how many that were expected or came all the same."""

    name: str
    people: int
    present: tuple[int, ...]
    expected: tuple[int, ...]

    @property
    def shown(self) -> tuple[str, ...]:
        return tuple(f"{there}/{asked}" for there, asked in zip(self.present, self.expected, strict=True))


def lines_of(stage: Stage, points: Sequence[Point], narrowed: PeopleFilter, order: PaperOrder) -> list[Line]:
    """Everybody who is confirmed or was there, in the order asked for."""
    came = _came(stage)
    excused = _excused(stage)
    tallies = queries.jp_tally(stage)
    people = db.session.scalars(select_participants(stage, narrowed, order, came)).all()
    return [
        Line(
            person,
            tuple(_mark(person, point, came.get(person.id, {}), excused.get(person.id, {})) for point in points),
            tallies.get(person.id),
        )
        for person in people
    ]


def counted(lines: Iterable[Line], points: int, name_of: Callable[[Line], str]) -> list[Counted]:
    """The totals of the people that share a name, by unsur and institution."""
    of_name: dict[str, list[Line]] = defaultdict(list)
    for line in sorted(lines, key=lambda one: (one.person.category.position, sort_key(one.person.institution_name))):
        of_name[name_of(line)].append(line)
    return [_sum(name, theirs, points) for name, theirs in of_name.items()]


def recap_pdf(stage: Stage, narrowed: PeopleFilter, *, order: PaperOrder, paper: Paper, landscape: bool) -> bytes:
    """People by checkpoint, with totals."""
    points, zone = queries.points_of(stage), stage.timezone
    lines = lines_of(stage, points, narrowed, order)
    today = plain_date(local_date(clock.now(), zone))
    return recap_paper(
        Recap(
            letterhead=letterhead_of(stage.host),
            event=f"{stage.name} – {stage.programme.name}",
            dates=date_span(stage.starts_on, stage.ends_on),
            place=stage.place or ABSENT,
            points=tuple(_short(point.checkpoint, zone) for point in points),
            rows=tuple(_row(line, zone) for line in lines),
            categories=_totals(counted(lines, len(points), _category)),
            institutions=_totals(counted(lines, len(points), _institution)),
            totals=_totals([_sum("Jumlah", lines, len(points))])[0],
            selection=said_of(stage, narrowed),
            place_and_date=f"{stage.host.city}, {today}" if stage.host.city else today,
            paper=paper,
            landscape=landscape,
        )
    )


def recap_table(
    stage: Stage, narrowed: PeopleFilter, *, order: PaperOrder
) -> tuple[list[Heading], Iterator[list[Value]]]:
    """People by checkpoint for a spreadsheet, and below them the totals of each unsur and institution."""
    points, zone = queries.points_of(stage), stage.timezone
    lines = lines_of(stage, points, narrowed, order)
    headings = [Heading("No", 6), Heading("Nama", 34), Heading("NIP/NRP/NIDN", 22), Heading("Jabatan", 28)]
    headings += [Heading("Unsur", 18), Heading("Instansi", 34), Heading("Kelompok", 24)]
    headings += [Heading(point.checkpoint.name, 16) for point in points]
    headings += [Heading("Titik dihadiri", 12), Heading("JP dihadiri", 12), Heading("JP seharusnya", 12)]
    return headings, _cells(lines, len(points), zone)


def _cells(lines: Sequence[Line], points: int, zone: str) -> Iterator[list[Value]]:
    for number, line in enumerate(lines, start=1):
        one = line.person
        yield [
            number,
            one.full_name,
            one.identity_number or "",
            one.position,
            one.category.name,
            one.institution_name,
            ", ".join(group.name for group in one.groups),
            *(mark.shown(zone) for mark in line.marks),
            sum(mark.at is not None for mark in line.marks),
            line.jp.attended if line.jp else None,
            line.jp.expected if line.jp else None,
        ]
    blank: list[Value] = [None] * (10 + points)
    for title, totals in (
        ("Jumlah per unsur (hadir/diundang)", counted(lines, points, _category)),
        ("Jumlah per instansi (hadir/diundang)", counted(lines, points, _institution)),
    ):
        yield blank
        yield [None, title, *blank[2:]]
        for total in [*totals, _sum("Jumlah", lines, points)]:
            yield [None, total.name, None, None, None, None, str(total.people), *total.shown, None, None, None]


def _mark(person: Registration, point: Point, came: dict[int, datetime], excused: dict[int, bool]) -> Mark:
    point_id = point.checkpoint.id
    expected = expects(point.group_ids, frozenset(group.id for group in person.groups))
    return Mark(came.get(point_id), excused.get(point_id), expected)


def _came(stage: Stage) -> dict[int, dict[int, datetime]]:
    statement = (
        sa.select(Attendance.registration_id, Attendance.checkpoint_id, Attendance.at)
        .join(Checkpoint, Checkpoint.id == Attendance.checkpoint_id)
        .where(Checkpoint.stage_id == stage.id, Attendance.annulled_at.is_(None))
    )
    found: dict[int, dict[int, datetime]] = defaultdict(dict)
    for registration_id, checkpoint_id, at in db.session.execute(statement):
        found[registration_id][checkpoint_id] = at
    return found


def _excused(stage: Stage) -> dict[int, dict[int, bool]]:
    statement = (
        sa.select(Excuse.registration_id, Excuse.checkpoint_id, Excuse.with_jp)
        .join(Checkpoint, Checkpoint.id == Excuse.checkpoint_id)
        .where(Checkpoint.stage_id == stage.id, Excuse.withdrawn_at.is_(None))
    )
    found: dict[int, dict[int, bool]] = defaultdict(dict)
    for registration_id, checkpoint_id, with_jp in db.session.execute(statement):
        found[registration_id][checkpoint_id] = with_jp
    return found


def _sum(name: str, lines: Sequence[Line], points: int) -> Counted:
    present, expected = [0] * points, [0] * points
    for line in lines:
        for place, mark in enumerate(line.marks):
            present[place] += mark.at is not None
            expected[place] += mark.expected or mark.at is not None
    return Counted(name, len(lines), tuple(present), tuple(expected))


def _totals(found: Iterable[Counted]) -> tuple[RecapTotal, ...]:
    return tuple(RecapTotal(name=one.name, people=one.people, marks=one.shown) for one in found)


def _row(line: Line, zone: str) -> RecapRow:
    return RecapRow(
        name=line.person.full_name,
        category=line.person.category.name,
        institution=line.person.institution_name,
        marks=tuple(mark.shown(zone) for mark in line.marks),
        jp=f"{line.jp.attended}/{line.jp.expected}" if line.jp else "",
    )


def _category(line: Line) -> str:
    return line.person.category.name


def _institution(line: Line) -> str:
    return line.person.institution_name or line.person.category.name


def _short(point: Checkpoint, zone: str) -> str:
    return short_name(point.name, local_date(point.opens_at, zone))
