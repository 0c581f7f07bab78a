"""Tables that people hand in: what is read, what each cell says of itself, and what is refused before it is parsed."""

import io
import zipfile
from datetime import date, datetime

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.shared import cells, tables, workbooks
from app.shared.cells import BadTable, Cell, column_letter, number_cell, text_cell
from app.shared.tables import Row, Table, read_pasted, read_table
from tests.shared.sheets import rezipped, workbook

NIP = "198507202010011999"
HEADER = ("Nama", "NIP")
settings_here = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


def texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def refusal(data: bytes, **name: str) -> object:
    with pytest.raises(BadTable) as refused:
        read_table(data, **name)
    return refused.value.sentence


def read_if_possible(data: bytes) -> Table | None:
    try:
        return read_table(data)
    except BadTable:
        return None


def test_text_stays_text_and_rows_keep_their_numbers(app: Flask) -> None:
    table = read_table(workbook([HEADER, ("Ani", NIP), (None, None), ("Budi", "0012345678")]))
    assert table.header == HEADER
    assert [(row.number, *(cell.text for cell in row.cells)) for row in table.rows] == [
        (2, "Ani", NIP),
        (4, "Budi", "0012345678"),
    ]
    assert all(cell.problem is None for row in table.rows for cell in row.cells)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Nama;NIP\r\nBünyamin;1\r\n", "utf-8"),
        ("Nama;NIP\r\nBünyamin;1\r\n", "utf-8-sig"),
        ("Nama,NIP\nBünyamin,1\n", "cp1252"),
        ("Nama\tNIP\nBünyamin\t1", "utf-16"),
        ("Nama\tNIP\nBünyamin\t1", "utf-16-le"),
        ("sep=;\nNama;NIP\nBünyamin;1", "utf-8"),
        ('Nama;NIP\n"Bünyamin";"=""1"""', "utf-8"),
    ],
)
def test_csv_in_the_usual_writings(app: Flask, text: str, encoding: str) -> None:
    table = read_table(text.encode(encoding))
    assert table.header == HEADER and texts(table) == [["Bünyamin", "1"]]


def test_a_comma_in_a_name_is_no_delimiter(app: Flask) -> None:
    assert texts(read_pasted("Nama;NIP\nAni, S.Kom.;1\nBudi, M.T.;2")) == [["Ani, S.Kom.", "1"], ["Budi, M.T.", "2"]]
    assert texts(read_pasted('Nama\tAlamat\nAni\t"Jalan A\nNo. 1"')) == [["Ani", "Jalan A\nNo. 1"]]


@pytest.mark.parametrize(
    ("value", "text", "problem"),
    [
        (812345678901, "812345678901", None),
        (3.5, "3.5", None),
        (12.0, "12", None),
        (198507202010012000, "198507202010012000", cells.DIGITS_LOST),
        (1.9850720201001201e17, "198507202010012010", cells.DIGITS_LOST),
        (198507202010011999, NIP, None),
        (123456789012345.0, "123456789012345", None),
        (float("nan"), "nan", cells.IS_ERROR),
    ],
)
def test_numbers_as_they_were_typed(value: float, text: str, problem: object) -> None:
    found = number_cell(value)
    assert (found.text[:14], found.problem) == (text[:14], problem)
    assert problem or found.text == text


@given(st.integers(min_value=0, max_value=10**15 - 1))
def test_up_to_fifteen_digits_nothing_is_lost(number: int) -> None:
    assert number_cell(number) == number_cell(float(number)) == Cell(str(number))


def test_leading_zeros_of_a_format_come_back(app: Flask) -> None:
    assert number_cell(12345678, "0000000000").text == "0012345678"

    def number(sheet) -> None:
        sheet["B2"].value, sheet["B2"].number_format = 12345678, "0000000000"

    assert texts(read_table(workbook([HEADER, ("Ani", None)], change=number))) == [["Ani", "0012345678"]]


@pytest.mark.parametrize("typed", ["1,98507E+17", "1.98507202010012E+17", "1E+17", "2e17"])
def test_scientific_notation_is_found_in_text(typed: str) -> None:
    assert text_cell(typed).problem is cells.SCIENTIFIC


@pytest.mark.parametrize("typed", ["III/e", "E17", "Jl. 1E", "1.500", "A1E+2"])
def test_other_text_is_let_alone(typed: str) -> None:
    assert text_cell(typed) == Cell(typed)


def test_what_spreadsheets_put_around_a_text_is_taken_off() -> None:
    assert text_cell(f"'{NIP}") == text_cell(f'="{NIP}"') == Cell(NIP)
    assert text_cell("'+62 812") == Cell("+62 812") and text_cell("'Aisyah") == Cell("'Aisyah")
    assert text_cell("a" * 2_001).problem is cells.CELL_TOO_LONG


def test_dates_formulas_errors_and_truth(app: Flask) -> None:
    row = ("Ani", datetime(2019, 7, 8), date(2019, 7, 8), datetime(2019, 7, 8, 8, 30), "=1+1", "#N/A", True)
    table = read_table(workbook([("Nama", "a", "b", "c", "d", "e", "f"), row]))
    found = table.rows[0].cells
    assert [cell.text for cell in found[1:4]] == ["2019-07-08", "2019-07-08", "2019-07-08 08:30"]
    assert all(cell.is_date and cell.problem is cells.IS_DATE for cell in found[1:4])
    assert found[4] == Cell("", cells.NO_RESULT) and found[5] == Cell("#N/A", cells.IS_ERROR)
    assert found[6].text == "Ya"


def test_a_formula_says_its_stored_result(app: Flask) -> None:
    data = rezipped(
        workbook([HEADER, ("Ani", "=1+1")]),
        lambda name, content: content.replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>"),
    )
    assert texts(read_table(data)) == [["Ani", "2"]]


def test_merged_cells_below_the_header_are_named(app: Flask) -> None:
    table = read_table(
        workbook([("Nama", "Instansi"), ("Ani", "Dinas"), ("Budi", None), ("Cici", None)], merged=["B2:B4"])
    )
    assert table.rows[0].cells[1] == Cell("Dinas")
    assert [("B2:B4" in str(row.cells[1].problem)) for row in table.rows[1:]] == [True, True]


def test_a_title_above_and_a_header_of_two_storeys(app: Flask) -> None:
    rows = [
        ("DAFTAR PESERTA",),
        (),
        ("No", "Nama", "Kontak", None),
        (None, None, "HP", "Surel"),
        (1, 2, 3, 4),
        (1, "Ani", "0812", "ani@kota.go.id"),
    ]
    for merged in (["A1:D1", "C3:D3"], ["A1:D1", "C3:D3", "A3:A4", "B3:B4"]):
        table = read_table(workbook(rows, merged=merged))
        assert table.header == ("No", "Nama", "HP", "Surel")
        assert [(row.number, row.cells[1].text) for row in table.rows] == [(6, "Ani")]
        assert "1" in table.warnings[0]


def test_columns_without_a_name_are_kept_and_empty_ends_are_not(app: Flask) -> None:
    table = read_table(
        workbook([("Nama", None, "NIP", None, None), ("Ani", "x", "1", None, "y"), ("Budi", None, None, None, None)])
    )
    assert table.header == ("Nama", "", "NIP", "", "")
    assert texts(table) == [["Ani", "x", "1", "", "y"], ["Budi", "", "", "", ""]]


def test_the_first_sheet_in_sight_that_holds_something(app: Flask) -> None:
    def more(sheet) -> None:
        sheet.sheet_state = "hidden"
        sheet.parent.create_sheet("kosong")
        sheet.parent.create_sheet("isi").append(["Nama"])
        sheet.parent["isi"].append(["Ani"])

    assert texts(read_table(workbook([HEADER, ("Rahasia", "1")], change=more))) == [["Ani"]]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", tables.EMPTY),
        (b"Nama;NIP\n", tables.ONLY_HEADER),
        (b"%PDF-1.7 ...", tables.IS_PDF),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), tables.IS_XLS),
        (b"<html><body><table><tr><td>Nama", tables.IS_HTML),
        (b"\xef\xbb\xbf  <TABLE border=1>", tables.IS_HTML),
        (b"<?xml version='1.0'?><Workbook/>", tables.NOT_TEXT),
        (b"\x89PNG\r\n\x1a\n", tables.IS_PICTURE),
        (b"PK\x03\x04 and then nothing", cells.BROKEN),
        (bytes(range(256)) * 20, tables.NOT_TEXT),
        (b"x" * (tables.MOST_BYTES + 1), tables.TOO_LARGE),
        (b"Nama;" + b";" * 70 + b"x\nAni;1\n", tables.TOO_MANY_COLUMNS),
        (b"Nama;NIP\n" + b"Ani;1\n" * 5_001, tables.TOO_MANY_ROWS),
    ],
)
def test_what_is_refused_says_why(app: Flask, data: bytes, sentence: object) -> None:
    assert refusal(data, file_name="peserta.xlsx") == sentence


def test_just_as_many_rows_as_are_allowed(app: Flask) -> None:
    assert len(read_table(b"Nama;NIP\n" + b"Ani;1\n" * 5_000).rows) == 5_000


def archive(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def test_archives_that_are_no_workbook(app: Flask) -> None:
    assert refusal(archive(**{"word__document.xml": b"<x/>"})) == workbooks.NO_WORKBOOK
    assert refusal(archive(**{"mimetype": b"ods", "content.xml": b"<x/>"})) == workbooks.IS_ODS
    assert refusal(archive(**{"xl__workbook.bin": b"x"})) == workbooks.IS_BINARY
    assert refusal(archive(**{"xl__workbook.xml": b"<x/>"})) == cells.BROKEN


def test_a_bomb_is_not_unpacked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(workbooks, "_judge_member", lambda _archive, member: opened.append(member.filename))
    usual = workbook([HEADER, ("Ani", "1")])
    for bomb in (
        rezipped(usual, lambda _name, content: content, {"xl/media/x.bin": bytes(workbooks.MOST_UNPACKED + 1)}),
        rezipped(usual, lambda _name, content: content, {"xl/media/x.bin": bytes(20_000_000)}),
        rezipped(usual, lambda _name, content: content, {f"x{number}": b"" for number in range(401)}),
    ):
        assert refusal(bomb) == workbooks.UNPACKS_TOO_LARGE
    assert not opened


@pytest.mark.parametrize(
    "hidden",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]>',
        b"<!doctype x>",
        b"<!ENTITY a SYSTEM 'file:///etc/passwd'>",
    ],
)
def test_entities_never_reach_a_parser(app: Flask, hidden: bytes) -> None:
    def change(name: str, content: bytes) -> bytes:
        return (
            content.replace(b"<worksheet", hidden + b"<worksheet", 1) if name == "xl/worksheets/sheet1.xml" else content
        )

    assert refusal(rezipped(workbook([HEADER, ("Ani", "1")]), change)) == workbooks.HAS_ENTITIES
    in_other_letters = rezipped(
        workbook([HEADER, ("Ani", "1")]),
        lambda name, content: content.decode().encode("utf-16") if name == "xl/worksheets/sheet1.xml" else content,
    )
    assert refusal(in_other_letters) == workbooks.HAS_ENTITIES


def test_a_sheet_that_lies_about_its_rows_does_not_hang(app: Flask) -> None:
    def change(name: str, content: bytes) -> bytes:
        return (
            content.replace(b'r="2"', b'r="99999999999"')
            .replace(b'r="A2"', b'r="A99999999999"')
            .replace(b'r="B2"', b'r="B99999999999"')
        )

    assert refusal(rezipped(workbook([HEADER, ("Ani", "1")]), change)) in (tables.ONLY_HEADER, cells.BROKEN)


def test_too_many_merged_cells(app: Flask) -> None:
    merged = b"".join(b'<mergeCell ref="A%d:B%d"/>' % (row, row) for row in range(10, 2_100))
    data = rezipped(
        workbook([HEADER, ("Ani", "1")], merged=["D1:E1"]),
        lambda _name, content: content.replace(b'<mergeCell ref="D1:E1" />', merged).replace(
            b'<mergeCell ref="D1:E1"/>', merged
        ),
    )
    assert refusal(data) == workbooks.TOO_MANY_MERGED


@settings_here
@given(st.one_of(st.binary(max_size=600), st.binary(max_size=300).map(lambda data: b"PK\x03\x04" + data)))
def test_no_bytes_bring_the_reader_down(app: Flask, data: bytes) -> None:
    table = read_if_possible(data)
    assert table is None or all(len(row.cells) == len(table.header) for row in table.rows)


@settings_here
@given(st.integers(0, 6_000), st.binary(min_size=1, max_size=8))
def test_a_damaged_workbook_is_refused_or_read(app: Flask, place: int, noise: bytes) -> None:
    usual = workbook([HEADER, ("Ani", "1")])
    place %= len(usual)
    table = read_if_possible(usual[:place] + noise + usual[place + len(noise) :])
    assert table is None or table.rows


@settings_here
@given(st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=5), min_size=2, max_size=8))
def test_pasted_text_of_every_kind_gives_rows_of_one_width(app: Flask, lines: list[list[str]]) -> None:
    try:
        table = read_pasted("\n".join("\t".join(line) for line in lines))
    except BadTable:
        return
    assert {len(row.cells) for row in table.rows} == {len(table.header)}
    assert [row.number for row in table.rows] == sorted({row.number for row in table.rows})


def test_a_row_survives_being_kept() -> None:
    row = Row(7, (Cell("a"), Cell("2019-07-08", cells.IS_DATE, is_date=True), Cell("", "Sel digabung")))
    assert Row.of(7, row.plain()).plain() == row.plain()


def test_letters_of_columns() -> None:
    assert [column_letter(place) for place in (0, 25, 26, 59)] == ["A", "Z", "AA", "BH"]
