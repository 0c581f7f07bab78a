"""Lists taken away as XLSX or CSV, row by row: however many rows there are, memory stays flat."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from app.shared.text import storable

Value = str | int | bool | datetime | None
"""A moment is local time already: spreadsheets know no zones."""
TIME_FORMAT = "dd/mm/yyyy hh:mm"
CSV_TIME = "%d/%m/%Y %H.%M"
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
LONGEST_CELL = 32_767
LONGEST_TITLE = 31
BYTE_ORDER_MARK = "\ufeff"
CHUNK = 64 * 1024
_NOT_IN_TITLE = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


@dataclass(frozen=True)
class Heading:
    """A column's name, and how wide it is in characters."""

    text: str
    width: int = 18


def write_xlsx(out: IO[bytes], title: str, headings: Sequence[Heading], rows: Iterable[Sequence[Value]]) -> None:
    """One sheet. Whatever is text stays text: a NIP has 18 digits, and a spreadsheet keeps 15."""
    import xlsxwriter

    book = xlsxwriter.Workbook(out, {"constant_memory": True, "default_date_format": TIME_FORMAT})
    text, head = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "text_wrap": True})
    sheet = book.add_worksheet(title.translate(_NOT_IN_TITLE)[:LONGEST_TITLE].strip())
    sheet.freeze_panes(1, 2)
    for place, heading in enumerate(headings):
        sheet.set_column(place, place, heading.width)
        sheet.write_string(0, place, _cell(heading.text), head)
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            if isinstance(value, datetime):
                sheet.write_datetime(number, place, value.replace(microsecond=0))
            elif isinstance(value, int):
                sheet.write_number(number, place, value)
            elif value:
                sheet.write_string(number, place, _cell(value), text)
    book.close()


def csv_chunks(headings: Sequence[Heading], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """As Indonesian Excel opens it by a double click: `;`, a byte order mark, CRLF."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    buffer.write(BYTE_ORDER_MARK)
    writer.writerow([_cell(heading.text) for heading in headings])
    for row in rows:
        writer.writerow([_plain(value) for value in row])
        if buffer.tell() > CHUNK:
            yield _emptied(buffer)
    yield _emptied(buffer)


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula, also not after it was saved as CSV."""
    return f"'{text}" if len(text) > 1 and text.lstrip(" ").startswith(STARTS_A_FORMULA) else text


def _cell(text: str) -> str:
    return harmless(storable(text))[:LONGEST_CELL]  # one sign that XML lacks would spoil the whole book


def _plain(value: Value) -> Any:
    if isinstance(value, datetime):
        return value.strftime(CSV_TIME)
    return _cell(value) if isinstance(value, str) else value


def _emptied(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
