"""Counts of the journey, and who is behind each."""

from typing import Any

import pytest
from flask import Flask

from app.extensions import db, transaction
from app.journey import queries
from app.journey.rules import StagePhase, Step
from app.registration.queries import PeopleFilter
from tests import factories
from tests.journey import scene as scenes
from tests.journey.counting import counted

pytestmark = pytest.mark.both_databases


@pytest.fixture
def scene(app: Flask) -> scenes.Scene:
    return scenes.lay(factories.stage())


def test_the_total_and_each_unsur(scene: scenes.Scene) -> None:
    total, rows = queries.steps_by_category(scene.stage)
    invited, registered, present, answered, certified = Step
    assert total.counts == {invited: 4, registered: 4, present: 3, answered: 1, certified: 1}
    by_code = {row.category.code: row.counts for row in rows if row.category}
    assert by_code == {
        "OPD": {invited: 4, registered: 3, present: 2, answered: 1, certified: 1},
        "PERBANKAN": {invited: 0, registered: 1, present: 1, answered: 0, certified: 0},
    }


def test_each_count_is_that_of_the_people_behind_it(scene: scenes.Scene) -> None:
    total, rows = queries.steps_by_category(scene.stage)
    for row in [total, *rows]:
        narrowed = PeopleFilter(category=row.category.code if row.category else "")
        for step in set(Step) - {Step.INVITED}:
            people = db.session.scalars(queries.people_at(scene.stage, narrowed, step)).all()
            assert len(people) == row.counts[step], (narrowed, step)


def test_an_annulled_attendance_and_a_revoked_certificate_no_longer_count(scene: scenes.Scene) -> None:
    from app.certificates import service as certificates
    from app.certificates.queries import certificate_of
    from app.checkin import service as checkin
    from app.checkin.queries import attendance_of

    person, by = scene.people["certified"], factories.user()
    certificates.revoke(certificate_of(person), reason="Keliru", by=by)
    checkin.annul(attendance_of(person)[0], reason="Diwakili", by=by)
    total, _rows = queries.steps_by_category(scene.stage)
    assert (total.counts[Step.PRESENT], total.counts[Step.CERTIFIED]) == (2, 0)


def test_who_has_cancelled_counts_nowhere(scene: scenes.Scene) -> None:
    from app.registration import service as registration

    registration.cancel(scene.people["banker"], by=factories.user(), reason="Berhalangan")
    total, _rows = queries.steps_by_category(scene.stage)
    assert total.counts[Step.PRESENT] == 2


def test_which_steps_each_has_reached(scene: scenes.Scene) -> None:
    reached = queries.steps_of(list(scene.people.values()))
    assert {name: {step.value for step in reached[person.id]} for name, person in scene.people.items()} == {
        "certified": {"registered", "present", "answered", "certified"},
        "present": {"registered", "present"},
        "absent": {"registered"},
        "banker": {"registered", "present"},
        "waiting": set(),
        "cancelled": set(),
    }


def test_as_many_queries_for_many_as_for_few(scene: scenes.Scene) -> None:
    def ask() -> int:
        db.session.rollback()
        stage = db.session.get_one(type(scene.stage), scene.stage.id)
        with counted() as statements:
            queries.steps_by_category(stage)
            queries.steps_of(db.session.scalars(queries.people_at(stage, PeopleFilter(), None)).all())
        return len(statements)

    few = ask()
    for number in range(30):
        scenes.person(scene, scene.opd, f"Orang {number}")
    assert ask() == few


def test_phase_of_a_stage_is_on_the_hosts_clock(app: Flask, frozen_clock: Any) -> None:
    from datetime import UTC, date, datetime

    east = factories.programme(factories.host(timezone="Asia/Jayapura"))
    stage = factories.stage(east, starts_on=date(2019, 7, 8), ends_on=date(2019, 7, 8))
    frozen_clock(datetime(2019, 7, 7, 15, 30, tzinfo=UTC))  # half past midnight of the eighth in Jayapura
    assert queries.phase_of(stage) is StagePhase.RUNNING


def test_programmes_with_something_to_come_stand_first(app: Flask) -> None:
    past, soon, later, hidden = (factories.programme(name=name) for name in ("Past", "Soon", "Later", "Hidden"))
    for programme, days in ((past, -60), (soon, 3), (later, 40)):
        scenes.move(factories.stage(programme), days)
    factories.stage(hidden, published=False)
    factories.programme(name="Empty")
    with transaction():
        hidden.published = True
    assert [programme.name for programme in queries.programmes_by_next_stage()] == ["Soon", "Later", "Past"]
    ids = [past.id, hidden.id]
    assert [len(queries.published_stages(ids)[one]) for one in ids] == [1, 0]
    assert len(queries.all_stages(ids)[hidden.id]) == 1
