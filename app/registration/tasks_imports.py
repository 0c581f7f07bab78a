"""What the worker does for the import of people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app
from flask_babel import force_locale

from app.accounts.models import User
from app.extensions import db
from app.jobs.service import Progress, on_sweep, register_work
from app.registration.forms_imports import reader_of
from app.registration.models_imports import ImportRun
from app.registration.queries_imports import row_counts
from app.registration.rules_import import ImportState
from app.registration.service import importing, importing_rows


def check(progress: Progress, args: Mapping[str, Any]) -> dict[str, Any]:
    """Look at every row; a job taken up again begins anew."""
    run = _run(args, ImportState.CHECKING)
    if run is not None:
        progress.start(importing_rows.steps(row_counts([run]).get(run.id, 0)))
        with force_locale(args["locale"]):
            importing_rows.check(run, reader_of(run, reserved_mail=_reserved_mail()).read, progress.at)
    return {"run_id": args["run_id"]}


def carry_out(progress: Progress, args: Mapping[str, Any]) -> dict[str, Any]:
    """Import the rows; a job taken up again goes on after the last chunk that was committed."""
    run = _run(args, ImportState.RUNNING)
    if run is not None:
        progress.start(importing_rows.steps(row_counts([run]).get(run.id, 0)))
        by = db.session.get(User, args["by_id"]) if args["by_id"] else None
        with force_locale(args["locale"]):
            read = reader_of(run, reserved_mail=_reserved_mail()).read
            importing_rows.carry_out(run, read, progress.at, by=by, within=progress.within)
    return {"run_id": args["run_id"]}


def _run(args: Mapping[str, Any], state: ImportState) -> ImportRun | None:
    """The table, unless it was discarded meanwhile or a worker whose lease had run out has finished it."""
    run = db.session.get(ImportRun, args["run_id"])
    return run if run is not None and run.state is state else None


def _reserved_mail() -> bool:
    return bool(current_app.config["APP_ENV"] != "production")


register_work(importing.CHECK, check)
register_work(importing.IMPORT, carry_out)
on_sweep(importing.discard_old)
