"""Files are judged by what they are: whole, of a known kind, short, and doing nothing by themselves."""

import io
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.actions import JavaScript
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject
from reportlab.pdfgen.canvas import Canvas

from app.shared import documents, pdf_inspection
from app.shared.documents import FAULTS, BadDocument, clean_file_name, judge
from app.shared.pdf_inspection import MOST_PAGES, PdfFault, inspect


def pdf(pages: int = 1) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    for number in range(pages):
        canvas.drawString(72, 720, f"Surat tugas, halaman {number + 1}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def changed(change: Callable[[PdfWriter], object]) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def picture(kind: str = "PNG", size: tuple[int, int] = (80, 40), **saving: object) -> bytes:
    out = io.BytesIO()
    drawn = Image.effect_noise(size, 60).convert("RGB")
    drawn.save(out, kind, **saving)
    return out.getvalue()


def fault_of(data: bytes) -> str:
    with pytest.raises(BadDocument) as refused:
        judge(data)
    return str(refused.value.sentence)


def action(**entries: str) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): NameObject(value) for key, value in entries.items()})


def opens_with(what: object) -> Callable[[PdfWriter], object]:
    return lambda writer: writer.root_object.update({NameObject("/OpenAction"): what})


def test_a_sound_pdf_is_kept_as_it_came() -> None:
    data = pdf(3)
    judged = judge(data)
    assert (judged.media_type, judged.suffix, judged.data) == ("application/pdf", ".pdf", data)


def test_pages_are_counted() -> None:
    assert inspect(pdf(MOST_PAGES)) is None
    assert fault_of(pdf(MOST_PAGES + 1)) == str(FAULTS[PdfFault.TOO_MANY_PAGES])


def test_where_a_pdf_opens_is_no_script() -> None:
    """LibreOffice writes it into every file, as a place; others as an action."""
    place = ArrayObject([NumberObject(0), NameObject("/Fit")])
    assert inspect(changed(opens_with(place))) is None
    assert inspect(changed(opens_with(action(S="/GoTo")))) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda writer: writer.add_open_action(JavaScript("app.alert('x')")),
        lambda writer: writer.add_attachment("x.exe", b"MZ"),
        opens_with(action(S="/Launch")),
        opens_with(action(S="/URI")),
        lambda writer: writer.root_object.update({NameObject("/AA"): action(S="/GoTo")}),
        lambda writer: writer.root_object.update(
            {NameObject("/AcroForm"): DictionaryObject({NameObject("/XFA"): TextStringObject("x")})}
        ),
        lambda writer: writer._add_object(action(S="/SubmitForm")),
        lambda writer: writer.pages[0].update({NameObject("/Annots"): ArrayObject([action(Subtype="/RichMedia")])}),
        lambda writer: opens_with(writer._add_object(action(S="/Launch")))(writer),
    ],
)
def test_a_pdf_that_acts_is_refused(change: Callable[[PdfWriter], object]) -> None:
    assert inspect(changed(change)) is PdfFault.ACTIVE


def test_a_name_written_in_hexadecimal_hides_nothing() -> None:
    data = changed(opens_with(action(S="/Launch"))).replace(b"/Launch", b"/La#75nch")
    assert b"/Launch" not in data
    assert inspect(data) is PdfFault.ACTIVE


def test_a_kind_of_action_that_stands_elsewhere_is_found() -> None:
    def change(writer: PdfWriter) -> None:
        kind = writer._add_object(NameObject("/ImportData"))
        writer._add_object(DictionaryObject({NameObject("/S"): kind}))

    assert inspect(changed(change)) is PdfFault.ACTIVE


def test_a_locked_pdf_is_refused() -> None:
    assert fault_of(changed(lambda writer: writer.encrypt("rahasia"))) == str(FAULTS[PdfFault.ENCRYPTED])
    assert inspect(changed(lambda writer: writer.encrypt("", owner_password="rahasia"))) is PdfFault.ENCRYPTED


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_files_that_were_cut_off_are_refused(share: float) -> None:
    for data in (pdf(), picture("PNG"), picture("JPEG")):
        fault_of(data[: int(len(data) * share)])


def test_a_picture_without_its_last_bytes_is_refused() -> None:
    fault_of(picture("PNG")[:-12])


@pytest.mark.parametrize(
    "data",
    [
        b"<!doctype html><script>alert(1)</script>",
        b"<html>%PDF-1.4 %%EOF",
        b"GIF89a" + bytes(64),
        b"PK\x03\x04" + bytes(64),
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"\x00" + pdf(),
    ],
)
def test_whatever_a_file_is_called_its_bytes_count(data: bytes) -> None:
    assert "PDF, JPG" in fault_of(data)


@pytest.mark.parametrize("start", [b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"])
def test_a_signature_alone_is_not_enough(start: bytes) -> None:
    fault_of(start + b"<script>alert(1)</script>%%EOF")


def test_what_is_appended_to_a_picture_is_dropped() -> None:
    """A file that is a picture and something else besides comes out as the picture alone."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("x.html", "<script>alert(1)</script>")
    for kind in ("PNG", "JPEG"):
        kept = judge(picture(kind) + archive.getvalue()).data
        assert not zipfile.is_zipfile(io.BytesIO(kept)) and b"x.html" not in kept


def test_something_appended_to_a_pdf_is_refused() -> None:
    fault_of(pdf() + b"PK\x03\x04" + bytes(4000))


def test_an_empty_file_and_a_large_one_are_refused() -> None:
    assert fault_of(b"") != fault_of(b"%PDF-" + bytes(documents.MOST_BYTES))


def test_pixels_are_counted_before_they_are_unpacked() -> None:
    head = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    chunk = (13).to_bytes(4, "big") + head + zlib.crc32(head).to_bytes(4, "big")
    assert "30" in fault_of(b"\x89PNG\r\n\x1a\n" + chunk + (64).to_bytes(4, "big") + b"IDAT" + bytes(64))


def test_a_picture_loses_where_it_was_taken_and_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "Senggarang"
    kept = Image.open(io.BytesIO(judge(picture("JPEG", exif=exif)).data))
    assert kept.size == (40, 80) and not kept.getexif()
    assert b"Senggarang" not in judge(picture("JPEG", exif=exif)).data


def test_a_large_picture_is_made_smaller() -> None:
    kept = Image.open(io.BytesIO(judge(picture("JPEG", (5200, 1300))).data))
    assert max(kept.size) <= documents.LONGEST_SIDE


def test_a_file_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_inspection, "SECONDS", 0.001)
    assert fault_of(pdf()) == str(FAULTS[PdfFault.TOO_COMPLEX])


@given(st.sampled_from([b"", b"%PDF-1.4\n"]), st.binary(max_size=400))
def test_no_bytes_trouble_the_inspection(start: bytes, rest: bytes) -> None:
    assert inspect(start + rest) is not None


@given(st.integers(0, 900), st.binary(min_size=1, max_size=30))
def test_a_pdf_written_over_is_judged_all_the_same(place: int, patch: bytes) -> None:
    data = pdf()
    inspect(data[:place] + patch + data[place + len(patch) :])


@given(st.sampled_from(["PNG", "JPEG"]), st.integers(2, 2000), st.binary(min_size=1, max_size=30))
def test_a_picture_written_over_is_kept_or_refused(kind: str, place: int, patch: bytes) -> None:
    data = picture(kind)
    with suppress(BadDocument):
        assert judge(data[:8] + data[8:place] + patch + data[place + len(patch) :]).data


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Surat Tugas 09.pdf", "Surat Tugas 09.pdf"),
        ("C:\\Users\\Dewi\\surat.PDF", "surat.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ('a"b\r\nSet-Cookie: x.exe', "a b Set-Cookie x.pdf"),
        ("", "berkas.pdf"),
        ("...", "berkas.pdf"),
        ("surat\u202efdp.exe", "suratfdp.pdf"),
    ],
)
def test_names_of_files_are_cleaned(typed: str, kept: str) -> None:
    assert clean_file_name(typed, ".pdf") == kept


@given(st.text(max_size=300))
def test_a_cleaned_name_is_short_and_plain(typed: str) -> None:
    kept = clean_file_name(typed, ".png")
    assert kept.endswith(".png") and len(kept) <= documents.LONGEST_NAME and "/" not in kept and kept.isprintable()


def test_a_camera_that_describes_its_picture_wrongly_is_refused_with_a_sentence() -> None:
    """Pillow says so by an AttributeError of its own while it turns the picture upright."""
    exif = Image.Exif()
    exif.update({0x0112: 6, 0x010E: "hello", 0x8769: {0x9003: "2019:01:01 00:00:00", 0x829A: (1, 3)}})
    text, fraction = b"\x01\x0e\x00\x02", b"\x01\x0e\x00\x05"
    sound = picture("JPEG", exif=exif)
    assert text in sound and judge(sound)
    assert fault_of(sound.replace(text, fraction)) == str(documents._damaged().sentence)


def test_a_few_files_at_once_are_read_and_the_others_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "PATIENCE", 0.01)
    with documents.AT_ONCE, documents.AT_ONCE:
        assert "once more" in fault_of(pdf())
    assert judge(pdf()).media_type == "application/pdf"
