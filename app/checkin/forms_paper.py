"""What an address asks of the papers of a stage. Nonsense in it asks for what is usual."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import TypeVar

from app.checkin.queries_sheet import SheetWish
from app.checkin.rules_paper import BLANK_ROWS, MOST_BLANK_ROWS, Audience, BadgeSize, PaperOrder
from app.paper.pages import Paper
from app.registration.queries_people import PeopleFilter
from app.shared.text import squash

Kind = TypeVar("Kind", bound=enum.Enum)
PORTRAIT, FILLED, WITHOUT_CODES = "tegak", "terisi", "tanpa"
LONGEST_TYPED = 120


def narrowed_by(query: Mapping[str, str]) -> PeopleFilter:
    """Unsur, institution, group and people ticked, as on the list of people; of them, those who are confirmed are printed."""
    return PeopleFilter.from_address(query)


def sheet_wish(query: Mapping[str, str]) -> SheetWish:
    return SheetWish(
        audience=audience_of(query),
        narrowed=narrowed_by(query),
        order=order_of(query),
        filled=query.get("isi") == FILLED,
        with_codes=query.get("kode") != WITHOUT_CODES,
        blank_rows=_rows(query.get("baris")),
        paper=paper_of(query),
        landscape=is_landscape(query),
        position=squash(query.get("jabatan"))[:LONGEST_TYPED],
        signer=squash(query.get("nama"))[:LONGEST_TYPED],
    )


def audience_of(query: Mapping[str, str]) -> Audience:
    return _member(Audience, query.get("siapa"), Audience.PARTICIPANTS)


def badge_size_of(query: Mapping[str, str]) -> BadgeSize:
    return _member(BadgeSize, query.get("ukuran"), BadgeSize.A6)


def order_of(query: Mapping[str, str]) -> PaperOrder:
    return _member(PaperOrder, query.get("urut"), PaperOrder.INSTITUTION)


def paper_of(query: Mapping[str, str]) -> Paper:
    return Paper.F4 if query.get("kertas") == Paper.F4.value else Paper.A4


def is_landscape(query: Mapping[str, str]) -> bool:
    return query.get("arah") != PORTRAIT


def _rows(typed: str | None) -> int:
    text = squash(typed)
    return min(int(text), MOST_BLANK_ROWS) if text.isascii() and text.isdecimal() and len(text) < 4 else BLANK_ROWS


def _member(kind: type[Kind], text: str | None, usual: Kind) -> Kind:
    return next((one for one in kind if one.value == text), usual)
