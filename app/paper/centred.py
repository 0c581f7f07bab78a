"""Lines in the middle of a page, spread over the height there is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas

from app.paper.colours import INK
from app.paper.fonts import Face
from app.paper.text import draw, fit, width_of

LEADING = 1.3
LOOSEST = 1.5
TIGHTEST = 0.35
"""How far the gaps may stretch and shrink before the letters must."""
STEP = 0.93


@dataclass(frozen=True)
class Run:
    """A part of a line in one face, size and colour, with `spacing` points after each letter."""

    text: str
    face: Face = Face.REGULAR
    size: float = 10.5
    colour: Color = INK
    spacing: float = 0

    @property
    def width(self) -> float:
        return width_of(self.text, self.face, self.size) + self.spacing * len(self.text)


@dataclass(frozen=True)
class Line:
    """Runs side by side, `gap` points below the line above at the usual spacing; `rule` draws one beneath, that wide."""

    runs: tuple[Run, ...]
    gap: float = 0
    rule: float = 0

    @property
    def height(self) -> float:
        return LEADING * max(run.size for run in self.runs) + (4 if self.rule else 0)

    def scaled(self, factor: float) -> "Line":
        return replace(self, runs=tuple(replace(run, size=run.size * factor) for run in self.runs))


def lines_of(run: Run, *, width: float, smallest: float | None = None, lines: int = 2, gap: float = 0) -> list[Line]:
    """The run fitted to the width: in smaller letters down to `smallest`, then on several lines. Nothing for an empty text."""
    if not run.text.strip():
        return []
    found = fit(run.text, run.face, size=run.size, smallest=smallest or run.size, width=width, lines=lines)
    return [
        Line((replace(run, text=text, size=found.size),), gap=gap if index == 0 else 0)
        for index, text in enumerate(found.lines)
    ]


def spread(lines: Sequence[Line], height: float) -> tuple[list[Line], float]:
    """Lines in letters small enough for the height, and the factor for their gaps."""
    shrunk = list(lines)
    gaps = sum(line.gap for line in shrunk)
    while sum(line.height for line in shrunk) + TIGHTEST * gaps > height:
        shrunk = [line.scaled(STEP) for line in shrunk]
    free = height - sum(line.height for line in shrunk)
    return shrunk, min(LOOSEST, free / gaps) if gaps else 1


def draw_lines(
    canvas: Canvas, lines: Iterable[Line], *, x: float, top: float, stretch: float = 1, rule: Color = INK
) -> float:
    """Draw downwards from `top`, centred on x; returns where the last line ends."""
    y = top
    for line in lines:
        y -= line.gap * stretch + line.height
        baseline = y + 0.33 * max(run.size for run in line.runs) + (4 if line.rule else 0)
        left = x - sum(run.width for run in line.runs) / 2
        for run in line.runs:
            canvas.setFillColor(run.colour)
            draw(canvas, left, baseline, run.text, run.face, run.size, spacing=run.spacing)
            left += run.width
        if line.rule:
            canvas.setStrokeColor(rule)
            canvas.setLineWidth(0.9)
            canvas.line(x - line.rule / 2, y + 2, x + line.rule / 2, y + 2)
    return y
