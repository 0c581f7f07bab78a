"""What is wrong with a PDF, read from its structure; run as a program of its own, so that a hostile file meets hard limits.

It needs pypdf and the standard library alone: `python -I pdf_inspection.py < file` prints a PdfFault's value, or "sound".
"""

from __future__ import annotations

import enum
import io
import logging
import resource
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the application imports this file for its names, and does without fourteen megabytes
    from pypdf import PdfReader

MOST_PAGES = 50
MOST_OBJECTS = 20_000
MOST_VALUES = 2_000_000
SECONDS = 8
MEMORY = 768 * 1024 * 1024
SOUND = "sound"
# A page or a form that acts by itself, files within the file, and forms that are programs (XFA).
ACTIVE_KEYS = frozenset({"/JS", "/JavaScript", "/AA", "/XFA", "/EmbeddedFiles", "/EF", "/RichMediaContent"})
ACTIVE_ACTIONS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/SubmitForm",
        "/ImportData",
        "/Rendition",
        "/Movie",
        "/Sound",
        "/GoToE",
        "/RichMediaExecute",
    }
)
ACTIVE_KINDS = frozenset({"/EmbeddedFile", "/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/3D"})
# Looked for in the bytes too: a damaged table of contents may hide from us what a forgiving reader finds.
ACTIVE_NAMES = (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia")


class PdfFault(enum.Enum):
    DAMAGED = "damaged"
    ENCRYPTED = "encrypted"
    ACTIVE = "active"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_COMPLEX = "too_complex"


def inspect(data: bytes) -> PdfFault | None:
    """None for a PDF that is whole, short, readable by everybody and does nothing by itself. Never raises."""
    try:
        return _inspect(data)
    except (RecursionError, MemoryError):
        return PdfFault.TOO_COMPLEX
    except Exception:  # whatever a parser stumbles over is a fault of the file
        return PdfFault.DAMAGED


def _inspect(data: bytes) -> PdfFault | None:
    from pypdf import PdfReader
    from pypdf.generic import IndirectObject

    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted:
        return PdfFault.ENCRYPTED
    if any(name in data for name in ACTIVE_NAMES):
        return PdfFault.ACTIVE
    numbers = _object_numbers(reader)
    if len(numbers) > MOST_OBJECTS:
        return PdfFault.TOO_COMPLEX
    pages = seen = 0
    for number, generation in sorted(numbers):
        value = reader.get_object(IndirectObject(number, generation, reader))
        for part in _dictionaries(value):
            seen += 1
            if seen > MOST_VALUES:
                return PdfFault.TOO_COMPLEX
            if _is_active(part):
                return PdfFault.ACTIVE
            pages += _name(part, "/Type") == "/Page"
            if pages > MOST_PAGES:
                return PdfFault.TOO_MANY_PAGES
    drawn = sum(1 for page in reader.pages if page.mediabox.width and page.mediabox.height)
    return None if drawn and drawn == len(reader.pages) else PdfFault.DAMAGED


def _object_numbers(reader: PdfReader) -> set[tuple[int, int]]:
    plain = {(number, generation) for generation, found in reader.xref.items() for number in found}
    return plain | {(number, 0) for number in reader.xref_objStm}


def _dictionaries(value: Any) -> Iterator[dict[Any, Any]]:
    """Every dictionary within an object, that of a stream included; what it refers to is an object of its own."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting += [part for part in dict.values(one) if isinstance(part, dict | list)]
        elif isinstance(one, list):
            waiting += [part for part in list.__iter__(one) if isinstance(part, dict | list)]


def _is_active(part: dict[Any, Any]) -> bool:
    if ACTIVE_KEYS & part.keys():
        return True
    if _name(part, "/S") in ACTIVE_ACTIONS or {_name(part, "/Type"), _name(part, "/Subtype")} & ACTIVE_KINDS:
        return True
    return "/OpenAction" in part and not _only_turns_to_a_page(part["/OpenAction"])


def _name(part: dict[Any, Any], key: str) -> str:
    """The name that is the key's value, also where it stands elsewhere in the file; "" for anything else."""
    if key not in part:
        return ""
    value = part[key]
    return value if isinstance(value, str) else ""


def _only_turns_to_a_page(action: Any) -> bool:
    """Office programs write where the file opens: a place, or an action that goes to one."""
    return isinstance(action, list) or (isinstance(action, dict) and _name(action, "/S") == "/GoTo")


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    logging.disable()
    fault = inspect(sys.stdin.buffer.read())
    sys.stdout.write(fault.value if fault else SOUND)


if __name__ == "__main__":
    main()
