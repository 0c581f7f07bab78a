"""What a registration of one person writes: one row after another, or all of them at once where the database can do that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.extensions import insert, is_postgresql, turn_space
from app.institutions.models import InstitutionCategory
from app.jobs.models import OutboxMessage
from app.programmes.rules import TURN
from app.registration.models import Consent, Participant, Registration
from app.registration.models_seats import Quota

Row = dict[str, Any]
_participant, _registration, _quota = Participant.__table__, Registration.__table__, Quota.__table__
_category = InstitutionCategory.__table__
CATEGORY_ID = (
    sa.select(_category.c.id)
    .where(_category.c.host_id == sa.bindparam("of_host"), _category.c.code == sa.bindparam("category_code"))
    .scalar_subquery()
)
HAS_QUOTAS = sa.exists().where(_quota.c.stage_id == sa.bindparam("of_stage"))
BELONGING = {Consent.__table__: "registration_id", OutboxMessage.__table__: "subject_id"}
"""What belongs to a registration, and the column that says to which."""
SHARED = {name: name for name in ("of_host", "category_code")} | {"host_id": "of_host", "stage_id": "of_stage"}
CALLED = frozenset({"identity_type", "title_before", "name", "title_after", "created_at"})
"""What somebody new is called in the participant as in the registration."""


@dataclass(frozen=True)
class Rows:
    """Columns by their names, without the ids that the rows before them get. `belonging`: those of consents and letters, by table.

    The registration's category is named by `of_host` and `category_code`.
    """

    participant: Row
    registration: Row
    belonging: Mapping[Any, Sequence[Row]]

    def each_belonging(self) -> list[tuple[Any, Row]]:
        return [(table, row) for table, rows in self.belonging.items() for row in rows]


def add_participant(connection: Connection, rows: Rows) -> int | None:
    """None where somebody is known by the same details."""
    return connection.scalar(_adding_one(_participant, is_postgresql()), rows.participant)


def add_registration(connection: Connection, rows: Rows, participant_id: int) -> int | None:
    """With what belongs to it. None, and nothing is added, where it conflicts with another."""
    values = rows.registration | {"participant_id": participant_id}
    registration_id = connection.scalar(_adding_one(_registration, is_postgresql()), values)
    if registration_id is not None:
        for table, belonging in rows.belonging.items():
            if belonging:
                connection.execute(_adding(table), [row | {BELONGING[table]: registration_id} for row in belonging])
    return registration_id


def add_at_once(connection: Connection, rows: Rows) -> tuple[int, int | None] | None:
    """Share the stage's turn and add everything, in one statement of PostgreSQL; ids of participant and registration.

    None, and nothing is added, where the participant is known or the stage has quotas; the registration's id is None where
    that one conflicts.
    """
    values = {_parameter(_participant, name): value for name, value in rows.participant.items()}
    values |= {_parameter(_registration, name): value for name, value in rows.registration.items()}
    belonging = rows.each_belonging()
    for number, (table, row) in enumerate(belonging):
        values |= {_parameter(table, name, number): value for name, value in row.items()}
    named = tuple((table, tuple(row)) for table, row in belonging)
    entered = connection.execute(_entering(tuple(rows.participant), tuple(rows.registration), named), values).first()
    return None if entered is None else (entered.id, entered.registration_id)


def share_turn(connection: Connection, rows: Rows) -> bool:
    """Wait until nobody has the stage, or registers this person, to himself; answers whether the stage has quotas."""
    names = ("identity_number", "name_key")
    values = {_parameter(_participant, name): rows.participant[name] for name in names}
    values |= {"of_host": rows.registration["of_host"], "of_stage": rows.registration["stage_id"]}
    return bool(connection.scalar(_sharing_turn(is_postgresql()), values))


@cache
def _sharing_turn(postgresql: bool) -> sa.Select[Any]:
    asking = sa.select(HAS_QUOTAS)
    return asking.add_columns(*_turns()) if postgresql else asking


def _turns() -> list[Any]:
    """The stage's turn, which is shared; then that of the person's number, and that of the name, at the host.

    Whoever is the same person has one of these in common (`rules.same_person`), and waits here. Always in this order: nobody
    waits for one who waits for him.
    """
    space: Any = sa.literal_column(str(turn_space(TURN)))
    host = sa.bindparam("of_host", type_=sa.Integer)
    called = [sa.bindparam(_parameter(_participant, name), type_=sa.String) for name in ("identity_number", "name_key")]
    return [
        sa.func.pg_advisory_xact_lock_shared(space, sa.bindparam("of_stage", type_=sa.Integer)).label("stage_turn"),
        *(
            sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(one, host)).label(f"turn_{number}")
            for number, one in enumerate(called)
        ),
    ]


@cache
def _adding_one(table: Any, postgresql: bool) -> Any:
    adding = insert(table).on_conflict_do_nothing().returning(table.c.id)
    return adding.values(category_id=CATEGORY_ID) if table is _registration else adding


@cache
def _adding(table: Any) -> Any:
    return sa.insert(table).inline()


@cache
def _entering(participant: tuple[str, ...], registration: tuple[str, ...], belonging: tuple[Any, ...]) -> Any:
    # Its functions are volatile: PostgreSQL calls them once, before the first row is made of it.
    turn = sa.select(*_turns()).cte("turn")
    given = {name: _parameter(_participant, name) for name in participant}
    person = _adding_for_each(turn, _participant, given, where=~HAS_QUOTAS).cte("person")
    given = {name: _parameter(_registration, name) for name in registration if name in _registration.c}
    found = {"participant_id": person.c.id, "category_id": CATEGORY_ID}
    made = _adding_for_each(person, _registration, given, **found).cte("made")
    answer = sa.select(person.c.id, made.c.id.label("registration_id")).outerjoin_from(person, made, sa.true())
    for number, (table, names) in enumerate(belonging):
        given = {name: _parameter(table, name, number) for name in names if name != BELONGING[table]}
        adding = _adding_for_each(made, table, given, **{BELONGING[table]: made.c.id})
        answer = answer.add_cte(adding.cte(f"belonging_{number}"))
    return answer


def _parameter(table: Any, name: str, number: int | None = None) -> str:
    """What a column's value is called in the one statement: the same where it is the same in several rows.

    psycopg keeps what it has made of a statement up to 50 parameters and 4096 characters: this one has to fit. None may be
    called as a column, or SQLAlchemy would take it for a value of every table that has such a column.
    """
    if name in SHARED:
        return SHARED[name]
    if table is _participant and name in CALLED:
        table = _registration
    return f"{table.name[0]}{'' if number is None else number}_{name}"


def _adding_for_each(ground: Any, table: Any, given: dict[str, str], *, where: Any = None, **found: Any) -> Any:
    """A row for each row of `ground`: the columns `given` by their parameters' names, and those that are `found` there."""
    values = [sa.bindparam(parameter, type_=table.c[name].type) for name, parameter in given.items()]
    chosen = sa.select(*values, *found.values()).select_from(ground)
    chosen = chosen if where is None else chosen.where(where)
    return (
        insert(table)
        .from_select([*given, *found], chosen, include_defaults=False)
        .on_conflict_do_nothing()
        .returning(table.c.id)
    )
