"""Long tables drawn row by row: hundreds of people take a moment, and no more memory than their texts.

reportlab's own tables build a paragraph for each cell and measure it again for each page; here a cell is lines of text,
measured once, or a drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from app.paper.colours import INK, RULE, TINT
from app.paper.fonts import Face
from app.paper.pages import MARGIN
from app.paper.tables import Column
from app.paper.text import Align, Fitted, draw, width_of, wrap

Drawn: TypeAlias = Callable[[Canvas, float, float, float, float], None]
"""Draws into a cell: canvas, left, bottom, width, height."""
Cell: TypeAlias = str | Drawn
PADDING = 3.5
LEADING = 1.3
HEADER = 8 * mm
BOTTOM = MARGIN + 3 * mm
"""Above the footer."""
MANY_LINES, SMALLER = 3, 0.82
"""A cell of more lines than these is set in letters so much smaller."""
KEPT_TOGETHER = 2
"""Rows that stay on the page of whatever closes the table: a signature on an empty sheet could vouch for anything."""


class Unbroken(str):
    """A text that stays on one line, in smaller letters where it must: a number cut in two is misread."""


@dataclass(frozen=True)
class Row:
    """`emphasis`: in bold on a tint, as totals are."""

    cells: Sequence[Cell]
    emphasis: bool = False


@dataclass(frozen=True)
class _Measured:
    row: Row
    texts: tuple[Fitted, ...]
    height: float


class RunningPage:
    """A canvas and how far down its page is written; every flow of a document goes through one."""

    def __init__(self, canvas: Canvas, size: tuple[float, float]) -> None:
        self.canvas, self.size = canvas, size
        self.left, self.width = MARGIN, size[0] - 2 * MARGIN
        self.top = size[1] - MARGIN
        self.y = self.top

    @property
    def room(self) -> float:
        return self.y - BOTTOM

    @property
    def is_fresh(self) -> bool:
        return self.y == self.top

    def turn(self) -> None:
        """On to a new page."""
        self.canvas.showPage()
        self.y = self.top

    def place(self, flowables: Iterable[Flowable]) -> None:
        """One below the other, each whole."""
        for flowable in flowables:
            _width, height = flowable.wrapOn(self.canvas, self.width, self.room)
            if height > self.room and not self.is_fresh:
                self.turn()
            flowable.drawOn(self.canvas, self.left, self.y - height)
            self.y -= height + flowable.getSpaceAfter()

    def skip(self, height: float) -> None:
        self.y -= height


class RunningTable:
    """Columns with their header on each page. `row_height` is the least height of a row."""

    def __init__(self, columns: Sequence[Column], *, width: float, size: float = 8.5, row_height: float = 0) -> None:
        whole = sum(column.share for column in columns)
        self.columns, self.size, self.least = columns, size, row_height
        self.widths = [width * column.share / whole for column in columns]
        self.heading = max(6.0, size * 0.95)

    def draw_on(self, page: RunningPage, rows: Sequence[Row], *, closing: Flowable | None = None) -> None:
        """All rows, over as many pages as they need; `closing` below the last ones, without lines."""
        measured = [self._measure(row) for row in rows]
        closing_height = closing.wrapOn(page.canvas, page.width, page.size[1])[1] + 6 * mm if closing else 0
        tail = max(0, len(measured) - KEPT_TOGETHER)
        tail_height = sum(row.height for row in measured[tail:]) + closing_height
        head = self._header_height()
        began = self._begin(page, head + (tail_height if tail == 0 else measured[0].height))
        for place, row in enumerate(measured):
            needed = tail_height if place == tail else row.height if place < tail else 0
            if needed > page.room and page.y < began - head:
                self._end(page, began)
                page.turn()
                began = self._begin(page, 0)
            self._row(page, row)
        self._end(page, began)
        if closing:
            page.skip(6 * mm)
            page.place([closing])

    def _begin(self, page: RunningPage, needed: float) -> float:
        """The header; answers where the table's box begins."""
        if needed > page.room and not page.is_fresh:
            page.turn()
        began, height, canvas = page.y, self._header_height(), page.canvas
        canvas.setFillColor(TINT)
        canvas.rect(page.left, began - height, sum(self.widths), height, stroke=0, fill=1)
        canvas.setFillColor(INK)
        x = page.left
        for width, lines in zip(self.widths, self._header_lines(), strict=True):
            self._text(canvas, lines, Face.SEMIBOLD, self.heading, Align.CENTRE, (x, began - height, width, height))
            x += width
        page.skip(height)
        self._rule(page, 0.9)
        return began

    def _end(self, page: RunningPage, began: float) -> None:
        """The lines between the columns and around the table, once for each page."""
        canvas, right = page.canvas, page.left + sum(self.widths)
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.5)
        x = page.left
        for width in self.widths[:-1]:
            x += width
            canvas.line(x, page.y, x, began)
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(0.9)
        canvas.rect(page.left, page.y, right - page.left, began - page.y)

    def _row(self, page: RunningPage, measured: _Measured) -> None:
        canvas, bottom, x = page.canvas, page.y - measured.height, page.left
        if measured.row.emphasis:
            canvas.setFillColor(TINT)
            canvas.rect(x, bottom, sum(self.widths), measured.height, stroke=0, fill=1)
        canvas.setFillColor(INK)
        face = Face.SEMIBOLD if measured.row.emphasis else Face.REGULAR
        for column, width, cell, text in zip(
            self.columns, self.widths, measured.row.cells, measured.texts, strict=True
        ):
            if callable(cell):
                cell(canvas, x, bottom, width, measured.height)
                canvas.setFillColor(INK)
            else:
                self._text(canvas, text.lines, face, text.size, column.align, (x, bottom, width, measured.height))
            x += width
        page.skip(measured.height)
        self._rule(page, 0.5)

    def _rule(self, page: RunningPage, weight: float) -> None:
        page.canvas.setStrokeColor(INK if weight > 0.5 else RULE)
        page.canvas.setLineWidth(weight)
        page.canvas.line(page.left, page.y, page.left + sum(self.widths), page.y)

    def _text(
        self,
        canvas: Canvas,
        lines: Sequence[str],
        face: Face,
        size: float,
        align: Align,
        box: tuple[float, float, float, float],
    ) -> None:
        """Lines in the middle of a box (left, bottom, width, height)."""
        left, bottom, width, height = box
        x = left + PADDING + align.value * (width - 2 * PADDING)
        leading = size * LEADING
        y = bottom + (height + leading * len(lines)) / 2 - leading + size * 0.28
        for line in lines:
            draw(canvas, x, y, line, face, size, align=align)
            y -= leading

    def _measure(self, row: Row) -> _Measured:
        face = Face.SEMIBOLD if row.emphasis else Face.REGULAR
        texts = tuple(
            self._fitted(cell, face, width - 2 * PADDING) for cell, width in zip(row.cells, self.widths, strict=True)
        )
        most = max(len(text.lines) * text.size for text in texts)
        return _Measured(row, texts, max(self.least, most * LEADING + 5.5))

    def _fitted(self, cell: Cell, face: Face, width: float) -> Fitted:
        """In the table's letters; in smaller ones where they would take many lines."""
        if callable(cell):
            return Fitted((), self.size)
        if isinstance(cell, Unbroken):
            needed = width_of(cell, face, self.size)
            return Fitted((str(cell),), self.size if needed <= width else self.size * width / needed)
        lines = wrap(cell, face, self.size, width)
        if len(lines) <= MANY_LINES:
            return Fitted(lines, self.size)
        return Fitted(wrap(cell, face, self.size * SMALLER, width), self.size * SMALLER)

    def _header_lines(self) -> list[tuple[str, ...]]:
        return [
            wrap(column.heading, Face.SEMIBOLD, self.heading, width - 2 * PADDING)
            for column, width in zip(self.columns, self.widths, strict=True)
        ]

    def _header_height(self) -> float:
        return max(HEADER, max(map(len, self._header_lines())) * self.heading * LEADING + 5.5)
