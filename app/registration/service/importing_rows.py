"""The rows of an import: what would become of each, and to import them.

How a row is read is told by the caller (`read`), by the rules of the form. `report` is told how far it is, out of `steps(rows)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db, transaction
from app.programmes.models import Stage
from app.registration.models_imports import ImportRow, ImportRun
from app.registration.queries_imports import free_seats
from app.registration.rules import (
    REASON_LABELS,
    Outcome,
    PersonDetails,
    Reason,
    RegistrationSource,
)
from app.registration.rules_import import (
    FAILED,
    Field,
    FreeSeats,
    ImportMode,
    ImportState,
    Judged,
    Problem,
    Repeats,
    Verdict,
)
from app.registration.service.registering_many import Entrant, look, register_many, targets_of
from app.shared import clock
from app.shared.tables import Row

CHUNK = 100
VERDICTS = {
    Outcome.CONFIRMED: Verdict.NEW,
    Outcome.PENDING: Verdict.NEW,
    Outcome.WAITLISTED: Verdict.WAITLISTED,
    Outcome.ALREADY: Verdict.ALREADY,
    Outcome.REFUSED: Verdict.REFUSED,
}

Reader = Callable[[Row], Judged]
Report = Callable[[int], None]


class _NothingImported(Exception):
    """Not every row is good, so that all of them are left alone."""


@dataclass(frozen=True)
class _Considered:
    """A row of the table, read; `settled` once it was imported or left out."""

    row_id: int
    number: int
    settled: bool
    judged: Judged

    @property
    def person(self) -> PersonDetails:
        """Only of a row that is good."""
        if self.judged.person is None:
            raise ValueError("nobody could be read out of this row")
        return self.judged.person

    @property
    def entrant(self) -> Entrant:
        return Entrant(self.person, frozenset(self.judged.group_ids), self.judged.answers)

    @property
    def is_good(self) -> bool:
        return self.judged.person is not None

    def outcome(self, verdict: Verdict, *, reason: Reason | None = None, **values: Any) -> dict[str, Any]:
        """What is kept of it in its row of the database."""
        problems = [[problem.key, problem.sentence] for problem in self.judged.problems]
        if reason is not None:
            problems.append(["", str(REASON_LABELS[reason])])
        known = {"id": self.row_id, "verdict": verdict, "problems": problems, "notes": list(self.judged.notes)}
        return {**known, "settled": False, "registration_id": None, **values}


def steps(rows: int) -> int:
    """Each row is read once and then looked up or imported."""
    return 2 * rows


def check(run: ImportRun, read: Reader, report: Report) -> None:
    """Look what would become of each row, and change nothing but what is known of the rows."""
    considered = _consider(run, read, report)
    seats = FreeSeats(free_seats(run.stage))
    done = len(considered)
    for chunk in _chunks(considered):
        outcomes = _foretell(run.stage, chunk, seats)
        done += len(chunk)
        with transaction():
            _keep(outcomes)
            report(done)
    with transaction():
        run.state = ImportState.CHECKED


def carry_out(
    run: ImportRun, read: Reader, report: Report, *, by: User | None, within: Report = lambda _done: None
) -> None:
    """Import the rows: all of them or none, or those that are good, in chunks each of which is committed with its progress.

    `within` is told how far it is inside the one transaction that imports all, which it must not touch.
    Where all are wanted and one is wrong, nothing is imported and the table waits for another decision.
    """
    considered = _consider(run, read, report)
    if run.mode is ImportMode.GOOD:
        _import_good(run, considered, report, by=by)
    else:
        _import_all(run, considered, report, by=by, within=within)


def _import_good(run: ImportRun, rows: Sequence[_Considered], report: Report, *, by: User | None) -> None:
    left = [row for row in rows if not row.settled]
    done = steps(len(rows)) - len(left)
    for chunk in _chunks(left):
        done += len(chunk)
        with transaction():
            _keep(_settle(run, chunk, by=by))
            report(done)
    with transaction():
        _finish(run, by)


def _import_all(
    run: ImportRun, rows: Sequence[_Considered], report: Report, *, by: User | None, within: Report
) -> None:
    """One transaction, for which other writers wait. What stood in its way is told once it has been undone."""
    failed = [row.outcome(Verdict.WRONG) for row in rows if not row.is_good]
    report(len(rows))
    try:
        with transaction():
            if failed:
                raise _NothingImported
            settled: list[dict[str, Any]] = []
            for chunk in _chunks(rows):
                settled += _settle(run, chunk, by=by)
                within(len(rows) + len(settled))
            failed = [{**outcome, "settled": False} for outcome in settled if outcome["verdict"] in FAILED]
            if failed:
                raise _NothingImported
            _keep(settled)
            report(steps(len(rows)))
            _finish(run, by)
    except _NothingImported:
        with transaction():
            _keep(failed)
            run.state = ImportState.CHECKED


def _finish(run: ImportRun, by: User | None) -> None:
    run.state = ImportState.DONE
    run.finished_at = clock.now()
    record("registrations.imported", run, by=by, host_id=run.stage.programme.host_id)


def _settle(run: ImportRun, rows: Sequence[_Considered], *, by: User | None) -> list[dict[str, Any]]:
    """Import rows, within the open transaction."""
    good = [row for row in rows if row.is_good]
    entrants = [row.entrant for row in good]
    made = register_many(run.stage, entrants, source=RegistrationSource.IMPORT, by=by, mailed=run.mailed)
    outcomes = [row.outcome(Verdict.WRONG, settled=True) for row in rows if not row.is_good]
    for row, one in zip(good, made, strict=True):
        registration_id = one.registration_id
        verdict = VERDICTS[one.outcome]
        outcomes.append(row.outcome(verdict, reason=one.reason, settled=True, registration_id=registration_id))
    return outcomes


def _keep(outcomes: list[dict[str, Any]]) -> None:
    if outcomes:
        db.session.execute(sa.update(ImportRow), outcomes, execution_options={"synchronize_session": False})


def _consider(run: ImportRun, read: Reader, report: Report) -> list[_Considered]:
    """Every row, read. Columns alone: objects would be read anew after each chunk that is committed."""
    wanted = sa.select(ImportRow.id, ImportRow.number, ImportRow.settled, ImportRow.cells).where(
        ImportRow.run_id == run.id
    )
    found = []
    for place, (row_id, number, settled, cells) in enumerate(
        db.session.execute(wanted.order_by(ImportRow.number)).all()
    ):
        found.append(_Considered(row_id, number, settled, read(Row.of(number, cells))))
        if place % CHUNK == 0:
            report(place)
    return _without_repeats(found)


def _without_repeats(rows: Sequence[_Considered]) -> list[_Considered]:
    """Who stands in the table twice is imported once; where a number bears two names, nobody knows whose it is."""
    repeats = Repeats()
    twice: dict[int, Problem] = {}
    for row in rows:
        found = repeats.add(row.number, row.person) if row.is_good else None
        if found is None:
            continue
        earlier, renamed = found
        if renamed:
            twice |= dict.fromkeys((earlier, row.number), _one_number_two_names(earlier, row.number))
        else:
            twice[row.number] = Problem("", _("This person stands in row %(number)d already.", number=earlier))
    return [
        replace(row, judged=Judged(None, problems=(twice[row.number],))) if row.number in twice else row for row in rows
    ]


def _one_number_two_names(first: int, second: int) -> Problem:
    sentence = _(
        "Rows %(first)d and %(second)d have the same number but different names. Correct one of them.",
        first=first,
        second=second,
    )
    return Problem(Field.NUMBER.value, sentence)


def _foretell(stage: Stage, rows: Sequence[_Considered], seats: FreeSeats) -> list[dict[str, Any]]:
    good = [row for row in rows if row.is_good]
    looked = look(stage, [row.person for row in good], source=RegistrationSource.IMPORT)
    outcomes = [row.outcome(Verdict.WRONG) for row in rows if not row.is_good]
    for row, one in zip(good, looked, strict=True):
        if one.answer is not None:
            outcomes.append(row.outcome(VERDICTS[one.answer.outcome], reason=one.answer.reason))
        else:
            seated = seats.take(targets_of(stage, row.entrant))
            outcomes.append(row.outcome(Verdict.NEW if seated else Verdict.WAITLISTED))
    return outcomes


def _chunks(rows: Sequence[_Considered]) -> Iterator[Sequence[_Considered]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]
