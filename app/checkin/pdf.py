"""The attendance sheet (daftar hadir): blank for signing, or filled with the times of attendance."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Spacer, Table

from app.checkin.rules_paper import BLANK_ROWS, SHEET_TITLES, Audience
from app.paper import qr
from app.paper.document import numbered_canvas
from app.paper.fonts import Face
from app.paper.letterhead import Letterhead, LetterheadBlock
from app.paper.pages import MARGIN, Paper
from app.paper.running import PADDING, Cell, Drawn, Row, RunningPage, RunningTable, Unbroken
from app.paper.signature import SignatureBlock, Signer
from app.paper.tables import Column
from app.paper.text import Align, draw, fit, paragraph_style, safe_paragraph

ROW = 9.5 * mm
"""Room for a signature."""
QR = 9.5 * mm
QR_ROW = 12.5 * mm
"""A row with a QR code leaves the white around it that readers need."""
UNBROKEN = ("nip", "phone")
SIZES = {True: 8.5, False: 7.5}
"""Of letters, by whether the sheet is landscape."""
UNNAMED = Signer(position="Ketua Panitia", name="\u00a0" * 60, nip="." * 45)
"""Whoever acknowledges the sheet writes name and NIP by hand."""


class _Layout(NamedTuple):
    """A column's heading, the field of the row that it shows, and its shares in landscape and portrait."""

    heading: str
    field: str
    landscape: float
    portrait: float


_NUMBER = _Layout("No", "", 9, 8)
_QR = _Layout("Kode", "qr_text", 14, 13.5)
LAYOUTS = {
    Audience.PARTICIPANTS: (
        _NUMBER,
        _Layout("Nama", "name", 49, 29),
        _Layout("NIP", "nip", 40, 34),
        _Layout("Jabatan", "position", 43, 23),
        _Layout("Instansi", "institution", 47, 25),
        _Layout("No. HP", "phone", 37, 32),
        _Layout("", "signed_at", 42, 29),
    ),
    Audience.SPEAKERS: (
        _NUMBER,
        _Layout("Nama", "name", 55, 40),
        _Layout("Jabatan", "position", 45, 30),
        _Layout("Instansi", "institution", 48, 32),
        _Layout("Materi", "subject", 60, 37),
        _Layout("", "signed_at", 50, 33),
    ),
    Audience.COMMITTEE: (
        _NUMBER,
        _Layout("Nama", "name", 95, 68),
        _Layout("Tugas", "position", 75, 54),
        _Layout("", "signed_at", 88, 50),
    ),
}


@dataclass(frozen=True, kw_only=True)
class AttendanceRow:
    """`signed_at` as it is read, "07.42 WIB" or "Izin"; printed on filled sheets only. `qr_text`: of the badge, never of the ticket.

    `subject`: what a speaker speaks about.
    """

    name: str
    nip: str = ""
    position: str = ""
    institution: str = ""
    phone: str = ""
    subject: str = ""
    signed_at: str = ""
    qr_text: str = ""


@dataclass(frozen=True, kw_only=True)
class AttendanceSheet:
    """One day or session. `agenda` is named where it differs from the event; walk-in rows stand on blank sheets only.

    `selection`: to whom it is narrowed, "OPD, Smart Living".
    """

    letterhead: Letterhead
    event: str
    day: str
    time: str
    place: str
    rows: tuple[AttendanceRow, ...]
    audience: Audience = Audience.PARTICIPANTS
    agenda: str = ""
    selection: str = ""
    signer: Signer = UNNAMED
    place_and_date: str = ""
    filled: bool = False
    walk_in_rows: int = BLANK_ROWS
    paper: Paper = Paper.A4
    landscape: bool = True

    @property
    def title(self) -> str:
        return SHEET_TITLES[self.audience]

    @property
    def has_codes(self) -> bool:
        return not self.filled and any(row.qr_text for row in self.rows)

    @property
    def layout(self) -> tuple[_Layout, ...]:
        return (*LAYOUTS[self.audience], *([_QR] if self.has_codes else []))


def attendance_sheet(sheet: AttendanceSheet) -> bytes:
    """As many pages as the rows need, the table's header on each."""
    out = io.BytesIO()
    size = sheet.paper.size(landscape=sheet.landscape)
    width = size[0] - 2 * MARGIN
    title = f"{sheet.title.capitalize()} – {sheet.event} – {sheet.day}"
    note = fit(
        f"{sheet.title.capitalize()} · {sheet.event} · {sheet.day}",
        Face.REGULAR,
        size=7.5,
        smallest=6,
        width=width - 40 * mm,
    )
    canvas = numbered_canvas(out, size=size, title=title, author=sheet.letterhead.name, note=note.lines[0])
    page = RunningPage(canvas, size)
    page.place([LetterheadBlock(sheet.letterhead), *_heading(sheet, width)])
    table = RunningTable(
        _columns(sheet),
        width=width,
        size=SIZES[sheet.landscape] - (0.5 if sheet.has_codes and not sheet.landscape else 0),
        row_height=QR_ROW if sheet.has_codes else ROW,
    )
    table.draw_on(page, _rows(sheet), closing=_acknowledgement(sheet))
    page.turn()
    canvas.save()
    return out.getvalue()


def heading_of(facts: Sequence[tuple[str, str]], title: str, width: float) -> list[Flowable]:
    """A paper's title, and below it what is known of the event as "label : value"; empty values are left out."""
    shown = safe_paragraph(title, paragraph_style(Face.BOLD, 13, align=Align.CENTRE, after=5))
    label, value = paragraph_style(Face.REGULAR, 9.5), paragraph_style(Face.SEMIBOLD, 9.5)
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
    return [shown, table, Spacer(0, 4 * mm)]


def _heading(sheet: AttendanceSheet, width: float) -> list[Flowable]:
    facts = (
        ("Hari/Tanggal", sheet.day),
        ("Waktu", sheet.time),
        ("Tempat", sheet.place),
        ("Acara", sheet.event),
        ("Agenda", sheet.agenda),
        ("Peserta", sheet.selection),
    )
    return heading_of(facts, sheet.title, width)


def _columns(sheet: AttendanceSheet) -> list[Column]:
    signing = "Waktu Hadir" if sheet.filled else "Tanda Tangan"
    return [
        Column(
            one.heading or signing,
            one.landscape if sheet.landscape else one.portrait,
            Align.CENTRE if one is _NUMBER or (sheet.filled and one.field == "signed_at") else Align.LEFT,
        )
        for one in sheet.layout
    ]


def _rows(sheet: AttendanceSheet) -> list[Row]:
    blank = () if sheet.filled else (AttendanceRow(name=""),) * sheet.walk_in_rows
    return [
        Row([_cell(sheet, one, number, row) for one in sheet.layout])
        for number, row in enumerate((*sheet.rows, *blank), start=1)
    ]


def _cell(sheet: AttendanceSheet, column: _Layout, number: int, row: AttendanceRow) -> Cell:
    if column is _NUMBER:
        return str(number)
    if column is _QR:
        return _code(row.qr_text) if row.qr_text else ""
    if column.field == "signed_at" and not sheet.filled:
        return _signature(number)
    text = str(getattr(row, column.field))
    return Unbroken(text) if column.field in UNBROKEN else text


def _signature(number: int) -> Drawn:
    """The number, odd ones at the left and even ones at the right, so that signatures have room."""

    def drawn(canvas: Canvas, x: float, y: float, width: float, height: float) -> None:
        draw(canvas, x + PADDING + (0 if number % 2 else width / 2), y + height - 11, f"{number}.", Face.REGULAR, 8)

    return drawn


def _code(text: str) -> Drawn:
    def drawn(canvas: Canvas, x: float, y: float, width: float, height: float) -> None:
        qr.draw(canvas, text, x + (width - QR) / 2, y + (height - QR) / 2, QR)

    return drawn


def _acknowledgement(sheet: AttendanceSheet) -> Flowable:
    opening = tuple(line for line in (sheet.place_and_date, "Mengetahui,") if line)
    return SignatureBlock(sheet.signer, opening=opening)
