"""Papers that several tests, the benchmark and the eye use: believable, and invented."""

import io
from dataclasses import replace
from functools import cache

from PIL import Image, ImageDraw

from app.certificates.pdf import CertificatePaper, Lesson, body_sentence
from app.paper.letterhead import Letterhead

CODE = "7K3M9QXA2BCD5EFG"
LONG_NAME = "Prof. Dr. Ir. H. Raden Muhammad Syarifuddin Al-Qadri Kusumadiningrat Wirahadikusumah bin Abdurrahman, S.T., M.T., Ph.D."
LONG_INSTITUTION = (
    "Badan Perencanaan, Penelitian dan Pengembangan serta Pengelolaan Keuangan dan Aset Daerah Kota Tanjungpinang"
)
LONG_POSITION = "Kepala Sub Bidang Penelitian Ekonomi, Sosial Budaya, Prasarana Wilayah serta Inovasi Daerah dan Kerja Sama Antardaerah"
MARKUP = '<img src="/etc/passwd"> <b>tebal</b> & &amp; <para>'


@cache
def emblem() -> bytes:
    """A shield with a transparent ground, as PNG."""
    image = Image.new("RGBA", (400, 460), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.polygon([(20, 20), (380, 20), (380, 260), (200, 440), (20, 260)], fill="#E6F2F0", outline="#0B6B61", width=14)
    pen.ellipse((110, 90, 290, 270), outline="#D4A72C", width=16)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def letterhead() -> Letterhead:
    return Letterhead(
        parent="PEMERINTAH KOTA TANJUNGPINANG",
        name="DINAS KOMUNIKASI DAN INFORMATIKA",
        address=("Jalan Raya Senggarang, Gedung B Lantai 2, Tanjungpinang 29115", "Telepon (0771) 123456"),
        emblem=emblem(),
    )


LESSONS = (
    Lesson(title="Kebijakan Smart City dan enam dimensinya", speakers="Dr. Ir. Hj. Nurlaila, M.T.", jp=2),
    Lesson(title="Analisis kesiapan daerah", speakers="Prof. Dr. Syafrudin, M.Si.", jp=2),
    Lesson(title="Diskusi kelompok per dimensi", speakers="Tim fasilitator", jp=12),
)


def certificate_paper(**changes: object) -> CertificatePaper:
    paper = CertificatePaper(
        number="005/014/4.1.03/VII/2019",
        name="Drs. H. Raja Ismail, M.T.",
        nip="19750817 200003 1 999",
        rank="Penata Tingkat I (III/d)",
        position="Kepala Bidang Aplikasi Informatika",
        institution="Dinas Perumahan Rakyat, Kawasan Permukiman, Kebersihan dan Pertamanan",
        event="Bimbingan Teknis Gerakan Menuju 100 Smart City Tahap I",
        body=body_sentence(
            organiser="Dinas Komunikasi dan Informatika Kota Tanjungpinang",
            place="Aula Lantai 3 Kantor Wali Kota Tanjungpinang, Senggarang",
            dates="8 s.d. 9 Juli 2019",
            jp=16,
        ),
        place_and_date="Tanjungpinang, 9 Juli 2019",
        parent="PEMERINTAH KOTA TANJUNGPINANG",
        host="DINAS KOMUNIKASI DAN INFORMATIKA",
        signer_capacity="a.n. Wali Kota Tanjungpinang",
        signer_position="Kepala Dinas Komunikasi dan Informatika",
        signer_name="Dra. Hj. Siti Aminah, M.Si.",
        signer_rank="Pembina Utama Muda (IV/c)",
        signer_nip="19690101 199403 2 999",
        qr_text=f"HTTPS://BIMTEK.TANJUNGPINANGKOTA.GO.ID/VERIFIKASI/{CODE}",
        code=CODE,
        verify_at="bimtek.tanjungpinangkota.go.id/verifikasi",
        emblem="emblem",
        lessons=LESSONS,
    )
    return replace(paper, **changes)
