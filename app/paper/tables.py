"""Tables that run over pages, with their header on each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, LongTable

from app.paper.colours import INK, RULE, TINT
from app.paper.fonts import Face
from app.paper.text import Align, paragraph_style, safe_paragraph

Cell: TypeAlias = str | Flowable | list[Flowable]


@dataclass(frozen=True)
class Column:
    """`share` of the table's width, beside the shares of the other columns."""

    heading: str
    share: float
    align: Align = Align.LEFT


def long_table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    *,
    width: float,
    size: float = 8.5,
    row_height: float = 0,
    closing: Flowable | None = None,
    extra: Sequence[tuple] = (),
) -> LongTable:
    """Strings become harmless paragraphs in the column's alignment; `extra` are reportlab's table commands.

    `closing` stands below the table without lines, never on a page without the last rows: a signature on an empty sheet
    could vouch for anything.
    """
    whole = sum(column.share for column in columns)
    styles = [paragraph_style(Face.REGULAR, size, align=column.align) for column in columns]
    heading = paragraph_style(Face.SEMIBOLD, size, align=Align.CENTRE)
    lines: list[list[Any]] = [[safe_paragraph(column.heading, heading) for column in columns]]
    lines += [[_cell(value, style) for value, style in zip(row, styles, strict=True)] for row in rows]
    heights = [8 * mm] + [row_height] * len(rows)
    last = len(rows)
    commands = _commands(last)
    if closing:
        lines.append([closing, *[""] * (len(columns) - 1)])
        heights.append(0)
        commands += [
            ("SPAN", (0, last + 1), (-1, last + 1)),
            ("NOSPLIT", (0, max(0, last - 1)), (-1, last + 1)),
            ("TOPPADDING", (0, last + 1), (-1, last + 1), 6 * mm),
        ]
    return LongTable(
        lines,
        colWidths=[width * column.share / whole for column in columns],
        minRowHeights=heights,
        repeatRows=1,
        style=[*commands, *extra],
    )


def _commands(last: int) -> list[tuple]:
    """The look of the rows down to the last one that is part of the grid."""
    return [
        ("FONTNAME", (0, 0), (-1, -1), Face.REGULAR.value),
        ("BACKGROUND", (0, 0), (-1, 0), TINT),
        ("LINEBELOW", (0, 0), (-1, 0), 0.9, INK),
        ("GRID", (0, 0), (-1, last), 0.5, RULE),
        ("BOX", (0, 0), (-1, last), 0.9, INK),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3.5),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3.5),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]


def _cell(value: Cell, style: ParagraphStyle) -> Flowable | list[Flowable]:
    return safe_paragraph(value, style) if isinstance(value, str) else value
