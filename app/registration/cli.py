"""`flask registrations import`: people out of a table, without the panel."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app.extensions import db, transaction
from app.programmes.models import Stage
from app.programmes.queries import find_stage
from app.registration.forms_import_steps import question_titles
from app.registration.forms_imports import reader_of
from app.registration.models_imports import ImportRun
from app.registration.queries_imports import rows_of, verdict_counts
from app.registration.rules_import import FAILED, ImportMode, ImportState, Verdict, lacking, match_columns
from app.registration.service import importing, importing_rows
from app.registration.service.importing_sheets import problem_lines
from app.shared.cells import BadTable
from app.shared.tables import Table, read_table

registrations = AppGroup("registrations", help="Participants of a stage.")


@registrations.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--stage", "slug", required=True, help="The stage's slug, e.g. tahap-1.")
@click.option("--dry-run", is_flag=True, help="Say what would become of the rows, and register nobody.")
@click.option("--only-good", is_flag=True, help="Import the rows that are good though others are not.")
@click.option("--no-mail", is_flag=True, help="Do not send the tickets.")
def import_people(file: Path, slug: str, dry_run: bool, only_good: bool, no_mail: bool) -> None:
    """Import FILE (XLSX or CSV), whose columns are known by their names. Errors go to stderr, one a line; then the exit code is 1."""
    stage = find_stage(slug)
    if stage is None:
        raise click.ClickException(f"There is no stage {slug}.")
    run = _keep(stage, file)
    try:
        importing_rows.check(run, _read(run), lambda _done: None)
        if not dry_run:
            _import(run, ImportMode.GOOD if only_good else ImportMode.ALL, mailed=not no_mail)
        failures = _tell_failures(run)
        click.echo(_summary(run, dry_run=dry_run))
    finally:
        importing.discard(run)
    raise SystemExit(1 if failures else 0)


def _keep(stage: Stage, file: Path) -> ImportRun:
    table = _table(file)
    columns = match_columns(table.header, question_titles(stage))
    if problem := lacking(columns):
        raise click.ClickException(problem)
    try:
        return importing.upload(stage, table, file_name=file.name, columns=columns, by=None)
    except BadTable as refused:
        raise click.ClickException(str(refused.sentence)) from refused


def _table(file: Path) -> Table:
    try:
        return read_table(file.read_bytes(), file_name=file.name)
    except BadTable as refused:
        raise click.ClickException(str(refused.sentence)) from refused


def _import(run: ImportRun, mode: ImportMode, *, mailed: bool) -> None:
    with transaction():
        run.mode, run.mailed = mode, mailed
    importing_rows.carry_out(run, _read(run), lambda _done: None, by=None)


def _read(run: ImportRun) -> importing_rows.Reader:
    return reader_of(run, reserved_mail=current_app.config["APP_ENV"] != "production").read


def _tell_failures(run: ImportRun) -> int:
    failures = 0
    for row in db.session.scalars(rows_of(run, FAILED)):
        failures += 1
        for column, said, sentence in problem_lines(run, row):
            place = " · ".join(part for part in (str(row.number), column, said) if part)
            click.echo(f"{place}: {sentence}", err=True)
    return failures


def _summary(run: ImportRun, *, dry_run: bool) -> str:
    counts = verdict_counts(run)
    figures = ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict)
    if dry_run:
        return f"Nothing was changed. It would be: {figures}."
    return f"Imported: {figures}." if run.state is ImportState.DONE else f"Nothing was imported: {figures}."
