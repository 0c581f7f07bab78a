"""What keeps programs out of the form and prying eyes off the pages, without losing what a person typed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.extensions import db
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.service import limiting
from app.shared import clock
from app.web.models import ThrottleCounter
from tests import factories
from tests.faults.registering import TYPED, open_stage, outbox
from tests.pages import Page, PageClient
from tests.personas import People

FORM = "main form"


@pytest.fixture
def stage(app) -> Stage:
    return open_stage()


def address(stage: Stage) -> str:
    return f"/kegiatan/{stage.slug}/daftar"


def typed(number: int = 1, **values: Any) -> dict[str, Any]:
    own = {"identity_number": f"198507202010012{number:03}", "name": f"Raja {'abcdefghij'[number % 10] * 3}"}
    return TYPED | own | {"email": f"r{number}@kota.go.id", "phone": f"0812345{number:05}"} | values


def people() -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count(Registration.id))) or 0


def test_a_form_that_comes_at_once_is_asked_for_again(
    app: Flask, client: PageClient, stage: Stage, frozen_clock
) -> None:
    app.config["LEAST_SECONDS_TO_FILL"] = 2
    now = frozen_clock(clock.now())
    page = client.get(address(stage)).submit(FORM, **typed(), status=422)
    assert "kirim sekali lagi" in page.one('[role="alert"]').text_content().lower()
    assert people() == 0 and page.values(FORM)["name"] == "Raja bbb"
    frozen_clock(now + timedelta(seconds=3))
    assert page.submit(FORM).url.startswith("/t/") and people() == 1


@pytest.mark.parametrize("after", [timedelta(seconds=3), timedelta(days=3)], ids=["read", "left open for days"])
def test_a_form_that_was_read_is_taken(
    app: Flask, client: PageClient, stage: Stage, frozen_clock, after: timedelta
) -> None:
    app.config["LEAST_SECONDS_TO_FILL"] = 2
    stage = factories.stage(
        stage.programme,
        ends_on=stage.ends_on + timedelta(days=9),
        registration_closes_at=clock.now() + timedelta(days=8),
    )
    now = frozen_clock(clock.now())
    page = client.get(address(stage))
    frozen_clock(now + after)
    assert page.submit(FORM, **typed()).url.startswith("/t/")


@pytest.mark.parametrize("forged", ["", "1", "MTU2MjU0NDAwMDAwMA.x"])
def test_a_stamp_that_is_not_ours_is_replaced(
    app: Flask, client: PageClient, stage: Stage, frozen_clock, forged: str
) -> None:
    app.config["LEAST_SECONDS_TO_FILL"] = 2
    now = frozen_clock(clock.now())
    page = client.get(address(stage))
    frozen_clock(now + timedelta(seconds=5))
    page = page.submit(FORM, **typed(), opened=forged, status=422)
    assert people() == 0
    frozen_clock(now + timedelta(seconds=9))
    assert page.submit(FORM).url.startswith("/t/")


@pytest.mark.both_databases
def test_one_address_is_not_written_to_without_end(client: PageClient, stage: Stage, frozen_clock, monkeypatch) -> None:
    monkeypatch.setattr(limiting, "LETTERS", 2)
    now = frozen_clock(clock.now().replace(minute=10))
    for number in (1, 2):
        client.get(address(stage)).submit(FORM, **typed(number, email="kantor@kota.go.id"))
    page = client.get(address(stage)).submit(FORM, **typed(3, email="Kantor@kota.go.id"), status=429)
    assert page.headers["Retry-After"] == str(50 * 60)
    assert "50 menit" in page.one('[role="alert"]').text_content() and page.values(FORM)["name"] == "Raja ddd"
    assert people() == 2 and len(outbox()) == 2
    other = page.submit(FORM, email="lain@kota.go.id")
    assert other.url.startswith("/t/")
    frozen_clock(now + timedelta(hours=1))
    assert client.get(address(stage)).submit(FORM, **typed(4, email="kantor@kota.go.id")).url.startswith("/t/")


def test_who_is_registered_already_is_not_mailed_without_end(client: PageClient, stage: Stage, monkeypatch) -> None:
    monkeypatch.setattr(limiting, "LETTERS", 2)
    for _ in range(2):
        client.get(address(stage)).submit(FORM, **typed())
    assert client.get(address(stage)).submit(FORM, **typed(), status=429).headers["Cache-Control"] == "no-store"
    assert len(outbox()) == 2


def test_a_network_has_a_limit_far_above_a_hall(client: PageClient, stage: Stage, monkeypatch) -> None:
    assert limiting.FROM_NETWORK >= 6 * 500
    monkeypatch.setattr(limiting, "FROM_NETWORK", 2)
    monkeypatch.setattr(limiting, "PARTS", 1)
    for number in (1, 2):
        client.get(address(stage)).submit(FORM, **typed(number))
    client.get(address(stage)).submit(FORM, **typed(3), status=429)
    form = client.get(address(stage))
    values = form.values(FORM) | typed(3)
    elsewhere = {"REMOTE_ADDR": "2001:db8::1"}
    answer = client.request_raw(address(stage), method="POST", data=values, environ_overrides=elsewhere)
    assert answer.status_code == 303
    kinds = db.session.scalars(sa.select(ThrottleCounter.kind)).all()
    assert set(kinds) == {limiting.TO_ADDRESS, limiting.NETWORK}


def test_a_network_is_counted_in_parts(app) -> None:
    """So that a hall does not queue at one row; together they are the limit."""
    limits = {limiting._of_network("10.0.0.1") for _ in range(40 * limiting.PARTS)}
    assert len({limit.target for limit in limits}) == limiting.PARTS
    assert sum(limit.most for limit in limits) == limiting.FROM_NETWORK


def test_neighbours_of_an_ipv6_network_count_together() -> None:
    assert limiting._network("2001:db8::1") == limiting._network("2001:db8::ffff") != limiting._network("2001:db8:1::1")
    assert limiting._network("10.0.0.1") != limiting._network("10.0.0.2")


def test_private_pages_are_kept_by_nobody_and_shown_by_no_search_engine(people: People, client: PageClient) -> None:
    registration = factories.registration(people.stage)
    code, stage = registration.ticket_code, people.stage.slug
    opened = [client.get(f"/t/{code}"), client.get(f"/kegiatan/{stage}/daftar"), client.get("/saya")]
    opened += [people.organiser.client.get(f"/panel/kegiatan/{stage}/peserta"), people.manager.client.get("/panel")]
    for page in opened:
        assert page.headers["Cache-Control"] == "no-store", page.url
    for page in (opened[0], *opened[3:]):
        assert is_hidden(page), page.url
    for path in (f"/t/{code}.pdf", f"/t/{code}.ics"):
        assert client.request_raw(path).headers["Cache-Control"] == "no-store", path


def test_what_search_engines_may_read_names_nobody(people: People, client: PageClient) -> None:
    registration = factories.registration(people.stage, name="Siti Rahasia", email="rahasia@kota.go.id")
    rules = client.request_raw("/robots.txt").get_data(as_text=True)
    assert "Disallow: /panel" in rules and "/t/" not in rules and "Sitemap" not in rules
    shown = (
        "/",
        f"/kegiatan/{people.stage.slug}",
        f"/program/{people.programme.slug}",
        f"/kegiatan/{people.stage.slug}/daftar",
    )
    for path in shown:
        text = client.get(path).text
        assert "Rahasia" not in text and "rahasia@" not in text and registration.ticket_code not in text


def is_hidden(page: Page) -> bool:
    robots = page.one('meta[name="robots"]').get("content") or ""
    return "noindex" in page.headers.get("X-Robots-Tag", "") or "noindex" in robots
