"""Workbooks that are small to send and were made to be costly to read."""

import pytest
from flask import Flask

from app.shared import cells, tables, workbooks
from app.shared.cells import BadTable
from app.shared.tables import read_table
from tests.shared.sheets import rezipped, workbook

HEADER = ("Nama", "NIP")


def merges(data: bytes, *refs: str) -> bytes:
    """The workbook with other merged cells than its D1:E1, written as no spreadsheet program would."""
    made = b"".join(f'<mergeCell ref="{ref}"/>'.encode() for ref in refs)

    def change(_name: str, content: bytes) -> bytes:
        return content.replace(b'<mergeCell ref="D1:E1" />', made).replace(b'<mergeCell ref="D1:E1"/>', made)

    return rezipped(data, change)


def test_cells_merged_upon_each_other_are_refused(app: Flask) -> None:
    rows = [HEADER, *((f"Ani {number}", str(number)) for number in range(300))]
    with pytest.raises(BadTable) as refused:
        read_table(merges(workbook(rows, merged=["D1:E1"]), *["A2:BH301"] * 2_000))
    assert refused.value.sentence == cells.BROKEN


def test_cells_merged_far_to_the_right_do_no_harm(app: Flask) -> None:
    table = read_table(merges(workbook([HEADER, ("Ani", "1")], merged=["D1:E1"]), "BZ2:CA3"))
    assert [cell.text for cell in table.rows[0].cells] == ["Ani", "1"]


def test_the_gap_above_the_last_row_of_a_sheet_is_passed_over(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = []
    read = workbooks._cells
    monkeypatch.setattr(workbooks, "_cells", lambda number, *rest: looked_at.append(number) or read(number, *rest))

    def stray(sheet: object) -> None:
        sheet.cell(workbooks.LAST_ROW, 1, "catatan")  # type: ignore[attr-defined]

    table = read_table(workbook([HEADER, ("Ani", "1")], change=stray))
    assert [row.number for row in table.rows] == [2, workbooks.LAST_ROW]
    assert looked_at == [1, 2, 3, workbooks.LAST_ROW]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_entities_are_found_under_whatever_name(app: Flask, encoding: str) -> None:
    hidden = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode(encoding)
    data = rezipped(workbook([HEADER, ("Ani", "1")]), lambda _name, content: content, {"xl/strings.dat": hidden})
    with pytest.raises(BadTable) as refused:
        read_table(data)
    assert refused.value.sentence == workbooks.HAS_ENTITIES


def test_a_picture_in_a_workbook_does_no_harm(app: Flask) -> None:
    picture = {"xl/media/image1.png": b"\x89PNG\r\n\x1a\n" + bytes(40)}
    data = rezipped(workbook([HEADER, ("Ani", "1")]), lambda _name, content: content, picture)
    assert read_table(data).header == HEADER


def test_many_empty_sheets_are_not_all_read(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_SHEETS", 2)

    def more(sheet: object) -> None:
        for number in range(5):
            sheet.parent.create_sheet(f"Kosong {number}")  # type: ignore[attr-defined]
        sheet.parent.move_sheet(sheet, offset=5)  # type: ignore[attr-defined]

    with pytest.raises(BadTable) as refused:
        read_table(workbook([HEADER, ("Ani", "1")], change=more))
    assert refused.value.sentence == tables.EMPTY
