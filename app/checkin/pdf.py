"""The attendance sheet (daftar hadir): blank for signing, or filled with the times of attendance."""

from dataclasses import dataclass

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, Spacer, Table

from app.paper.document import flowing
from app.paper.fonts import Face
from app.paper.letterhead import Letterhead, LetterheadBlock
from app.paper.pages import MARGIN, Paper
from app.paper.signature import SignatureBlock, Signer
from app.paper.tables import Column, long_table
from app.paper.text import Align, paragraph_style, safe_paragraph

ROW = 9.5 * mm
"""Room for a signature."""
SHARES = {True: (9, 50, 40, 43, 48, 34, 43), False: (8, 30, 33.5, 24, 25.5, 31, 28)}
"""Of the columns, by whether the sheet is landscape: a NIP and a phone number stay on one line."""
SIZES = {True: 8.5, False: 7.5}
UNNAMED = Signer(position="Ketua Panitia", name="\u00a0" * 60, nip="." * 45)
"""Whoever acknowledges the sheet writes name and NIP by hand."""


@dataclass(frozen=True, kw_only=True)
class AttendanceRow:
    """`signed_at` as it is read, "07.42 WIB"; printed on filled sheets only."""

    name: str
    nip: str = ""
    position: str = ""
    institution: str = ""
    phone: str = ""
    signed_at: str = ""


@dataclass(frozen=True, kw_only=True)
class AttendanceSheet:
    """One day or session. `agenda` is named where it differs from the event; walk-in rows stand on blank sheets only."""

    letterhead: Letterhead
    event: str
    day: str
    time: str
    place: str
    rows: tuple[AttendanceRow, ...]
    title: str = "DAFTAR HADIR PESERTA"
    agenda: str = ""
    signer: Signer = UNNAMED
    place_and_date: str = ""
    filled: bool = False
    walk_in_rows: int = 8
    paper: Paper = Paper.A4
    landscape: bool = True


def attendance_sheet(sheet: AttendanceSheet) -> bytes:
    """As many pages as the rows need, the table's header on each."""
    size = sheet.paper.size(landscape=sheet.landscape)
    width = size[0] - 2 * MARGIN
    story: list[Flowable] = [LetterheadBlock(sheet.letterhead), *_heading(sheet, width), _table(sheet, width)]
    title = f"{sheet.title.capitalize()} – {sheet.event} – {sheet.day}"
    return flowing(story, size=size, title=title, author=sheet.letterhead.name, note=f"{sheet.event} · {sheet.day}")


def _heading(sheet: AttendanceSheet, width: float) -> list[Flowable]:
    title = safe_paragraph(sheet.title, paragraph_style(Face.BOLD, 13, align=Align.CENTRE, after=5))
    label, value = paragraph_style(Face.REGULAR, 9.5), paragraph_style(Face.SEMIBOLD, 9.5)
    facts = (
        ("Hari/Tanggal", sheet.day),
        ("Waktu", sheet.time),
        ("Tempat", sheet.place),
        ("Acara", sheet.event),
        ("Agenda", sheet.agenda),
    )
    rows = [
        [safe_paragraph(name, label), safe_paragraph(":", label), safe_paragraph(text, value)]
        for name, text in facts
        if text
    ]
    table = Table(rows, colWidths=[27 * mm, 4 * mm, width - 31 * mm])
    table.setStyle(
        [
            ("FONTNAME", (0, 0), (-1, -1), Face.REGULAR.value),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 1),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
        ]
    )
    return [title, table, Spacer(0, 4 * mm), CondPageBreak(40 * mm)]


def _columns(sheet: AttendanceSheet) -> list[Column]:
    headings = ("No", "Nama", "NIP", "Jabatan", "Instansi", "No. HP", "Waktu Hadir" if sheet.filled else "Tanda Tangan")
    return [
        Column(heading, share, Align.CENTRE if heading == "No" else Align.LEFT)
        for heading, share in zip(headings, SHARES[sheet.landscape], strict=True)
    ]


def _table(sheet: AttendanceSheet, width: float) -> Flowable:
    columns = _columns(sheet)
    blank = () if sheet.filled else (AttendanceRow(name=""),) * sheet.walk_in_rows
    rows = [
        [
            str(number),
            row.name,
            row.nip,
            row.position,
            row.institution,
            row.phone,
            _signature(sheet, number, row, width),
        ]
        for number, row in enumerate((*sheet.rows, *blank), start=1)
    ]
    return long_table(
        columns, rows, width=width, size=SIZES[sheet.landscape], row_height=ROW, closing=_acknowledgement(sheet)
    )


def _acknowledgement(sheet: AttendanceSheet) -> Flowable:
    opening = tuple(line for line in (sheet.place_and_date, "Mengetahui,") if line)
    return SignatureBlock(sheet.signer, opening=opening)


def _signature(sheet: AttendanceSheet, number: int, row: AttendanceRow, width: float) -> Flowable:
    """The time on a filled sheet; else the number, odd ones at the left and even ones at the right, so that signatures have room."""
    if sheet.filled:
        return safe_paragraph(row.signed_at, paragraph_style(Face.REGULAR, SIZES[sheet.landscape], align=Align.CENTRE))
    shares = SHARES[sheet.landscape]
    half = width * shares[-1] / sum(shares) / 2
    return safe_paragraph(f"{number}.", paragraph_style(Face.REGULAR, 8, indent=0 if number % 2 else half))
