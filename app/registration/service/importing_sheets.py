"""Spreadsheets of importing: the template to fill in, and the rows that were left out with the reasons."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from flask_babel import gettext as _

from app.extensions import db
from app.institutions.models import InstitutionCategory
from app.institutions.queries import categories_of, institutions_of
from app.programmes.models import Stage
from app.programmes.queries import groups_of
from app.registration.models_imports import ImportRow, ImportRun
from app.registration.queries_imports import rows_of
from app.registration.queries_questions import terms_asked
from app.registration.rules import types_of
from app.registration.rules_answers import AnswerKind
from app.registration.rules_import import EXAMPLE, FAILED, FIELD_LABELS, TEMPLATE, Field
from app.shared.cells import column_letter
from app.shared.spreadsheets import Heading, csv_chunks, harmless, write_xlsx
from app.shared.text import shorten, storable

ROWS_BELOW = 1_000
"""So many rows of the template are lists to choose from."""
WIDTHS = {Field.NAME: 34, Field.NUMBER: 24, Field.INSTITUTION: 36, Field.POSITION: 30, Field.EMAIL: 30}
USUAL_WIDTH = 20
SAID = 40
BATCH = 500


def template_xlsx(stage: Stage) -> bytes:
    """An empty table whose cells are text, with one example, and the words to choose from on a second sheet."""
    out = io.BytesIO()
    import xlsxwriter

    book = xlsxwriter.Workbook(out)
    text, head = book.add_format({"num_format": "@"}), book.add_format({"num_format": "@", "bold": True})
    sheet, beside = book.add_worksheet(_("Participants")), book.add_worksheet(_("Lists"))
    widths = [WIDTHS.get(kind, USUAL_WIDTH) for kind in TEMPLATE]
    for place, (title, example) in enumerate(zip(_titles(stage), _example(stage), strict=True)):
        sheet.set_column(place, place, widths[place] if place < len(widths) else USUAL_WIDTH, text)
        sheet.write_string(0, place, harmless(storable(title)), head)
        sheet.write_string(1, place, storable(example), text)
    sheet.freeze_panes(1, 1)
    for place, (kind, title, values) in enumerate(_lists(stage)):
        beside.set_column(place, place, 40, text)
        beside.write_string(0, place, title, head)
        for number, value in enumerate(values, start=1):
            beside.write_string(number, place, harmless(storable(value)), text)
        if kind is not None and values:
            among = f"${column_letter(place)}$2:${column_letter(place)}${len(values) + 1}"
            _offer(sheet, TEMPLATE.index(kind), f"='{beside.get_name()}'!{among}")
    book.close()
    return out.getvalue()


def _offer(sheet: Any, column: int, source: str) -> None:
    """A list to choose from in each cell of the column; another word may be typed all the same: not everything is listed."""
    sheet.data_validation(1, column, ROWS_BELOW, column, {"validate": "list", "source": source, "show_error": False})


def template_csv(stage: Stage) -> bytes:
    """The same table for whoever has no Excel."""
    return b"".join(csv_chunks([Heading(title) for title in _titles(stage)], [_example(stage)]))


def failed_rows(run: ImportRun) -> bytes:
    """The rows that were not imported, as they were handed in, with what is wrong in a last column: mend it and hand it in."""
    headings = [Heading(name, 22) for name in run.header]
    headings += [Heading(_("Row in the former table"), 12), Heading(_("What is wrong"), 80)]
    out = io.BytesIO()
    write_xlsx(out, _("To be mended"), headings, _failed(run))
    return out.getvalue()


def problem_lines(run: ImportRun, row: ImportRow) -> list[tuple[str, str, str]]:
    """What is wrong with a row, from left to right: the column ("" for the whole row), what its cell says, and the sentence."""
    ordered = sorted(row.problems, key=lambda problem: run.columns.get(problem[0], len(run.header)))
    return [(column_name(run, key), _said(run, row, key), sentence) for key, sentence in ordered]


def column_name(run: ImportRun, key: str) -> str:
    """The name of the column that holds what `key` says; where there is none, what is missing."""
    place = run.columns.get(key)
    if place is not None and place < len(run.header):
        return f"{column_letter(place)} · {run.header[place]}".rstrip(" ·")
    known = {kind.value: label for kind, label in FIELD_LABELS.items()}
    return str(known.get(key, ""))


def _said(run: ImportRun, row: ImportRow, key: str) -> str:
    place = run.columns.get(key)
    return shorten(row.cells[place][0], SAID) if place is not None and place < len(row.cells) else ""


def _failed(run: ImportRun) -> Iterator[Sequence[Any]]:
    for row in db.session.scalars(rows_of(run, FAILED).execution_options(yield_per=BATCH)):
        said = [text for text, _problem, _is_date in row.cells]
        wrong = [f"{name}: {sentence}" if name else sentence for name, _cell, sentence in problem_lines(run, row)]
        yield *said, row.number, "\n".join(wrong)


def _titles(stage: Stage) -> list[str]:
    return [str(FIELD_LABELS[kind]) for kind in TEMPLATE] + _question_titles(stage)


def _question_titles(stage: Stage) -> list[str]:
    return [question.text for question in terms_asked(stage) if question.kind is not AnswerKind.FILE]


def _example(stage: Stage) -> list[str]:
    categories = categories_of(stage.host)
    usual = next((one for one in categories if one.code == "OPD"), categories[0] if categories else None)
    institution = next((one for one in institutions_of(stage.host) if usual and one.category_id == usual.id), None)
    told = {
        **EXAMPLE,
        Field.CATEGORY: usual.name if usual else "",
        Field.INSTITUTION: institution.name if institution else "",
    }
    return [told.get(kind, "") for kind in TEMPLATE] + [""] * len(_question_titles(stage))


def _lists(stage: Stage) -> list[tuple[Field | None, str, list[str]]]:
    """Each with the column that is chosen from it, if any."""
    categories, institutions = categories_of(stage.host), institutions_of(stage.host)
    label = {kind: str(FIELD_LABELS[kind]) for kind in (Field.CATEGORY, Field.INSTITUTION, Field.GROUPS)}
    return [
        (Field.CATEGORY, label[Field.CATEGORY], [one.name for one in categories]),
        (None, _("Numbers that this category takes"), [_numbers(one) for one in categories]),
        (Field.INSTITUTION, label[Field.INSTITUTION], [one.name for one in institutions]),
        (None, _("Short name"), [one.short_name for one in institutions]),
        (None, _("Category of the institution"), [one.category.name for one in institutions]),
        (Field.GROUPS, label[Field.GROUPS], [group.name for group in groups_of(stage.programme)]),
    ]


def _numbers(category: InstitutionCategory) -> str:
    return ", ".join(str(kind.label) for kind in types_of(category.identity_types))
