"""The head of official letters (kop surat): emblem, whose office, which office, where, and a double rule."""

import io
from dataclasses import dataclass

from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from app.paper.colours import INK
from app.paper.fonts import Face
from app.paper.text import Align, balanced, draw, fit

EMBLEM = 21 * mm
GAP = 5 * mm
BELOW = 5 * mm


@dataclass(frozen=True, kw_only=True)
class Letterhead:
    """`emblem` holds a PNG or JPEG picture."""

    parent: str
    name: str
    address: tuple[str, ...] = ()
    emblem: bytes | None = None


def picture(data: bytes) -> ImageReader:
    return ImageReader(io.BytesIO(data))


def draw_emblem(canvas: Canvas, emblem: bytes, x: float, y: float, side: float) -> None:
    """Inside a square of `side`, whatever the picture's shape."""
    canvas.drawImage(picture(emblem), x, y, side, side, mask="auto", preserveAspectRatio=True, anchor="c")


class LetterheadBlock(Flowable):
    """A letterhead across the frame, `scale` times the usual size."""

    def __init__(self, letterhead: Letterhead, *, scale: float = 1) -> None:
        super().__init__()
        self.letterhead = letterhead
        self.scale = scale
        self.lines: list[tuple[str, Face, float]] = []

    @property
    def _emblem(self) -> float:
        return EMBLEM * self.scale if self.letterhead.emblem else 0

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        self.width = available_width
        aside = self._emblem + GAP * self.scale if self._emblem else 0
        room = available_width - 2 * aside
        self.lines = []
        for text, face, size in ((self.letterhead.parent, Face.SEMIBOLD, 12.5), (self.letterhead.name, Face.BOLD, 15)):
            if text:
                found = fit(text, face, size=size * self.scale, smallest=0.7 * size * self.scale, width=room, lines=2)
                self.lines += [(line, face, found.size) for line in found.lines]
        for text in self.letterhead.address:
            size = max(8 * self.scale, 6.5)
            self.lines += [(line, Face.REGULAR, size) for line in balanced(text, Face.REGULAR, size, room)]
        self._text = sum(size * 1.3 for _line, _face, size in self.lines)
        self._body = max(self._emblem, self._text)
        self.height = self._body + BELOW * self.scale + 3 * mm
        return self.width, self.height

    def draw(self) -> None:
        canvas = self.canv
        top = self.height
        if self.letterhead.emblem:
            draw_emblem(canvas, self.letterhead.emblem, 0, top - self._body / 2 - self._emblem / 2, self._emblem)
        canvas.setFillColor(INK)
        y = top - (self._body - self._text) / 2
        for line, face, size in self.lines:
            y -= size * 1.3
            draw(canvas, self.width / 2, y + size * 0.32, line, face, size, align=Align.CENTRE)
        double_rule(canvas, 0, self.width, top - self._body - 2 * mm)


def double_rule(canvas: Canvas, left: float, right: float, y: float) -> None:
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(1.8)
    canvas.line(left, y, right, y)
    canvas.setLineWidth(0.5)
    canvas.line(left, y - 2.2, right, y - 2.2)
