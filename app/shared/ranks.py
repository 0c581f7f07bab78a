"""Pangkat and golongan of civil servants (PP 11/2017 and its schedule), and the grades of PPPK (Perpres 98/2020).

Ranks of TNI and Polri are free text and have no list.
"""

import re
from dataclasses import dataclass

from app.shared.numbers import roman
from app.shared.text import squash


@dataclass(frozen=True)
class Rank:
    """A grade of a PNS and the title that goes with it."""

    grade: str
    title: str


RANKS = (
    Rank("I/a", "Juru Muda"),
    Rank("I/b", "Juru Muda Tingkat I"),
    Rank("I/c", "Juru"),
    Rank("I/d", "Juru Tingkat I"),
    Rank("II/a", "Pengatur Muda"),
    Rank("II/b", "Pengatur Muda Tingkat I"),
    Rank("II/c", "Pengatur"),
    Rank("II/d", "Pengatur Tingkat I"),
    Rank("III/a", "Penata Muda"),
    Rank("III/b", "Penata Muda Tingkat I"),
    Rank("III/c", "Penata"),
    Rank("III/d", "Penata Tingkat I"),
    Rank("IV/a", "Pembina"),
    Rank("IV/b", "Pembina Tingkat I"),
    Rank("IV/c", "Pembina Utama Muda"),
    Rank("IV/d", "Pembina Utama Madya"),
    Rank("IV/e", "Pembina Utama"),
)
PPPK_GRADES = tuple(roman(number) for number in range(1, 18))

_TITLES = {rank.grade: rank.title for rank in RANKS}
_GRADE = re.compile(r"(IV|I{1,3})\s*[/. ]?\s*([A-Ea-e])", re.IGNORECASE)


def canonical_grade(text: str | None) -> str | None:
    """Return the grade as listed ("iii.A" → "III/a", "ix" → "IX"), or None for free text."""
    typed = squash(text)
    if typed.upper() in PPPK_GRADES:
        return typed.upper()
    match = _GRADE.fullmatch(typed)
    if match is None:
        return None
    grade = f"{match[1].upper()}/{match[2].lower()}"
    return grade if grade in _TITLES else None


def rank_label(text: str | None) -> str:
    """Return what is printed: "Penata Muda (III/a)", for a PPPK "Golongan IX", free text as typed."""
    grade = canonical_grade(text)
    if grade is None:
        return squash(text)
    if grade in PPPK_GRADES:
        return f"Golongan {grade}"
    return f"{_TITLES[grade]} ({grade})"
