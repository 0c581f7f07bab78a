"""A person's own data as one ZIP: the same once for machines (JSON) and once for people (XLSX)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _

from app.privacy.queries_own import own_data
from app.privacy.rules_export import as_read, heading_of
from app.registration.models import Participant
from app.shared.spreadsheets import LONGEST_CELL, LONGEST_TITLE, harmless
from app.shared.text import storable

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

WIDEST = 60
NARROWEST = 12
Rows = Sequence[Mapping[str, Any]]


def export_own(participant: Participant) -> bytes:
    """The ZIP with data.json and data.xlsx."""
    held = own_data(participant)
    everything = {"participant": held.participant, **held.tables}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(everything, ensure_ascii=False, indent=2))
        archive.writestr("data.xlsx", _book({"participant": [held.participant], **held.tables}))
    return out.getvalue()


def _book(tables: Mapping[str, Rows]) -> bytes:
    """One sheet a table; everything is text, as a spreadsheet keeps 15 digits and a NIP has 18."""
    titles = _titles()
    out = io.BytesIO()
    import xlsxwriter

    book = xlsxwriter.Workbook(out, {"in_memory": True})
    text = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
    head = book.add_format({"bold": True})
    for name, rows in tables.items():
        _fill(book.add_worksheet(titles[name][:LONGEST_TITLE]), name, rows, text=text, head=head)
    book.close()
    return out.getvalue()


def _titles() -> dict[str, str]:
    return {
        "participant": _("Person"),
        "entries": _("Entered besides as"),
        "registrations": _("Registrations"),
        "answers": _("Answers"),
        "documents": _("Documents"),
        "consents": _("Consents"),
        "attendances": _("Attendance"),
        "excuses": _("Excuses"),
        "walk_ins": _("Forms at the door"),
        "feedback": _("Feedback"),
        "certificates": _("Certificates"),
        "messages": _("Messages"),
        "requests": _("Requests"),
        "activity": _("Activity"),
    }


def _fill(sheet: Worksheet, table: str, rows: Rows, *, text: Format, head: Format) -> None:
    if not rows:
        sheet.write_string(0, 0, _("Nothing is held here."), text)
        sheet.set_column(0, 0, WIDEST)
        return
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(rows[0]):
        heading = heading_of(column)
        values = [_text(as_read(table, column, row[column])) for row in rows]
        longest = max(len(value) for value in (heading, *values))
        sheet.set_column(place, place, max(NARROWEST, min(WIDEST, longest + 2)))
        sheet.write_string(0, place, heading, head)
        for number, value in enumerate(values, start=1):
            sheet.write_string(number, place, value, text)


def _text(value: Any) -> str:
    if value is None:
        return ""
    plain = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return harmless(storable(plain))[:LONGEST_CELL]
