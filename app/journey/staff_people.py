"""The list of a stage's people as the address asks for it: on the screen, on paper, and taken away as XLSX or CSV."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

import sqlalchemy as sa
from flask import Blueprint, current_app, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.permissions import Permission, may, needs
from app.institutions.queries import categories_of, institutions_of
from app.journey import queries_people as queries
from app.journey.queries_people import LONGEST_LABEL, AnswerFilter, Column, Row
from app.journey.rules import STEP_LABELS, Step
from app.programmes.models import Stage
from app.registration.models_questions import RegistrationQuestion
from app.registration.queries import PeopleFilter, counts_by_state
from app.registration.queries_questions import questions_of
from app.registration.rules import SOURCE_LABELS, STATE_LABELS, RegistrationState
from app.registration.rules_answers import shown_answer
from app.registration.rules_bulk import ACTION_LABELS, OF_GROUPS, BulkAction
from app.registration.rules_people import (
    ANSWERING_LABELS,
    DESCENDING,
    MAILBOX_LABELS,
    ORDER_LABELS,
    QUEUE_LABELS,
    PeopleOrder,
)
from app.shared.spreadsheets import Heading, Value, csv_chunks, write_xlsx
from app.shared.text import shorten
from app.web.headers import private_page
from app.web.locale import current_language
from app.web.paging import paginate

blueprint = Blueprint("journey_staff", __name__)  # the one of the whole room's staff pages: they go on in staff.py
PEOPLE = "/panel/kegiatan/<stage>/peserta"
MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
ON_PAPER = 500
OF_THE_LIST = {
    *("q", "step", "sort", "column"),
    *("state", "category", "institution", "group", "source", "mailbox", "queue", "answering"),
}
EXPORT, MESSAGE, BADGES = "export", "message", "badges"


@dataclass(frozen=True)
class Asked:
    """What the address asks of the list: whom, in which order, with which columns."""

    stage: Stage
    narrowed: PeopleFilter
    step: Step | None
    questions: Sequence[RegistrationQuestion]
    answers: Sequence[AnswerFilter]
    columns: Sequence[Column]
    shown: Sequence[Column]

    @classmethod
    def of(cls, stage: Stage) -> Asked:
        questions = questions_of(stage, retired=True)
        columns = queries.columns_of(questions)
        given = ((one, request.args.get(queries.answer_key(one), "")) for one in questions)
        return cls(
            stage,
            PeopleFilter.from_address(request.args),
            next((one for one in Step if one.value == request.args.get("step")), None),
            questions,
            [AnswerFilter(one, value) for one, value in given if value in one.terms.possible_values],
            columns,
            queries.chosen(columns, request.args.getlist("column")),
        )

    @property
    def narrows(self) -> bool:
        return self.step is not None or bool(self.answers) or self.narrowed.narrows

    @property
    def narrows_more(self) -> bool:
        """Whether by anything besides the search and the step, which are in sight anyhow."""
        return bool(self.answers) or self.narrowed.narrows_more

    @property
    def asks(self) -> bool:
        """Whether there is anything that somebody could have left open."""
        return self.narrowed.answering is not None or any(one.required for one in self.questions)

    @property
    def query(self) -> dict[str, Any]:
        """What of the address says which list it is, without what is passing: the page, who is ticked, what is done."""
        names = OF_THE_LIST | {queries.answer_key(one) for one in self.questions}
        query = request.args.to_dict(flat=False)
        return {name: query[name] for name in query if name in names and any(query[name])}

    @property
    def answer_choices(self) -> list[tuple[str, str, list[tuple[str, str]], str | None]]:
        """For each question with a list of answers: its name in the address, its text, the answers, and the one asked for."""
        wanted = {one.question.id: one.value for one in self.answers}
        return [
            (
                queries.answer_key(one),
                shorten(one.text, LONGEST_LABEL),
                [(value, shown_answer(one.kind, value, current_language())) for value in one.terms.possible_values],
                wanted.get(one.id),
            )
            for one in self.questions
            if one.terms.possible_values
        ]

    def statement(self, columns: Sequence[Column]) -> sa.Select[Any]:
        return queries.select_people(self.stage, self.narrowed, self.step, columns, self.answers)

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
        kept=asked.query,
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
    headings, cells = _table(stage)
    out = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
    write_xlsx(out, _("Participants"), headings, cells)
    return _taken_away(out, stage, "xlsx")


@blueprint.get(f"{PEOPLE}/ekspor.csv")
@needs(Permission.VIEW_PEOPLE)
def export_csv(stage: Stage) -> BaseResponse:
    """The list as text."""
    out = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
    out.writelines(csv_chunks(*_table(stage)))
    return _taken_away(out, stage, "csv")


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
        back=url_for("journey_staff.people", stage=stage.slug, **asked.query),
    )


def said_of(asked: Asked) -> list[str]:
    """What a list is narrowed to, in words."""
    narrowed, options = asked.narrowed, _options(asked.stage)
    names = {name: dict(pairs) for name, pairs in options.items()}
    said = [str(STATE_LABELS[state]) for state in RegistrationState if state in narrowed.in_states]
    said += [str(STEP_LABELS[asked.step])] if asked.step else []
    said += [
        f"{shorten(one.question.text, LONGEST_LABEL)}: {shown_answer(one.question.kind, one.value, current_language())}"
        for one in asked.answers
    ]
    said += [f"“{narrowed.q}”"] if narrowed.q else []
    found = (
        names["category_options"].get(narrowed.category),
        names["institution_options"].get(narrowed.institution),
        names["group_options"].get(narrowed.group),
        SOURCE_LABELS[narrowed.source] if narrowed.source else None,
        MAILBOX_LABELS[narrowed.mailbox] if narrowed.mailbox else None,
        QUEUE_LABELS[narrowed.queue] if narrowed.queue else None,
        ANSWERING_LABELS[narrowed.answering] if narrowed.answering else None,
    )
    said += [str(one) for one in found if one]
    if narrowed.ids:
        said.append(ngettext("%(num)d person ticked", "%(num)d people ticked", len(narrowed.ids)))
    return said


def registration_address(stage: Stage) -> str:
    return str(current_app.config["BASE_URL"] + url_for("journey.stage", stage=stage.slug))


def share_text(stage: Stage) -> str:
    return _("Registration for %(stage)s: %(address)s", stage=stage.name, address=registration_address(stage))


def _table(stage: Stage) -> tuple[list[Heading], Iterator[list[Value]]]:
    """The list that the address asks for, with the columns shown or all of them, read while it is written."""
    asked = Asked.of(stage)
    columns = asked.columns if request.args.get("all_columns") else asked.shown
    own = [Heading(str(one.label), one.width) for one in columns]
    return [Heading(_("No."), 6), Heading(_("Name"), 34), *own], _cells(asked.rows(columns))


def _taken_away(out: IO[bytes], stage: Stage, ending: str) -> BaseResponse:
    """Sent from a file that has no name: memory stays flat, and no connection to the database waits for a slow line."""
    out.seek(0)
    name = f"peserta-{stage.slug}.{ending}"
    return private_page(send_file(out, mimetype=MEDIA_TYPES[ending], as_attachment=True, download_name=name))


def _cells(rows: Iterable[Row]) -> Iterator[list[Value]]:
    yes, no = _("Yes"), _("No")
    for number, row in enumerate(rows, start=1):
        values = ((yes if value else no) if isinstance(value, bool) else value for value in row.values.values())
        yield [number, row.registration.full_name, *values]


def _actions(stage: Stage) -> list[tuple[str, Any]]:
    """What can be done to those ticked, as (value, label)."""
    actions: list[tuple[str, Any]] = [
        (EXPORT, _("Download as XLSX")),
        (BADGES, _("Print the badges of those confirmed")),
    ]
    if not may(Permission.EDIT_PEOPLE, stage):
        return actions
    without_groups = OF_GROUPS if not stage.programme.groups else frozenset()
    actions.append((MESSAGE, _("Write a message")))
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
        "answering_options": [(answering.value, label) for answering, label in ANSWERING_LABELS.items()],
        "queue_options": [(queue.value, label) for queue, label in QUEUE_LABELS.items()],
        "sort_options": [
            (prefix + order.value, _("%(order)s, descending", order=label) if prefix else label)
            for order, label in ORDER_LABELS.items()
            for prefix in ("", DESCENDING)
        ],
    }
