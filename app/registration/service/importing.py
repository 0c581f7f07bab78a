"""The steps of an import: a table is handed in, its columns are named, the worker looks at it and then imports it.

Between the steps the rows lie in `import_row`, for some days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app.accounts.models import User
from app.extensions import db, lock, transaction
from app.jobs.rules import JobState
from app.jobs.service import enqueue
from app.programmes.models import Stage
from app.registration.models_imports import ImportRow, ImportRun
from app.registration.rules_import import ImportMode, ImportState, is_example
from app.shared import clock
from app.shared.cells import BadTable
from app.shared.tables import ONLY_HEADER, Table
from app.shared.text import shorten

CHECK, IMPORT = "registration.import_check", "registration.import"
KEPT = timedelta(days=7)
LONGEST_NAME = 120
STOPPED = {ImportState.CHECKING: ImportState.UPLOADED, ImportState.RUNNING: ImportState.CHECKED}
"""From where a table goes on whose work was given up."""


def upload(stage: Stage, table: Table, *, file_name: str, columns: Mapping[str, int], by: User | None) -> ImportRun:
    """Keep a table that was read, with what its columns seem to hold. Raises BadTable where only the template's example is in it."""
    rows = [row for row in table.rows if not is_example(row, columns)]
    if not rows:
        raise BadTable(ONLY_HEADER)
    with transaction():
        run = ImportRun(
            stage_id=stage.id,
            created_by_id=by.id if by else None,
            file_name=shorten(file_name, LONGEST_NAME),
            header=list(table.header),
            warnings=list(table.warnings),
            columns=dict(columns),
            state=ImportState.UPLOADED,
            created_at=clock.now(),
        )
        db.session.add(run)
        db.session.flush()
        db.session.execute(
            sa.insert(ImportRow),
            [
                {"run_id": run.id, "number": row.number, "cells": row.plain(), "problems": [], "notes": []}
                for row in rows
            ],
        )
    return run


def begin_check(run: ImportRun, *, columns: Mapping[str, int], category: str, locale: str, by: User | None) -> bool:
    """Say what the columns hold, and let the worker look at every row; False while it works on this table or once it is done."""
    with transaction():
        values = {"columns": dict(columns), "category": category}
        return _begin(run, CHECK, (ImportState.UPLOADED, ImportState.CHECKED), ImportState.CHECKING, values, locale, by)


def begin_import(run: ImportRun, *, mode: ImportMode, mailed: bool, locale: str, by: User | None) -> bool:
    """Let the worker import a table that was looked at; False where that has begun already."""
    with transaction():
        values = {"mode": mode, "mailed": mailed}
        return _begin(run, IMPORT, (ImportState.CHECKED,), ImportState.RUNNING, values, locale, by)


def _begin(
    run: ImportRun,
    kind: str,
    before: Sequence[ImportState],
    after: ImportState,
    values: Mapping[str, Any],
    locale: str,
    by: User | None,
) -> bool:
    moving = (
        sa.update(ImportRun)
        .where(ImportRun.id == run.id, ImportRun.state.in_(before))
        .values(state=after, **values)
        .returning(ImportRun.stage_id)
    )
    stage_id = db.session.scalar(moving.execution_options(synchronize_session=False))
    if stage_id is None:
        return False
    db.session.refresh(run)
    args = {"run_id": run.id, "by_id": by.id if by else None, "locale": locale}
    job = enqueue(kind, args=args, host_id=run.stage.programme.host_id, stage_id=stage_id, by=by)
    run.job_id = job.id
    return True


def take_up(run: ImportRun) -> None:
    """Let a table whose work was given up be worked on again; what was imported stays so, and is not imported twice."""
    with transaction():
        lock(run)
        if run.state in STOPPED and (run.job is None or run.job.state is JobState.FAILED):
            run.state = STOPPED[run.state]


def discard(run: ImportRun) -> bool:
    """Delete a table; False while the worker is at it."""
    with transaction():
        deleting = sa.delete(ImportRun).where(ImportRun.id == run.id, ImportRun.state.not_in(STOPPED))
        return db.session.scalar(deleting.returning(ImportRun.id)) is not None


def discard_old() -> None:
    """Tables are not kept beyond their use: they are full of people."""
    with transaction():
        db.session.execute(sa.delete(ImportRun).where(ImportRun.created_at < clock.now() - KEPT))
