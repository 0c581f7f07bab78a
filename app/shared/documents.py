"""Files that people hand in (surat tugas, an answer that is a file), judged by what they are and not by what they are called."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import threading
import unicodedata
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l
from PIL import Image, ImageOps

from app.shared import pdf_inspection
from app.shared.pdf_inspection import MOST_PAGES, PdfFault

MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 30_000_000
LONGEST_SIDE = 4000
LONGEST_NAME = 120
ACCEPT = "application/pdf,image/jpeg,image/png"
END_WITHIN = 1024
AT_ONCE = threading.BoundedSemaphore(2)
"""So many PDFs a process has read at the same moment, for each may take as much memory and time as the limits allow."""
PATIENCE = 20.0
"""Seconds that a file waits for its turn."""
_PDF, _PNG, _JPEG = b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_UNSAFE = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|]')
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")

FAULTS = {
    PdfFault.DAMAGED: _l("This PDF is damaged or incomplete and cannot be opened. Save or scan it anew and try again."),
    PdfFault.ENCRYPTED: _l(
        "This PDF is locked with a password or encrypted. Save it without protection and try again."
    ),
    PdfFault.ACTIVE: _l(
        "This PDF contains scripts, actions or files within it, which we do not take. Print it into a new PDF and send that."
    ),
    PdfFault.TOO_MANY_PAGES: _l(
        "This PDF has more than %(most)d pages. Send only the pages that are needed.", most=MOST_PAGES
    ),
    PdfFault.TOO_COMPLEX: _l(
        "This PDF is too complicated to be checked. Print it into a new PDF, or scan it, and send that."
    ),
}


class BadDocument(ValueError):
    """`sentence` says what is wrong with a file and how to mend it."""

    def __init__(self, sentence: Any) -> None:
        super().__init__("bad document")
        self.sentence = sentence


@dataclass(frozen=True)
class Judged:
    """A file as it may be kept: a PDF as it came, a picture drawn anew. `suffix` is such as ".pdf"."""

    media_type: str
    suffix: str
    data: bytes


def judge(data: bytes) -> Judged:
    """What the bytes are, if they may be kept. Raises BadDocument.

    A PDF is read by a program of its own within limits of time and memory; a picture's size is known before it is unpacked.
    """
    if not data:
        raise BadDocument(_l("This file is empty; choose another."))
    if len(data) > MOST_BYTES:
        raise BadDocument(
            _l("The file may be at most 5 MB large. Scan it with fewer dots, or send only the pages needed.")
        )
    if data.startswith(_PDF):
        return _judged_pdf(data)
    if data.startswith(_PNG):
        return Judged("image/png", ".png", _redrawn(data, "PNG"))
    if data.startswith(_JPEG):
        return Judged("image/jpeg", ".jpg", _redrawn(data, "JPEG"))
    raise BadDocument(
        _l("This file is not a PDF, JPG or PNG, whatever its name says. Save or scan it as one of these and try again.")
    )


def clean_file_name(name: str, suffix: str) -> str:
    """The name under which a file was handed in, without path and signs that a disk refuses, ending in what the file is."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(sign for sign in last if sign.isspace() or unicodedata.category(sign)[0] != "C")
    stem = " ".join(_UNSAFE.sub(" ", _ENDING.sub("", printable)).split()).strip(". ")
    return (stem[: LONGEST_NAME - len(suffix)].strip(". ") or "berkas") + suffix


def _judged_pdf(data: bytes) -> Judged:
    # One that lacks its end was cut off on its way, though a forgiving reader opens it.
    fault = _in_turn(data) if b"%%EOF" in data[-END_WITHIN:] else PdfFault.DAMAGED
    if fault is not None:
        raise BadDocument(FAULTS[fault])
    return Judged("application/pdf", ".pdf", data)


def _in_turn(data: bytes) -> PdfFault | None:
    if not AT_ONCE.acquire(timeout=PATIENCE):
        raise BadDocument(_l("Many files are being checked at this moment. Please send this once more."))
    try:
        return _inspected(data)
    finally:
        AT_ONCE.release()


def _inspected(data: bytes) -> PdfFault | None:
    program = [sys.executable, "-I", str(Path(pdf_inspection.__file__))]
    try:
        done = subprocess.run(
            program, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=2 * pdf_inspection.SECONDS
        )
    except subprocess.TimeoutExpired:
        return PdfFault.TOO_COMPLEX
    said = done.stdout.decode("ascii", "replace")
    if done.returncode == 0 and said == pdf_inspection.SOUND:
        return None
    return next((fault for fault in PdfFault if fault.value == said), PdfFault.TOO_COMPLEX)


def _redrawn(data: bytes, kind: str) -> bytes:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _drawn(data, kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except BadDocument:
        raise
    except Exception as error:  # damaged, in the many ways in which Pillow says it, down to AttributeError
        raise _damaged() from error


def _drawn(data: bytes, kind: str) -> bytes:
    with Image.open(io.BytesIO(data), formats=[kind]) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise _too_many_pixels()
        if kind == "PNG":
            picture.verify()  # to the last chunk: one cut off behind its last line of pixels opens all the same
    with Image.open(io.BytesIO(data), formats=[kind]) as picture:
        if kind == "JPEG":
            picture.draft(picture.mode, (LONGEST_SIDE, LONGEST_SIDE))
        picture.load()
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        upright = ImageOps.exif_transpose(picture)
    see_through = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
    plain = upright.convert("RGBA" if see_through and kind == "PNG" else "RGB")
    plain.info = {}
    out = io.BytesIO()
    plain.save(out, kind, optimize=True, **({"quality": 88} if kind == "JPEG" else {}))
    return out.getvalue()


def _too_many_pixels() -> BadDocument:
    return BadDocument(_l("The picture has more than 30 million pixels; choose one with fewer."))


def _damaged() -> BadDocument:
    return BadDocument(_l("The picture is damaged and cannot be opened; save it anew and try again."))
