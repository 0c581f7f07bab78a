import io
from dataclasses import replace

import pytest
from pypdf import PdfReader

from app.checkin.pdf import AttendanceRow, AttendanceSheet, attendance_sheet
from app.checkin.rules_paper import Audience
from app.paper.pages import Paper
from app.paper.signature import Signer
from tests.paper.reading import codes_of, fonts_of, pages_of, text_of, white_margin
from tests.paper.samples import LONG_INSTITUTION, LONG_NAME, LONG_POSITION, MARKUP, letterhead

NIP = "19750817 200003 1 999"
BADGE_ADDRESS = "HTTPS://BIMTEK.TANJUNGPINANGKOTA.GO.ID/T/7K3M9QXA2BCD5EFG"
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
@pytest.mark.parametrize("code", ["", BADGE_ADDRESS])
def test_identity_and_phone_stay_on_one_line(paper, landscape, code):
    """Names fill a column in several lines; a number cut in two is misread."""
    people = tuple(replace(row, qr_text=code) for row in rows(40))
    pdf = attendance_sheet(replace(SHEET, rows=people, paper=paper, landscape=landscape))
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


@pytest.mark.parametrize("landscape", [True, False])
def test_the_code_of_each_row_is_read_from_the_sheet(landscape):
    codes = [f"HTTPS://BIMTEK.TANJUNGPINANGKOTA.GO.ID/T/7K3M9QXA2BCD5E{number:02}" for number in range(7)]
    people = tuple(replace(row, qr_text=code) for row, code in zip(rows(7), codes, strict=True))
    sheet = attendance_sheet(replace(SHEET, rows=people, landscape=landscape))
    assert sorted(codes_of(sheet)) == codes
    assert "Kode" in text_of(sheet)
    filled = attendance_sheet(replace(SHEET, rows=people, landscape=landscape, filled=True))
    assert codes_of(filled) == [] and "Kode" not in text_of(filled)


def test_speakers_and_committee_have_their_own_columns():
    speaker = AttendanceRow(name="Dr. Nurlaila", position="Dosen", institution="UMRAH", subject="Enam dimensi", nip=NIP)
    text = text_of(attendance_sheet(replace(SHEET, rows=(speaker,), audience=Audience.SPEAKERS)))
    assert "DAFTAR HADIR NARASUMBER" in text and "No Nama Jabatan Instansi Materi Tanda Tangan" in text
    assert "Enam dimensi" in text and NIP not in text.split("Mengetahui")[0]
    committee = replace(SHEET, rows=(AttendanceRow(name="Budi", position="Panitia"),), audience=Audience.COMMITTEE)
    text = text_of(attendance_sheet(committee))
    assert "DAFTAR HADIR PANITIA" in text and "No Nama Tugas Tanda Tangan" in text


def test_signatures_stand_left_for_odd_and_right_for_even_numbers():
    found = {}

    def note(text, _matrix, place, _font, _size):
        if text.strip() in ("1.", "2.", "3."):
            found[text.strip()] = place[4]

    PdfReader(io.BytesIO(attendance_sheet(SHEET))).pages[0].extract_text(visitor_text=note)
    assert found["1."] == found["3."] and found["2."] > found["1."] + 40


def test_what_the_sheet_is_narrowed_to_is_said():
    assert "Peserta : OPD, Smart Living" in text_of(attendance_sheet(replace(SHEET, selection="OPD, Smart Living")))
