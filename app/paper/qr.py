"""QR codes, for pages and for paper.

The mask is fixed: trying all eight, as the standard proposes, costs seven times as much and no reader needs it.
A text of upper-case letters, digits and ` $%*+-./:` is stored in the alphanumeric mode and takes fewer modules.
"""

from collections.abc import Iterator
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode
from reportlab.pdfgen.canvas import Canvas

MASK = 3
QUIET = 4
"""Modules that must stay white around a code."""

Matrix = tuple[tuple[bool, ...], ...]


def matrix(text: str) -> Matrix:
    """Rows of modules from the top, True where dark, without the quiet zone."""
    code = QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=MASK, border=0)
    code.add_data(text, optimize=0)
    code.make()
    return tuple(map(tuple, code.modules))


def _bars(modules: Matrix) -> Iterator[tuple[int, int, int]]:
    """Dark runs as (column, row, length)."""
    for y, row in enumerate(modules):
        x = 0
        for dark, run in groupby(row):
            length = sum(1 for _ in run)
            if dark:
                yield x, y, length
            x += length


def svg(text: str, *, title: str = "QR", module: int = 4) -> str:
    """A whole `<svg>` element, with its quiet zone, that a page under a strict content policy may hold.

    `module` is the side of a module in CSS pixels; a style sheet may set another size.
    """
    modules = matrix(text)
    side = len(modules) + 2 * QUIET
    path = "".join(f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z" for x, y, length in _bars(modules))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="qr" role="img" aria-label={quoteattr(title)}'
        f' width="{side * module}" height="{side * module}" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f"<title>{escape(title)}</title>"
        f'<rect width="{side}" height="{side}" fill="#fff"/><path fill="#000" d="{path}"/></svg>'
    )


def draw(canvas: Canvas, text: str, x: float, y: float, size: float) -> None:
    """Draw in black, `size` points wide without the quiet zone, which the caller leaves; (x, y) is the lower left corner.

    The operations are written as they stand: a rectangle object for each bar would cost more than the code itself.
    """
    modules = matrix(text)
    side = len(modules)
    canvas.saveState()
    canvas.setFillGray(0)
    canvas.translate(x, y)
    canvas.scale(size / side, size / side)
    canvas.addLiteral(" ".join(f"{left} {side - 1 - row} {length} 1 re" for left, row, length in _bars(modules)) + " f")
    canvas.restoreState()
