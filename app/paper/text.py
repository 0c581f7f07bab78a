"""Strings on paper: measured, cut into lines, fitted to a width, and made harmless for paragraphs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from app.paper.colours import INK
from app.paper.fonts import Face, register_all, runs

STEP = 0.5
"""Points by which a text is made smaller until it fits."""
REMEMBERED = 2048
"""Texts whose lines are remembered: on a thousand certificates most of them recur."""


class Align(Enum):
    """Which point of the text lies on the given x: 0 its left end, 1 its right end."""

    LEFT = 0.0
    CENTRE = 0.5
    RIGHT = 1.0


@dataclass(frozen=True)
class Fitted:
    """Lines of text and the size, in points, at which they fit."""

    lines: tuple[str, ...]
    size: float


def width_of(text: str, face: Face, size: float) -> float:
    return sum(stringWidth(part, chosen.value, size) for chosen, part in runs(text, face))


def draw(
    canvas: Canvas,
    x: float,
    y: float,
    text: str,
    face: Face,
    size: float,
    *,
    align: Align = Align.LEFT,
    spacing: float = 0,
) -> None:
    """Draw one line with its baseline at y, in the canvas's fill colour; `spacing` points after each letter."""
    parts = runs(text, face)
    if align is not Align.LEFT:
        x -= align.value * (sum(stringWidth(part, chosen.value, size) for chosen, part in parts) + spacing * len(text))
    for chosen, part in parts:
        canvas.setFont(chosen.value, size)
        canvas.drawString(x, y, part, charSpace=spacing)
        x += stringWidth(part, chosen.value, size) + spacing * len(part)


@lru_cache(maxsize=REMEMBERED)
def wrap(text: str, face: Face, size: float, width: float) -> tuple[str, ...]:
    """Lines no wider than `width`; a single word that is wider is cut between letters."""
    space = width_of(" ", face, size)
    lines: list[str] = []
    used = 0.0
    for word in _words(text, face, size, width):
        more = width_of(word, face, size)
        if lines and used + space + more <= width:
            lines[-1] += f" {word}"
            used += space + more
        else:
            lines.append(word)
            used = more
    return tuple(lines)


def _words(text: str, face: Face, size: float, width: float) -> Iterator[str]:
    for word in text.split():
        while width_of(word, face, size) > width and len(word) > 1:
            cut = next((end for end in range(len(word) - 1, 1, -1) if width_of(word[:end], face, size) <= width), 1)
            yield word[:cut]
            word = word[cut:]
        yield word


def balanced(text: str, face: Face, size: float, width: float) -> tuple[str, ...]:
    """As `wrap`, with the same number of lines but of about the same length: for centred text."""
    lines = wrap(text, face, size, width)
    if len(lines) < 2:
        return lines
    narrow, wide = width / 2, width
    while wide - narrow > size:
        middle = (narrow + wide) / 2
        if len(wrap(text, face, size, middle)) > len(lines):
            narrow = middle
        else:
            wide = middle
    return wrap(text, face, size, wide)


@lru_cache(maxsize=REMEMBERED)
def fit(text: str, face: Face, *, size: float, smallest: float, width: float, lines: int = 1) -> Fitted:
    """Shrink to one line, not below `smallest`; then wrap; then shrink again while more than `lines` are needed.

    The second shrinking ends at six tenths of `smallest`: from there a text takes the lines it takes, and is never cut.
    """
    needed = width_of(text, face, size)
    if needed <= width:
        return Fitted((text,), size)
    alone = int(size * width / needed / STEP) * STEP
    if alone >= smallest:
        return Fitted((text,), alone)
    size = smallest
    while len(wrap(text, face, size, width)) > lines and size > 0.6 * smallest:
        size -= STEP
    return Fitted(balanced(text, face, size, width), size)


def paragraph_style(
    face: Face = Face.REGULAR,
    size: float = 9,
    *,
    align: Align = Align.LEFT,
    colour: Color = INK,
    indent: float = 0,
    after: float = 0,
) -> ParagraphStyle:
    register_all()
    return ParagraphStyle(
        f"{face.value}-{size}",
        fontName=face.value,
        fontSize=size,
        leading=size * 1.3,
        alignment={Align.LEFT: 0, Align.CENTRE: 1, Align.RIGHT: 2}[align],
        textColor=colour,
        leftIndent=indent,
        spaceAfter=after,
        splitLongWords=1,
    )


def safe_paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    """A paragraph of exactly this text: reportlab would else obey tags in it, and read local files for `<img src>`."""
    face = Face(style.fontName)
    lines = ("".join(_markup(line, face)) for line in re.split(r"\r\n|\r|\n", text))
    return Paragraph("<br/>".join(lines), style)


def _markup(line: str, face: Face) -> Iterator[str]:
    for chosen, part in runs(line, face):
        if chosen is face:
            yield escape(part)
        else:
            yield f'<font name="{chosen.value}">{escape(part)}</font>'
