"""Tables that people hand in: a file (XLSX, CSV) or cells pasted out of a spreadsheet, read into plain text.

Whatever is wrong with the whole raises BadTable; what is wrong with one cell is said by that cell. Rows keep the numbers that
they have in the sheet. Lines above the header (a title, a merged heading) are passed over, and so is a row that only counts
the columns.
"""

from __future__ import annotations

import csv
import io
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.shared.cells import BROKEN, MEGABYTE, MOST_COLUMNS, NOTHING, BadTable, Cell, Merged, Numbered, text_cell
from app.shared.text import squash, storable
from app.shared.workbooks import read_workbook

MOST_BYTES = 5 * MEGABYTE
MOST_ROWS = 5_000
MOST_CHARACTERS = 10_000_000
LOOKED_AT = 30
"""Among so many first rows the header is looked for."""

TOO_LARGE = _l("The file may be at most %(size)d MB large.", size=MOST_BYTES // MEGABYTE)
TOO_MANY_ROWS = _l("A table may have at most %(most)d rows below its header; divide it into several.", most=MOST_ROWS)
TOO_MANY_COLUMNS = _l("A table may have at most %(most)d columns; delete those that are not needed.", most=MOST_COLUMNS)
TOO_MUCH_TEXT = _l("The table holds too much text; delete the columns that are not needed.")
EMPTY = _l("The table is empty: nothing was found in it.")
ONLY_HEADER = _l("Below the header the table has no rows.")
NOT_TEXT = _l("This is no table: hand in a file in XLSX or CSV format.")
IS_PDF = _l("This is a PDF file, whatever its name says. Hand in the table itself, as XLSX or CSV.")
IS_XLS = _l(
    "This is an old Excel file (.xls), or one that is locked by a password. "
    "Open it in Excel and save it without a password as Excel Workbook (.xlsx)."
)
IS_HTML = _l("This is a web page that calls itself a table. Open it in Excel and save it as Excel Workbook (.xlsx).")
IS_PICTURE = _l("This is a picture. Hand in the table itself, as XLSX or CSV.")

_NAMES_DELIMITER = re.compile('"?sep=([;,\t|])"?')  # the first line of some files that Excel writes
_DELIMITERS = ("\t", ";", ",")
_BYTE_ORDER = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_SIGNATURES = {
    b"%PDF": IS_PDF,
    b"\xd0\xcf\x11\xe0": IS_XLS,
    b"\x89PNG": IS_PICTURE,
    b"\xff\xd8\xff": IS_PICTURE,
    b"GIF8": IS_PICTURE,
    b"{\\rtf": NOT_TEXT,
    b"Rar!": NOT_TEXT,
    b"7z\xbc\xaf": NOT_TEXT,
    b"\x1f\x8b": NOT_TEXT,
}
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype html|html|head|body|table|meta|script|style)\b", re.IGNORECASE
)
_NEVER_TYPED = re.compile("[\x01-\x08\x0e-\x1f\x7f\ufffd]")
_XML = re.compile(rb"\s*<\?xml")


@dataclass(frozen=True)
class Row:
    """A row that is not blank, with as many cells as the header; `number` is the one beside it in the spreadsheet."""

    number: int
    cells: tuple[Cell, ...]

    def plain(self) -> list[list[Any]]:
        """Its cells as JSON keeps them: [text, problem, whether it is a date] each."""
        return [[cell.text, str(cell.problem) if cell.problem else None, cell.is_date] for cell in self.cells]

    @classmethod
    def of(cls, number: int, plain: Iterable[Sequence[Any]]) -> Row:
        """The row that was made plain."""
        return cls(number, tuple(Cell(text, problem, is_date) for text, problem, is_date in plain))


@dataclass(frozen=True)
class Table:
    """`header` holds "" above a column without a name; `warnings` say what was passed over."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    warnings: tuple[str, ...] = ()


def read_table(data: bytes, *, file_name: str = "") -> Table:
    """Read a file by what it is, not by what `file_name` says it is; the name only words the refusal. Raises BadTable."""
    if len(data) > MOST_BYTES:
        raise BadTable(TOO_LARGE)
    if data.startswith(b"PK"):
        return arranged(*read_workbook(data))
    for signature, sentence in _SIGNATURES.items():
        if data.startswith(signature):
            raise BadTable(sentence)
    if _HTML.match(data[:2000].removeprefix(b"\xef\xbb\xbf")):
        raise BadTable(IS_HTML)
    if _XML.match(data[:200]):
        raise BadTable(NOT_TEXT)
    text = _decoded(data)
    if file_name.lower().endswith((".xlsx", ".xls")) and text and not any(sign in text for sign in _DELIMITERS):
        raise BadTable(BROKEN)
    return read_pasted(text)


def read_pasted(text: str) -> Table:
    """Read cells copied out of a spreadsheet, or the text of a CSV file. Raises BadTable."""
    if len(text) > MOST_BYTES:
        raise BadTable(TOO_LARGE)
    return arranged(_records(storable(text)), [])


def arranged(lines: Iterable[Numbered], merged: Sequence[Merged]) -> Table:
    """Find the header among the lines and make a table of those below. Raises BadTable."""
    rows = _filled(lines)
    if not rows:
        raise BadTable(EMPTY)
    first = _first_of_header(rows)
    last = _last_of_header(rows, first, merged)
    header = _header(rows[first : last + 1])
    below = rows[last + 1 :]
    if below and _counts_columns(below[0][1]):
        below = below[1:]
    if not below:
        raise BadTable(ONLY_HEADER)
    if len(below) > MOST_ROWS:
        raise BadTable(TOO_MANY_ROWS)
    width = max(len(header), *(len(cells) for _number, cells in below))
    covered = _covered(merged, [number for number, _cells in below])
    made = tuple(Row(number, _padded(cells, width, covered.get(number, {}))) for number, cells in below)
    return Table(tuple(header + [""] * (width - len(header))), made, _passed_over(first))


def _passed_over(lines: int) -> tuple[str, ...]:
    if not lines:
        return ()
    return (
        ngettext(
            "%(num)d line above the header was passed over.", "%(num)d lines above the header were passed over.", lines
        ),
    )


def _records(text: str) -> Iterator[Numbered]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first, _break, rest = text.partition("\n")
    named = _NAMES_DELIMITER.fullmatch(first.strip(" "))
    delimiter = named[1] if named else _delimiter(text)
    records = csv.reader(io.StringIO(rest if named else text), delimiter=delimiter)
    try:
        for number, record in enumerate(records, start=2 if named else 1):
            yield number, [text_cell(field) for field in record]
    except csv.Error as error:
        raise BadTable(BROKEN) from error


def _delimiter(text: str) -> str:
    """The one that stands in most of the first lines; of several the one that spreadsheets prefer."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in text.split("\n", LOOKED_AT)[:LOOKED_AT]]
    return max(_DELIMITERS, key=lambda sign: (sum(sign in line for line in lines), -_DELIMITERS.index(sign)))


def _decoded(data: bytes) -> str:
    for mark, encoding in _BYTE_ORDER.items():
        if data.startswith(mark):
            return _plain(data.decode(encoding, errors="replace"))
    sample = data[:2000]
    if sample.count(0) > len(sample) // 4:  # UTF-16 without its mark
        return _plain(data.decode("utf-16-le" if sample[1:2] == b"\0" else "utf-16-be", errors="replace"))
    try:
        return _plain(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _plain(data.decode("cp1252", errors="replace"))


def _plain(text: str) -> str:
    if "\0" in text or len(_NEVER_TYPED.findall(text)) > len(text) // 50:
        raise BadTable(NOT_TEXT)
    return text


def _filled(lines: Iterable[Numbered]) -> list[Numbered]:
    """The lines that hold something, without the empty cells at their ends; stops at the first limit passed."""
    found: list[Numbered] = []
    characters = 0
    for number, cells in lines:
        while cells and not cells[-1].text and cells[-1].problem is None:
            cells.pop()
        if not cells:
            continue
        if len(cells) > MOST_COLUMNS:
            raise BadTable(TOO_MANY_COLUMNS)
        characters += sum(len(cell.text) for cell in cells)
        if characters > MOST_CHARACTERS:
            raise BadTable(TOO_MUCH_TEXT)
        if len(found) > MOST_ROWS + LOOKED_AT:
            raise BadTable(TOO_MANY_ROWS)
        found.append((number, cells))
    return found


def _first_of_header(rows: Sequence[Numbered]) -> int:
    """A title or a note above the header fills few columns: the first row with at least half of the fullest one's."""
    filled = [sum(bool(cell.text) for cell in cells) for _number, cells in rows[:LOOKED_AT]]
    enough = max(1, (max(filled) + 1) // 2)
    return next(place for place, count in enumerate(filled) if count >= enough)


def _last_of_header(rows: Sequence[Numbered], first: int, merged: Sequence[Merged]) -> int:
    """A header of two storeys: cells merged downwards, or cells merged across with names of their own below."""
    number = rows[first][0]
    of_header = [one for one in merged if one.top == number]
    bottom = max((one.bottom for one in of_header), default=number)
    last = max(place for place, (at, _cells) in enumerate(rows[: first + LOOKED_AT]) if at <= bottom)
    across = [one for one in of_header if one.right > one.left]
    if last > first or not across or last + 1 >= len(rows):
        return last
    below = [place for place, cell in enumerate(rows[last + 1][1], start=1) if cell.text]
    named_below = all(any(one.left <= place <= one.right for one in across) for place in below)
    return last + 1 if named_below else last


def _header(rows: Sequence[Numbered]) -> list[str]:
    """The lowest name above each column."""
    names = [""] * max(len(cells) for _number, cells in rows)
    for _number, cells in rows:
        for place, cell in enumerate(cells):
            names[place] = squash(cell.text) or names[place]
    return names


def _counts_columns(cells: Sequence[Cell]) -> bool:
    """Whether a row under the header only says 1, 2, 3 … or (1), (2), (3) …"""
    said = [cell.text.strip("() ") for cell in cells if cell.text]
    return len(said) >= 3 and said == [str(place) for place in range(1, len(said) + 1)]


def _covered(merged: Sequence[Merged], numbers: Sequence[int]) -> dict[int, dict[int, Merged]]:
    """By row and column (from 0) those cells below the header that lie under a merged one, but not its first.

    Raises BadTable where merged cells lie upon each other so often that there would be more than the table has.
    """
    found: dict[int, dict[int, Merged]] = {}
    room = len(numbers) * MOST_COLUMNS
    for one in merged:
        places = range(one.left - 1, min(one.right, MOST_COLUMNS))
        under = numbers[bisect_left(numbers, one.top) : bisect_right(numbers, one.bottom)]
        room -= len(places) * len(under)
        if room < 0:
            raise BadTable(BROKEN)
        for number in under:
            row = found.setdefault(number, {})
            row.update(dict.fromkeys(places, one))
            if number == one.top:
                row.pop(one.left - 1, None)
    return found


def _padded(cells: list[Cell], width: int, covered: dict[int, Merged]) -> tuple[Cell, ...]:
    full = cells + [NOTHING] * (width - len(cells))
    for place, one in covered.items():
        if place < width and not full[place].text:
            full[place] = Cell("", one.problem)
    return tuple(full)
