"""XLSX workbooks, judged before they are opened: an archive of a few kilobytes can hold gigabytes."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree import ElementTree

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.shared.cells import (
    BROKEN,
    IS_DATE,
    IS_ERROR,
    MEGABYTE,
    MOST_COLUMNS,
    NO_RESULT,
    NOTHING,
    BadTable,
    Cell,
    Merged,
    Numbered,
    number_cell,
    text_cell,
)

MOST_MEMBERS = 400
MOST_UNPACKED = 32 * MEGABYTE
MOST_TIMES = 150
"""How much larger than itself an archive may become; real sheets become some 10 to 40 times larger."""
HARMLESS_BYTES = MEGABYTE
MOST_MERGED = 2_000
MOST_SHEETS = 20
"""Among so many sheets the first that holds something is looked for."""
LAST_ROW = 1_048_576

NO_WORKBOOK = _l("This archive is no Excel workbook. Hand in the table as XLSX or CSV.")
IS_ODS = _l("This is an OpenDocument file. Save it as Excel Workbook (.xlsx) or as CSV.")
IS_BINARY = _l("This is a binary Excel workbook (.xlsb). Save it as Excel Workbook (.xlsx).")
IS_LOCKED = _l("The file is locked by a password. Save it without one.")
UNPACKS_TOO_LARGE = _l(
    "Unpacked, this file would be far larger than a table is. "
    "Copy the cells into a new workbook, without pictures, and hand that in."
)
HAS_ENTITIES = _l(
    "The file holds instructions that no table needs, and is not opened. Copy the cells into a new workbook."
)
TOO_MANY_MERGED = _l("The sheet has more than %(most)d merged cells; unmerge them.", most=MOST_MERGED)

_NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_FORBIDDEN = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_BEFORE_XML = b"\xef\xbb\xbf\xfe\xff\0 \t\r\n"
_READ_AT_ONCE = 256 * 1024


@dataclass
class _Shape:
    """What the values alone do not tell of a sheet."""

    merged: list[Merged] = field(default_factory=list)
    without_result: set[tuple[int, int]] = field(default_factory=set)


def read_workbook(data: bytes) -> tuple[list[Numbered], list[Merged]]:
    """The rows of the first sheet that holds something, those in sight before hidden ones. Raises BadTable."""
    _judge(data)
    try:
        return _read(data)
    except BadTable:
        raise
    except Exception as error:  # a damaged workbook fails anywhere in the library, by errors of every kind
        raise BadTable(BROKEN) from error


def _read(data: bytes) -> tuple[list[Numbered], list[Merged]]:
    from openpyxl import load_workbook  # nine megabytes, which a worker that reads no workbook does without

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    sheets = sorted(book.worksheets, key=lambda sheet: sheet.sheet_state != "visible")
    for sheet in sheets[:MOST_SHEETS]:
        shape = _shape_of(data, sheet._worksheet_path)
        rows = list(_rows(sheet, shape))
        if any(cell.text for _number, cells in rows for cell in cells):
            return rows, shape.merged
    return [], []


def _judge(data: bytes) -> None:
    """Everything that can be known of the archive without parsing what it holds."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            if any(member.flag_bits & 1 for member in members):
                raise BadTable(IS_LOCKED)
            unpacked = sum(member.file_size for member in members)
            if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED:
                raise BadTable(UNPACKS_TOO_LARGE)
            if unpacked > max(HARMLESS_BYTES, len(data) * MOST_TIMES):
                raise BadTable(UNPACKS_TOO_LARGE)
            if "xl/workbook.xml" not in names:
                raise BadTable(_kind_of(names))
            for member in members:
                _judge_member(archive, member)
    except (zipfile.BadZipFile, RuntimeError, ValueError, EOFError, OSError, zlib.error) as error:
        if isinstance(error, BadTable):
            raise
        raise BadTable(BROKEN) from error


def _kind_of(names: Iterable[str]) -> Any:
    if "xl/workbook.bin" in names:
        return IS_BINARY
    return IS_ODS if {"mimetype", "content.xml"} <= set(names) else NO_WORKBOOK


def _judge_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Nothing that defines entities reaches a parser, in whatever encoding and under whatever name it hides them."""
    with archive.open(member) as content:
        part, tail = content.read(_READ_AT_ONCE), b""
        named = member.filename.lower().endswith((".xml", ".rels", ".vml"))
        if not named and not part.lstrip(_BEFORE_XML).startswith(b"<"):
            return
        while part:
            if _FORBIDDEN.search(tail + part) or b"\0" in part:
                raise BadTable(HAS_ENTITIES)
            part, tail = content.read(_READ_AT_ONCE), part[-32:]


def _shape_of(data: bytes, path: str) -> _Shape:
    shape = _Shape()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = archive.read(path)
    if b"mergeCell" not in content and b"<f" not in content:
        return shape
    for _event, element in ElementTree.iterparse(io.BytesIO(content)):
        if element.tag == f"{_NAMESPACE}mergeCell":
            shape.merged.append(_merged(element.get("ref", "")))
        elif element.tag == f"{_NAMESPACE}c" and _lacks_result(element):
            left, top, _right, _bottom = _boundaries(element.get("r", ""))
            shape.without_result.add((int(top or 0), int(left or 0)))
        if element.tag == f"{_NAMESPACE}row":
            element.clear()
        if len(shape.merged) > MOST_MERGED:
            raise BadTable(TOO_MANY_MERGED)
    return shape


def _boundaries(name: str) -> tuple[Any, ...]:
    from openpyxl.utils import range_boundaries

    return tuple(range_boundaries(name))


def _lacks_result(cell: ElementTree.Element) -> bool:
    return cell.find(f"{_NAMESPACE}f") is not None and not cell.findtext(f"{_NAMESPACE}v")


def _merged(name: str) -> Merged:
    left, top, right, bottom = (number or 1 for number in _boundaries(name))
    return Merged(int(left), int(top), int(right), int(bottom), name)


def _rows(sheet: Any, shape: _Shape) -> Iterator[Numbered]:
    sheet.reset_dimensions()  # what a sheet says of its own size is often wrong
    gap: Any = None  # the library fills a gap with one and the same row, a million times if it must
    for number, cells in enumerate(sheet.iter_rows(max_row=LAST_ROW, max_col=MOST_COLUMNS + 1), start=1):
        if cells is gap:
            continue
        if read := _cells(number, cells, shape):
            yield number, read
        else:
            gap = cells


def _cells(number: int, cells: Sequence[Any], shape: _Shape) -> list[Cell]:
    read: list[Cell] = []
    for place, cell in enumerate(cells, start=1):
        if cell.value is not None:
            read += [NOTHING] * (place - 1 - len(read))
            read.append(_cell(cell))
        elif (number, place) in shape.without_result:
            read += [NOTHING] * (place - 1 - len(read))
            read.append(Cell("", NO_RESULT))
    return read


def _cell(cell: Any) -> Cell:
    value = cell.value
    if cell.data_type == "e":
        return Cell(str(value), IS_ERROR)
    if isinstance(value, bool):
        return Cell(gettext("Yes") if value else gettext("No"))
    if isinstance(value, int | float):
        return number_cell(value, cell.number_format or "")
    if isinstance(value, datetime):
        return Cell(_moment(value), IS_DATE, is_date=True)
    if isinstance(value, date):
        return Cell(value.isoformat(), IS_DATE, is_date=True)
    if isinstance(value, time | timedelta):
        return Cell(str(value), IS_DATE)
    return text_cell(str(value))


def _moment(value: datetime) -> str:
    return value.date().isoformat() if value.time() == time() else value.strftime("%Y-%m-%d %H:%M")
