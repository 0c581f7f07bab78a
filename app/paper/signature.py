"""The block in which an official signs: capacity and position, room for ink, name underlined, rank, NIP."""

from dataclasses import dataclass

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from app.paper.colours import INK
from app.paper.fonts import Face
from app.paper.text import draw, fit, width_of, wrap

ROOM = 18 * mm


@dataclass(frozen=True, kw_only=True)
class Signer:
    """`capacity` is what stands before the position: "a.n. Wali Kota Tanjungpinang", "Plt.", …; `nip` as it is shown."""

    position: str
    name: str
    rank: str = ""
    nip: str = ""
    capacity: str = ""


@dataclass(frozen=True)
class _Line:
    text: str
    face: Face
    size: float
    before: float = 0
    underlined: bool = False


class SignatureBlock(Flowable):
    """`opening` are the lines above the capacity, such as place and date, or "Mengetahui,".

    As a flowable it stands at the right of the frame; `draw_at` puts it anywhere.
    """

    def __init__(
        self,
        signer: Signer,
        *,
        opening: tuple[str, ...] = (),
        size: float = 10,
        width: float = 85 * mm,
        room: float = ROOM,
    ) -> None:
        super().__init__()
        self.block = width
        above = [*opening, *_office(signer)]
        lines = [
            _Line(part, Face.REGULAR, size) for text in above if text for part in wrap(text, Face.REGULAR, size, width)
        ]
        name = fit(signer.name, Face.BOLD, size=size, smallest=size * 0.85, width=width, lines=2)
        lines += [
            _Line(part, Face.BOLD, name.size, before=0 if index else room, underlined=True)
            for index, part in enumerate(name.lines)
        ]
        below = [signer.rank, f"NIP {signer.nip}" if signer.nip else ""]
        lines += [
            _Line(part, Face.REGULAR, size, before=0.6)
            for text in below
            if text
            for part in wrap(text, Face.REGULAR, size, width)
        ]
        self.lines = lines
        self.height = sum(line.before + line.size * 1.35 for line in lines)

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        self.width = available_width
        return available_width, self.height

    def draw(self) -> None:
        self.draw_at(self.canv, self.width - self.block, self.height)

    def draw_at(self, canvas: Canvas, x: float, top: float) -> None:
        canvas.setFillColor(INK)
        canvas.setStrokeColor(INK)
        y = top
        for line in self.lines:
            y -= line.before + line.size * 1.35
            baseline = y + line.size * 0.35
            draw(canvas, x, baseline, line.text, line.face, line.size)
            if line.underlined:
                canvas.setLineWidth(0.6)
                canvas.line(x, baseline - 1.8, x + width_of(line.text, line.face, line.size), baseline - 1.8)


def _office(signer: Signer) -> tuple[str, ...]:
    """ "Plt." stands before the position, "a.n. Wali Kota" above it."""
    if " " in signer.capacity:
        return signer.capacity, signer.position
    return (f"{signer.capacity} {signer.position}".strip(),)
