"""The cells of a table that was handed in: what each says as text, and why it cannot be what its author typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.shared.text import storable

MEGABYTE = 1024 * 1024
MOST_COLUMNS = 60
LONGEST_CELL = 2_000
EXACT_DIGITS = 15
"""So many digits of a number a spreadsheet keeps."""

BROKEN = _l("The file is damaged and cannot be read. Open it in a spreadsheet program, save it anew, and hand that in.")
SCIENTIFIC = _l(
    "The spreadsheet has turned this number into scientific notation and its last digits are lost. "
    "Format the column as Text, then type the number again."
)
DIGITS_LOST = _l(
    "This number is stored as a figure and its last digits are lost. "
    "Format the column as Text, then type the number again."
)
IS_DATE = _l("The spreadsheet has turned this cell into a date. Format the cell as Text, then type it again.")
IS_ERROR = _l("The spreadsheet shows an error here; put the value itself into the cell.")
NO_RESULT = _l("This cell holds a formula whose result is not stored; put the value itself into the cell.")
CELL_TOO_LONG = _l("A cell may hold at most %(most)d characters.", most=LONGEST_CELL)

_SCIENTIFIC = re.compile(r"[+-]?\d(?:[.,]\d+)?[eE]\+?\d{1,3}")
_ZEROS = re.compile(r"0{2,20}")
_STARTS_A_FORMULA = ("=", "+", "-", "@")
_AS_FORMULA = re.compile(r'="([^"]*)"')


class BadTable(ValueError):
    """The table cannot be read at all; `sentence` says why and how to mend it."""

    def __init__(self, sentence: Any) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


@dataclass(frozen=True)
class Cell:
    """What a cell says, as text; `problem` where it cannot be what its author typed.

    A date cell is written YYYY-MM-DD, with a problem all the same: only who asks for a date may pass over it.
    """

    text: str
    problem: LazyString | str | None = None
    is_date: bool = False


@dataclass(frozen=True)
class Merged:
    """Cells joined into one; rows and columns count from 1, both ends included."""

    left: int
    top: int
    right: int
    bottom: int
    name: str

    @property
    def problem(self) -> LazyString:
        return _l(
            "The cells %(cells)s are merged, so this row has nothing of its own here. Unmerge them and fill in every row.",
            cells=self.name,
        )


NOTHING = Cell("")
Numbered = tuple[int, list[Cell]]


def text_cell(text: str) -> Cell:
    """A cell that holds text: unwrapped from what spreadsheets put around it."""
    text = storable(text).strip()
    if wrapped := _AS_FORMULA.fullmatch(text):
        text = wrapped[1].strip()
    if len(text) > 1 and text[0] == "'" and (text[1].isdecimal() or text[1:].lstrip(" ").startswith(_STARTS_A_FORMULA)):
        text = text[1:]
    if len(text) > LONGEST_CELL:
        return Cell(text[:LONGEST_CELL], CELL_TOO_LONG)
    return Cell(text, SCIENTIFIC if _SCIENTIFIC.fullmatch(text) else None)


def number_cell(value: int | float, number_format: str = "General") -> Cell:
    """A number as it was typed: without decimals that nobody typed, with the leading zeros of its format.

    A spreadsheet keeps fifteen digits. A whole number written out in full by another program may have kept more.
    """
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return Cell(str(value), IS_ERROR)
    exact = isinstance(value, int)
    text = str(value) if exact else format(Decimal(repr(value)), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    digits = text.lstrip("-")
    if digits.isdecimal() and len(digits) > EXACT_DIGITS and not (exact and digits[EXACT_DIGITS:].strip("0")):
        return Cell(text, DIGITS_LOST)
    if digits.isdecimal() and _ZEROS.fullmatch(number_format):
        return Cell(text.zfill(len(number_format)))
    return Cell(text)


def column_letter(place: int) -> str:
    """The letter of a column (from 0) as a spreadsheet shows it: A … Z, AA …"""
    before, last = divmod(place, 26)
    return f"{chr(64 + before) if before else ''}{chr(65 + last)}"
