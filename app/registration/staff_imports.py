"""Pages by which staff import people out of a table: hand it in, say what its columns hold, look at it, import it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.permissions import may, needs
from app.accounts.rules import Permission
from app.institutions.queries import categories_of
from app.jobs import service as jobs
from app.jobs.models import Job
from app.jobs.rules import JobState
from app.programmes.models import Stage
from app.registration import queries_imports as queries
from app.registration.forms_import_steps import ColumnsForm, StartForm, question_titles
from app.registration.forms_tables import TableForm
from app.registration.models_imports import ImportRow, ImportRun
from app.registration.rules_import import (
    FAILED,
    VERDICT_LABELS,
    Field,
    ImportMode,
    ImportState,
    Verdict,
    match_columns,
)
from app.registration.service import importing, importing_sheets
from app.shared.cells import BadTable
from app.web.csrf import keeps_form
from app.web.flashes import done, refuse
from app.web.forms import ButtonForm
from app.web.headers import private_page
from app.web.locale import current_language
from app.web.paging import paginate

blueprint = Blueprint("imports_staff", __name__)
HOME = "/panel/kegiatan/<stage>/peserta/impor"
RUN = f"{HOME}/<int:run_id>"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PREVIEW, NOTES = 5, 20


@dataclass(frozen=True)
class Line:
    """A row of the result, once for each thing that is wrong with it."""

    number: int
    name: str
    verdict: Verdict
    column: str = ""
    said: str = ""
    sentence: str = ""
    registration_id: int | None = None


@blueprint.get(HOME)
@needs(Permission.EDIT_PEOPLE)
def index(stage: Stage) -> Response:
    """Hand in a table, fetch the template, find the tables of the last days again."""
    return _index_page(stage, TableForm(formdata=None))


@blueprint.post(HOME)
@needs(Permission.EDIT_PEOPLE)
@keeps_form
def upload(stage: Stage) -> AnyResponse:
    """Read the table and keep its rows for the next steps."""
    form = TableForm()
    table = form.read() if form.validate_on_submit() else None
    if table is None:
        return _index_page(stage, form, 422)
    file = form.file.data
    try:
        run = importing.upload(
            stage,
            table,
            file_name=file.filename if file else "",
            columns=match_columns(table.header, question_titles(stage)),
            by=current_user,
        )
    except BadTable as refused:
        form.form_errors.append(str(refused.sentence))
        return _index_page(stage, form, 422)
    return redirect(url_for("imports_staff.columns", stage=stage.slug, run_id=run.id), 303)


@blueprint.get(f"{HOME}/templat.xlsx")
@needs(Permission.EDIT_PEOPLE)
def template_xlsx(stage: Stage) -> Response:
    """The table to fill in."""
    return _file(importing_sheets.template_xlsx(stage), XLSX, f"templat-peserta-{stage.slug}.xlsx")


@blueprint.get(f"{HOME}/templat.csv")
@needs(Permission.EDIT_PEOPLE)
def template_csv(stage: Stage) -> Response:
    """The table to fill in, without Excel."""
    return _file(importing_sheets.template_csv(stage), "text/csv; charset=utf-8", f"templat-peserta-{stage.slug}.csv")


@blueprint.get(RUN)
@needs(Permission.EDIT_PEOPLE)
def show(stage: Stage, run_id: int) -> AnyResponse:
    """Where a table has got to: what would become of its rows, or what became of them."""
    run = _get(stage, run_id)
    if run.state is ImportState.UPLOADED:
        return redirect(url_for("imports_staff.columns", stage=stage.slug, run_id=run_id))
    if run.state in importing.STOPPED:
        return _work_page(stage, run)
    return _result_page(stage, run, StartForm(formdata=None))


@blueprint.route(f"{RUN}/kolom", methods=["GET", "POST"])
@needs(Permission.EDIT_PEOPLE)
@keeps_form
def columns(stage: Stage, run_id: int) -> AnyResponse:
    """Say what each column holds; then the worker looks at every row."""
    run = _get(stage, run_id)
    if run.state not in (ImportState.UPLOADED, ImportState.CHECKED):
        return redirect(url_for("imports_staff.show", stage=stage.slug, run_id=run_id))
    first = queries.first_rows(run, PREVIEW)
    form = ColumnsForm.for_run(run, first, {one.code: one.name for one in categories_of(stage.host)})
    if not form.validate_on_submit():
        page = render_template("registration/import_columns.html", stage=stage, run=run, form=form, rows=first)
        return private_page(make_response(page, 422 if form.is_submitted() else 200))
    importing.begin_check(
        run, columns=form.columns, category=form.category.data or "", locale=current_language(), by=current_user
    )
    return _to_work(stage, run)


@blueprint.post(f"{RUN}/jalankan")
@needs(Permission.EDIT_PEOPLE)
@keeps_form
def start(stage: Stage, run_id: int) -> AnyResponse:
    """Import what was looked at."""
    run = _get(stage, run_id)
    counts = queries.verdict_counts(run)
    form = StartForm().offer(failed=sum(counts[verdict] for verdict in FAILED))
    if not form.validate_on_submit():
        return _result_page(stage, run, form, 422)
    importing.begin_import(
        run, mode=ImportMode(form.mode.data), mailed=form.mailed.data, locale=current_language(), by=current_user
    )
    return _to_work(stage, run)


@blueprint.post(f"{RUN}/lanjutkan")
@needs(Permission.EDIT_PEOPLE)
def take_up(stage: Stage, run_id: int) -> AnyResponse:
    """Go on with a table whose work was given up."""
    run = _get(stage, run_id)
    if ButtonForm().validate_on_submit():
        importing.take_up(run)
    return redirect(url_for("imports_staff.show", stage=stage.slug, run_id=run_id), 303)


@blueprint.get(f"{RUN}/salah.xlsx")
@needs(Permission.EDIT_PEOPLE)
def failed(stage: Stage, run_id: int) -> Response:
    """The rows that were left out, with the reasons."""
    return _file(importing_sheets.failed_rows(_get(stage, run_id)), XLSX, f"perlu-diperbaiki-{stage.slug}.xlsx")


@blueprint.post(f"{RUN}/hapus")
@needs(Permission.EDIT_PEOPLE)
def discard(stage: Stage, run_id: int) -> AnyResponse:
    """Delete the table; whoever was imported stays."""
    run = _get(stage, run_id)
    if not ButtonForm().validate_on_submit():
        abort(400)
    if importing.discard(run):
        done(_("The table is deleted. Whoever was imported from it stays registered."))
    else:
        refuse(_("The table is being worked on at the moment."))
    return redirect(url_for("imports_staff.index", stage=stage.slug), 303)


def _get(stage: Stage, run_id: int) -> ImportRun:
    return queries.find_run(stage, run_id) or abort(404)


def _to_work(stage: Stage, run: ImportRun) -> AnyResponse:
    return redirect(url_for("imports_staff.show", stage=stage.slug, run_id=run.id), 303)


def _file(data: bytes, kind: str, name: str) -> Response:
    response = make_response(data)
    response.headers["Content-Type"] = kind
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return private_page(response)


def _index_page(stage: Stage, form: TableForm, status: int = 200) -> Response:
    runs = queries.runs_of(stage)
    page = render_template(
        "registration/import.html",
        stage=stage,
        form=form,
        runs=runs,
        counts=queries.row_counts(runs),
        state=ImportState,
    )
    return private_page(make_response(page, status))


def _work_page(stage: Stage, run: ImportRun) -> AnyResponse:
    """To the page of the work, or to what can be done where it was given up."""
    if run.job is not None and run.job.state is not JobState.FAILED:
        return redirect(url_for("jobs_staff.job", token=run.job.token), 303)
    page = render_template("registration/import_stopped.html", stage=stage, run=run)
    return private_page(make_response(page))


def _result_page(stage: Stage, run: ImportRun, form: StartForm, status: int = 200) -> Response:
    counts = queries.verdict_counts(run)
    failures = sum(counts[verdict] for verdict in FAILED)
    chosen = next((verdict for verdict in Verdict if verdict.value == request.args.get("hasil")), None)
    wanted = [chosen] if chosen else list(FAILED)
    page = paginate(queries.rows_of(run, wanted))
    drawn = render_template(
        "registration/import_result.html",
        stage=stage,
        run=run,
        form=form.offer(failed=failures),
        over=run.state is ImportState.DONE,
        counts=counts,
        labels=VERDICT_LABELS,
        failures=failures,
        importable=counts[Verdict.NEW] + counts[Verdict.WAITLISTED],
        chosen=chosen,
        page=page,
        lines=[line for row in page for line in _lines(run, row)],
        notes=queries.noted_rows(run, NOTES),
    )
    return private_page(make_response(drawn, status))


def _lines(run: ImportRun, row: ImportRow) -> list[Line]:
    place = run.columns.get(Field.NAME.value)
    name = row.cells[place][0] if place is not None else ""
    told: dict[str, Any] = {"number": row.number, "name": name, "verdict": row.verdict}
    wrong = [
        Line(**told, column=column, said=said, sentence=sentence)
        for column, said, sentence in importing_sheets.problem_lines(run, row)
    ]
    return wrong or [Line(**told, sentence=" ".join(row.notes), registration_id=row.registration_id)]


def _outcome(job: Job) -> jobs.Outcome:
    run = queries.run_of(job)
    if run is None:
        return jobs.Outcome(_("The table has been deleted meanwhile."), [])
    counts = queries.verdict_counts(run)
    failures = sum(counts[verdict] for verdict in FAILED)
    back = (_("See the result"), url_for("imports_staff.show", stage=run.stage.slug, run_id=run.id))
    people = (_("Participants"), url_for("journey_staff.people", stage=run.stage.slug))
    return jobs.Outcome(_sentence(run, job, counts[Verdict.NEW] + counts[Verdict.WAITLISTED], failures), [back, people])


def _sentence(run: ImportRun, job: Job, good: int, failures: int) -> str:
    left_out = ngettext("%(num)d row cannot be imported.", "%(num)d rows cannot be imported.", failures)
    if run.state is ImportState.DONE:
        said = ngettext("%(num)d person has been imported.", "%(num)d people have been imported.", good)
    elif job.kind == importing.IMPORT:
        said = _("Nothing has been imported.")
    else:
        said = ngettext("%(num)d person can be imported.", "%(num)d people can be imported.", good)
    return f"{said} {left_out}" if failures else said


def _stage_shown(job: Job) -> Stage | None:
    run = queries.run_of(job)
    return run.stage if run is not None and may(Permission.EDIT_PEOPLE, run.stage) else None


jobs.register_page(importing.CHECK, jobs.JobPage(_l("Looking at the table"), _outcome, _l("Import"), _stage_shown))
jobs.register_page(importing.IMPORT, jobs.JobPage(_l("Importing people"), _outcome, _l("Import"), _stage_shown))
