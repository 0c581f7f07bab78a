"""How every PDF begins: compressed, without a clock in it, with title, author and language."""

import io
from typing import Any, BinaryIO

from reportlab import rl_config
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from app.paper.colours import MUTED
from app.paper.fonts import Face, register
from app.paper.pages import MARGIN
from app.paper.text import Align, draw

LANGUAGE = "id-ID"
FOOTER_SIZE = 7.5
TOTAL_PAGES = "total-pages"

rl_config.useA85 = 0  # ASCII85 in pure Python made a page with a picture 80 times slower


def new_canvas(out: BinaryIO, *, size: tuple[float, float], title: str, author: str = "", subject: str = "") -> Canvas:
    """An empty canvas; the same drawing gives the same bytes."""
    canvas = Canvas(out, pagesize=size, **_options())
    describe(canvas, title=title, author=author, subject=subject)
    return canvas


def _options() -> dict[str, Any]:
    """reportlab would begin each page in a typeface that is not embedded, used or not."""
    register(Face.REGULAR)
    return {"invariant": 1, "pageCompression": 1, "lang": LANGUAGE, "initialFontName": Face.REGULAR.value}


def describe(canvas: Canvas, *, title: str, author: str, subject: str = "") -> None:
    canvas.setTitle(title)
    canvas.setAuthor(author)
    canvas.setSubject(subject)
    canvas.setCreator("Bimtek")
    canvas.setViewerPreference("DisplayDocTitle", "true")


class NumberedCanvas(Canvas):
    """Prints "Halaman x dari y" below each page. The total is a form that is drawn once the last page is known."""

    def __init__(self, *args: Any, note: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self._note = note

    def showPage(self) -> None:
        self._footer()
        super().showPage()

    def _footer(self) -> None:
        width, _height = self._pagesize
        right, y = width - MARGIN, 8 * mm + FOOTER_SIZE
        self.saveState()
        self.setFillColor(MUTED)
        draw(self, MARGIN, y, self._note, Face.REGULAR, FOOTER_SIZE)
        total = right - 2 * FOOTER_SIZE * 0.62
        draw(self, total, y, f"Halaman {self.getPageNumber()} dari ", Face.REGULAR, FOOTER_SIZE, align=Align.RIGHT)
        self.translate(total, y)
        self.doForm(TOTAL_PAGES)
        self.restoreState()

    def save(self) -> None:
        total = self.getPageNumber() - 1
        self.beginForm(TOTAL_PAGES, lowery=-FOOTER_SIZE, upperx=6 * FOOTER_SIZE, uppery=2 * FOOTER_SIZE)
        self.setFillColor(MUTED)
        draw(self, 0, 0, str(total), Face.REGULAR, FOOTER_SIZE)
        self.endForm()
        super().save()


def numbered_canvas(
    out: BinaryIO, *, size: tuple[float, float], title: str, author: str, note: str = ""
) -> NumberedCanvas:
    """An empty canvas whose pages are numbered; `note` stands at the left of each footer."""
    canvas = NumberedCanvas(out, pagesize=size, note=note, **_options())
    describe(canvas, title=title, author=author)
    return canvas


def flowing(story: list[Flowable], *, size: tuple[float, float], title: str, author: str, note: str = "") -> bytes:
    """A document of as many pages as the story needs, numbered; `note` stands at the left of each footer."""
    out = io.BytesIO()
    width, height = size
    bottom = MARGIN + 3 * mm
    frame = Frame(MARGIN, bottom, width - 2 * MARGIN, height - MARGIN - bottom + 3 * mm, 0, 0, 0, 0)
    document = BaseDocTemplate(out, pagesize=size, **_options())
    document.addPageTemplates(
        PageTemplate(frames=[frame], onPage=lambda canvas, _doc: describe(canvas, title=title, author=author))
    )

    def numbered(*args: Any, **options: Any) -> NumberedCanvas:
        return NumberedCanvas(*args, note=note, **options)

    document.build(story, canvasmaker=numbered)
    return out.getvalue()
