"""Reads of importing: a host's directory as rows are matched with it, and the rows of an import."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, TypeVar

import sqlalchemy as sa

from app.extensions import db
from app.hosts.models import Host
from app.institutions.models import Institution, InstitutionCategory
from app.institutions.queries import categories_of, institutions_of
from app.jobs.models import Job
from app.programmes.models import Stage
from app.registration.models import Participant, Registration
from app.registration.models_imports import ImportRow, ImportRun
from app.registration.queries import Known, quotas_of, whoever_is
from app.registration.rules import ENDED, PersonKey
from app.registration.rules_import import Verdict
from app.shared.columns import JSON
from app.shared.names import name_key

CLOSE_ENOUGH = 0.82
Record = TypeVar("Record")


@dataclass
class Directory:
    """A host's categories and the institutions in use, read once for many rows.

    They are copies that no session knows: a transaction would make it read each of them anew.
    """

    host: Host
    categories: list[InstitutionCategory]
    institutions: list[Institution]
    _suggestions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_id = {one.id: one for one in self.institutions}
        self._by_name: dict[str, list[Institution]] = {}
        for one in self.institutions:
            for called in {name_key(one.name), name_key(one.short_name)} - {""}:
                self._by_name.setdefault(called, []).append(one)
        self._categories = {name_key(said): one for one in self.categories for said in (one.name, one.code)}
        self._names = {name_key(one.name): one.name for one in self.institutions}

    def category(self, said: str) -> InstitutionCategory | None:
        """By its code or name, however written."""
        return self._categories.get(name_key(said))

    def institution(self, said: str, category: InstitutionCategory | None) -> Institution | None:
        """By its name or short name, however written; of several called so the one of the category, if that says which."""
        called = self._by_name.get(name_key(said), [])
        if len(called) > 1:
            called = [one for one in called if category is not None and one.category_id == category.id]
        return called[0] if len(called) == 1 else None

    def suggestion(self, said: str) -> str:
        """The institution that is perhaps meant by a name that nobody has; "" where none comes near."""
        key = name_key(said)
        if key not in self._suggestions:
            near = get_close_matches(key, self._names, n=1, cutoff=CLOSE_ENOUGH)
            self._suggestions[key] = self._names[near[0]] if near else ""
        return self._suggestions[key]

    @property
    def category_names(self) -> Mapping[str, str]:
        """Names by code, in their order."""
        return {one.code: one.name for one in self.categories}


def directory_of(host: Host) -> Directory:
    categories = {one.id: _copy(one) for one in categories_of(host)}
    institutions = [_copy(one) for one in institutions_of(host)]
    for one in institutions:
        one.category = categories[one.category_id]
    return Directory(host, list(categories.values()), institutions)


def _copy(record: Record) -> Record:
    kind = type(record)
    return kind(**{column.key: getattr(record, column.key) for column in sa.inspect(kind).columns})


def find_run(stage: Stage, run_id: int) -> ImportRun | None:
    """A stage's import by its id."""
    return db.session.scalar(sa.select(ImportRun).where(ImportRun.stage_id == stage.id, ImportRun.id == run_id))


def run_of(job: Job) -> ImportRun | None:
    """The table that a job works on; None where it was deleted."""
    return db.session.get(ImportRun, job.args["run_id"])


def runs_of(stage: Stage) -> list[ImportRun]:
    """A stage's imports of the last days, the newest first."""
    return list(db.session.scalars(sa.select(ImportRun).filter_by(stage_id=stage.id).order_by(ImportRun.id.desc())))


def row_counts(runs: Sequence[ImportRun]) -> dict[int, int]:
    """How many rows each import has, by its id."""
    counting = (
        sa.select(ImportRow.run_id, sa.func.count())
        .where(ImportRow.run_id.in_([run.id for run in runs]))
        .group_by(ImportRow.run_id)
    )
    return {run_id: count for run_id, count in db.session.execute(counting)}


def verdict_counts(run: ImportRun) -> dict[Verdict, int]:
    """How many rows fared how; every verdict is named."""
    counting = sa.select(ImportRow.verdict, sa.func.count()).where(
        ImportRow.run_id == run.id, ImportRow.verdict.is_not(None)
    )
    found = db.session.execute(counting.group_by(ImportRow.verdict)).all()
    return dict.fromkeys(Verdict, 0) | {verdict: count for verdict, count in found if verdict is not None}


def rows_of(run: ImportRun, verdicts: Collection[Verdict] = ()) -> sa.Select[Any]:
    """A select of an import's rows in their order, or of those that fared so."""
    statement = sa.select(ImportRow).where(ImportRow.run_id == run.id).order_by(ImportRow.number)
    return statement.where(ImportRow.verdict.in_(verdicts)) if verdicts else statement


def first_rows(run: ImportRun, number: int) -> list[ImportRow]:
    return list(db.session.scalars(rows_of(run).limit(number)))


def noted_rows(run: ImportRun, number: int) -> list[ImportRow]:
    """The first rows that are good but carry a note."""
    noted = rows_of(run).where(ImportRow.notes != sa.literal([], JSON), ImportRow.verdict != Verdict.WRONG)
    return list(db.session.scalars(noted.limit(number)))


def known_people(stage: Stage, keys: Sequence[PersonKey]) -> dict[int, list[Known]]:
    """As queries.known_as of many people, by the place in `keys`; one query however many they are."""
    nets = sa.or_(
        Participant.identity_number.in_({key.number for key in keys if key.number is not None}),
        Participant.name_key.in_({key.name for key in keys}),
    )
    statement = (
        sa.select(Participant, Registration)
        .outerjoin(
            Registration,
            sa.and_(
                Registration.participant_id == sa.func.coalesce(Participant.merged_into_id, Participant.id),
                Registration.stage_id == stage.id,
                Registration.state.not_in(ENDED),
            ),
        )
        .where(Participant.host_id == stage.programme.host_id, nets)
        .order_by(Participant.id)
    )
    by_number: dict[str | None, dict[int, Any]] = {}
    by_name: dict[str, dict[int, Any]] = {}
    for participant, registration in db.session.execute(statement.execution_options(populate_existing=True)):
        by_number.setdefault(participant.identity_number, {})[participant.id] = participant, registration
        by_name.setdefault(participant.name_key, {})[participant.id] = participant, registration
    found: dict[int, list[Known]] = {}
    for place, key in enumerate(keys):
        near = (by_number.get(key.number, {}) if key.number else {}) | by_name.get(key.name, {})
        found[place] = [
            Known(*one) for one in whoever_is(key, [near[participant_id] for participant_id in sorted(near)])
        ]
    return found


def free_seats(stage: Stage) -> dict[tuple[str, Any], int]:
    """What is left of each limit of the stage: ("stage", id), and its quotas as ("category", code), ("institution", id) …"""
    left: dict[tuple[str, Any], int] = {}
    if stage.capacity is not None:
        left["stage", stage.id] = stage.capacity - stage.seats_taken
    for quota in quotas_of(stage):
        target = quota.category.code if quota.category else quota.institution_id or quota.group_id
        left[quota.kind.value, target] = quota.capacity - quota.seats_taken
    return left
