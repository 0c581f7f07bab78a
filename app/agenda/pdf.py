"""The rundown of a stage on paper, a table a day."""

from dataclasses import dataclass

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Spacer

from app.paper.colours import MUTED, PRIMARY
from app.paper.document import flowing
from app.paper.fonts import Face
from app.paper.letterhead import Letterhead, LetterheadBlock
from app.paper.pages import MARGIN, Paper
from app.paper.tables import Column, long_table
from app.paper.text import Align, paragraph_style, safe_paragraph

COLUMNS = (
    Column("Waktu", 26, Align.CENTRE),
    Column("Acara", 64),
    Column("Narasumber/Moderator", 52),
    Column("Tempat", 30),
    Column("JP", 10, Align.CENTRE),
)
SIZE = 9


@dataclass(frozen=True, kw_only=True)
class RundownEntry:
    """`time` as it is read, "08.30–09.15"; `speakers` a line each, with their part; `audience` only where not all are meant."""

    time: str
    title: str
    speakers: tuple[str, ...] = ()
    place: str = ""
    jp: int = 0
    audience: str = ""


@dataclass(frozen=True, kw_only=True)
class RundownDay:
    """`day` as it is read, "Senin, 8 Juli 2019"."""

    day: str
    entries: tuple[RundownEntry, ...]


@dataclass(frozen=True, kw_only=True)
class RundownPaper:
    """`dates` and `place` of the whole stage stand below its name."""

    letterhead: Letterhead
    event: str
    days: tuple[RundownDay, ...]
    title: str = "SUSUNAN ACARA"
    dates: str = ""
    place: str = ""
    paper: Paper = Paper.A4


def rundown(paper: RundownPaper) -> bytes:
    """Upright, as many pages as the days need."""
    size = paper.paper.size()
    width = size[0] - 2 * MARGIN
    story: list[Flowable] = [LetterheadBlock(paper.letterhead, scale=0.9), *_heading(paper)]
    for day in paper.days:
        heading = safe_paragraph(day.day, paragraph_style(Face.BOLD, 11, colour=PRIMARY, after=4))
        table = _table(day, width)
        story += [KeepTogether([heading, table]), Spacer(0, 6 * mm)]
    total = sum(entry.jp for day in paper.days for entry in day.entries)
    if total:
        story.append(safe_paragraph(f"Jumlah: {total} JP (1 JP = 45 menit)", paragraph_style(Face.SEMIBOLD, SIZE)))
    return flowing(
        story,
        size=size,
        title=f"{paper.title.capitalize()} – {paper.event}",
        author=paper.letterhead.name,
        note=paper.event,
    )


def _heading(paper: RundownPaper) -> list[Flowable]:
    title = paragraph_style(Face.BOLD, 13, align=Align.CENTRE, after=2)
    event = paragraph_style(Face.SEMIBOLD, 11, align=Align.CENTRE, after=2)
    plain = paragraph_style(Face.REGULAR, 9.5, align=Align.CENTRE, colour=MUTED)
    lines = [safe_paragraph(paper.title, title), safe_paragraph(paper.event, event)]
    lines += [safe_paragraph(text, plain) for text in (paper.dates, paper.place) if text]
    return [*lines, Spacer(0, 5 * mm)]


def _table(day: RundownDay, width: float) -> Flowable:
    plain, small = paragraph_style(Face.REGULAR, SIZE), paragraph_style(Face.REGULAR, SIZE - 1.5, colour=MUTED)
    lesson = paragraph_style(Face.SEMIBOLD, SIZE)
    rows = []
    for entry in day.entries:
        title: list[Flowable] = [safe_paragraph(entry.title, lesson if entry.jp else plain)]
        if entry.audience:
            title.append(safe_paragraph(entry.audience, small))
        speakers = [safe_paragraph(speaker, plain) for speaker in entry.speakers]
        rows.append([entry.time, title, speakers or "", entry.place, str(entry.jp) if entry.jp else "–"])
    return long_table(COLUMNS, rows, width=width, size=SIZE, row_height=7 * mm)
