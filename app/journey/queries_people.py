"""What the list of a stage's people shows of each, from all rooms: on the page, on paper and in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext
from sqlalchemy.orm import selectinload

from app.journey.queries import people_at, steps_of
from app.journey.rules import STEP_LABELS, Step
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.models_questions import RegistrationQuestion
from app.registration.queries_people import PeopleFilter, in_batches
from app.registration.queries_questions import answered_with, answers_of
from app.registration.rules import SOURCE_LABELS, STATE_LABELS, ConsentKind
from app.registration.rules_people import COLUMN_LABELS, CONSENT_COLUMNS, ORDERED_BY, PeopleOrder, PersonColumn
from app.shared.codes import grouped
from app.shared.dates import local
from app.shared.identity import shown
from app.shared.phone import shown_phone
from app.shared.ranks import rank_label
from app.shared.text import shorten
from app.web.locale import current_language

Value = str | bool | datetime | None
LONGEST_LABEL = 60
MARKS = (Step.PRESENT, Step.ANSWERED, Step.CERTIFIED)
MARK_LABELS = {step.value: STEP_LABELS[step] for step in MARKS}
USUAL = (
    PersonColumn.INSTITUTION.value,
    PersonColumn.GROUPS.value,
    PersonColumn.STATE.value,
    *(step.value for step in MARKS),
)
WIDTHS = {
    PersonColumn.INSTITUTION.value: 34,
    PersonColumn.CATEGORY.value: 24,
    PersonColumn.POSITION.value: 28,
    PersonColumn.NUMBER.value: 26,
    PersonColumn.NUMBER_KIND.value: 22,
    PersonColumn.RANK.value: 28,
    PersonColumn.GROUPS.value: 30,
    PersonColumn.EMAIL.value: 30,
    PersonColumn.TICKET.value: 22,
}


@dataclass(frozen=True)
class Column:
    """A column beside the name. `order`: by what its header puts the list in order."""

    key: str
    label: Any
    order: PeopleOrder | None = None
    marks: bool = False
    question_id: int | None = None

    @property
    def width(self) -> int:
        return WIDTHS.get(self.key, 18)


@dataclass(frozen=True)
class Row:
    """A person of the list, with the value of each column shown, by its key."""

    registration: Registration
    values: dict[str, Value]


@dataclass(frozen=True)
class AnswerFilter:
    """Who gave this answer, in canonical form, to one of the stage's own questions."""

    question: RegistrationQuestion
    value: str


def columns_of(questions: Iterable[RegistrationQuestion]) -> list[Column]:
    """Every column that the list of a stage with these questions can show, in their order."""
    own = [Column(one.value, COLUMN_LABELS[one], ORDERED_BY.get(one)) for one in PersonColumn]
    marks = [Column(key, label, marks=True) for key, label in MARK_LABELS.items()]
    asked = [Column(answer_key(one), shorten(one.text, LONGEST_LABEL), question_id=one.id) for one in questions]
    return [*own, *marks, *asked]


def answer_key(question: RegistrationQuestion) -> str:
    """How a question is called in an address: as a column, and as a filter."""
    return f"answer-{question.id}"


def chosen(columns: Sequence[Column], keys: Iterable[str]) -> list[Column]:
    """Those of the columns that are asked for, in their own order; the usual ones where none of them is."""
    wanted = set(keys)
    found = [column for column in columns if column.key in wanted]
    return found or [column for column in columns if column.key in USUAL]


def select_people(
    stage: Stage,
    narrowed: PeopleFilter,
    step: Step | None,
    columns: Sequence[Column],
    answers: Iterable[AnswerFilter] = (),
) -> sa.Select[tuple[Registration]]:
    """The people of the list, with what these columns need loaded along with them."""
    statement = people_at(stage, narrowed, step).where(*(answered_with(one.question, one.value) for one in answers))
    if any(column.key in {one.value for one in CONSENT_COLUMNS} for column in columns):
        statement = statement.options(selectinload(Registration.consents))
    return statement


def rows_of(stage: Stage, registrations: Sequence[Registration], columns: Sequence[Column]) -> list[Row]:
    """The rows of these people, in a constant number of queries."""
    ids, asks = [one.id for one in registrations], any(column.question_id for column in columns)
    answers = answers_of(ids, current_language()) if asks else {}
    reached = steps_of(registrations) if any(column.marks for column in columns) else {}

    def value(one: Registration, column: Column) -> Value:
        if column.question_id is not None:
            return answers[one.id].get(column.question_id, "")
        return Step(column.key) in reached[one.id] if column.marks else _value(one, PersonColumn(column.key), zone)

    zone = stage.timezone
    return [Row(one, {column.key: value(one, column) for column in columns}) for one in registrations]


def all_rows(stage: Stage, statement: sa.Select[Any], columns: Sequence[Column]) -> Iterator[Row]:
    """The rows of everybody in a select, read some hundreds at a time."""
    for batch in in_batches(statement):
        yield from rows_of(stage, batch, columns)


def _value(one: Registration, column: PersonColumn, zone: str) -> Value:
    match column:
        case PersonColumn.INSTITUTION:
            return one.institution_name
        case PersonColumn.CATEGORY:
            return one.category.name
        case PersonColumn.NUMBER:
            return shown(one.identity_type, one.identity_number)
        case PersonColumn.NUMBER_KIND:
            return str(one.identity_type.label) if one.identity_number else ""
        case PersonColumn.RANK:
            return rank_label(one.rank)
        case PersonColumn.GROUPS:
            return ", ".join(group.name for group in one.groups)
        case PersonColumn.STATE:
            return str(STATE_LABELS[one.state])
        case PersonColumn.SOURCE:
            return str(SOURCE_LABELS[one.source])
        case PersonColumn.PHONE:
            return shown_phone(one.phone)
        case PersonColumn.TICKET:
            return grouped(one.ticket_code)
        case PersonColumn.REGISTERED | PersonColumn.WAITING:
            return _moment(one.created_at if column is PersonColumn.REGISTERED else one.waiting_since, zone)
        case PersonColumn.PHOTO | PersonColumn.WHATSAPP:
            return _consent(one, CONSENT_COLUMNS[column])
        case _:
            return getattr(one, column.value) or ""


def _moment(moment: datetime | None, zone: str) -> datetime | None:
    return local(moment, zone).replace(tzinfo=None, microsecond=0) if moment else None


def _consent(registration: Registration, kind: ConsentKind) -> str:
    if registration.consents_to(kind):
        return gettext("Yes")
    return gettext("Withdrawn") if registration.consent_to(kind) else gettext("No")
