"""Text as people type and paste it, made fit to store, compare and print."""

import re
import unicodedata

# Control characters that are not white space, soft hyphens, zero-width spaces, lone surrogates and the
# bidirectional controls, which phones put around numbers copied from a contact.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)
# What XML, and with it a spreadsheet, cannot hold, or PostgreSQL refuses; the last two of each plane are no characters.
_NO_CHARACTERS = "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_UNSTORABLE = re.compile(f"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef{_NO_CHARACTERS}]")
_RARE_LINE_ENDS = re.compile("[\x0b\x0c\x1c-\x1f]")
_APOSTROPHES = re.compile("['’‘ʼ`]")
_NOT_SLUG = re.compile("[^a-z0-9]+")
SLUG_LENGTH = 80
ELLIPSIS = "…"


def storable(text: str) -> str:
    """The text without what a database or a spreadsheet cannot keep; line ends that only Word knows become ordinary ones."""
    return _UNSTORABLE.sub("", _RARE_LINE_ENDS.sub("\n", text))


def squash(text: str | None) -> str:
    """Return one line: NFC, without control and bidi characters, white space trimmed and collapsed; None → ""."""
    if not text:
        return ""
    visible = _INVISIBLE.sub("", storable(text))
    return unicodedata.normalize("NFC", " ".join(visible.split()))


def without_accents(text: str) -> str:
    """Return the text with its letters bare: é → e."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def slugify(text: str | None, limit: int = SLUG_LENGTH) -> str:
    """Return lower-case ASCII words joined by dashes, at most limit long; "" where nothing is left."""
    plain = without_accents(_APOSTROPHES.sub("", squash(text))).lower()
    return _NOT_SLUG.sub("-", plain).strip("-")[:limit].rstrip("-")


def shorten(text: str | None, limit: int = 80) -> str:
    """Return one line of at most limit characters, cut after a word where one ends, with "…"."""
    line = squash(text)
    if len(line) <= limit:
        return line
    room = limit - len(ELLIPSIS)
    cut = line[: room + 1].rpartition(" ")[0] or line[:room]
    return cut.rstrip(" ,.;:-") + ELLIPSIS
