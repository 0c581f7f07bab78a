"""Copy what the pages use from node_modules/ to static/vendor/, build the fonts of paper, and compress all text beside itself.

Run it after `npm ci`, and again after a change in static/css, static/js or static/img: `python scripts/vendor.py`.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import tempfile
from pathlib import Path

import brotli
from fontTools.merge import Merger
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
STATIC = ROOT / "static"
VENDOR = STATIC / "vendor"
FONTS = MODULES / "@fontsource" / "plus-jakarta-sans"

COPIED = {
    "bootstrap/dist/js/bootstrap.bundle.min.js": "bootstrap.bundle.min.js",
    "chart.js/dist/chart.umd.min.js": "chart.umd.min.js",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "idb/build/index.js": "idb.js",
    "qr/decode.js": "qr/decode.js",
    "qr/index.js": "qr/index.js",
}
FALLBACK_FACE = "dejavu-fonts-ttf/ttf/DejaVuSans.ttf"  # on paper, for letters that Plus Jakarta Sans lacks
PAPER_SPACE = 240  # thousandths of an em; the face's own 170 runs words and groups of digits together in print
SCREEN_WEIGHTS = (400, 600, 700)
SUBSETS = ("latin", "latin-ext")
PAPER_STYLES = {"Regular": "400-normal", "Italic": "400-italic", "SemiBold": "600-normal", "Bold": "700-normal"}
TEXT = {".css", ".js", ".svg", ".json", ".webmanifest"}
ICONS = """
    archive arrow-clockwise arrow-left arrow-left-right arrow-right arrow-repeat arrow-return-left award ban bar-chart bell
    bookmark-check box-arrow-in-right box-arrow-right box-arrow-up-right broadcast building buildings
    calendar-event calendar-plus calendar-week camera camera-video-off card-checklist chat-left-text
    chat-square-text check check-circle check-circle-fill check-lg check2-all chevron-down chevron-left
    chevron-right chevron-up circle clipboard clipboard-check clipboard-data clock clock-history cloud-arrow-up
    cloud-check cloud-slash copy dash-circle dash-circle-fill diagram-3 door-open download easel envelope
    envelope-check envelope-exclamation envelope-open envelope-x exclamation-circle exclamation-triangle
    exclamation-triangle-fill eye eye-slash file-earmark file-earmark-excel file-earmark-pdf file-earmark-text
    filter flag folder fullscreen gear geo-alt globe grid grip-vertical hourglass-split house image inbox
    info-circle journal-text key keyboard layers lightbulb link-45deg list list-check list-ol lock mailbox map
    megaphone mic mortarboard palette patch-check patch-check-fill patch-exclamation pause-circle pencil people
    people-fill percent person person-badge person-check person-dash person-gear person-lines-fill person-plus
    person-x phone pin-map play-circle plus plus-circle plus-lg power printer projector qr-code qr-code-scan
    question-circle receipt reply save search send shield-check shield-exclamation shield-lock signpost-2
    signpost-split slash-circle sliders sort-down star star-fill stars stop-circle stopwatch table tag telephone
    three-dots-vertical ticket ticket-perforated translate trash trophy unlock upc-scan upload volume-mute
    volume-up whatsapp wifi wifi-off window-sidebar x x-circle x-circle-fill x-lg
""".split()  # noqa: SIM905


def main() -> None:
    for source, target in COPIED.items():
        copy_text(MODULES / source, VENDOR / target)
    (VENDOR / "fonts").mkdir(exist_ok=True)
    shutil.copyfile(MODULES / FALLBACK_FACE, VENDOR / "fonts" / "DejaVuSans.ttf")
    write_base_css()
    write_icons()
    for name, style in PAPER_STYLES.items():
        merge_font(style, VENDOR / "fonts" / f"PlusJakartaSans-{name}.ttf")
    for path in sorted(STATIC.rglob("*")):
        if path.suffix in TEXT:
            compress(path)


def copy_text(source: Path, target: Path) -> None:
    """Source maps are not shipped, so the line that points to one goes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    text = source.read_text(encoding="utf-8")
    target.write_text(re.sub(r"\n?(//|/\*)# sourceMappingURL=.*", "", text), encoding="utf-8")


def write_base_css() -> None:
    """The faces and Bootstrap in one file: one request less on a poor line."""
    ranges = dict(re.findall(r'"([\w-]+)": "(U\+[^"]+)"', (FONTS / "unicode.json").read_text(encoding="utf-8")))
    faces = [font_face(weight, subset, ranges[subset]) for weight in SCREEN_WEIGHTS for subset in SUBSETS]
    target = VENDOR / "base.css"
    copy_text(MODULES / "bootstrap/dist/css/bootstrap.min.css", target)
    target.write_text(
        "".join(faces) + target.read_text(encoding="utf-8").removeprefix('@charset "UTF-8";'), encoding="utf-8"
    )


def font_face(weight: int, subset: str, unicode_range: str) -> str:
    """The address carries the hash that app.web.static gives it, so that a preload and the style sheet name the same file."""
    name = f"plus-jakarta-sans-{subset}-{weight}-normal.woff2"
    content = (FONTS / "files" / name).read_bytes()
    (VENDOR / "fonts" / name).write_bytes(content)
    version = hashlib.sha256(content).hexdigest()[:12]
    return (
        f'@font-face{{font-family:"Plus Jakarta Sans";font-style:normal;font-display:swap;font-weight:{weight};'
        f'src:url("fonts/{name}?v={version}") format("woff2");unicode-range:{unicode_range}}}\n'
    )


def write_icons() -> None:
    """One sprite of the icons that are used; the package's own weighs 1.1 MB."""
    symbols = []
    for name in ICONS:
        svg = (MODULES / "bootstrap-icons" / "icons" / f"{name}.svg").read_text(encoding="utf-8")
        inner = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
        assert inner, name
        drawing = re.sub(r">\s+<", "><", inner[1].strip())
        symbols.append(f'<symbol id="{name}" viewBox="0 0 16 16">{drawing}</symbol>')
    (VENDOR / "icons.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>', encoding="utf-8"
    )


def merge_font(style: str, target: Path) -> None:
    """One TrueType file out of the subsets: what reportlab embeds must know é and ă alike. Kerning is left out; reportlab ignores it."""
    with tempfile.TemporaryDirectory() as folder:
        parts = []
        for subset in SUBSETS:
            font = TTFont(FONTS / "files" / f"plus-jakarta-sans-{subset}-{style}.woff")
            font.flavor = None
            for table in ("GDEF", "GPOS", "GSUB", "STAT"):
                if table in font:
                    del font[table]
            parts.append(str(Path(folder) / f"{subset}.ttf"))
            font.save(parts[-1])
        face = Merger().merge(parts)
        face["hmtx"]["space"] = (PAPER_SPACE, 0)
        face.save(target)


def compress(path: Path) -> None:
    content = path.read_bytes()
    path.with_name(path.name + ".br").write_bytes(brotli.compress(content))
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(content, mtime=0))


if __name__ == "__main__":
    main()
