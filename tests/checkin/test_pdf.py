import io
from dataclasses import replace

import pytest
from pypdf import PdfReader

from app.checkin.pdf import AttendanceRow, AttendanceSheet, attendance_sheet
from app.paper.pages import Paper
from app.paper.signature import Signer
from tests.paper.reading import fonts_of, pages_of, text_of, white_margin
from tests.paper.samples import LONG_INSTITUTION, LONG_NAME, LONG_POSITION, MARKUP, letterhead

NIP = "19750817 200003 1 999"
PHONE = "+62 852-6666-44444"


def rows(count: int) -> tuple[AttendanceRow, ...]:
    return tuple(
        AttendanceRow(
            name=f"Raja Ismail {index}",
            nip=NIP,
            position="Staf",
            institution="Polres",
            phone=PHONE,
            signed_at="07.42 WIB",
        )
        for index in range(count)
    )


SHEET = AttendanceSheet(
    letterhead=letterhead(),
    event="Bimbingan Teknis Tahap I",
    day="Senin, 8 Juli 2019",
    time="08.00 s.d. 16.00 WIB",
    place="Aula Lantai 3",
    rows=rows(40),
    signer=Signer(
        capacity="Plt.", position="Kepala Dinas", name="Dra. Hj. Siti Aminah, M.Si.", rank="Pembina (IV/a)", nip=NIP
    ),
    place_and_date="Tanjungpinang, 8 Juli 2019",
)


def test_heading_columns_and_signer():
    text = text_of(attendance_sheet(SHEET))
    for words in (
        "DAFTAR HADIR PESERTA",
        SHEET.event,
        SHEET.day,
        SHEET.time,
        SHEET.place,
        "Mengetahui,",
        "Plt. Kepala Dinas",
    ):
        assert words in text
    assert "No Nama NIP Jabatan Instansi No. HP Tanda Tangan" in text


def test_the_header_stands_on_each_page():
    pages = pages_of(attendance_sheet(SHEET))
    assert len(pages) > 2
    assert all("No Nama NIP Jabatan Instansi" in page for page in pages if "Raja Ismail" in page)


def test_blank_rows_for_walk_ins_are_numbered_on():
    assert "48." in text_of(attendance_sheet(SHEET))
    assert "49." not in text_of(attendance_sheet(SHEET))


def test_a_filled_sheet_has_times_and_no_blank_rows():
    text = text_of(attendance_sheet(replace(SHEET, filled=True)))
    assert text.count("07.42 WIB") == 40
    assert "Waktu Hadir" in text
    assert "48" not in text.split("Raja Ismail 39")[1].split("Mengetahui")[0]


def test_a_blank_sheet_does_not_tell_who_came():
    assert "07.42" not in text_of(attendance_sheet(SHEET))


@pytest.mark.parametrize("count", range(5, 24))
def test_the_signature_is_whole_and_below_the_last_rows(count):
    last = pages_of(attendance_sheet(replace(SHEET, rows=rows(count), walk_in_rows=0)))[-1]
    assert f"Raja Ismail {count - 2}" in last and f"Raja Ismail {count - 1}" in last
    block = "Tanjungpinang, 8 Juli 2019 Mengetahui, Plt. Kepala Dinas Dra. Hj. Siti Aminah, M.Si. Pembina (IV/a) NIP"
    assert block in last
    assert "No Nama NIP" in last


@pytest.mark.parametrize("paper", [Paper.A4, Paper.F4])
@pytest.mark.parametrize("landscape", [True, False])
def test_identity_and_phone_stay_on_one_line(paper, landscape):
    """Names fill a column in several lines; a number cut in two is misread."""
    pdf = attendance_sheet(replace(SHEET, paper=paper, landscape=landscape))
    assert white_margin(pdf) >= 10
    lines = PdfReader(io.BytesIO(pdf)).pages[0].extract_text().splitlines()
    assert any(NIP in line for line in lines) and any(PHONE in line for line in lines)


def test_long_values_and_markup_are_whole():
    row = AttendanceRow(name=LONG_NAME, position=LONG_POSITION, institution=LONG_INSTITUTION)
    text = text_of(attendance_sheet(replace(SHEET, rows=(row, AttendanceRow(name=MARKUP)))))
    assert "Syarifuddin" in text and "Antardaerah" in text and "Pengelolaan Keuangan" in text
    assert '<img src="/etc/passwd">' in text


def test_an_empty_sheet_is_all_walk_ins():
    assert "10." in text_of(attendance_sheet(replace(SHEET, rows=(), walk_in_rows=10)))
    assert "Mengetahui" in text_of(attendance_sheet(replace(SHEET, rows=(), walk_in_rows=0)))


def test_who_is_not_known_signs_over_blank_lines():
    text = text_of(attendance_sheet(AttendanceSheet(**{**vars(SHEET), "signer": AttendanceSheet.signer})))
    assert "Tanjungpinang, 8 Juli 2019 Mengetahui, Ketua Panitia" in text
    assert "NIP ..." in text


def test_fonts_are_embedded_and_the_bytes_repeat():
    assert all(fonts_of(attendance_sheet(SHEET)).values())
    assert attendance_sheet(SHEET) == attendance_sheet(SHEET)
