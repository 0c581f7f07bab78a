"""The typefaces of paper: Plus Jakarta Sans, and others for the letters it lacks.

Text is given to reportlab in runs, each in a face that has all its letters, so that no reader meets an empty box.
"""

import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from itertools import groupby
from pathlib import Path
from threading import Lock

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FOLDER = Path(__file__).resolve().parents[2] / "static" / "vendor" / "fonts"
"""Filled from the front-end packages when the project is set up."""
WIDE_COVERAGE = FOLDER / "DejaVuSans.ttf"
BUNDLED_WITH_REPORTLAB = "Vera.ttf"
UNKNOWN_LETTER = "?"

_registering = Lock()


class Face(StrEnum):
    """A typeface by the name under which reportlab knows it."""

    REGULAR = "PlusJakartaSans-Regular"
    SEMIBOLD = "PlusJakartaSans-SemiBold"
    BOLD = "PlusJakartaSans-Bold"
    FALLBACK = "Fallback"


def register(face: Face) -> None:
    """Make a face known to reportlab, once: a second registration would confuse documents under way in other threads."""
    with _registering:
        if face in pdfmetrics.getRegisteredFontNames():
            return
        pdfmetrics.registerFont(TTFont(face.value, _file_of(face)))


def _file_of(face: Face) -> str:
    if face is not Face.FALLBACK:
        return str(FOLDER / f"{face.value}.ttf")
    return str(WIDE_COVERAGE) if WIDE_COVERAGE.exists() else BUNDLED_WITH_REPORTLAB


@cache
def letters(face: Face) -> frozenset[str]:
    """Every letter a face can draw; registers the face."""
    register(face)
    return frozenset(map(chr, pdfmetrics.getFont(face.value).face.charToGlyph))


def register_all() -> None:
    """For styles that name a face before any text is measured."""
    for face in (Face.REGULAR, Face.SEMIBOLD, Face.BOLD):
        letters(face)


def runs(text: str, face: Face) -> list[tuple[Face, str]]:
    """The text in order, cut where the face changes: `[(face, part), …]`.

    A letter no face has is replaced by its plain form, or else by a question mark; invisible ones are dropped.
    """
    text = unicodedata.normalize("NFC", text)
    if letters(face).issuperset(text):
        return [(face, text)]
    drawable = _drawable(text, face)
    return [
        (chosen, "".join(letter for _, letter in part)) for chosen, part in groupby(drawable, key=lambda pair: pair[0])
    ]


def _drawable(text: str, face: Face) -> Iterator[tuple[Face, str]]:
    for letter in text:
        if letter in letters(face):
            yield face, letter
        elif letter.isspace():
            yield face, " "
        elif unicodedata.category(letter) in {"Cc", "Cf", "Cs"} or "\ufe00" <= letter <= "\ufe0f":
            continue
        elif letter in letters(Face.FALLBACK):
            yield Face.FALLBACK, letter
        else:
            yield from _plain_form(letter, face)


def _plain_form(letter: str, face: Face) -> Iterator[tuple[Face, str]]:
    plain = [part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part)]
    if plain and letters(face).issuperset(plain):
        yield from ((face, part) for part in plain)
    else:
        yield face, UNKNOWN_LETTER
