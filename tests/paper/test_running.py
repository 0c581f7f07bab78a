"""Tables drawn row by row: nothing is lost between pages, numbers stay whole, long texts fit."""

import io

import pytest
from pypdf import PdfReader

from app.paper.document import numbered_canvas
from app.paper.pages import MARGIN, Paper
from app.paper.running import Row, RunningPage, RunningTable, Unbroken
from app.paper.signature import SignatureBlock, Signer
from app.paper.tables import Column
from tests.paper.reading import pages_of, text_of, white_margin
from tests.paper.samples import LONG_INSTITUTION, LONG_NAME

COLUMNS = [Column("No", 10), Column("Nama", 60), Column("Nomor", 20)]
NUMBER = "19750817 200003 1 999"


def drawn(rows: list[Row], *, closing: bool = True) -> bytes:
    out, size = io.BytesIO(), Paper.A4.size()
    canvas = numbered_canvas(out, size=size, title="Uji", author="Uji")
    page = RunningPage(canvas, size)
    table = RunningTable(COLUMNS, width=size[0] - 2 * MARGIN, row_height=30)
    table.draw_on(page, rows, closing=SignatureBlock(Signer(position="Ketua", name="Rahma")) if closing else None)
    page.turn()
    canvas.save()
    return out.getvalue()


@pytest.mark.parametrize("count", [0, 1, 2, *range(17, 28), 100])
def test_every_row_once_the_header_on_each_page_and_the_end_with_the_last_rows(count: int) -> None:
    pdf = drawn([Row([str(number), f"Orang {number} akhir", Unbroken(NUMBER)]) for number in range(count)])
    pages = pages_of(pdf)
    assert all("No Nama Nomor" in page for page in pages)
    assert all(text_of(pdf).count(f"Orang {number} akhir") == 1 for number in range(count))
    assert all(f"Orang {number} akhir" in pages[-1] for number in range(max(0, count - 2), count))
    assert "Ketua Rahma" in pages[-1] and white_margin(pdf) >= 10


def test_a_number_is_never_cut_and_long_texts_are_whole() -> None:
    pdf = drawn([Row(["1", f"{LONG_NAME} {LONG_INSTITUTION} {LONG_NAME}", Unbroken(NUMBER * 2)])])
    lines = PdfReader(io.BytesIO(pdf)).pages[0].extract_text().splitlines()
    assert any(NUMBER * 2 in line for line in lines)
    assert LONG_INSTITUTION in text_of(pdf) and text_of(pdf).count(LONG_NAME) == 2


def test_totals_stand_out() -> None:
    assert drawn([Row(["", "Jumlah", ""], emphasis=True)]) != drawn([Row(["", "Jumlah", ""])])
