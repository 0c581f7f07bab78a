"""The border of certificates: bamboo shoots (pucuk rebung), the band of triangles woven into Malay songket.

Drawn in thin lines and light fills, for printers with little toner.
"""

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from app.paper.colours import GOLD, PRIMARY, TINT

GUARD = 1.3 * mm
"""The outermost line stands this far outside the band."""
EDGE = 10.2 * mm + GUARD
BAND = 7 * mm
SHOOT = 7 * mm
"""About how wide a shoot is; each side takes a whole number of them."""
INNER_EDGE = EDGE + BAND + 2 * mm
"""What lies inside is free for text."""


def border(canvas: Canvas, width: float, height: float) -> None:
    """Along the four edges of a page, the shoots pointing inwards."""
    _rules(canvas, width, height)
    along, up = width - 2 * (EDGE + BAND), height - 2 * (EDGE + BAND)
    near, far_x, far_y = EDGE + BAND, width - EDGE - BAND, height - EDGE - BAND
    for x, y, turn, length in (
        (near, EDGE, 0, along),
        (width - EDGE, near, 90, up),
        (far_x, height - EDGE, 180, along),
        (EDGE, far_y, 270, up),
    ):
        canvas.saveState()
        canvas.translate(x, y)
        canvas.rotate(turn)
        _band(canvas, length)
        canvas.restoreState()
    middle = EDGE + BAND / 2
    for x in (middle, width - middle):
        for y in (middle, height - middle):
            _rosette(canvas, x, y, BAND / 2)


def _rules(canvas: Canvas, width: float, height: float) -> None:
    for inset, colour, line in (
        (EDGE - GUARD, GOLD, 0.8),
        (EDGE, PRIMARY, 1.1),
        (EDGE + BAND, PRIMARY, 0.5),
        (EDGE + BAND + 1.1 * mm, GOLD, 0.8),
    ):
        canvas.setStrokeColor(colour)
        canvas.setLineWidth(line)
        canvas.rect(inset, inset, width - 2 * inset, height - 2 * inset)


def _band(canvas: Canvas, length: float) -> None:
    count = round(length / SHOOT)
    step = length / count
    for index in range(count):
        _shoot(canvas, index * step, step)
    for index in range(1, count):
        _diamond(canvas, index * step, 0.72 * BAND, 0.55 * mm, 0.95 * mm)


def _shoot(canvas: Canvas, x: float, width: float) -> None:
    canvas.setStrokeColor(PRIMARY)
    canvas.setFillColor(TINT)
    canvas.setLineWidth(0.6)
    _sheath(canvas, x, width, BAND * 0.94)
    canvas.setFillGray(1)
    canvas.setLineWidth(0.45)
    _sheath(canvas, x + 0.19 * width, 0.62 * width, BAND * 0.62)
    _diamond(canvas, x + width / 2, 0.22 * BAND, 0.55 * mm, 1.05 * mm)


def _sheath(canvas: Canvas, x: float, width: float, height: float) -> None:
    path = canvas.beginPath()
    path.moveTo(x, 0)
    path.curveTo(x + 0.05 * width, 0.42 * height, x + 0.4 * width, 0.55 * height, x + 0.5 * width, height)
    path.curveTo(x + 0.6 * width, 0.55 * height, x + 0.95 * width, 0.42 * height, x + width, 0)
    path.close()
    canvas.drawPath(path, stroke=1, fill=1)


def _diamond(canvas: Canvas, x: float, y: float, half_width: float, half_height: float) -> None:
    canvas.setFillColor(GOLD)
    path = canvas.beginPath()
    path.moveTo(x - half_width, y)
    path.lineTo(x, y + half_height)
    path.lineTo(x + half_width, y)
    path.lineTo(x, y - half_height)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)


def _rosette(canvas: Canvas, x: float, y: float, half: float) -> None:
    """Eight petals around a diamond, in a corner of the border."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.setStrokeColor(PRIMARY)
    canvas.setLineWidth(0.45)
    for petal in range(8):
        canvas.rotate(45)
        reach = half * (0.9 if petal % 2 else 0.72)
        canvas.setFillColor(TINT)
        path = canvas.beginPath()
        path.moveTo(0, 0)
        path.curveTo(-0.3 * half, 0.35 * half, -0.2 * half, 0.75 * reach, 0, reach)
        path.curveTo(0.2 * half, 0.75 * reach, 0.3 * half, 0.35 * half, 0, 0)
        canvas.drawPath(path, stroke=1, fill=1)
    _diamond(canvas, 0, 0, 0.5 * mm, 0.5 * mm)
    canvas.restoreState()
