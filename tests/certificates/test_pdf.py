import io
import json
import tracemalloc

import pytest
from PIL import Image
from pypdf import PdfReader
from reportlab.lib.units import mm

from app.certificates.pdf import CertificatePaper, Lesson, MissingPicture, body_sentence, certificate, certificates
from app.paper.ornament import INNER_EDGE
from app.paper.pages import Paper
from tests.paper.reading import codes_of, fonts_of, is_blank, pages_of, picture_of, white_margin
from tests.paper.samples import (
    CODE,
    LESSONS,
    LONG_INSTITUTION,
    LONG_NAME,
    LONG_POSITION,
    MARKUP,
    certificate_paper,
    emblem,
)

IMAGES = {"emblem": emblem()}
CROWDED = {
    "name": LONG_NAME,
    "institution": LONG_INSTITUTION,
    "position": LONG_POSITION,
    "event": f"Bimbingan Teknis {LONG_INSTITUTION}",
    "address": ("Jalan Raya Senggarang, Gedung B Lantai 2, Tanjungpinang 29115", "Telepon (0771) 123456"),
    "signer_position": LONG_POSITION,
    "footer": "Dokumen ini ditandatangani secara elektronik menggunakan sertifikat elektronik yang diterbitkan BSrE.",
}


def printed(**changes) -> bytes:
    return certificate(certificate_paper(**changes), images=IMAGES)


def printed_together(papers) -> bytes:
    out = io.BytesIO()
    pages = certificates(papers, out, images=IMAGES)
    assert pages == len(pages_of(out.getvalue()))
    return out.getvalue()


def test_the_front_says_who_what_when_and_by_whom():
    paper = certificate_paper()
    front, _back = pages_of(printed())
    for words in (
        paper.parent,
        paper.host,
        "SERTIFIKAT",
        f"NOMOR: {paper.number}",
        paper.name,
        f"NIP {paper.nip} · {paper.rank}",
        paper.position,
        paper.institution,
        "sebagai PESERTA pada",
        paper.event,
        "tanggal 8 s.d. 9 Juli 2019 selama 16 (enam belas) JP.",
        paper.place_and_date,
        f"{paper.signer_capacity} {paper.signer_position} {paper.signer_name} {paper.signer_rank} NIP {paper.signer_nip}",
        "7K3M-9QXA-2BCD-5EFG",
        paper.verify_at,
    ):
        assert words in front


def test_the_back_lists_the_lessons_and_adds_up_the_jp():
    _front, back = pages_of(printed())
    for number, lesson in enumerate(LESSONS, start=1):
        assert f"{number} {lesson.title} {lesson.speakers} {lesson.jp}" in back
    assert "JUMLAH 16" in back
    assert certificate_paper().number in back


@pytest.mark.parametrize("changes", [{}, CROWDED, {"paper": Paper.F4}, CROWDED | {"paper": Paper.F4}])
def test_the_code_is_read_from_the_page(changes):
    assert codes_of(printed(**changes)) == [f"HTTPS://BIMTEK.TANJUNGPINANGKOTA.GO.ID/VERIFIKASI/{CODE}"]


@pytest.mark.parametrize("paper", [Paper.A4, Paper.F4])
def test_crowded_values_are_whole_and_stay_inside_the_border(paper):
    pdf = printed(**CROWDED, paper=paper)
    front = pages_of(pdf)[0]
    assert all(CROWDED[key] in front for key in ("name", "institution", "position", "event", "footer"))
    width, height = paper.size(landscape=True)
    picture = picture_of(pdf)
    across, down, air = INNER_EDGE / width, INNER_EDGE / height, 3 * mm / width
    assert is_blank(picture, across, down, across + air, 1 - down)
    assert is_blank(picture, 1 - across - air, down, 1 - across, 1 - down)


@pytest.mark.parametrize("paper", [Paper.A4, Paper.F4])
def test_printers_need_ten_millimetres(paper):
    assert white_margin(printed(paper=paper)) >= 10


def test_markup_is_only_text():
    front, back = pages_of(printed(name=MARKUP, lessons=(Lesson(title=MARKUP, speakers=MARKUP, jp=1),)))
    assert MARKUP in front
    assert back.count("/etc/passwd") == 3
    assert "root:" not in front + back


def test_letters_of_other_languages():
    assert "Mădălina Écé ’x’ – Ωμέγα" in pages_of(printed(name="Mădălina Écé ’x’ – Ωμέγα"))[0]


def test_fonts_are_embedded():
    fonts = fonts_of(printed())
    assert fonts and all(fonts.values())


def test_a_long_list_of_lessons_flows_and_keeps_its_total_company():
    lessons = tuple(Lesson(title=f"Materi {index}", speakers=LONG_INSTITUTION, jp=1) for index in range(70))
    _front, *backs = pages_of(printed(lessons=lessons))
    assert len(backs) > 1
    assert all("No Materi Narasumber JP" in back for back in backs)
    assert "JUMLAH 70" in backs[-1] and "Materi 69" in backs[-1]


def test_without_lessons_there_is_no_back():
    assert len(pages_of(printed(lessons=()))) == 1


def test_in_one_file_each_certificate_has_sheets_of_its_own():
    papers = [
        certificate_paper(name="Peserta Satu"),
        certificate_paper(name="Tamu", lessons=()),
        certificate_paper(name="Peserta Dua"),
    ]
    pages = pages_of(printed_together(papers))
    assert len(pages) == 6
    assert "Peserta Satu" in pages[0] and "Tamu" in pages[2] and pages[3] == "" and "Peserta Dua" in pages[4]


def test_emblem_and_border_are_stored_once():
    pdf = printed_together(certificate_paper(name=f"Peserta {index}") for index in range(30))
    one, thirty = len(printed()), len(pdf)
    assert thirty < one + 30 * 6_000
    assert pdf.count(b"/Subtype /Image") == printed().count(b"/Subtype /Image") <= 2


def test_no_certificate_is_no_file():
    with pytest.raises(ValueError, match="no certificate"):
        certificates([], io.BytesIO())


def test_a_missing_picture_is_told():
    with pytest.raises(MissingPicture, match="emblem"):
        certificate(certificate_paper())


def test_a_background_takes_the_place_of_the_border():
    out = io.BytesIO()
    Image.new("RGB", (600, 424), "#F0F0F0").save(out, "JPEG")
    pdf = certificate(certificate_paper(background="ground"), images={**IMAGES, "ground": out.getvalue()})
    assert picture_of(pdf).convert("L").getpixel((2, 2)) == pytest.approx(240, abs=2)
    assert codes_of(pdf)


def test_the_same_paper_gives_the_same_bytes():
    assert printed() == printed()
    assert printed_together([certificate_paper()] * 3) == printed_together([certificate_paper()] * 3)


def test_a_snapshot_survives_json():
    paper = certificate_paper(paper=Paper.F4, address=("Satu", "Dua"))
    stored = json.loads(json.dumps(paper.to_snapshot() | {"registration": 7}))
    assert CertificatePaper.from_snapshot(stored) == paper


def test_a_snapshot_holds_only_strings_numbers_and_lists():
    def check(value):
        if isinstance(value, list):
            for part in value:
                check(part)
        else:
            assert type(value) in (str, int)

    for value in certificate_paper().to_snapshot().values():
        check(value)


def test_title_and_author_are_in_the_file():
    metadata = PdfReader(io.BytesIO(printed())).metadata
    assert metadata.title == "Sertifikat 005/014/4.1.03/VII/2019 – Drs. H. Raja Ismail, M.T."
    assert metadata.author == "DINAS KOMUNIKASI DAN INFORMATIKA"


def test_the_usual_sentence():
    assert body_sentence(organiser="Dinas", place="Aula", dates="8 Juli 2019", jp=4) == (
        "yang diselenggarakan oleh Dinas di Aula pada tanggal 8 Juli 2019 selama 4 (empat) JP."
    )


def test_memory_grows_little_with_each_certificate():
    printed_together([certificate_paper()])
    tracemalloc.start()
    printed_together(certificate_paper(name=f"Peserta {index}") for index in range(100))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000
