"""What may become an emblem."""

import io
import struct
import zlib

import pytest
from PIL import Image

from app.hosts.rules import EMBLEM_SIDE, BadImage, HostRefused, check_slug, check_zone, clean_emblem, first_notice


def picture(kind: str = "PNG", size: tuple[int, int] = (120, 90), mode: str = "RGB", **options) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 128 if mode in ("L", "P") else None).save(out, kind, **options)
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, pixels: bytes, *more: bytes) -> bytes:
    """A PNG as its maker says it is: 8 bit grey, whatever the pixels are."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", zlib.compress(pixels, 9)) + chunk(b"IEND", b"")


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_pictures_are_drawn_anew_as_png(kind, mode):
    image = opened(clean_emblem(picture(kind, mode=mode)))
    assert (image.format, image.size) == ("PNG", (120, 90))


def test_what_shines_through_still_does():
    image = opened(clean_emblem(picture(mode="RGBA")))
    assert image.mode == "RGBA"
    assert image.getpixel((0, 0))[3] == 0
    palette = Image.new("P", (10, 10), 0)
    out = io.BytesIO()
    palette.save(out, "PNG", transparency=0)
    assert opened(clean_emblem(out.getvalue())).mode == "RGBA"


def test_large_pictures_shrink_in_proportion():
    assert opened(clean_emblem(picture("JPEG", (4000, 2000)))).size == (EMBLEM_SIDE, EMBLEM_SIDE // 2)


@pytest.mark.parametrize(
    ("size", "fits"), [((300, 100), True), ((100, 300), True), ((301, 100), False), ((40, 6000), False)]
)
def test_a_thin_line_is_no_emblem(size, fits):
    if fits:
        assert opened(clean_emblem(picture(size=size))).size == size
    else:
        with pytest.raises(BadImage):
            clean_emblem(picture(size=size))


def test_nothing_but_pixels_remains():
    exif = Image.Exif()
    exif[0x010E] = "secret words"
    data = picture("JPEG", exif=exif, comment=b"secret words", icc_profile=b"secret words" * 20)
    assert b"secret" in data
    cleaned = clean_emblem(data + b"<script>secret</script>")
    assert b"secret" not in cleaned
    assert set(opened(cleaned).info) == set()


def test_a_picture_taken_sideways_is_put_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    assert opened(clean_emblem(picture("JPEG", exif=exif))).size == (90, 120)


@pytest.mark.parametrize(
    "data",
    [
        b"this is text, whatever its name ends in",
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%PDF-1.4",
        picture("GIF"),
        picture("BMP"),
        picture("TIFF"),
        picture()[:60],
        picture("JPEG", (500, 500))[:200],
        picture("WEBP")[:40],
    ],
)
def test_what_is_no_picture_is_refused_with_a_sentence(app, data):
    with pytest.raises(BadImage) as refused:
        clean_emblem(data)
    assert str(refused.value.sentence)


def test_a_picture_whose_notes_are_damaged_is_refused_with_a_sentence(app):
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "x" * 50
    damaged = bytearray(picture("JPEG", exif=exif))
    damaged[damaged.index(b"\x01\x0e\x00\x02") + 1] = 0  # a text where a number belongs
    with pytest.raises(BadImage) as refused:
        clean_emblem(bytes(damaged))
    assert str(refused.value.sentence)


def test_too_many_bytes_are_not_even_opened(app):
    with pytest.raises(BadImage, match="bad image") as refused:
        clean_emblem(picture() + b"\0" * 2 * 1024 * 1024)
    assert "2 MB" in str(refused.value.sentence)


@pytest.mark.parametrize("side", [4473, 12_000, 60_000])
def test_a_small_file_of_many_pixels_is_not_unpacked(app, side):
    bomb = png(side, side, bytes(1000))
    with pytest.raises(BadImage) as refused:
        clean_emblem(bomb)
    assert "20" in str(refused.value.sentence)


def test_a_file_that_unpacks_to_far_more_than_it_says(app):
    """The pixels beyond those it says it has are never asked for; text that swells is refused."""
    opened(clean_emblem(png(10, 10, bytes(50_000_000))))
    swelling = chunk(b"zTXt", b"comment\0\0" + zlib.compress(b"a" * 50_000_000, 9))
    with pytest.raises(BadImage):
        clean_emblem(png(10, 10, bytes(110), swelling))


def test_only_the_first_picture_of_an_animation():
    out = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    image = opened(clean_emblem(out.getvalue()))
    assert getattr(image, "n_frames", 1) == 1
    assert image.getpixel((5, 5)) == (255, 0, 0)


@pytest.mark.parametrize("slug", ["", "A", "a b", "-a", "a-", "a--b", "ä", "a" * 61, "a/b", "a\n"])
def test_slugs_that_cannot_be(slug):
    with pytest.raises(HostRefused):
        check_slug(slug)


def test_slugs_and_zones_that_can():
    check_slug("diskominfo-tanjungpinang")
    check_slug("a" * 60)
    check_zone("Asia/Makassar")
    with pytest.raises(HostRefused):
        check_zone("Europe/Berlin")


def test_the_first_notice_names_whom_to_ask():
    assert "data@x.go.id" in first_notice("Dinas X", "data@x.go.id")
    assert "Dinas X" in first_notice("Dinas X", "")
