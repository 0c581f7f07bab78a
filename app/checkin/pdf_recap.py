"""The recap of attendance (rekap kehadiran): people by checkpoint with the times at which they came, and the totals."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.units import mm
from reportlab.platypus import Spacer

from app.checkin.pdf import UNNAMED, heading_of
from app.paper.document import numbered_canvas
from app.paper.fonts import Face
from app.paper.letterhead import Letterhead, LetterheadBlock
from app.paper.pages import MARGIN, Paper
from app.paper.running import Row, RunningPage, RunningTable
from app.paper.signature import SignatureBlock, Signer
from app.paper.tables import Column
from app.paper.text import Align, fit, paragraph_style, safe_paragraph

LEGEND = "Keterangan: jam = waktu hadir; Izin = izin; Izin JP = izin dengan JP; – = tidak hadir; kosong = tidak diundang pada titik itu."
SIZES = {True: 8, False: 7}
FITTING = {True: 9, False: 4}
"""How many checkpoints stand beside each other, by whether the paper is landscape; further ones follow in another table."""


@dataclass(frozen=True, kw_only=True)
class RecapRow:
    """`marks`: one for each checkpoint, "07.42", "Izin", "–" or "". `jp`: "12/16"."""

    name: str
    category: str
    institution: str
    marks: tuple[str, ...]
    jp: str = ""


@dataclass(frozen=True, kw_only=True)
class RecapTotal:
    """Of an unsur or an institution; `marks`: one for each checkpoint, "12/15". `people`: how many there are."""

    name: str
    people: int
    marks: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Recap:
    """`points`: the checkpoints as headings of columns. `totals`: of all people together."""

    letterhead: Letterhead
    event: str
    dates: str
    place: str
    points: tuple[str, ...]
    rows: tuple[RecapRow, ...]
    categories: tuple[RecapTotal, ...]
    institutions: tuple[RecapTotal, ...]
    totals: RecapTotal
    selection: str = ""
    place_and_date: str = ""
    signer: Signer = UNNAMED
    paper: Paper = Paper.A4
    landscape: bool = True


def recap_paper(recap: Recap) -> bytes:
    """People first, then the totals by unsur and by institution."""
    out = io.BytesIO()
    size = recap.paper.size(landscape=recap.landscape)
    width = size[0] - 2 * MARGIN
    note = fit(f"Rekap kehadiran · {recap.event}", Face.REGULAR, size=7.5, smallest=6, width=width - 40 * mm).lines[0]
    title = f"Rekap kehadiran – {recap.event}"
    canvas = numbered_canvas(out, size=size, title=title, author=recap.letterhead.name, note=note)
    page = RunningPage(canvas, size)
    facts = (
        ("Acara", recap.event),
        ("Tanggal", recap.dates),
        ("Tempat", recap.place),
        ("Peserta", recap.selection),
    )
    page.place([LetterheadBlock(recap.letterhead), *heading_of(facts, "REKAP KEHADIRAN", width)])
    for first in range(0, max(1, len(recap.points)), FITTING[recap.landscape]):
        part = slice(first, first + FITTING[recap.landscape])
        _people(page, recap, part, width)
        _subtitle(page, "Jumlah per unsur (hadir/diundang)")
        _sums(page, recap, recap.categories, part, width)
        _subtitle(page, "Jumlah per instansi (hadir/diundang)")
        is_last = part.stop >= len(recap.points)
        opening = tuple(line for line in (recap.place_and_date, "Mengetahui,") if line)
        closing = SignatureBlock(recap.signer, opening=opening) if is_last else None
        _sums(page, recap, recap.institutions, part, width, closing=closing)
    page.turn()
    canvas.save()
    return out.getvalue()


def _people(page: RunningPage, recap: Recap, part: slice, width: float) -> None:
    shown = recap.points[part]
    wide = recap.landscape
    columns = [
        Column("No", 8, Align.CENTRE),
        Column("Nama", 52 if wide else 42),
        Column("Instansi", 56 if wide else 40),
    ]
    columns += [Column("Unsur", 26)] if wide else []
    columns += [*_point_columns(shown, 18), Column("JP", 13, Align.CENTRE)]
    rows = [
        Row([str(number), one.name, one.institution, *([one.category] if wide else []), *one.marks[part], one.jp])
        for number, one in enumerate(recap.rows, start=1)
    ]
    total = recap.totals
    rows.append(Row(["", "Jumlah hadir/diundang", "", *([""] if wide else []), *total.marks[part], ""], emphasis=True))
    RunningTable(columns, width=width, size=SIZES[wide], row_height=6 * mm).draw_on(page, rows)
    page.skip(2 * mm)
    page.place([safe_paragraph(LEGEND, paragraph_style(Face.REGULAR, 7.5)), Spacer(0, 5 * mm)])


def _subtitle(page: RunningPage, text: str) -> None:
    if page.room < 40 * mm:
        page.turn()
    page.place([safe_paragraph(text, paragraph_style(Face.BOLD, 10.5)), Spacer(0, 2 * mm)])


def _sums(
    page: RunningPage,
    recap: Recap,
    totals: Sequence[RecapTotal],
    part: slice,
    width: float,
    *,
    closing: SignatureBlock | None = None,
) -> None:
    columns = [Column("No", 8, Align.CENTRE), Column("Nama", 90), Column("Terdaftar", 18, Align.CENTRE)]
    columns += _point_columns(recap.points[part], 20)
    rows = [
        Row([str(number), one.name, str(one.people), *one.marks[part]]) for number, one in enumerate(totals, start=1)
    ]
    rows.append(Row(["", "Jumlah", str(recap.totals.people), *recap.totals.marks[part]], emphasis=True))
    table = RunningTable(columns, width=width, size=SIZES[recap.landscape], row_height=6 * mm)
    table.draw_on(page, rows, closing=closing)
    page.skip(6 * mm)


def _point_columns(names: Sequence[str], share: float) -> list[Column]:
    return [Column(name, share, Align.CENTRE) for name in names]
