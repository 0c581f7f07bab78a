"""Time zones, what an emblem may be, and the privacy notice that a new host begins with."""

from __future__ import annotations

import enum
import io
import re
import struct
import warnings
from typing import Any

from flask_babel import lazy_gettext as _l
from PIL import Image, ImageOps, UnidentifiedImageError

ZONE_LABELS = {
    "Asia/Jakarta": _l("WIB (Western Indonesia)"),
    "Asia/Makassar": _l("WITA (Central Indonesia)"),
    "Asia/Jayapura": _l("WIT (Eastern Indonesia)"),
}
EDITABLE = ("name", "parent_name", "city", "address", "phone", "email", "website", "timezone")
SLUG_LENGTH = 60
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NOTICE_LENGTH = 20_000

EMBLEM_BYTES = 2 * 1024 * 1024
EMBLEM_PIXELS = 20_000_000
EMBLEM_SIDE = 1024
EMBLEM_RATIO = 3  # a longer picture would be a thin line in the square where it is printed
_FORMATS = ("PNG", "JPEG", "WEBP")


class HostRefusal(enum.Enum):
    """Why a host cannot be stored as typed."""

    SLUG_TAKEN = "slug_taken"
    BAD_SLUG = "bad_slug"
    BAD_ZONE = "bad_zone"
    ZONE_FIXED = "zone_fixed"


HOST_REFUSALS = {
    HostRefusal.SLUG_TAKEN: _l("This address is already in use; choose another."),
    HostRefusal.BAD_SLUG: _l("An address consists of small letters, digits and single dashes, at most 60 characters."),
    HostRefusal.BAD_ZONE: _l("Choose one of the three time zones of Indonesia."),
    HostRefusal.ZONE_FIXED: _l("The time zone stays as it is: the times of this agency's stages were set in it."),
}


class HostRefused(ValueError):
    """`reason` says why; `sentence` says it to a person."""

    def __init__(self, reason: HostRefusal) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.sentence = HOST_REFUSALS[reason]


class BadImage(ValueError):
    """The bytes are no picture that can be used; `sentence` (lazy text) says why and how to mend it."""

    def __init__(self, sentence: Any) -> None:
        super().__init__("bad image")
        self.sentence = sentence


def check_slug(slug: str) -> None:
    """Raises HostRefused."""
    if len(slug) > SLUG_LENGTH or not SLUG.fullmatch(slug):
        raise HostRefused(HostRefusal.BAD_SLUG)


def check_zone(timezone: str) -> None:
    """Raises HostRefused."""
    if timezone not in ZONE_LABELS:
        raise HostRefused(HostRefusal.BAD_ZONE)


def clean_emblem(data: bytes) -> bytes:
    """The picture drawn anew as a PNG of at most 1024 pixels a side: no metadata, nothing appended, first frame alone.

    What it is, is read from the bytes; the size in pixels is known before anything is unpacked. Raises BadImage.
    """
    if len(data) > EMBLEM_BYTES:
        raise BadImage(_l("The picture may be at most 2 MB large; choose a smaller one."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _redrawn(data)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except UnidentifiedImageError as error:
        raise BadImage(_l("This file is not a PNG, JPEG or WebP picture; choose another.")) from error
    except (OSError, ValueError, SyntaxError, EOFError, struct.error) as error:  # damaged, as Pillow says it
        if isinstance(error, BadImage):
            raise
        raise BadImage(_l("The picture is damaged and cannot be opened; save it anew and try again.")) from error


def _redrawn(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
        if picture.width * picture.height > EMBLEM_PIXELS:
            raise _too_many_pixels()
        if max(picture.size) > EMBLEM_RATIO * min(picture.size):
            raise BadImage(
                _l("The picture is too long and narrow; choose one at most three times as long as it is wide.")
            )
        picture.load()
        upright = ImageOps.exif_transpose(picture)
    has_alpha = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
    plain = upright.convert("RGBA" if has_alpha else "RGB")
    plain.info = {}
    plain.thumbnail((EMBLEM_SIDE, EMBLEM_SIDE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    plain.save(out, "PNG", optimize=True)
    return out.getvalue()


def _too_many_pixels() -> BadImage:
    return BadImage(_l("The picture has more than 20 million pixels; choose one with fewer."))


def first_notice(name: str, email: str) -> str:
    """The notice that a new host begins with, in Indonesian (UU 27/2022, articles 21 and 22)."""
    contact = f" melalui {email}" if email else " melalui panitia kegiatan"
    return _FIRST_NOTICE.format(name=name, contact=contact)


_FIRST_NOTICE = """\
{name} mengumpulkan data Bapak/Ibu untuk menyelenggarakan kegiatan ini sebagai tugas pelayanan publik \
(Undang-Undang Nomor 27 Tahun 2022 tentang Pelindungan Data Pribadi).

Data yang kami simpan: nama dan gelar, instansi, jabatan, pangkat, nomor identitas pegawai, alamat surel, nomor HP, \
jawaban dan berkas yang diserahkan saat mendaftar, kehadiran, dan sertifikat Bapak/Ibu. Jawaban umpan balik disimpan tanpa nama.

Data dipakai untuk pendaftaran, presensi, daftar hadir, sertifikat, dan laporan kegiatan. Hanya petugas yang berwenang \
yang dapat melihatnya. Halaman verifikasi sertifikat hanya menampilkan nama, kegiatan, tanggal, jumlah JP, dan nomor sertifikat.

Foto kegiatan dan pesan WhatsApp memerlukan persetujuan tersendiri; keduanya boleh ditolak dan dapat dicabut kapan saja.

Daftar hadir dan sertifikat adalah arsip dan disimpan sesuai jadwal retensi arsip. Bapak/Ibu berhak meminta salinan, \
perbaikan, pembatasan, atau penghapusan data di halaman Data saya atau{contact}. Permintaan dijawab paling lambat 3 × 24 jam.
"""
