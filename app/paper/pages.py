"""Sizes of paper in points, and its margins."""

from enum import StrEnum

from reportlab.lib.units import mm

MARGIN = 15 * mm
"""Printers of offices leave up to 10 mm blank; binding holes take some more."""


class Paper(StrEnum):
    """F4 ("folio") is what Indonesian offices load beside A4."""

    A4 = "A4"
    F4 = "F4"
    A5 = "A5"

    def size(self, *, landscape: bool = False) -> tuple[float, float]:
        """Width and height in points."""
        width, height = _PORTRAIT[self]
        return (height, width) if landscape else (width, height)


_PORTRAIT = {
    Paper.A4: (210 * mm, 297 * mm),
    Paper.F4: (215 * mm, 330 * mm),
    Paper.A5: (148 * mm, 210 * mm),
}
