"""Pages of long lists."""

import pytest
import sqlalchemy as sa
from flask import Flask

from app.web.models import ThrottleCounter
from app.web.paging import Page, page_number, page_of, page_url, paginate, url_with
from app.web.throttle import hit


def page(number: int, total: int, size: int = 10) -> Page[int]:
    first = (number - 1) * size
    return Page(items=list(range(first, min(first + size, total))), number=number, size=size, total=total)


def test_first_and_last() -> None:
    assert (page(1, 0).first, page(1, 0).last, page(1, 0).pages) == (0, 0, 1)
    assert (page(3, 25).first, page(3, 25).last, page(3, 25).pages) == (21, 25, 3)
    assert page(3, 25).next is None and page(3, 25).previous == 2 and page(1, 25).previous is None


@pytest.mark.parametrize(
    ("number", "pages", "window"),
    [(1, 1, [1]), (1, 3, [1, 2, 3]), (5, 9, [1, None, 4, 5, 6, None, 9]), (1, 9, [1, 2, None, 9])],
)
def test_window(number: int, pages: int, window: list[int | None]) -> None:
    assert page(number, pages * 10).window == window


@pytest.mark.parametrize(("typed", "number"), [("3", 3), ("0", 1), ("-1", 1), ("x", 1), ("9" * 30, 1), ("²", 1)])
def test_the_number_in_the_address(app: Flask, typed: str, number: int) -> None:
    with app.test_request_context("/", query_string={"halaman": typed}):
        assert page_number() == number


@pytest.mark.parametrize(("typed", "items"), [("", [1, 2]), ("2", [3, 4]), ("99", [5])])
def test_a_list_in_memory(app: Flask, typed: str, items: list[int]) -> None:
    with app.test_request_context(f"/?halaman={typed}"):
        page = page_of([1, 2, 3, 4, 5], size=2)
    assert (page.items, page.total, page.pages) == (items, 5, 3)


def test_the_query_is_kept(app: Flask) -> None:
    with app.test_request_context("/?unsur=OPD&unsur=BUMN&halaman=2&_external=1"):
        assert page_url(3) == "/?unsur=OPD&unsur=BUMN&halaman=3&_external=1"
        assert url_with(halaman=None, unsur=None, cari="a b") == "/?_external=1&cari=a+b"


def test_reading(app: Flask) -> None:
    from datetime import timedelta

    for number in range(7):
        hit("kind", str(number), limit=1, window=timedelta(days=1))
    ordered = sa.select(ThrottleCounter).order_by(ThrottleCounter.target_hash)
    with app.test_request_context("/?halaman=2"):
        second = paginate(ordered, size=3)
        assert (len(second), second.total, second.number) == (3, 7, 2)
    with app.test_request_context("/?halaman=99"):
        assert paginate(ordered, size=3).number == 3
    with app.test_request_context("/"):
        rows = paginate(sa.select(ThrottleCounter.kind, ThrottleCounter.count), size=3, scalars=False)
        assert next(iter(rows)).kind == "kind"
