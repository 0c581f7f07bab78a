"""The clerk's list and the look-ups: right for each person, and never more queries for more people."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask

from app.certificates import queries, service
from app.certificates.models import Certificate
from app.extensions import db, transaction
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.shared.codes import grouped
from tests import factories
from tests.certificates.scene import scene


@pytest.fixture(autouse=True)
def within(app: Flask) -> None:
    """Every test needs the database."""


@contextmanager
def counted() -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    yield said
    sa.event.remove(db.engine, "before_cursor_execute", note)


def cost(stage_id: int) -> int:
    db.session.rollback()
    db.session.expunge_all()
    stage = db.session.get_one(Stage, stage_id)
    with counted() as said:
        queries.people(stage)
        queries.due_ids(stage)
    return len(said)


@pytest.mark.both_databases
def test_three_people_cost_as_many_queries_as_thirty() -> None:
    small, large = scene(feedback_required=True), scene(feedback_required=True)
    factories.questionnaire(small.stage, required=False)
    factories.questionnaire(large.stage, required=False)
    small.crowd(3)
    large.crowd(30)
    for place in (small, large):
        service.issue_some(place.stage, by=None, most=50)
        place.absent()
    few, many = small.stage.id, large.stage.id
    assert cost(few) == cost(many) < 40


def test_the_list_holds_the_confirmed_in_order_of_institution_and_name() -> None:
    place = scene()
    second = place.present("Cici", institution_name="Dinas B")
    first = place.absent("Budi", institution_name="Dinas A")
    place.absent("Waktu", state=RegistrationState.WAITLISTED)
    assert [(one.registration.id, one.standing.earned) for one in queries.people(place.stage)] == [
        (first.id, False),
        (second.id, True),
    ]
    assert queries.due_ids(place.stage) == [second.id]


def test_who_belongs_to_no_institution_comes_last() -> None:
    place = scene()
    for name, institution in (("Ani", ""), ("Zaki", "Dinas A"), ("Budi", "")):
        place.present(name, institution_name=institution)
    assert [one.registration.name for one in queries.people(place.stage)] == ["Zaki", "Ani", "Budi"]
    service.issue_some(place.stage, by=None)
    assert [one.registration.name for one in queries.certificates_of(place.stage)] == ["Zaki", "Ani", "Budi"]


@pytest.mark.both_databases
@pytest.mark.parametrize("first_number", [1, 52])
def test_the_forecast_comes_true(first_number: int) -> None:
    place = scene()
    place.crowd(1)
    service.issue_some(place.stage, by=None)
    service.save_design(place.stage.programme, by=None, first_number=first_number, signer_capacity="a.n.")
    place.crowd(4)
    said = queries.forecast(place.stage, 4)
    service.issue_some(place.stage, by=None)
    issued = db.session.scalars(sa.select(Certificate).order_by(Certificate.sequence)).all()[1:]
    assert (said.first, said.last) == (issued[0].number, issued[-1].number)
    assert {said.dated} == {one.dated for one in issued}
    assert said.signer == issued[0].snapshot["signer_name"]
    assert said.position == f"a.n. {issued[0].snapshot['signer_position']}"


def test_feedback_counts_where_the_stage_asks_for_it() -> None:
    place = scene(feedback_required=True)
    factories.questionnaire(place.stage, required=True)
    standing = queries.standing_of(place.present())
    assert [condition.holds for condition in standing.conditions] == [True, False]


def test_a_person_is_expected_only_where_her_groups_are() -> None:
    place = scene()
    group = factories.group(place.stage.programme)
    factories.agenda_session(
        place.stage,
        title="Diskusi",
        groups=[group],
        starts_at=factories.at(place.stage, 13),
        ends_at=factories.at(place.stage, 14, 30),
    )
    alone, member = place.present("Ani"), place.present("Beni", groups=[group])
    service.override(member, earned=True, reason="Diskusi daring", by=None)
    certificates = {person.id: service.issue(person, by=None).snapshot for person in (alone, member)}
    assert [lesson[0] for lesson in certificates[alone.id]["lessons"]] == ["Analisis SWOT", "Quick win"]
    assert [lesson[0] for lesson in certificates[member.id]["lessons"]] == ["Analisis SWOT", "Quick win", "Diskusi"]
    assert (certificates[alone.id]["jp"], certificates[member.id]["jp"]) == (4, 6)


def test_who_cancels_after_the_issue_stays_on_the_list_as_not_earned() -> None:
    place = scene()
    registration = place.present()
    service.issue(registration, by=None)
    with transaction():
        db.session.get_one(Registration, registration.id).state = RegistrationState.CANCELLED
    (person,) = queries.people(place.stage)
    assert person.valid and person.lapsed and not person.standing.earned
    assert queries.due_ids(place.stage) == []


def test_a_certificate_is_found_however_its_code_is_written() -> None:
    certificate = service.issue(scene().present(), by=None)
    for written in (certificate.code, certificate.code.lower(), grouped(certificate.code), f" {certificate.code} "):
        found = queries.find_by_code(written)
        assert found is not None and found.id == certificate.id


@pytest.mark.parametrize(
    "junk", ["", "-", "ABCD", "'; DROP TABLE certificate --", "\0" * 16, "U" * 16, "0" * 16, "é" * 16]
)
def test_junk_finds_nothing(junk: str) -> None:
    service.issue(scene().present(), by=None)
    assert queries.find_by_code(junk) is None


def test_in_force_are_those_with_a_valid_certificate() -> None:
    place = scene()
    kept, lost = place.crowd(2)
    service.issue(kept, by=None)
    service.revoke(service.issue(lost, by=None), reason="Salah", by=None)
    assert [certificate.registration_id for certificate in queries.certificates_of(place.stage)] == [kept.id]
    assert db.session.scalar(sa.select(sa.func.count(Certificate.id))) == 2


def test_a_person_alone_is_weighed_without_a_look_at_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    place = scene()
    place.crowd(3)
    wanted = place.present("Siti Aminah")
    asked: list[object] = []
    tally = queries.jp_tally
    monkeypatch.setattr(queries, "jp_tally", lambda stage, ids=None: asked.append(ids) or tally(stage, ids))
    person = queries.person(place.stage, wanted.id)
    assert person is not None and person.standing.earned
    assert queries.standing_of(wanted).earned
    assert asked == [[wanted.id], [wanted.id]]
