"""Long lists in pages; search and filters stay in the address."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

import sqlalchemy as sa
from flask import request

from app.extensions import db

Row = TypeVar("Row")
PARAMETER = "halaman"
SIZE = 50
FURTHEST = 100_000  # a typed page number beyond this would overflow the database's integers


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list of `total` rows. Pages count from 1; an empty list has one page."""

    items: Sequence[Row]
    number: int
    size: int
    total: int

    def __iter__(self) -> Iterator[Row]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def pages(self) -> int:
        return max(1, math.ceil(self.total / self.size))

    @property
    def first(self) -> int:
        """The place in the whole list of the first row shown; 0 for an empty list."""
        return (self.number - 1) * self.size + 1 if self.items else 0

    @property
    def last(self) -> int:
        return self.first + len(self.items) - 1 if self.items else 0

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.pages else None

    @property
    def window(self) -> list[int | None]:
        """The numbers to link: first, last, this one and its neighbours; None stands for a gap."""
        wanted = sorted({1, self.pages, *(n for n in range(self.number - 1, self.number + 2) if 1 <= n <= self.pages)})
        shown: list[int | None] = []
        for number in wanted:
            if shown and shown[-1] is not None and number > shown[-1] + 1:
                shown.append(None)
            shown.append(number)
        return shown


def paginate(
    statement: sa.Select[*tuple[Any, ...]], *, number: int | None = None, size: int = SIZE, scalars: bool = True
) -> Page[Any]:
    """Read one page of an ordered select in two queries; `number` is by default the address's.

    With `scalars` False each item is a row of the selected columns. A number past the end gives the last page.
    """
    total = db.session.scalar(sa.select(sa.func.count()).select_from(statement.order_by(None).subquery())) or 0
    number = min(number or page_number(), max(1, math.ceil(total / size)))
    selected = statement.limit(size).offset((number - 1) * size)
    result = db.session.execute(selected)
    items = result.unique().scalars().all() if scalars else result.all()
    return Page(items=items, number=number, size=size, total=total)


def page_of(rows: Sequence[Row], *, number: int | None = None, size: int = SIZE) -> Page[Row]:
    """One page of a list that is in memory already, with `paginate`'s numbers."""
    number = min(number or page_number(), max(1, math.ceil(len(rows) / size)))
    return Page(items=rows[(number - 1) * size : number * size], number=number, size=size, total=len(rows))


def page_number() -> int:
    """The page that the address asks for; 1 where it asks for nonsense."""
    text = request.args.get(PARAMETER, "")
    return min(max(1, int(text)), FURTHEST) if text.isdecimal() and len(text) < 9 else 1


def page_url(number: int) -> str:
    """This address with another page number."""
    return url_with(**{PARAMETER: number})


def url_with(**changes: Any) -> str:
    """This address with some of its query changed; None takes a parameter out."""
    query = {**request.args.to_dict(flat=False), **changes}
    text = urlencode({key: value for key, value in query.items() if value is not None}, doseq=True)
    return quote(request.script_root + request.path) + (f"?{text}" if text else "")
