"""The picture that a link shows where it is shared: 1200 × 630 points, drawn here, since an aula has no network."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from math import ceil

from PIL import Image, ImageDraw, ImageFont, UnidentifiedImageError

from app.paper.fonts import FOLDER, Face

WIDTH, HEIGHT = 1200, 630
EDGE = 72
BAND = 20
SHOOT = 24
GROUND, SURFACE = "#F6F9F8", "#FFFFFF"
DEEP, PRIMARY, GOLD, INK, MUTED = "#0A4A45", "#0B6B61", "#D4A72C", "#16302E", "#4C6163"
FOOT = 112
EMBLEM = 64
TITLE_SIZES = (76, 66, 56, 48)
MOST_LINES = 3
ELLIPSIS = "…"


@lru_cache(maxsize=64)
def card(*, above: str, title: str, lines: tuple[str, ...], foot: str, emblem: bytes | None = None) -> bytes:
    """A PNG: `above` small over the large `title`, `lines` below it, `foot` at the bottom beside the emblem."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), GROUND)
    draw = ImageDraw.Draw(picture)
    _ornament(draw)
    room = WIDTH - 2 * EDGE
    y = EDGE + 14
    y = _write(draw, [_fitted(draw, above, _font(Face.SEMIBOLD, 32), room)], _font(Face.SEMIBOLD, 32), y, MUTED) + 14
    font, title_lines = _title(draw, title, room)
    y = _write(draw, title_lines, font, y, INK) + 22
    small = _font(Face.SEMIBOLD, 36)
    _write(draw, [_fitted(draw, line, small, room) for line in lines if line], small, y, PRIMARY)
    _foot(picture, draw, foot, emblem)
    out = io.BytesIO()
    picture.quantize(128).save(out, "PNG", optimize=True)
    return out.getvalue()


def _ornament(draw: ImageDraw.ImageDraw) -> None:
    """Bamboo shoots along the top, as on the pages."""
    draw.rectangle((0, 0, WIDTH, BAND), fill=DEEP)
    for number in range(ceil(WIDTH / SHOOT)):
        left = number * SHOOT
        draw.polygon([(left, BAND), (left + SHOOT, BAND), (left + SHOOT / 2, 3)], fill=GOLD if number % 2 else PRIMARY)
    draw.rectangle((0, BAND, WIDTH, BAND + 3), fill=GOLD)


def _foot(picture: Image.Image, draw: ImageDraw.ImageDraw, text: str, emblem: bytes | None) -> None:
    top = HEIGHT - FOOT
    draw.rectangle((0, top, WIDTH, HEIGHT), fill=DEEP)
    left = EDGE
    shown = _opened(emblem)
    if shown is not None:
        disc = (left - 8, top + (FOOT - EMBLEM) // 2 - 8, left + EMBLEM + 8, top + (FOOT + EMBLEM) // 2 + 8)
        draw.rounded_rectangle(disc, radius=12, fill=SURFACE)
        place = (left + (EMBLEM - shown.width) // 2, top + (FOOT - shown.height) // 2)
        picture.paste(shown, place, shown)
        left += EMBLEM + 28
    font = _font(Face.SEMIBOLD, 32)
    fitted = _fitted(draw, text, font, WIDTH - EDGE - left)
    draw.text((left, top + FOOT // 2), fitted, font=font, fill=SURFACE, anchor="lm")


def _opened(emblem: bytes | None) -> Image.Image | None:
    if emblem is None:
        return None
    try:
        shown = Image.open(io.BytesIO(emblem)).convert("RGBA")
    except (UnidentifiedImageError, OSError):
        return None
    shown.thumbnail((EMBLEM, EMBLEM))
    return shown


def _title(draw: ImageDraw.ImageDraw, title: str, room: int) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """The largest letters in which the title takes few enough lines; what is longer still ends with an ellipsis."""
    for size in TITLE_SIZES:
        font = _font(Face.BOLD, size)
        lines = _wrapped(draw, title, font, room)
        if len(lines) <= MOST_LINES and all(draw.textlength(line, font=font) <= room for line in lines):
            return font, lines
    *kept, last = lines[:MOST_LINES]
    rest = f"{last} {ELLIPSIS}" if len(lines) > MOST_LINES else last
    return font, [_fitted(draw, line, font, room) for line in (*kept, rest)]


def _wrapped(draw: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont, room: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and draw.textlength(longer, font=font) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _fitted(draw: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont, room: int) -> str:
    if draw.textlength(text, font=font) <= room:
        return text
    while text and draw.textlength(text + ELLIPSIS, font=font) > room:
        text = text[:-1].rstrip()
    return text + ELLIPSIS


def _write(draw: ImageDraw.ImageDraw, lines: Sequence[str], font: ImageFont.FreeTypeFont, y: int, colour: str) -> int:
    """Lines one below the other; answers where the next may begin."""
    for line in lines:
        draw.text((EDGE, y), line, font=font, fill=colour)
        y += round(font.size * 1.25)
    return y


def _font(face: Face, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FOLDER / f"{face.value}.ttf"), size)
