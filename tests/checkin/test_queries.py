"""What other rooms ask of attendance, and that it costs the same for few and for many."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.agenda.rules import SessionKind
from app.checkin import queries, queries_board
from app.checkin.rules import JpTally
from app.extensions import db
from app.programmes.models import Stage
from app.registration.rules import RegistrationState
from app.shared import clock
from tests import factories

pytestmark = pytest.mark.usefixtures("app")


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        statements.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def day_of_two_sessions() -> tuple[Stage, Any, Any]:
    """A lesson for all from 08.00 and a discussion of one group from 10.00, 2 JP each, and the day's checkpoint."""
    stage = factories.stage()
    group = factories.group(stage.programme)
    factories.agenda_session(stage)
    factories.agenda_session(
        stage,
        kind=SessionKind.DISCUSSION,
        groups=[group],
        starts_at=factories.at(stage, 10),
        ends_at=factories.at(stage, 11, 30),
    )
    factories.agenda_session(
        stage, kind=SessionKind.BREAK, starts_at=factories.at(stage, 12), ends_at=factories.at(stage, 13)
    )
    point = factories.checkpoint(stage, opens_at=factories.at(stage, 6), closes_at=factories.at(stage, 18))
    return stage, group, point


def test_jp_of_a_day() -> None:
    stage, group, point = day_of_two_sessions()
    early, late, absent = (factories.registration(stage, groups=[group]) for _ in range(3))
    narrow = factories.registration(stage)
    factories.registration(stage, state=RegistrationState.CANCELLED)
    factories.attendance(early, point, at=factories.at(stage, 8, 30))
    factories.attendance(late, point, at=factories.at(stage, 8, 31))
    factories.attendance(narrow, point, at=factories.at(stage, 7))
    assert queries.jp_tally(stage) == {
        early.id: JpTally(4, 4),
        late.id: JpTally(2, 4),
        absent.id: JpTally(0, 4),
        narrow.id: JpTally(2, 2),
    }


def test_jp_of_some_people_look_at_nobody_else() -> None:
    stage, group, point = day_of_two_sessions()
    one, two, other = (factories.registration(stage, groups=[group]) for _ in range(3))
    cancelled = factories.registration(stage, state=RegistrationState.CANCELLED)
    for person in (one, other):
        factories.attendance(person, point, at=factories.at(stage, 7))
    assert queries.jp_tally(stage, registration_ids=[one.id, two.id, cancelled.id]) == {
        one.id: JpTally(4, 4),
        two.id: JpTally(0, 4),
    }
    assert queries.jp_tally(stage, registration_ids=[]) == {}


def test_an_annulled_attendance_counts_for_nothing() -> None:
    stage, _group, point = day_of_two_sessions()
    person = factories.registration(stage)
    factories.attendance(person, point, at=factories.at(stage, 7), annulled_at=clock.now(), annul_reason="salah orang")
    assert queries.jp_tally(stage)[person.id] == JpTally(0, 2)
    assert queries.attendance_of(person) == []
    assert queries.present_count(point) == 0


def test_who_is_expected_where() -> None:
    stage, group, point = day_of_two_sessions()
    discussion = next(one for one in queries.points_of(stage)[0].sessions if one.groups)
    narrow = factories.checkpoint(stage, sessions=[discussion])
    member = factories.registration(stage, groups=[group])
    guest = factories.registration(stage)
    factories.attendance(guest, narrow)
    assert queries.expected_count(point) == 2
    assert queries.expected_count(narrow) == 1
    of_narrow = next(one for one in queries.points_of(stage) if one.checkpoint.id == narrow.id)
    assert {person.id for person, _there in queries.expected_people(of_narrow)} == {member.id, guest.id}
    categories, _institutions = queries_board.shares(of_narrow)
    assert sum(one.expected for one in categories) == 1
    assert sum(one.present for one in categories) == 1
    assert sum(one.absent for one in categories) == 1


def test_a_search_finds_names_before_institutions() -> None:
    stage = factories.stage()
    university = factories.institution(stage.programme.host, "OPD", name="Universitas Maritim Raja Ali Haji")
    factories.registration(stage, name="Agus Salim", institution=university)
    factories.registration(stage, name="Raja Ismail")
    found = queries.search_people(factories.checkpoint(stage), "raja")
    assert [person.name for person, _there in found] == ["Raja Ismail", "Agus Salim"]


def test_the_checkpoint_of_the_moment() -> None:
    stage, now = factories.stage(), clock.now()
    hour = timedelta(hours=1)
    past = factories.checkpoint(stage, opens_at=now - 3 * hour, closes_at=now - hour)
    coming = factories.checkpoint(stage, opens_at=now + hour, closes_at=now + 3 * hour)
    points = queries.points_of(stage)

    def chosen(moment: Any) -> int | None:
        found = queries.preselected(points, moment)
        return found.checkpoint.id if found else None

    assert [chosen(now - 2 * hour), chosen(now), chosen(now + 2 * hour), chosen(now + 4 * hour)] == [
        past.id,
        coming.id,
        coming.id,
        coming.id,
    ]
    assert queries.preselected([], now) is None


@pytest.mark.parametrize(
    "read",
    [
        queries.jp_tally,
        queries.points_of,
        lambda stage: queries_board.shares(queries.points_of(stage)[0]),
        lambda stage: [
            (a.full_name, a.category.name, a.groups, b and b.device)
            for a, b in queries.expected_people(queries.points_of(stage)[0])
        ],
    ],
    ids=["jp_tally", "points_of", "by_category", "expected_people"],
)
def test_the_number_of_queries_is_the_same_for_few_and_many(read: Callable[[Stage], Any]) -> None:
    stage, group, point = day_of_two_sessions()

    def cost() -> int:
        db.session.expire_all()
        with counted() as statements:
            read(stage)
        return len(statements)

    factories.attendance(factories.registration(stage, groups=[group]), point)
    few = cost()
    for _ in range(6):
        factories.attendance(factories.registration(stage, groups=[group]), point)
        factories.agenda_session(stage)
        factories.checkpoint(stage)
    assert cost() == few
