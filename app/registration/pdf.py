"""The ticket on paper, to be shown at the door."""

import io
from dataclasses import dataclass

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from app.paper import qr
from app.paper.centred import Line, Run, draw_lines, lines_of
from app.paper.colours import GOLD, INK, MUTED, PRIMARY, RULE
from app.paper.document import new_canvas
from app.paper.fonts import Face
from app.paper.letterhead import Letterhead, LetterheadBlock
from app.paper.pages import Paper
from app.paper.text import draw, wrap
from app.shared.codes import grouped

HOW_TO_USE = (
    "Tunjukkan kode QR ini kepada petugas di pintu masuk, dari kertas ini atau dari layar ponsel.",
    "Tiket berlaku untuk satu orang. Jangan membagikan kode kepada orang lain.",
    "Bila kode tidak terbaca, sebutkan nama atau kode di bawah QR kepada petugas.",
)
SIDE = 12 * mm
LABELS = 27 * mm
"""Width of the column of labels."""


@dataclass(frozen=True, kw_only=True)
class TicketPaper:
    """`dates` (in lines) and `place` as people read them; `address` is the ticket's page, for whoever types; `category` is the unsur."""

    qr_text: str
    code: str
    name: str
    institution: str
    programme: str
    stage: str
    dates: tuple[str, ...]
    place: str
    letterhead: Letterhead
    position: str = ""
    category: str = ""
    address: str = ""
    notes: tuple[str, ...] = HOW_TO_USE
    paper: Paper = Paper.A5


def ticket(paper: TicketPaper) -> bytes:
    """One page, upright."""
    out = io.BytesIO()
    width, height = paper.paper.size()
    canvas = new_canvas(
        out,
        size=(width, height),
        title=f"Tiket {paper.name} – {paper.stage}",
        author=paper.letterhead.name,
        subject=paper.programme,
    )
    scale = width / Paper.A5.size()[0]
    head = LetterheadBlock(paper.letterhead, scale=0.72 * scale)
    _width, head_height = head.wrapOn(canvas, width - 2 * SIDE, height)
    head.drawOn(canvas, SIDE, height - 10 * mm - head_height)
    y = _draw_event(canvas, paper, width, height - 10 * mm - head_height, scale)
    bottom = _draw_notes(canvas, paper, width, scale)
    facts = _facts(paper, width - 2 * SIDE - LABELS * scale, scale)
    floor = bottom + sum(height for _label, _lines, height in facts) + 6 * mm
    _draw_code(canvas, paper, width, y, floor, scale)
    _draw_facts(canvas, facts, width, floor - 3 * mm, scale)
    canvas.save()
    return out.getvalue()


def _draw_event(canvas: Canvas, paper: TicketPaper, width: float, top: float, scale: float) -> float:
    room = width - 2 * SIDE
    lines = [Line((Run("TIKET PESERTA", Face.BOLD, 15 * scale, PRIMARY, spacing=1.5),))]
    lines += lines_of(Run(paper.stage, Face.BOLD, 11.5 * scale), width=room, smallest=9 * scale, gap=2)
    lines += lines_of(Run(paper.programme, size=9 * scale, colour=MUTED), width=room, smallest=7.5 * scale)
    return draw_lines(canvas, lines, x=width / 2, top=top)


def _draw_code(canvas: Canvas, paper: TicketPaper, width: float, top: float, floor: float, scale: float) -> None:
    """The QR, as large as the room between `top` and `floor` allows, with the code beneath."""
    caption = [Line((Run(grouped(paper.code), Face.BOLD, 13 * scale),))]
    caption += lines_of(
        Run(paper.address, size=7.5 * scale, colour=MUTED), width=width - 2 * SIDE, smallest=5.5 * scale
    )
    below = sum(line.height for line in caption) + 2 * mm
    side = min(66 * mm * scale, top - floor - below - 7 * mm)
    bottom = floor + below + (top - floor - below - side) / 2
    qr.draw(canvas, paper.qr_text, (width - side) / 2, bottom, side)
    draw_lines(canvas, caption, x=width / 2, top=bottom - 2 * mm)


def _facts(paper: TicketPaper, room: float, scale: float) -> list[tuple[str, list[tuple[str, Face, float]], float]]:
    """Label, lines (text, face, size) and height of each row that has a value."""
    rows = (
        ("Nama", paper.name, Face.BOLD, 11),
        ("Jabatan", paper.position, Face.REGULAR, 9),
        ("Instansi", paper.institution, Face.REGULAR, 9),
        ("Unsur", paper.category, Face.REGULAR, 9),
        ("Waktu", "\n".join(paper.dates), Face.SEMIBOLD, 9),
        ("Tempat", paper.place, Face.REGULAR, 9),
    )
    facts = []
    for label, value, face, size in rows:
        wrapped = (wrap(part, face, size * scale, room) for part in value.split("\n"))
        lines = [(line, face, size * scale) for part in wrapped for line in part]
        if lines:
            facts.append((label, lines, sum(size * 1.3 for _text, _face, size in lines) + 4 * scale))
    return facts


def _draw_facts(canvas: Canvas, facts: list, width: float, top: float, scale: float) -> None:
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.4)
    y = top
    for label, lines, height in facts:
        canvas.line(SIDE, y, width - SIDE, y)
        baseline = y - 2 * scale
        first = lines[0][2]
        canvas.setFillColor(MUTED)
        draw(canvas, SIDE, baseline - first, label, Face.REGULAR, 8.5 * scale)
        canvas.setFillColor(INK)
        for text, face, size in lines:
            draw(canvas, SIDE + LABELS * scale, baseline - size, text, face, size)
            baseline -= size * 1.3
        y -= height


def _draw_notes(canvas: Canvas, paper: TicketPaper, width: float, scale: float) -> float:
    """How to use the ticket, at the foot; returns where it begins."""
    size = 7.5 * scale
    indent = 9 * scale
    notes = [wrap(note, Face.REGULAR, size, width - 2 * SIDE - indent) for note in paper.notes]
    top = 11 * mm + sum(len(lines) for lines in notes) * size * 1.35 + 2 * mm
    canvas.setStrokeColor(GOLD)
    canvas.setLineWidth(1)
    canvas.line(SIDE, top, width - SIDE, top)
    canvas.setFillColor(INK)
    y = top - 2 * mm
    for number, lines in enumerate(notes, start=1):
        draw(canvas, SIDE, y - size, f"{number}.", Face.REGULAR, size)
        for line in lines:
            draw(canvas, SIDE + indent, y - size, line, Face.REGULAR, size)
            y -= size * 1.35
    return top
