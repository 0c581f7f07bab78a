"""Who is expected at a checkpoint with what is known of each: there, excused, or neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.checkin.models import Attendance, Checkpoint, Excuse
from app.checkin.queries import Point, expected_people
from app.checkin.rules_paper import PaperOrder
from app.extensions import db
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.rules import RegistrationState
from app.shared.names import sort_key


@dataclass(frozen=True)
class SheetRow:
    """A person on the sheet of a checkpoint. `number`: the row on a sheet printed for all; None for who was added to it by hand."""

    number: int | None
    person: Registration
    attendance: Attendance | None
    excuse: Excuse | None


def excuses_at(checkpoint: Checkpoint) -> dict[int, Excuse]:
    """The excuses in force, by registration id."""
    statement = (
        sa.select(Excuse)
        .where(Excuse.checkpoint_id == checkpoint.id, Excuse.withdrawn_at.is_(None))
        .options(joinedload(Excuse.given_by))
    )
    return {excuse.registration_id: excuse for excuse in db.session.scalars(statement)}


def annulled_at(checkpoint: Checkpoint) -> dict[int, list[Attendance]]:
    """What was annulled, by registration id, in the order in which it was."""
    statement = (
        sa.select(Attendance)
        .where(Attendance.checkpoint_id == checkpoint.id, Attendance.annulled_at.is_not(None))
        .order_by(Attendance.annulled_at, Attendance.id)
    )
    found: dict[int, list[Attendance]] = {}
    for attendance in db.session.scalars(statement):
        found.setdefault(attendance.registration_id, []).append(attendance)
    return found


def annulled_of(registration: Registration) -> list[Attendance]:
    """A person's attendances that were annulled, in the order in which they were."""
    statement = (
        sa.select(Attendance)
        .where(Attendance.registration_id == registration.id, Attendance.annulled_at.is_not(None))
        .order_by(Attendance.annulled_at, Attendance.id)
        .options(joinedload(Attendance.checkpoint))
    )
    return list(db.session.scalars(statement))


def excuses_of(registration: Registration) -> list[Excuse]:
    """The checkpoints that a person was excused from, in their order; one where he was there all the same is left out."""
    there = sa.exists().where(
        Attendance.registration_id == Excuse.registration_id,
        Attendance.checkpoint_id == Excuse.checkpoint_id,
        Attendance.annulled_at.is_(None),
    )
    statement = (
        sa.select(Excuse)
        .join(Checkpoint, Checkpoint.id == Excuse.checkpoint_id)
        .where(Excuse.registration_id == registration.id, Excuse.withdrawn_at.is_(None), ~there)
        .order_by(Checkpoint.opens_at, Checkpoint.id)
        .options(joinedload(Excuse.checkpoint))
    )
    return list(db.session.scalars(statement))


def find_excuse(stage: Stage, excuse_id: int) -> Excuse | None:
    statement = (
        sa.select(Excuse)
        .join(Checkpoint, Checkpoint.id == Excuse.checkpoint_id)
        .where(Excuse.id == excuse_id, Checkpoint.stage_id == stage.id)
        .options(joinedload(Excuse.registration), joinedload(Excuse.checkpoint))
    )
    return db.session.scalar(statement)


def sheet_rows(point: Point, order: PaperOrder) -> list[SheetRow]:
    """Everybody expected or there, in the order and with the numbers of the printed sheet."""
    people = expected_people(point)
    if order is PaperOrder.NAME:
        people.sort(key=lambda one: (one[0].sort_name, one[0].id))
    excuses = excuses_at(point.checkpoint)
    rows, number = [], 0
    for person, attendance in people:
        is_printed = person.state is RegistrationState.CONFIRMED
        number += is_printed
        rows.append(SheetRow(number if is_printed else None, person, attendance, excuses.get(person.id)))
    return rows


def narrowed(rows: Sequence[SheetRow], *, typed: str, missing: bool) -> list[SheetRow]:
    """Whose name or institution holds every word typed; `missing`: only those of whom nothing is known yet."""
    words = sort_key(typed).split()
    return [
        row
        for row in rows
        if not (missing and (row.attendance or row.excuse))
        and all(word in f"{row.person.sort_name} {sort_key(row.person.institution_name)}" for word in words)
    ]
