import io
import xml.etree.ElementTree as ElementTree

import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

from app.paper import qr
from app.paper.document import new_canvas
from app.paper.pages import Paper
from tests.paper.reading import codes_of

ADDRESS = "HTTPS://BIMTEK.TANJUNGPINANGKOTA.GO.ID/T/7K3M9QXA2BCD5EFG"
SVG = "{http://www.w3.org/2000/svg}"


def decoded(modules):
    side = len(modules) + 2 * qr.QUIET
    image = Image.new("L", (side, side), 255)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            image.putpixel((x + qr.QUIET, y + qr.QUIET), 0 if dark else 255)
    found = zxingcpp.read_barcodes(image.resize((side * 4, side * 4), Image.Resampling.NEAREST))
    return [code.text for code in found]


@settings(max_examples=25, deadline=None)
@given(st.text(alphabet="ABCDEFGHJKMNPQRSTVWXYZ0123456789:/.-", min_size=8, max_size=120))
def test_what_is_written_is_read(text):
    assert decoded(qr.matrix(text)) == [text]


def test_upper_case_addresses_take_fewer_modules():
    assert len(qr.matrix(ADDRESS)) < len(qr.matrix(ADDRESS.lower()))


def test_the_mask_is_fixed():
    code = QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=qr.MASK, border=0)
    code.add_data(ADDRESS, optimize=0)
    assert [list(row) for row in qr.matrix(ADDRESS)] == code.get_matrix()


def test_svg_is_one_path_with_a_name_and_no_style():
    root = ElementTree.fromstring(qr.svg(ADDRESS, title='Tiket "A" & <B>'))
    assert root.get("role") == "img"
    assert root.get("aria-label") == root.findtext(f"{SVG}title") == 'Tiket "A" & <B>'
    assert len(root.findall(f"{SVG}path")) == 1
    assert not any("style" in element.attrib for element in root.iter())


def test_svg_draws_the_same_modules():
    root = ElementTree.fromstring(qr.svg(ADDRESS))
    modules = [[False] * len(qr.matrix(ADDRESS)) for _ in qr.matrix(ADDRESS)]
    for bar in root.find(f"{SVG}path").get("d").split("z")[:-1]:
        start, length = bar.removeprefix("M").split("v")[0].split("h")
        x, y = map(int, start.split())
        for step in range(int(length)):
            modules[y - qr.QUIET][x - qr.QUIET + step] = True
    assert decoded(modules) == [ADDRESS]


def test_drawn_on_paper_it_is_read():
    out = io.BytesIO()
    canvas = new_canvas(out, size=Paper.A5.size(), title="QR")
    qr.draw(canvas, ADDRESS, 100, 100, 70)
    canvas.save()
    assert codes_of(out.getvalue()) == [ADDRESS]
