"""Handing in a small table that is shown before it is used: as a file, or as cells pasted out of a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, Field
from wtforms.widgets import TextArea

from app.shared.cells import BadTable
from app.shared.tables import MOST_BYTES, Row, Table, read_pasted, read_table
from app.web.forms import BaseForm


class PastedField(Field):
    """Cells as they came: an empty one at the beginning is not taken for untidiness."""

    widget = TextArea()
    data: str | None

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        self.data = valuelist[0] if valuelist else ""

    def _value(self) -> str:
        return self.data or ""


class TableForm(BaseForm):
    """A table as a file or as pasted cells; `confirmed` comes from the page that has shown what it holds."""

    file = FileField(_l("File (XLSX or CSV)"))
    pasted = PastedField(_l("Or paste the cells here, with the row of their names"))
    confirmed = BooleanField()

    def read(self) -> Table | None:
        """The table, or None with the reason beside the field that held it."""
        upload = self.file.data
        field = self.file if upload and upload.filename else self.pasted
        try:
            if field is self.file:
                return read_table(upload.stream.read(MOST_BYTES + 1), file_name=upload.filename)
            if not (self.pasted.data or "").strip():
                self.form_errors.append(_("Choose a file, or paste the cells of a table."))
                return None
            return read_pasted(self.pasted.data or "")
        except BadTable as refused:
            field.errors = [*field.errors, str(refused.sentence)]
            return None


def as_pasted(table: Table, rows: Iterable[Row]) -> str:
    """Some rows of a table as text that reads as the same table again."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    writer.writerow(table.header)
    writer.writerows([cell.text for cell in row.cells] for row in rows)
    return out.getvalue()
