"""Whoever registers is looked up by indexes of his own, however many there are at the agency."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from app.extensions import db, is_postgresql
from app.programmes.models import Stage
from app.registration.queries import KNOWN_AT, known_at
from app.registration.rules import PersonKey, person_key
from tests import factories
from tests.registration.people import online, person, unnumbered

pytestmark = pytest.mark.both_databases


@pytest.fixture
def stage(app) -> Stage:
    made = factories.stage()
    for code in ("OPD", "PAKAR"):
        factories.category(made.host, code)
    return made


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
        assert column in plan.replace("Scan using", ""), plan
    assert "SCAN " not in plan and "Seq Scan" not in plan
