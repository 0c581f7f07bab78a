"""How fast certificates are printed beside a bare reportlab page of the same look, and how much memory a thousand take.

    python -m tests.bench certificates

The bare page is what one would write without this project: the same border and emblem as one form, the same lines of
text in the same typeface placed by hand, no measuring, no QR, no back page.
"""

import io
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from app.certificates.pdf import CertificatePaper, certificates
from app.paper.fonts import Face, register_all
from app.paper.letterhead import draw_emblem
from app.paper.ornament import border
from app.paper.pages import Paper
from tests.bench.figures import Figure
from tests.paper.samples import certificate_paper, emblem

IMAGES = {"emblem": emblem()}
SIZE = Paper.A4.size(landscape=True)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def papers(count: int) -> Iterator[CertificatePaper]:
    """Certificates that differ in number, name and code."""
    for index in range(count):
        code = "".join(ALPHABET[(index * 7919 >> shift) % 32] for shift in range(16))
        yield certificate_paper(
            number=f"005/{index + 1:03}/4.1.03/VII/2019",
            name=f"Drs. H. Raja Ismail {index}, M.T.",
            code=code,
            qr_text=f"HTTPS://BIMTEK.TANJUNGPINANGKOTA.GO.ID/VERIFIKASI/{code}",
        )


def bare_pages(count: int) -> bytes:
    """The same look, one side, without QR."""
    register_all()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=SIZE, invariant=1, pageCompression=1)
    canvas.beginForm("look", upperx=SIZE[0], uppery=SIZE[1])
    border(canvas, *SIZE)
    draw_emblem(canvas, IMAGES["emblem"], SIZE[0] / 2 - 9 * mm, 170 * mm, 18 * mm)
    canvas.endForm()
    for paper in papers(count):
        _bare_page(canvas, paper)
    canvas.save()
    return out.getvalue()


def _bare_page(canvas: Canvas, paper: CertificatePaper) -> None:
    half = len(paper.body) // 2
    canvas.doForm("look")
    for y, text, face, size in (
        (164, paper.parent, Face.SEMIBOLD, 11),
        (159, paper.host, Face.BOLD, 13),
        (146, paper.title, Face.BOLD, 29),
        (138, f"NOMOR: {paper.number}", Face.SEMIBOLD, 10.5),
        (130, "diberikan kepada", Face.REGULAR, 10.5),
        (119, paper.name, Face.BOLD, 27),
        (109, f"NIP {paper.nip}  ·  {paper.rank}", Face.REGULAR, 11),
        (104, paper.position, Face.REGULAR, 11),
        (99, paper.institution, Face.REGULAR, 11),
        (91, f"sebagai {paper.role} pada", Face.BOLD, 15),
        (84, paper.event, Face.BOLD, 13),
        (79, paper.body[:half], Face.REGULAR, 10.5),
        (74, paper.body[half:], Face.REGULAR, 10.5),
    ):
        canvas.setFont(face.value, size)
        canvas.drawCentredString(SIZE[0] / 2, y * mm, text)
    for y, text, face in (
        (66, paper.place_and_date, Face.REGULAR),
        (62, paper.signer_capacity, Face.REGULAR),
        (57, paper.signer_position, Face.REGULAR),
        (36, paper.signer_name, Face.BOLD),
        (31, paper.signer_rank, Face.REGULAR),
        (27, paper.signer_nip, Face.REGULAR),
    ):
        canvas.setFont(face.value, 9.5)
        canvas.drawString(187 * mm, y * mm, text)
    canvas.showPage()


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def rates(count: int = 300, rounds: int = 3) -> dict[str, float]:
    """Certificates (front with QR, and back) and bare pages a second, the best of some rounds, and their ratio."""
    bare_pages(5)
    certificates(papers(5), io.BytesIO(), images=IMAGES)
    bare = count / min(seconds(lambda: bare_pages(count)) for _ in range(rounds))
    ours = count / min(seconds(lambda: certificates(papers(count), io.BytesIO(), images=IMAGES)) for _ in range(rounds))
    return {"bare_pages_per_second": bare, "certificates_per_second": ours, "ratio": ours / bare}


def growth(count: int = 1000) -> dict[str, float]:
    """Megabytes by which the peak of a fresh process grows while it prints `count` certificates into a file."""
    answer = subprocess.run(
        [sys.executable, "-m", __spec__.name, str(count)], capture_output=True, text=True, check=True
    )
    grown, size = map(float, answer.stdout.split())
    return {"certificates": count, "grown_megabytes": grown, "file_megabytes": size}


def _print_and_measure(count: int) -> None:
    certificates(papers(5), io.BytesIO(), images=IMAGES)
    with tempfile.TemporaryFile() as out:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        certificates(papers(count), out, images=IMAGES)
        print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, out.tell() / 1e6)


def run(*, quick: bool) -> list[Figure]:
    """For `python -m tests.bench`."""
    rate = rates(60, rounds=1) if quick else rates()
    memory = growth(100 if quick else 1000)
    return [
        Figure(
            what="certificates with QR, front and back, in one file",
            value=rate["certificates_per_second"],
            unit="a second",
            baseline=rate["bare_pages_per_second"],
            least=0.15,
        ),
        Figure(
            what=f"growth of memory while {memory['certificates']:.0f} are printed",
            value=memory["grown_megabytes"],
            unit="MB",
            most=100,
        ),
    ]


if __name__ == "__main__":
    _print_and_measure(int(sys.argv[1]))
