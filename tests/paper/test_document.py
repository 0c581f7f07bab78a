import io

from pypdf import PdfReader
from reportlab.platypus import PageBreak

from app.paper.document import flowing
from app.paper.letterhead import LetterheadBlock
from app.paper.pages import Paper
from app.paper.signature import SignatureBlock, Signer
from app.paper.tables import Column, long_table
from app.paper.text import paragraph_style, safe_paragraph
from tests.paper.reading import fonts_of, pages_of, white_margin
from tests.paper.samples import LONG_INSTITUTION, LONG_NAME, letterhead

TEN_MILLIMETRES = 10
COLUMNS = (Column("Nomor", 1), Column("Isi", 5))


def document(rows: int) -> bytes:
    table = long_table(COLUMNS, [[str(row), LONG_INSTITUTION] for row in range(rows)], width=400)
    return flowing(
        [LetterheadBlock(letterhead()), table], size=Paper.A4.size(), title="Daftar – uji", author="Dinas", note="Uji"
    )


def test_pages_are_numbered_and_repeat_the_header():
    pages = pages_of(document(90))
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert f"Halaman {number} dari {len(pages)}" in page
        assert "Nomor Isi" in page


def test_title_author_and_language_are_in_the_file():
    reader = PdfReader(io.BytesIO(document(2)))
    assert reader.metadata.title == "Daftar – uji"
    assert reader.metadata.author == "Dinas"
    assert reader.trailer["/Root"]["/Lang"] == "id-ID"


def test_all_fonts_are_embedded():
    fonts = fonts_of(document(2))
    assert fonts and all(fonts.values())


def test_the_same_story_gives_the_same_bytes():
    assert document(5) == document(5)


def test_streams_are_compressed_and_binary():
    assert b"ASCII85" not in document(5)
    assert b"FlateDecode" in document(5)


def test_the_margins_stay_white():
    assert white_margin(document(40)) >= TEN_MILLIMETRES


def test_f4_is_the_folio_of_indonesian_offices():
    pdf = flowing([safe_paragraph("Uji", paragraph_style())], size=Paper.F4.size(), title="Uji", author="Uji")
    box = PdfReader(io.BytesIO(pdf)).pages[0].mediabox
    assert [round(float(side) / 72 * 25.4) for side in (box.width, box.height)] == [215, 330]


def test_a_long_letterhead_and_signature_stay_inside():
    head = LetterheadBlock(letterhead(), scale=1)
    signer = Signer(capacity="Plt.", position=LONG_INSTITUTION, name=LONG_NAME, rank="Pembina (IV/a)", nip="1")
    pdf = flowing([head, SignatureBlock(signer), PageBreak()], size=Paper.A5.size(), title="Uji", author="Uji")
    assert f"Plt. {LONG_INSTITUTION}" in pages_of(pdf)[0]
    assert LONG_NAME in pages_of(pdf)[0]
    assert white_margin(pdf) >= TEN_MILLIMETRES
