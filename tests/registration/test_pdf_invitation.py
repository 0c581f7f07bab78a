from dataclasses import replace

import pytest

from app.paper.pages import Paper
from app.paper.signature import Signer
from app.registration.pdf_invitation import InvitationLetter, invitation_letters
from app.registration.rules_invitations import CLOSING, OPENING
from tests.paper.reading import codes_of, fonts_of, pages_of, white_margin
from tests.paper.samples import LONG_INSTITUTION, LONG_NAME, LONG_POSITION, MARKUP, letterhead

LETTER = InvitationLetter(
    number="005/118/4.1.03/2019",
    attachment="1 (satu) berkas",
    subject="Undangan Bimtek Tahap I",
    place_and_date="Tanjungpinang, 1 Juli 2019",
    addressee="Pimpinan Dinas Kesehatan",
    opening=OPENING,
    details=(
        ("Hari/tanggal", "Senin, 8 Juli 2019 s.d. Selasa, 9 Juli 2019"),
        ("Waktu", "Senin, 8 Juli 2019, pukul 07.30–16.00 WIB\nSelasa, 9 Juli 2019, pukul 08.00–15.00 WIB"),
        ("Tempat", "Aula Lantai 3 Kantor Wali Kota, Senggarang"),
        ("Acara", "Bimtek Tahap I"),
    ),
    closing=CLOSING,
    address="https://bimtek.tanjungpinangkota.go.id/undangan/Ab3_-" + "x" * 38,
    signer=Signer(
        capacity="a.n. Wali Kota Tanjungpinang",
        position="Kepala Dinas Komunikasi dan Informatika",
        name="Drs. H. Raja Ismail, M.T.",
        rank="Pembina Utama Muda (IV/c)",
        nip="19690701 199403 1 999",
    ),
    letterhead=letterhead(),
    copies=("Wali Kota Tanjungpinang", "Sekretaris Daerah"),
)
LONG = replace(
    LETTER,
    addressee=f"Pimpinan {LONG_INSTITUTION}",
    subject=LONG_INSTITUTION,
    signer=replace(LETTER.signer, name=LONG_NAME, position=LONG_POSITION),
    copies=tuple(LONG_POSITION for _ in range(6)),
)


def test_everything_stands_on_one_page():
    (page,) = pages_of(invitation_letters([LETTER]))
    told = (LETTER.number, LETTER.attachment, LETTER.subject, LETTER.place_and_date, LETTER.addressee, "Kepala Dinas")
    signed = (
        LETTER.signer.name,
        LETTER.signer.rank,
        f"NIP {LETTER.signer.nip}",
        LETTER.signer.capacity,
        *LETTER.copies,
    )
    for words in (*told, *signed, *(value for _label, text in LETTER.details for value in text.split("\n"))):
        assert words in page


@pytest.mark.parametrize("letter", [LETTER, LONG, replace(LONG, paper=Paper.F4)])
def test_the_code_is_read_and_the_margins_stay_white(letter):
    pdf = invitation_letters([letter])
    assert codes_of(pdf) == [letter.address]
    assert white_margin(pdf) >= 10
    text = " ".join(pages_of(pdf))
    assert letter.signer.name in text and letter.addressee in text and letter.copies[-1] in text


def test_markup_is_only_text_and_lines_stay_lines():
    (page,) = pages_of(invitation_letters([replace(LETTER, opening=MARKUP, closing=f"{MARKUP}\n{MARKUP}")]))
    assert page.count(MARKUP) == 3


def test_several_are_one_document_and_the_bytes_repeat():
    both = [LETTER, replace(LETTER, addressee="Pimpinan Dinas Sosial")]
    first, second = pages_of(invitation_letters(both))
    assert "Dinas Kesehatan" in first and "Dinas Sosial" in second
    assert all(fonts_of(invitation_letters(both)).values())
    assert invitation_letters(both) == invitation_letters(both)


def test_a_letter_without_extras_is_whole():
    bare = replace(LETTER, number="", attachment="", copies=(), signer=Signer(position="Kepala Dinas", name="...."))
    (page,) = pages_of(invitation_letters([bare]))
    assert "Tembusan" not in page and "Kepala Dinas" in page
