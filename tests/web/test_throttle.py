"""Limits on guessing hold over several machines and end with their window."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import TooManyRequests

from app.extensions import db
from app.shared import clock
from app.web import throttle

MINUTE = timedelta(minutes=1)


def attempt(target: str = "siti@example.org") -> bool:
    return throttle.hit("sign-in", target, limit=3, window=MINUTE)


@pytest.mark.both_databases
def test_the_limit_holds_for_each_target_and_kind(app: Flask, frozen_clock: Any) -> None:
    frozen_clock()
    assert [attempt() for _ in range(5)] == [True, True, True, False, False]
    assert attempt("raja@example.org")
    assert throttle.hit("code", "siti@example.org", limit=3, window=MINUTE)
    assert throttle.is_spent("sign-in", "siti@example.org", limit=3, window=MINUTE)
    assert not throttle.is_spent("sign-in", "raja@example.org", limit=3, window=MINUTE)


def test_the_window_ends(app: Flask, frozen_clock: Any) -> None:
    start = frozen_clock(datetime(2019, 7, 8, 1, 0, 30, tzinfo=UTC))
    assert [attempt() for _ in range(4)][-1] is False
    frozen_clock(start + timedelta(seconds=29))
    assert not attempt()
    frozen_clock(start + timedelta(seconds=30))
    assert attempt()


def test_success_forgives(app: Flask, frozen_clock: Any) -> None:
    frozen_clock()
    assert [attempt() for _ in range(4)][-1] is False
    throttle.forgive("sign-in", "siti@example.org")
    assert attempt()


def test_old_counters_are_cleared(app: Flask, frozen_clock: Any) -> None:
    moment = frozen_clock()
    attempt()
    assert throttle.forget_before(moment) == 0
    assert throttle.forget_before(moment + MINUTE) == 1


@pytest.mark.both_databases
def test_at_once(app: Flask) -> None:
    """Twenty at once count as twenty."""
    moment = datetime(2019, 7, 8, 1, 0, tzinfo=UTC)

    def try_once(_: int) -> bool:
        with app.app_context(), clock.frozen(moment):
            try:
                return attempt()
            finally:
                db.session.remove()

    with ThreadPoolExecutor(5) as pool:
        assert sum(pool.map(try_once, range(20))) == 3


def test_too_many_says_when_to_come_back(app: Flask, frozen_clock: Any) -> None:
    frozen_clock(datetime(2019, 7, 8, 1, 0, 20, tzinfo=UTC))
    with pytest.raises(TooManyRequests) as raised:
        throttle.too_many(MINUTE)
    assert ("Retry-After", "41") in raised.value.get_headers()
