"""Two hundred phones for fifty seats: fifty get one, the others stand in line, whichever door they come through."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts.rules_tokens import ApiScope
from app.accounts.service_tokens import create_token
from app.extensions import db
from app.jobs.models import OutboxMessage
from app.programmes.models import Stage
from app.programmes.service import update_stage
from app.registration.models import Registration
from app.registration.queries import quotas_of, waiting_place
from app.registration.rules import RegistrationState
from app.registration.rules_seats import QuotaKind
from app.registration.service import set_quota
from app.shared.codes import new_token
from app.web.models import ThrottleCounter
from tests import factories, servers
from tests.bench import load
from tests.faults.breaking import assert_sound
from tests.faults.registering import TYPED, open_stage
from tests.pages import browse

pytestmark = pytest.mark.fault
PHONES, SEATS = 200, 50


@pytest.fixture
def port(app: Flask, tmp_path: Path) -> Iterator[int]:
    db.session.remove()
    with servers.gunicorn(app, tmp_path / "gunicorn.log") as url:
        yield int(url.rpartition(":")[2])


def people(first: int) -> Iterator[dict[str, Any]]:
    """Each another person, also from one round to the next."""
    for number in range(first, first + PHONES):
        turn, serial = divmod(number, 999)
        own = {"identity_number": f"19850720201{turn % 10}{1 + turn // 10:02}2{1 + serial:03}"}
        yield TYPED | own | {"email": f"raja{number}@kota.go.id", "phone": f"0812{number:07}"}


def by_form(app: Flask, stage: Stage, round_: int) -> list[bytes]:
    client = browse(app)
    page = client.get(f"/kegiatan/{stage.slug}/daftar")
    hidden = page.values("main form")
    cookie = "; ".join(f"{one.key}={one.value}" for one in client._cookies.values())
    kind = "application/x-www-form-urlencoded"
    return [
        load.request(
            "POST",
            page.url,
            urlencode(hidden | one | {"notice": "y", "submission_key": new_token()}).encode(),
            cookie=cookie,
            content_type=kind,
        )
        for one in people(round_ * PHONES)
    ]


def by_api(stage: Stage, round_: int) -> list[bytes]:
    token = create_token(stage.host, name="SIMPEG", scopes=[ApiScope.REGISTER], by=None)[1]
    address = f"/api/v1/stages/{stage.slug}/registrations"
    return [
        load.request("POST", address, json.dumps(one).encode(), token=token, idempotency_key=new_token())
        for one in people(round_ * PHONES)
    ]


def send_all(port: int, requests: list[bytes], *, status: int) -> None:
    """All at once; every one is answered with this status, or the test fails. Their network begins each round anew."""
    with db.engine.begin() as connection:
        connection.execute(sa.delete(ThrottleCounter))
    db.session.rollback()
    load.run(port, requests, connections=PHONES, status=status)


def assert_seats_and_line(stage: Stage) -> None:
    """Fifty have a seat, it is counted so, the rest stand in line without gaps, and everybody is written to."""
    made = list(db.session.scalars(sa.select(Registration).filter_by(stage_id=stage.id)))
    states = Counter(one.state for one in made)
    assert states == {RegistrationState.CONFIRMED: SEATS, RegistrationState.WAITLISTED: PHONES - SEATS}
    assert db.session.scalar(sa.select(Stage.seats_taken).filter_by(id=stage.id)) == SEATS
    waiting = [one for one in made if one.state is RegistrationState.WAITLISTED]
    assert sorted(waiting_place(one) or 0 for one in waiting) == list(range(1, PHONES - SEATS + 1))
    letters = sa.select(sa.func.count(OutboxMessage.id)).where(
        OutboxMessage.subject_id.in_([one.id for one in made]), OutboxMessage.kind.like("registration.%")
    )
    assert db.session.scalar(letters) == PHONES


@pytest.mark.postgres
def test_round_after_round_by_the_form(app: Flask, port: int, counts: Any) -> None:
    programme = open_stage().programme
    for round_ in range(counts(2, full=50)):
        stage = update_stage(open_stage(programme), by=None, capacity=SEATS)
        send_all(port, by_form(app, stage, round_), status=303)
        assert_seats_and_line(db.session.get_one(Stage, stage.id))
    assert_sound(app)


def test_on_sqlite(app: Flask, port: int) -> None:
    stage = update_stage(open_stage(), by=None, capacity=SEATS)
    send_all(port, by_form(app, stage, 0), status=303)
    assert_seats_and_line(db.session.get_one(Stage, stage.id))
    assert_sound(app)


@pytest.mark.postgres
def test_where_an_unsur_has_so_many_seats(app: Flask, port: int, counts: Any) -> None:
    programme = open_stage().programme
    for round_ in range(counts(1, full=10)):
        stage = open_stage(programme)
        category = factories.category(stage.host)
        assert set_quota(stage, kind=QuotaKind.CATEGORY, target_id=category.id, capacity=SEATS, by=None) is None
        send_all(port, by_form(app, stage, round_), status=303)
        stage = db.session.get_one(Stage, stage.id)
        assert_seats_and_line(stage)
        assert [quota.seats_taken for quota in quotas_of(stage)] == [SEATS]
    assert_sound(app)


@pytest.mark.postgres
def test_by_the_api(app: Flask, port: int, counts: Any) -> None:
    programme = open_stage().programme
    for round_ in range(counts(1, full=10)):
        stage = update_stage(open_stage(programme), by=None, capacity=SEATS)
        send_all(port, by_api(stage, round_), status=201)
        assert_seats_and_line(db.session.get_one(Stage, stage.id))
    assert_sound(app)
