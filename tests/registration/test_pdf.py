from dataclasses import replace

import pytest

from app.paper.pages import Paper
from app.registration.pdf import HOW_TO_USE, TicketPaper, ticket
from tests.paper.reading import codes_of, fonts_of, pages_of, white_margin
from tests.paper.samples import CODE, LONG_INSTITUTION, LONG_NAME, LONG_POSITION, MARKUP, letterhead

PAPER = TicketPaper(
    qr_text=f"HTTPS://BIMTEK.TANJUNGPINANGKOTA.GO.ID/T/{CODE}",
    code=CODE,
    name="Drs. H. Raja Ismail, M.T.",
    institution="Dinas Perumahan Rakyat",
    position="Kepala Bidang",
    category="OPD",
    programme="Gerakan Menuju 100 Smart City 2019",
    stage="Bimbingan Teknis Tahap I",
    dates=("Senin, 8 Juli 2019, mulai pukul 07.30 WIB", "Selasa, 9 Juli 2019, mulai pukul 08.00 WIB"),
    place="Aula Lantai 3 Kantor Wali Kota Tanjungpinang, Senggarang",
    address="https://bimtek.tanjungpinangkota.go.id/t/",
    letterhead=letterhead(),
)
LONG = replace(PAPER, name=LONG_NAME, institution=LONG_INSTITUTION, position=LONG_POSITION, stage=LONG_INSTITUTION)


def test_everything_the_door_needs_is_on_one_page():
    (page,) = pages_of(ticket(PAPER))
    for words in (PAPER.name, PAPER.institution, PAPER.stage, PAPER.programme, *PAPER.dates, PAPER.place, *HOW_TO_USE):
        assert words in page
    assert "7K3M-9QXA-2BCD-5EFG" in page


@pytest.mark.parametrize("paper", [PAPER, LONG, replace(PAPER, paper=Paper.A4), replace(LONG, paper=Paper.A4)])
def test_the_code_is_read_and_the_margins_stay_white(paper):
    pdf = ticket(paper)
    assert codes_of(pdf) == [paper.qr_text]
    assert white_margin(pdf) >= 10


def test_long_values_are_whole():
    (page,) = pages_of(ticket(LONG))
    assert all(words in page for words in (LONG_NAME, LONG_INSTITUTION, LONG_POSITION))


def test_markup_is_only_text():
    (page,) = pages_of(ticket(replace(PAPER, name=MARKUP, institution=MARKUP)))
    assert page.count(MARKUP) == 2


def test_fonts_are_embedded_and_the_bytes_repeat():
    assert all(fonts_of(ticket(PAPER)).values())
    assert ticket(PAPER) == ticket(PAPER)
