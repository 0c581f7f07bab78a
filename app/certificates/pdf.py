"""Certificates on paper: landscape, front and back, one or a thousand in a file.

What many certificates share (border, letterhead, title, emblem, the list of lessons) is drawn once in a file, as a form
that their pages refer to.
"""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, BinaryIO, Self

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import LongTable

from app.paper import qr
from app.paper.centred import Line, Run, draw_lines, lines_of, spread
from app.paper.colours import GOLD, INK, MUTED, PRIMARY
from app.paper.document import new_canvas
from app.paper.fonts import Face
from app.paper.letterhead import draw_emblem, picture
from app.paper.ornament import INNER_EDGE, border
from app.paper.pages import Paper
from app.paper.signature import SignatureBlock, Signer
from app.paper.tables import Column, long_table
from app.paper.text import Align, draw, fit, paragraph_style, safe_paragraph, width_of
from app.shared.codes import grouped
from app.shared.numbers import in_words

SIDE = INNER_EDGE + 8 * mm
EMBLEM = 17 * mm
BACK_EDGE = 14 * mm
BACK_SIDE = 20 * mm
QR_SIDE = 24 * mm
BOTTOM = INNER_EDGE + 4 * mm
SIGNATURE_WIDTH = 84 * mm
SIGNATURE_ROOM = 16 * mm
BACK_COLUMNS = (
    Column("No", 6, Align.CENTRE),
    Column("Materi", 62),
    Column("Narasumber", 42),
    Column("JP", 8, Align.CENTRE),
)
BACK_SIZES = (10.0, 9.0, 8.0, 7.0)
"""The list of lessons takes the largest size in which it fits a page, or else flows over several in a legible one."""
FLOWING_SIZE = 8.5


class MissingPicture(LookupError):
    """A certificate names an emblem or background that was not handed over with it."""


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """A line of the back page."""

    title: str
    speakers: str
    jp: int


@dataclass(frozen=True, kw_only=True)
class CertificatePaper:
    """What is printed, word for word, frozen when the certificate is issued.

    `parent`, `host` and `address` are the letterhead's; `body` follows the event's name (see `body_sentence`). `emblem`
    and `background` are keys of the pictures handed over beside; a background takes the place of our border.
    `footer` is the sentence about an electronic signature, for the file that is sent for signing and no other.
    """

    number: str
    name: str
    event: str
    body: str
    place_and_date: str
    parent: str
    host: str
    qr_text: str
    code: str
    signer_position: str
    signer_name: str
    signer_capacity: str = ""
    signer_rank: str = ""
    signer_nip: str = ""
    title: str = "SERTIFIKAT"
    role: str = "PESERTA"
    address: tuple[str, ...] = ()
    nip: str = ""
    rank: str = ""
    position: str = ""
    institution: str = ""
    verify_at: str = ""
    emblem: str = ""
    background: str = ""
    paper: Paper = Paper.A4
    lessons: tuple[Lesson, ...] = ()
    footer: str = ""

    @classmethod
    def from_snapshot(cls, snapshot: Mapping[str, Any]) -> Self:
        """From what `to_snapshot` gave, perhaps after a journey through JSON; keys that are not printed are passed over."""
        values = {field.name: snapshot[field.name] for field in fields(cls) if field.name in snapshot}
        values["paper"] = Paper(values.get("paper", Paper.A4))
        values["address"] = tuple(values.get("address", ()))
        values["lessons"] = tuple(
            Lesson(title=title, speakers=speakers, jp=jp) for title, speakers, jp in values.get("lessons", ())
        )
        return cls(**values)

    def to_snapshot(self) -> dict[str, Any]:
        """Strings, whole numbers and lists only."""
        values: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        values["paper"] = self.paper.value
        values["address"] = list(self.address)
        values["lessons"] = frozen_lessons(self.lessons)
        return values


def frozen_lessons(lessons: Iterable[Lesson]) -> list[list[str | int]]:
    """As they lie in a snapshot."""
    return [[lesson.title, lesson.speakers, lesson.jp] for lesson in lessons]


def body_sentence(*, organiser: str, place: str, dates: str, jp: int) -> str:
    """The usual words after the event's name; `dates` as "8 s.d. 9 Juli 2019"."""
    return f"yang diselenggarakan oleh {organiser} di {place} pada tanggal {dates} selama {jp} ({in_words(jp)}) JP."


def certificate(paper: CertificatePaper, *, images: Mapping[str, bytes] | None = None) -> bytes:
    """One certificate as a file of its own."""
    out = io.BytesIO()
    canvas = _canvas(paper, out, title=f"{paper.title.capitalize()} {paper.number} – {paper.name}")
    _Press(canvas, images or {}).print(paper)
    canvas.save()
    return out.getvalue()


def certificates(
    papers: Iterable[CertificatePaper], out: BinaryIO, *, images: Mapping[str, bytes] | None = None
) -> int:
    """All in one file, in the order given, each on sheets of its own when printed on both sides; answers how many pages.

    Raises ValueError without any certificate, MissingPicture as `certificate` does.
    """
    press = None
    for paper in papers:
        if press is None:
            press = _Press(_canvas(paper, out, title=f"{paper.title.capitalize()} – {paper.event}"), images or {})
        press.print(paper, whole_sheets=True)
    if press is None:
        raise ValueError("there is no certificate to print")
    pages = press.canvas.getPageNumber() - 1
    press.canvas.save()
    return pages


def _canvas(paper: CertificatePaper, out: BinaryIO, *, title: str) -> Canvas:
    return new_canvas(out, size=paper.paper.size(landscape=True), title=title, author=paper.host, subject=paper.event)


class _Press:
    """One file being printed, with the forms its certificates share."""

    def __init__(self, canvas: Canvas, images: Mapping[str, bytes]) -> None:
        self.canvas = canvas
        self._images = images
        self._stationery: dict[tuple, tuple[str, float]] = {}
        self._backs: dict[tuple, list[str]] = {}

    def print(self, paper: CertificatePaper, *, whole_sheets: bool = False) -> None:
        size = paper.paper.size(landscape=True)
        stationery, top = self._front_form(paper)
        backs = self._back_forms(paper)
        self.canvas.setPageSize(size)
        self.canvas.doForm(stationery)
        _draw_front(self.canvas, paper, top)
        self.canvas.showPage()
        for back in backs:
            self.canvas.doForm(back)
            _draw_back_margin(self.canvas, paper, size)
            self.canvas.showPage()
        if whole_sheets and len(backs) % 2 == 0:
            self.canvas.showPage()

    def _front_form(self, paper: CertificatePaper) -> tuple[str, float]:
        """The form with all that stands above the name, and where it ends."""
        key = (paper.paper, paper.background, paper.emblem, paper.parent, paper.host, paper.address, paper.title)
        if key not in self._stationery:
            name = f"stationery-{len(self._stationery)}"
            width, height = paper.paper.size(landscape=True)
            self.canvas.beginForm(name, upperx=width, uppery=height)
            top = self._draw_stationery(paper, width, height)
            self.canvas.endForm()
            self._stationery[key] = name, top
        return self._stationery[key]

    def _draw_stationery(self, paper: CertificatePaper, width: float, height: float) -> float:
        if paper.background:
            self.canvas.drawImage(picture(self._image(paper.background)), 0, 0, width, height)
        else:
            border(self.canvas, width, height)
        y = height - INNER_EDGE - 2.5 * mm
        if paper.emblem:
            y -= EMBLEM
            draw_emblem(self.canvas, self._image(paper.emblem), width / 2 - EMBLEM / 2, y, EMBLEM)
            y -= 1.5 * mm
        room = width - 2 * SIDE
        lines = lines_of(Run(paper.parent, Face.SEMIBOLD, 11), width=room, smallest=9)
        lines += lines_of(Run(paper.host, Face.BOLD, 13), width=room, smallest=10)
        for text in paper.address:
            lines += lines_of(Run(text, Face.REGULAR, 7.5, MUTED), width=room)
        lines += lines_of(Run(paper.title, Face.BOLD, 29, PRIMARY, spacing=4), width=room, smallest=18, gap=9)
        return draw_lines(self.canvas, lines, x=width / 2, top=y)

    def _image(self, key: str) -> bytes:
        if key not in self._images:
            raise MissingPicture(key)
        return self._images[key]

    def _back_forms(self, paper: CertificatePaper) -> list[str]:
        if not paper.lessons:
            return []
        key = (paper.paper, paper.event, paper.lessons)
        if key not in self._backs:
            self._backs[key] = list(_draw_backs(self.canvas, paper, prefix=f"lessons-{len(self._backs)}"))
        return self._backs[key]


def _draw_front(canvas: Canvas, paper: CertificatePaper, top: float) -> None:
    width, _height = paper.paper.size(landscape=True)
    signer = Signer(
        capacity=paper.signer_capacity,
        position=paper.signer_position,
        name=paper.signer_name,
        rank=paper.signer_rank,
        nip=paper.signer_nip,
    )
    signature = SignatureBlock(
        signer, opening=(paper.place_and_date,), size=9.5, width=SIGNATURE_WIDTH, room=SIGNATURE_ROOM
    )
    floor = BOTTOM + signature.height
    lines, stretch = spread(_person(paper, width - 2 * SIDE), top - floor - 3 * mm)
    draw_lines(canvas, lines, x=width / 2, top=top, stretch=stretch, rule=GOLD)
    signature.draw_at(canvas, width - SIDE - SIGNATURE_WIDTH, floor)
    _draw_verification(canvas, paper)
    if paper.footer:
        canvas.setFillColor(MUTED)
        footer = fit(paper.footer, Face.REGULAR, size=6.5, smallest=5, width=width - 2 * SIDE)
        draw(canvas, width / 2, INNER_EDGE + 1.2 * mm, footer.lines[0], Face.REGULAR, footer.size, align=Align.CENTRE)


def _person(paper: CertificatePaper, room: float) -> list[Line]:
    """The lines from the number to the end of the sentence."""
    lines = [
        Line((Run(f"NOMOR: {paper.number}", Face.SEMIBOLD, 10.5),)),
        Line((Run("diberikan kepada", colour=MUTED),), gap=9),
    ]
    name = lines_of(Run(paper.name, Face.BOLD, 27), width=room, smallest=18, gap=4)
    widest = max(width_of(run.text, run.face, run.size) for line in name for run in line.runs)
    name[-1] = Line(name[-1].runs, gap=name[-1].gap, rule=min(room, widest + 24 * mm))
    lines += name
    identity = "  ·  ".join(part for part in (f"NIP {paper.nip}" if paper.nip else "", paper.rank) if part)
    for text in (identity, paper.position, paper.institution):
        lines += lines_of(Run(text, size=11), width=room, smallest=9.5, gap=1.5)
    lines.append(Line((Run("sebagai  "), Run(paper.role, Face.BOLD, 15, PRIMARY, spacing=1.2), Run("  pada")), gap=9))
    lines += lines_of(Run(paper.event, Face.BOLD, 13), width=room, smallest=11.5, gap=4)
    lines += lines_of(Run(paper.body, size=10.5), width=room * 0.86, lines=3, gap=3)
    return lines


def _draw_verification(canvas: Canvas, paper: CertificatePaper) -> None:
    """The code for a phone, and beneath it the code for a person."""
    x, y = SIDE, BOTTOM
    if paper.verify_at:
        canvas.setFillColor(MUTED)
        room = paper.paper.size(landscape=True)[0] - 2 * SIDE - SIGNATURE_WIDTH - 5 * mm
        address = fit(f"Periksa keaslian: {paper.verify_at}", Face.REGULAR, size=7.5, smallest=5, width=room)
        draw(canvas, x, y, address.lines[0], Face.REGULAR, address.size)
        y += 11
    canvas.setFillColor(INK)
    draw(canvas, x, y, grouped(paper.code), Face.SEMIBOLD, 9.5)
    qr.draw(canvas, paper.qr_text, x, y + 14, QR_SIDE)


def _draw_backs(canvas: Canvas, paper: CertificatePaper, *, prefix: str) -> Iterable[str]:
    """Make the forms with the list of lessons, one for each page it needs, and name them."""
    width, height = paper.paper.size(landscape=True)
    room, tall = width - 2 * BACK_SIDE, height - 2 * BACK_EDGE - 24 * mm
    tables = _tables(paper, room, tall)
    for number, table in enumerate(tables):
        name = f"{prefix}-{number}"
        canvas.beginForm(name, upperx=width, uppery=height)
        lines = lines_of(Run("DAFTAR MATERI", Face.BOLD, 14, PRIMARY, spacing=1.5), width=room)
        lines += lines_of(Run(paper.event, size=10), width=room, smallest=8)
        y = draw_lines(canvas, lines, x=width / 2, top=height - BACK_EDGE)
        _table_width, table_height = table.wrapOn(canvas, room, tall)
        table.drawOn(canvas, BACK_SIDE, y - 4 * mm - table_height)
        canvas.endForm()
        yield name


def _tables(paper: CertificatePaper, width: float, height: float) -> list[LongTable]:
    for size in BACK_SIZES:
        table = _lessons_table(paper, width, size)
        _width, needed = table.wrap(width, height)
        if needed <= height:
            return [table]
    pages = []
    table = _lessons_table(paper, width, FLOWING_SIZE)
    while table:
        page, *rest = table.split(width, height)
        pages.append(page)
        table = rest[0] if rest else None
    return pages


def _lessons_table(paper: CertificatePaper, width: float, size: float) -> LongTable:
    rows = [
        [str(number), lesson.title, lesson.speakers, str(lesson.jp)]
        for number, lesson in enumerate(paper.lessons, start=1)
    ]
    bold = paragraph_style(Face.BOLD, size, align=Align.CENTRE)
    total = [safe_paragraph(text, bold) for text in ("JUMLAH", str(sum(lesson.jp for lesson in paper.lessons)))]
    rows.append([total[0], "", "", total[1]])
    return long_table(
        BACK_COLUMNS, rows, width=width, size=size, extra=[("SPAN", (0, -1), (2, -1)), ("NOSPLIT", (0, -2), (-1, -1))]
    )


def _draw_back_margin(canvas: Canvas, paper: CertificatePaper, size: tuple[float, float]) -> None:
    """Whose back it is, should sheets be mixed up."""
    canvas.setFillColor(MUTED)
    draw(canvas, BACK_SIDE, BACK_EDGE, f"{paper.title} NOMOR {paper.number}", Face.REGULAR, 8)
    name = fit(paper.name, Face.REGULAR, size=8, smallest=6, width=size[0] / 2 - BACK_SIDE)
    draw(canvas, size[0] - BACK_SIDE, BACK_EDGE, name.lines[0], Face.REGULAR, name.size, align=Align.RIGHT)
