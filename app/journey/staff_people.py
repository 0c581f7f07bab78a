"""The list of a stage's people as the address asks for it: on the screen, on paper, and taken away as XLSX or CSV."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, render_template, request, send_file, stream_with_context, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.permissions import Permission, may, needs
from app.institutions.queries import categories_of, institutions_of
from app.journey import queries_people as queries
from app.journey.queries_people import Column, Row
from app.journey.rules import STEP_LABELS, Step
from app.programmes.models import Stage
from app.registration.queries import PeopleFilter, counts_by_state
from app.registration.rules import SOURCE_LABELS, STATE_LABELS, RegistrationState
from app.registration.rules_bulk import ACTION_LABELS, OF_GROUPS, BulkAction
from app.registration.rules_people import (
    DESCENDING,
    MAILBOX_LABELS,
    ORDER_LABELS,
    QUEUE_LABELS,
    PeopleOrder,
)
from app.shared.spreadsheets import Heading, Value, csv_chunks, write_xlsx
from app.web.headers import private_page
from app.web.paging import paginate

blueprint = Blueprint("journey_staff", __name__)  # the one of the whole room's staff pages: they go on in staff.py
PEOPLE = "/panel/kegiatan/<stage>/peserta"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ON_PAPER = 500
OF_THE_LIST = {
    *("q", "step", "sort", "column"),
    *("state", "category", "institution", "group", "source", "mailbox", "queue"),
}
EXPORT, MESSAGE = "export", "message"


@dataclass(frozen=True)
class Asked:
    """What the address asks of the list: whom, in which order, with which columns."""

    stage: Stage
    narrowed: PeopleFilter
    step: Step | None
    columns: Sequence[Column]
    shown: Sequence[Column]

    @classmethod
    def of(cls, stage: Stage) -> Asked:
        columns = queries.columns_of(stage)
        return cls(
            stage,
            PeopleFilter.from_address(request.args),
            next((one for one in Step if one.value == request.args.get("step")), None),
            columns,
            queries.chosen(columns, request.args.getlist("column")),
        )

    @property
    def narrows(self) -> bool:
        return self.step is not None or self.narrowed.narrows

    def statement(self, columns: Sequence[Column]) -> sa.Select[Any]:
        return queries.select_people(self.stage, self.narrowed, self.step, columns)

    def rows(self, columns: Sequence[Column]) -> Iterator[Row]:
        return queries.all_rows(self.stage, self.statement(columns), columns)


@blueprint.get(PEOPLE)
@needs(Permission.VIEW_PEOPLE)
def people(stage: Stage) -> str:
    """The people of a stage, by filters, order and columns that stay in the address."""
    asked = Asked.of(stage)
    page = paginate(asked.statement(asked.shown))
    confirmed = counts_by_state(stage)[RegistrationState.CONFIRMED]
    return render_template(
        "journey/people.html",
        stage=stage,
        asked=asked,
        page=page,
        rows=queries.rows_of(stage, page.items, asked.shown),
        confirmed=confirmed,
        kept=kept_query(),
        column_options=[(column.key, column.label) for column in asked.columns],
        actions=_actions(stage),
        by_name=PeopleOrder.NAME,
        share_address=registration_address(stage),
        share_text=share_text(stage),
        **_options(stage),
    )


@blueprint.get(f"{PEOPLE}/ekspor.xlsx")
@needs(Permission.VIEW_PEOPLE)
def export_xlsx(stage: Stage) -> BaseResponse:
    """The list as a spreadsheet: the columns shown, or all of them."""
    asked = Asked.of(stage)
    columns = _exported(asked)
    out = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
    write_xlsx(out, _("Participants"), _headings(columns), _cells(asked.rows(columns)))
    out.seek(0)
    response = send_file(out, mimetype=XLSX, as_attachment=True, download_name=f"peserta-{stage.slug}.xlsx")
    return private_page(response)


@blueprint.get(f"{PEOPLE}/ekspor.csv")
@needs(Permission.VIEW_PEOPLE)
def export_csv(stage: Stage) -> BaseResponse:
    """The list as text, sent while it is read."""
    asked = Asked.of(stage)
    columns = _exported(asked)
    chunks = csv_chunks(_headings(columns), _cells(asked.rows(columns)))
    response = Response(stream_with_context(chunks), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="peserta-{stage.slug}.csv"'
    return private_page(response)


@blueprint.get(f"{PEOPLE}/cetak")
@needs(Permission.VIEW_PEOPLE)
def print_people(stage: Stage) -> str:
    """The list for paper: the columns shown, many to a page of the browser."""
    asked = Asked.of(stage)
    page = paginate(asked.statement(asked.shown), size=ON_PAPER)
    return render_template(
        "journey/people_print.html",
        stage=stage,
        asked=asked,
        page=page,
        rows=queries.rows_of(stage, page.items, asked.shown),
        said=said_of(asked),
        back=url_for("journey_staff.people", stage=stage.slug, **kept_query()),
    )


def kept_query() -> dict[str, Any]:
    """What of the address says which list it is, without what is passing: the page, who is ticked, what is done."""
    query = request.args.to_dict(flat=False)
    return {name: query[name] for name in query if name in OF_THE_LIST and any(query[name])}


def said_of(asked: Asked) -> list[str]:
    """What a list is narrowed to, in words."""
    narrowed, options = asked.narrowed, _options(asked.stage)
    names = {name: dict(pairs) for name, pairs in options.items()}
    said = [str(STATE_LABELS[state]) for state in RegistrationState if state in narrowed.in_states]
    said += [str(STEP_LABELS[asked.step])] if asked.step else []
    said += [f"“{narrowed.q}”"] if narrowed.q else []
    found = (
        names["category_options"].get(narrowed.category),
        names["institution_options"].get(narrowed.institution),
        names["group_options"].get(narrowed.group),
        SOURCE_LABELS[narrowed.source] if narrowed.source else None,
        MAILBOX_LABELS[narrowed.mailbox] if narrowed.mailbox else None,
        QUEUE_LABELS[narrowed.queue] if narrowed.queue else None,
    )
    said += [str(one) for one in found if one]
    if narrowed.ids:
        said.append(ngettext("%(num)d person ticked", "%(num)d people ticked", len(narrowed.ids)))
    return said


def registration_address(stage: Stage) -> str:
    return str(current_app.config["BASE_URL"] + url_for("journey.stage", stage=stage.slug))


def share_text(stage: Stage) -> str:
    return _("Registration for %(stage)s: %(address)s", stage=stage.name, address=registration_address(stage))


def _exported(asked: Asked) -> Sequence[Column]:
    return asked.columns if request.args.get("all_columns") else asked.shown


def _headings(columns: Sequence[Column]) -> list[Heading]:
    return [Heading(_("No."), 6), Heading(_("Name"), 34), *(Heading(str(one.label), one.width) for one in columns)]


def _cells(rows: Iterable[Row]) -> Iterator[list[Value]]:
    yes, no = _("Yes"), _("No")
    for number, row in enumerate(rows, start=1):
        values = ((yes if value else no) if isinstance(value, bool) else value for value in row.values.values())
        yield [number, row.registration.full_name, *values]


def _actions(stage: Stage) -> list[tuple[str, Any]]:
    """What can be done to those ticked, as (value, label)."""
    actions: list[tuple[str, Any]] = [(EXPORT, _("Download as XLSX"))]
    if not may(Permission.EDIT_PEOPLE, stage):
        return actions
    without_groups = OF_GROUPS if not stage.programme.groups else frozenset()
    return actions + [(one.value, ACTION_LABELS[one]) for one in BulkAction if one not in without_groups]


def _options(stage: Stage) -> dict[str, list[tuple[Any, Any]]]:
    """What the filters offer, as (value, text)."""
    return {
        "step_options": [(step.value, STEP_LABELS[step]) for step in Step if step is not Step.INVITED],
        "state_options": [(state.value, STATE_LABELS[state]) for state in RegistrationState],
        "category_options": [(category.code, category.name) for category in categories_of(stage.host)],
        "institution_options": [(one.id, one.name) for one in institutions_of(stage.host)],
        "group_options": [(group.id, group.name) for group in stage.programme.groups],
        "source_options": [(source.value, label) for source, label in SOURCE_LABELS.items()],
        "mailbox_options": [(mailbox.value, label) for mailbox, label in MAILBOX_LABELS.items()],
        "queue_options": [(queue.value, label) for queue, label in QUEUE_LABELS.items()],
        "sort_options": [
            (prefix + order.value, _("%(order)s, descending", order=label) if prefix else label)
            for order, label in ORDER_LABELS.items()
            for prefix in ("", DESCENDING)
        ],
    }
