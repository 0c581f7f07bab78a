"""Opening what was printed: its text, its fonts, its picture, its codes."""

import io
import subprocess

import zxingcpp
from PIL import Image, ImageOps
from pypdf import PdfReader


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page, white space collapsed."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def text_of(pdf: bytes) -> str:
    return " ".join(pages_of(pdf))


def picture_of(pdf: bytes, page: int = 1, *, dpi: int = 100) -> Image.Image:
    """A page as a monochrome printer would see it: shades of grey."""
    command = ["pdftoppm", "-r", str(dpi), "-gray", "-png", "-f", str(page), "-l", str(page), "-"]
    return Image.open(io.BytesIO(subprocess.run(command, input=pdf, capture_output=True, check=True).stdout))


def codes_of(pdf: bytes, page: int = 1) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture_of(pdf, page, dpi=150))]


def is_blank(image: Image.Image, left: float, top: float, right: float, bottom: float) -> bool:
    """Whether a part of the picture, in shares of its width and height, is white."""
    width, height = image.size
    part = image.crop((round(left * width), round(top * height), round(right * width), round(bottom * height)))
    return ImageOps.invert(part.convert("L")).getbbox() is None


def white_margin(pdf: bytes, page: int = 1) -> float:
    """Millimetres of white around everything printed, on the side where there is least."""
    picture = picture_of(pdf, page, dpi=254)
    box = ImageOps.invert(picture.convert("L")).getbbox()
    assert box, "the page is blank"
    return min(box[0], box[1], picture.width - box[2], picture.height - box[3]) / 10


def fonts_of(pdf: bytes) -> dict[str, bool]:
    """Every font a page or a form in it uses, by name, and whether it is embedded."""
    found: dict[str, bool] = {}
    for page in PdfReader(io.BytesIO(pdf)).pages:
        for font in page["/Resources"].get("/Font", {}).values():
            font = font.get_object()
            descriptor = font.get("/FontDescriptor")
            found[font["/BaseFont"]] = bool(descriptor and "/FontFile2" in descriptor.get_object())
    return found
