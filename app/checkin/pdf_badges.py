"""Name badges (kartu peserta): one to a page of A6, or ten of the size of a bank card to a sheet of A4 that is cut.

A name is as large as its room allows, so that it is read from two metres, and is never cut off.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from app.checkin.rules_paper import BadgeSize
from app.paper import qr
from app.paper.colours import INK, MUTED, PRIMARY, RULE, TINT
from app.paper.document import new_canvas
from app.paper.fonts import Face
from app.paper.letterhead import Letterhead, draw_emblem
from app.paper.pages import Paper
from app.paper.text import Align, Fitted, balanced, draw, fit, width_of, wrap

A6 = (105 * mm, 148 * mm)
CARD = (85 * mm, 54 * mm)
COLUMNS, ROWS = 2, 5
LEADING = 1.18
SMALLEST = 4.0
HEAD = "head"
"""The form that holds what all badges share: drawn once, then only named."""


@dataclass(frozen=True, kw_only=True)
class Badge:
    """`role` as it is read, "Peserta"; `groups` in one line; `qr_text`: of the badge, never of the ticket.

    Who is not scanned has none.
    """

    name: str
    role: str
    institution: str = ""
    groups: str = ""
    qr_text: str = ""


@dataclass(frozen=True, kw_only=True)
class BadgeSet:
    """What the badges share, and their size."""

    letterhead: Letterhead
    event: str
    dates: str
    size: BadgeSize = BadgeSize.A6


@dataclass(frozen=True)
class _Box:
    """A part of a badge in points; (left, bottom) counted from the badge's lower left corner."""

    left: float
    bottom: float
    width: float
    height: float


@dataclass(frozen=True)
class _Plan:
    """Where things stand on a badge of one size, and the largest letters of each.

    `who` holds name, institution and groups; `wide` is the same where no QR takes room.
    """

    size: tuple[float, float]
    head: _Box
    name: _Box
    about: _Box
    role: _Box
    code: _Box
    wide_name: _Box
    wide_about: _Box
    letters: tuple[float, float, float]
    align: Align


_EDGE = 7 * mm
_INSIDE = A6[0] - 2 * _EDGE
LARGE = _Plan(
    size=A6,
    head=_Box(_EDGE, 115 * mm, _INSIDE, 21 * mm),
    name=_Box(_EDGE, 82 * mm, _INSIDE, 31 * mm),
    about=_Box(_EDGE, 58 * mm, _INSIDE, 23 * mm),
    role=_Box(_EDGE, 7 * mm, _INSIDE, 13 * mm),
    code=_Box((A6[0] - 31 * mm) / 2, 23.5 * mm, 31 * mm, 31 * mm),
    wide_name=_Box(_EDGE, 66 * mm, _INSIDE, 46 * mm),
    wide_about=_Box(_EDGE, 26 * mm, _INSIDE, 36 * mm),
    letters=(34, 20, 22),
    align=Align.CENTRE,
)
SMALL = _Plan(
    size=CARD,
    head=_Box(4 * mm, 44 * mm, 77 * mm, 7 * mm),
    name=_Box(4 * mm, 26.5 * mm, 77 * mm, 16.5 * mm),
    about=_Box(4 * mm, 11.5 * mm, 50 * mm, 14 * mm),
    role=_Box(4 * mm, 3.5 * mm, 50 * mm, 7 * mm),
    code=_Box(59.5 * mm, 4 * mm, 20.5 * mm, 20.5 * mm),
    wide_name=_Box(4 * mm, 26.5 * mm, 77 * mm, 16.5 * mm),
    wide_about=_Box(4 * mm, 11.5 * mm, 77 * mm, 14 * mm),
    letters=(24, 11, 12),
    align=Align.LEFT,
)


def badges(of: BadgeSet, people: Iterable[Badge]) -> bytes:
    """As many pages as the people need, read while they are drawn. Nobody at all gives one page that says so."""
    out, small = io.BytesIO(), of.size is BadgeSize.TEN_TO_A4
    plan = SMALL if small else LARGE
    page = Paper.A4.size() if small else plan.size
    canvas = new_canvas(out, size=page, title=f"Kartu nama – {of.event}", author=of.letterhead.name, subject=of.dates)
    _share_head(canvas, plan, of)
    ahead = iter(people)
    drawn = False
    while (together := list(islice(ahead, COLUMNS * ROWS if small else 1))) or not drawn:
        if not together:
            draw(
                canvas, page[0] / 2, page[1] / 2, "Tidak ada kartu untuk dicetak.", Face.REGULAR, 10, align=Align.CENTRE
            )
        for place, badge in enumerate(together):
            canvas.saveState()
            if small:
                canvas.translate(*_corner(place))
                _cutting_lines(canvas)
            _badge(canvas, plan, badge)
            canvas.restoreState()
        canvas.showPage()
        drawn = True
    canvas.save()
    return out.getvalue()


@lru_cache(maxsize=4096)
def largest(text: str, face: Face, *, width: float, height: float, most: float, lines: int) -> Fitted:
    """The largest letters, up to `most` points, in which a text fits the room in so many lines without a word being cut.

    Where only more lines fit, more it takes: nothing is left out. Widths grow with the size: each word is measured once.
    """
    words = [width_of(word, face, 1) for word in text.split()]
    space = width_of(" ", face, 1)
    for allowed, smallest in ((lines, most / 2.4), (99, SMALLEST)):
        size = most
        while size >= smallest:
            needed = _lines_needed(words, space, width / size)
            if needed <= allowed and needed * size * LEADING <= height:
                return Fitted(balanced(text, face, size, width) if needed > 1 else (text,), size)
            size -= 0.5
    return Fitted(wrap(text, face, SMALLEST, width), SMALLEST)


def _lines_needed(words: Sequence[float], space: float, width: float) -> int:
    """Of words of these widths; more than any room has where one of them is too wide."""
    if not words or max(words) > width:
        return 1000 if words else 1
    lines, used = 1, words[0]
    for word in words[1:]:
        if used + space + word <= width:
            used += space + word
        else:
            lines, used = lines + 1, word
    return lines


def _corner(place: int) -> tuple[float, float]:
    """Of a card on its sheet, row by row from the top."""
    width, height = Paper.A4.size()
    left, bottom = (width - COLUMNS * CARD[0]) / 2, (height - ROWS * CARD[1]) / 2
    return left + place % COLUMNS * CARD[0], bottom + (ROWS - 1 - place // COLUMNS) * CARD[1]


def _cutting_lines(canvas: Canvas) -> None:
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.4)
    canvas.setDash(2, 2)
    canvas.rect(0, 0, *CARD)
    canvas.setDash()


def _share_head(canvas: Canvas, plan: _Plan, of: BadgeSet) -> None:
    """Whose event it is, which one and when; below it a rule."""
    box = plan.head
    canvas.beginForm(HEAD, 0, 0, *plan.size)
    left, width = box.left, box.width
    if of.letterhead.emblem:
        side = min(box.height, 13 * mm)
        draw_emblem(canvas, of.letterhead.emblem, left, box.bottom + (box.height - side) / 2, side)
        left, width = left + side + 3 * mm, width - side - 3 * mm
    if plan is SMALL:
        lines = [(of.event, Face.SEMIBOLD, 8.0, 1), (of.dates, Face.REGULAR, 6.5, 1)]
    else:
        lines = [(of.letterhead.name, Face.REGULAR, 8, 2), (of.event, Face.BOLD, 12, 3), (of.dates, Face.REGULAR, 9, 1)]
    fitted = [
        (fit(text, face, size=size, smallest=size * 0.7, width=width, lines=most), face)
        for text, face, size, most in lines
    ]
    shown = [(line, face, one.size) for one, face in fitted for line in one.lines]
    scale = min(1.0, box.height / sum(size * LEADING for _line, _face, size in shown))
    y = box.bottom + (box.height + sum(size * scale * LEADING for _line, _face, size in shown)) / 2
    canvas.setFillColor(INK)
    for line, face, size in shown:
        y -= size * scale * LEADING
        draw(canvas, left, y + size * scale * 0.26, line, face, size * scale)
    canvas.setStrokeColor(PRIMARY)
    canvas.setLineWidth(1.2)
    canvas.line(box.left, box.bottom - 0.8 * mm, box.left + box.width, box.bottom - 0.8 * mm)
    canvas.endForm()


def _badge(canvas: Canvas, plan: _Plan, badge: Badge) -> None:
    canvas.doForm(HEAD)
    name, about = (plan.name, plan.about) if badge.qr_text else (plan.wide_name, plan.wide_about)
    canvas.setFillColor(INK)
    lines = 3 if plan is LARGE else 2
    _write(canvas, plan, name, [(badge.name, Face.BOLD, plan.letters[0], lines, 1.0)])
    groups = 0.4 if badge.groups and badge.institution else 1.0 if badge.groups else 0
    parts = [(badge.institution, Face.SEMIBOLD, plan.letters[1], 3, 1 - groups)] if badge.institution else []
    parts += [(badge.groups, Face.REGULAR, plan.letters[1] * 0.75, 2, groups)] if badge.groups else []
    _write(canvas, plan, about, parts)
    _role(canvas, plan, badge.role)
    if badge.qr_text:
        qr.draw(canvas, badge.qr_text, plan.code.left, plan.code.bottom, plan.code.width)


def _write(canvas: Canvas, plan: _Plan, box: _Box, parts: list[tuple[str, Face, float, int, float]]) -> None:
    """Texts one below the other, each as large as its share of the box's height allows and no larger than the one above it."""
    shown: list[tuple[str, Face, float]] = []
    for text, face, most, lines, share in parts:
        most = min(most, *(size for _line, _face, size in shown), most)
        found = largest(text, face, width=box.width, height=box.height * share, most=most, lines=lines)
        shown += [(line, face, found.size) for line in found.lines]
    height = sum(size * LEADING for _line, _face, size in shown)
    y = box.bottom + (box.height + height) / 2
    x = box.left + plan.align.value * box.width
    for line, face, size in shown:
        y -= size * LEADING
        canvas.setFillColor(INK if face is not Face.REGULAR else MUTED)
        draw(canvas, x, y + size * 0.26, line, face, size, align=plan.align)


def _role(canvas: Canvas, plan: _Plan, role: str) -> None:
    box = plan.role
    canvas.setFillColor(TINT)
    canvas.setStrokeColor(PRIMARY)
    canvas.setLineWidth(1)
    canvas.roundRect(box.left, box.bottom, box.width, box.height, 2 * mm, fill=1)
    text, spacing = role.upper(), 1
    room = box.width - 4 * mm - spacing * len(text)
    found = largest(text, Face.BOLD, width=room, height=box.height, most=plan.letters[2], lines=1)
    canvas.setFillColor(INK)
    y = box.bottom + box.height / 2 + (len(found.lines) - 1) / 2 * found.size * LEADING - found.size * 0.36
    for line in found.lines:
        draw(canvas, box.left + box.width / 2, y, line, Face.BOLD, found.size, align=Align.CENTRE, spacing=spacing)
        y -= found.size * LEADING
