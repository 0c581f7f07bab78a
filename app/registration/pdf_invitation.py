"""The letter of invitation (surat undangan) to the head of an institution."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, KeepTogether, PageBreak, PageTemplate, Spacer, Table

from app.paper import qr
from app.paper.document import LANGUAGE, describe
from app.paper.fonts import Face, register_all
from app.paper.letterhead import Letterhead, LetterheadBlock
from app.paper.pages import Paper
from app.paper.signature import SignatureBlock, Signer
from app.paper.text import Align, paragraph_style, safe_paragraph

LEFT, RIGHT = 25 * mm, 20 * mm
QR_SIDE = 27 * mm
SIZE = 10
LABELS, COLON = 27 * mm, 4 * mm


@dataclass(frozen=True, kw_only=True)
class InvitationLetter:
    """`details` are pairs of label and value, set in columns; `address` is the private link; `copies` are lines of Tembusan."""

    number: str
    attachment: str
    subject: str
    place_and_date: str
    addressee: str
    opening: str
    details: tuple[tuple[str, str], ...]
    closing: str
    address: str
    signer: Signer
    letterhead: Letterhead
    copies: tuple[str, ...] = ()
    paper: Paper = Paper.A4


def invitation_letters(letters: Sequence[InvitationLetter]) -> bytes:
    """One document of all letters, each on a page of its own; they share the paper of the first."""
    first = letters[0]
    width, height = first.paper.size()
    out = io.BytesIO()
    register_all()
    title = f"Undangan {first.addressee}" if len(letters) == 1 else f"{len(letters)} surat undangan"
    document = BaseDocTemplate(
        out, pagesize=(width, height), invariant=1, pageCompression=1, lang=LANGUAGE, initialFontName=Face.REGULAR.value
    )
    frame = Frame(LEFT, 15 * mm, width - LEFT - RIGHT, height - 27 * mm, 0, 0, 0, 0)

    def described(canvas: Canvas, _document: BaseDocTemplate) -> None:
        describe(canvas, title=title, author=first.letterhead.name)

    document.addPageTemplates(PageTemplate(frames=[frame], onPage=described))
    story: list[Flowable] = []
    for letter in letters:
        story += [PageBreak()] if story else []
        story += _story(letter, width - LEFT - RIGHT)
    document.build(story)
    return out.getvalue()


class _Code(Flowable):
    """The QR of the private link."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.width = self.height = QR_SIDE

    def draw(self) -> None:
        qr.draw(self.canv, self.text, 0, 0, QR_SIDE)


def _story(letter: InvitationLetter, room: float) -> list[Flowable]:
    plain = paragraph_style(size=SIZE)
    body = plain.clone("body", alignment=4, firstLineIndent=10 * mm, leading=SIZE * 1.45)
    signature = SignatureBlock(letter.signer, size=SIZE, width=80 * mm)
    closing: list[Flowable] = [_link(letter, room), Spacer(0, 5 * mm), signature]
    return [
        LetterheadBlock(letter.letterhead),
        Spacer(0, 3 * mm),
        _head(letter, room),
        Spacer(0, 5 * mm),
        safe_paragraph(f"Yth. {letter.addressee}", plain),
        safe_paragraph("di tempat", plain.clone("at", leftIndent=8 * mm)),
        Spacer(0, 5 * mm),
        *_paragraphs(letter.opening, body),
        Spacer(0, 2 * mm),
        _pairs(letter.details, room, indent=10 * mm),
        Spacer(0, 3 * mm),
        *_paragraphs(letter.closing, body),
        Spacer(0, 4 * mm),
        KeepTogether(closing),
        *_copies(letter),
    ]


def _paragraphs(text: str, style: ParagraphStyle) -> list[Flowable]:
    return [safe_paragraph(part, style) for part in text.splitlines() if part.strip()]


def _head(letter: InvitationLetter, room: float) -> Table:
    """Nomor, Lampiran and Hal at the left, place and date at the right."""
    facts = [("Nomor", letter.number or "–"), ("Lampiran", letter.attachment or "–"), ("Hal", letter.subject)]
    dated = safe_paragraph(letter.place_and_date, paragraph_style(size=SIZE, align=Align.RIGHT))
    left = room * 0.62
    return Table([[_pairs(facts, left, labels=20 * mm), dated]], colWidths=[left, room - left], style=_BARE)


def _pairs(pairs: Sequence[tuple[str, str]], room: float, *, indent: float = 0, labels: float = LABELS) -> Table:
    style = paragraph_style(size=SIZE)
    rows = [["", *(safe_paragraph(text, style) for text in (label, ":", value))] for label, value in pairs]
    return Table(rows, colWidths=[indent, labels, COLON, room - indent - labels - COLON], style=_BARE)


def _link(letter: InvitationLetter, room: float) -> Table:
    """The private link, as a code and in letters, with whom it is for."""
    small = paragraph_style(size=SIZE - 1)
    words = [
        safe_paragraph("Pengisian nama peserta", paragraph_style(Face.SEMIBOLD, SIZE)),
        safe_paragraph("Pindai kode di samping dengan kamera ponsel, atau buka alamat berikut:", small),
        safe_paragraph(letter.address, paragraph_style(Face.SEMIBOLD, SIZE - 1.5, after=2)),
        safe_paragraph("Tautan ini khusus untuk instansi Bapak/Ibu; mohon tidak disebarluaskan.", small),
    ]
    gap = QR_SIDE + 5 * mm
    return Table(
        [[_Code(letter.address), words]],
        colWidths=[gap, room - gap],
        style=[*_BARE, ("VALIGN", (0, 0), (-1, -1), "MIDDLE")],
    )


def _copies(letter: InvitationLetter) -> list[Flowable]:
    if not letter.copies:
        return []
    style = paragraph_style(size=SIZE - 1.5)
    numbered = letter.copies if len(letter.copies) == 1 else [f"{n}. {line}" for n, line in enumerate(letter.copies, 1)]
    return [Spacer(0, 5 * mm), *(safe_paragraph(line, style) for line in ("Tembusan:", *numbered))]


_BARE = [
    ("FONTNAME", (0, 0), (-1, -1), Face.REGULAR.value),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
]
