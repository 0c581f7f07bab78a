"""Lists of people: what a filter finds, and at what cost; and how somebody who registers is looked up."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from app.extensions import db, is_postgresql
from app.programmes.models import Stage
from app.registration.queries import (
    KNOWN_AT,
    PeopleFilter,
    counts_by_state,
    find_by_ticket,
    find_registration,
    groups_of_confirmed,
    known_at,
    people,
)
from app.registration.rules import PersonKey, RegistrationState, person_key
from app.registration.service import cancel
from app.shared import clock
from app.shared.codes import grouped
from tests import factories
from tests.registration.people import fresh, online, person, unnumbered

pytestmark = pytest.mark.both_databases


@pytest.fixture
def stage(app) -> Stage:
    made = factories.stage()
    for code in ("OPD", "PAKAR"):
        factories.category(made.host, code)
    return made


def names(stage: Stage, **wanted: Any) -> list[str]:
    return [one.name for one in db.session.scalars(people(stage, PeopleFilter(**wanted)))]


def test_a_list_is_in_the_order_of_names(stage: Stage) -> None:
    for number, name in enumerate(["Zainal", "ahmad", "Élis", "Budi"]):
        online(stage, person(number, name=name))
    assert names(stage) == ["ahmad", "Budi", "Élis", "Zainal"]
    online(factories.stage(stage.programme), person(9))
    assert len(names(stage)) == 4


@pytest.mark.parametrize(
    "typed",
    ["aminah siti", "AMINAH", "kominfo", "19850720 201001 2 001", "2010012001", "0812-3450-0001", "0001", "500001"],
)
def test_people_are_found_by_what_staff_know_of_them(stage: Stage, typed: str) -> None:
    online(stage, person())
    online(stage, unnumbered())
    assert names(stage, q=typed) == [person().name]


@pytest.mark.parametrize("typed", ["%", "_", "100%", "\\", "'", "zzz", "99999999", "../..", "=1"])
def test_a_search_takes_no_wildcards(stage: Stage, typed: str) -> None:
    online(stage, person())
    assert names(stage, q=typed) == []


def test_codes_are_found_in_any_writing(stage: Stage) -> None:
    made = online(stage, person()).registration
    assert names(stage, q=grouped(made.ticket_code).lower()) == names(stage, q=made.badge_code) == [made.name]
    assert find_by_ticket(grouped(made.ticket_code).lower()).id == made.id
    assert find_by_ticket(made.badge_code) is None
    assert find_by_ticket("no code") is None


def test_filters_narrow(stage: Stage) -> None:
    place, group = factories.institution(stage.host), factories.group(stage.programme)
    one = online(stage, person(1, institution_id=place.id, name="Satu"), group_ids=[group.id]).registration
    two = online(stage, unnumbered(name="Dua")).registration
    cancel(two)
    assert names(stage, category="PAKAR") == ["Dua"] and names(stage, category="OPD") == ["Satu"]
    assert names(stage, institution=place.id) == names(stage, group=group.id) == ["Satu"]
    assert names(stage, state=RegistrationState.CANCELLED) == ["Dua"]
    assert names(stage, state=RegistrationState.CONFIRMED, q="dua") == []
    counts = counts_by_state(stage)
    assert counts[RegistrationState.CONFIRMED] == counts[RegistrationState.CANCELLED] == 1
    assert set(counts) == set(RegistrationState)
    assert find_registration(factories.stage(), fresh(one).id) is None


def test_an_address_full_of_nonsense_narrows_nothing(app) -> None:
    nonsense = {"state": "x", "institution": "abc", "group": "²", "category": "", "q": "  "}
    assert PeopleFilter.from_address(nonsense) == PeopleFilter()
    assert PeopleFilter.from_address({"group": "9" * 40}).group is None
    assert PeopleFilter.from_address({"state": "waitlisted", "group": "7"}) == PeopleFilter(
        states=frozenset({RegistrationState.WAITLISTED}), group=7
    )


def test_a_long_list_takes_as_many_queries_as_a_short_one(stage: Stage) -> None:
    group = factories.group(stage.programme)

    def queries() -> int:
        seen: list[str] = []
        db.session.expire_all()
        db.session.rollback()

        def count(*args: Any) -> None:
            seen.append(args[2])

        statement = people(stage)
        sa.event.listen(db.engine, "before_cursor_execute", count)
        try:
            for one in db.session.scalars(statement):
                assert one.category.name and len(one.groups) <= 1
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", count)
        return len(seen)

    online(stage, person(0), group_ids=[group.id])
    few = queries()
    for number in range(1, 25):
        online(stage, person(number), group_ids=[group.id])
    assert queries() == few


def test_groups_of_the_confirmed_of_one_stage(app) -> None:
    stage = factories.stage()
    first, second = (factories.group(stage.programme) for _ in range(2))
    member, plain = factories.registration(stage, groups=[first, second]), factories.registration(stage)
    factories.registration(stage, state=RegistrationState.WAITLISTED, waiting_since=clock.now(), groups=[first])
    factories.registration(factories.stage(stage.programme), groups=[first])
    everyone = {member.id: frozenset({first.id, second.id}), plain.id: frozenset()}
    assert groups_of_confirmed(stage) == everyone
    assert groups_of_confirmed(stage, [plain.id]) == {plain.id: frozenset()}
    assert groups_of_confirmed(stage, []) == {}


def found(stage: Stage, key: PersonKey) -> list[tuple[int, int | None]]:
    return known_at(db.session.connection(), key, host_id=stage.programme.host_id, stage_id=stage.id)


def test_a_person_is_found_once_by_number_and_by_name(stage: Stage) -> None:
    registered = online(stage, person()).registration
    assert found(stage, person_key(person())) == [(registered.participant_id, registered.id)]
    assert found(stage, person_key(person(name="Another Name"))) == [(registered.participant_id, registered.id)]
    nameless = online(stage, unnumbered()).registration
    assert found(stage, person_key(unnumbered())) == [(nameless.participant_id, nameless.id)]


def test_a_person_of_another_stage_is_known_without_a_registration(stage: Stage) -> None:
    registered = online(stage, person()).registration
    assert found(factories.stage(stage.programme), person_key(person())) == [(registered.participant_id, None)]
    assert found(factories.stage(), person_key(person())) == []


def conditions() -> Iterator[str]:
    """What the plan of the look-up asks of indexes; without any statistics, as on a table that grows faster than they are made."""
    values: dict[str, Any] = {"host_id": 1, "stage_id": 1, "number": "1", "name": "a", "email": "a", "phone": "1"}
    compiled = KNOWN_AT.params(**values).compile(db.engine, compile_kwargs={"literal_binds": True})
    asking = "EXPLAIN " if is_postgresql() else "EXPLAIN QUERY PLAN "
    for row in db.session.execute(sa.text((asking + str(compiled)).replace(":", r"\:"))):
        line = str(row[-1]).strip()
        if "Index Cond" in line or "USING INDEX" in line or "Scan" in line:
            yield line


def test_the_look_up_reads_neither_the_agency_nor_the_stage_whole(stage: Stage) -> None:
    for number in range(40):
        online(stage, person(number))
    if is_postgresql():
        db.session.execute(sa.text("SET LOCAL enable_seqscan = off"))
        db.session.execute(sa.text("SET LOCAL enable_bitmapscan = off"))
    plan = "\n".join(conditions())
    for column in ("identity_number", "name_key", "participant_id"):
        assert column in plan, plan
    assert "SCAN " not in plan and "Seq Scan" not in plan
