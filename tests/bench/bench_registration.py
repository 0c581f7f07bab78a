"""Registrations over HTTP beside a bare Flask view on the same gunicorn (2 workers, threads), on PostgreSQL that waits for the disk."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask

from app import create_app
from app.accounts.models_tokens import IdempotencyKey
from app.accounts.rules_tokens import ApiScope
from app.accounts.service_tokens import create_token
from app.extensions import db, is_postgresql, transaction
from app.institutions.service import seed_categories
from app.registration.service import limiting
from app.shared import clock
from app.shared.codes import new_token
from app.web.models import ThrottleCounter
from tests import factories, servers, services
from tests.bench import load
from tests.bench.bench_lists import fill
from tests.bench.bench_scans import bare_view
from tests.bench.figures import Figure
from tests.databases import statements
from tests.pages import browse

ROUNDS = 3
WARM_UP = 60
BROWSERS = 40
INSTITUTIONS = 60
CAPACITY = 100_000
PEOPLE_BEFORE = 5_000
KEYS_BEFORE = 1_000
BARE = 5_000
"""Requests a second of the bare view where these targets were set; on another machine the ratio to it is what counts."""
API, FORM, PAGE = 320, 200, 300
A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Visitor:
    """A browser that has opened the form: its cookies, and what the form holds of its own."""

    cookie: str
    hidden: dict[str, str]


class Hall:
    """A stage that takes registrations, at an agency with a directory as large as a city's; each person is a new one."""

    def __init__(self, app: Flask) -> None:
        made = factories.stage(capacity=CAPACITY)
        seed_categories(made.host)
        factories.notice(made.host)
        self.institutions = [factories.institution(made.host).id for _ in range(INSTITUTIONS)]
        self.page, self.api_path = f"/kegiatan/{made.slug}/daftar", f"/api/v1/stages/{made.slug}/registrations"
        token, self.token = create_token(made.host, name="SIMPEG", scopes=[ApiScope.REGISTER], by=None)
        self._keep_answers(token.id)
        self._numbers = count(1)
        db.session.remove()
        with clock.frozen(clock.now() - A_MINUTE):  # whoever sends the form at once is taken for a program
            self.visitors = [self._visit(app) for _ in range(BROWSERS)]

    def _keep_answers(self, token_id: int) -> None:
        """What the agency's system was answered today already."""
        kept = {"token_id": token_id, "request_hash": "", "status": 201, "response": {}, "created_at": clock.now()}
        with transaction():
            db.session.execute(sa.insert(IdempotencyKey), [kept | {"key": new_token()} for _ in range(KEYS_BEFORE)])

    def _visit(self, app: Flask) -> Visitor:
        client = browse(app)
        page = client.get(self.page)
        kept = "; ".join(f"{cookie.key}={cookie.value}" for cookie in client._cookies.values())
        return Visitor(
            kept, {field.get("name"): field.get("value", "") for field in page.select("main form input[type=hidden]")}
        )

    def person(self) -> dict[str, object]:
        number = next(self._numbers)
        return {
            "category": "OPD",
            "institution": str(self.institutions[number % INSTITUTIONS]),
            "name": f"Raja Nur'aini {number}".translate(str.maketrans("0123456789", "abcdefghij")),
            "title_after": "S.Kom., M.T.",
            "identity_type": "NIP",
            "identity_number": nip(number),
            "rank": "III/c",
            "position": "Pranata Komputer Ahli Muda",
            "email": f"raja{number}@tanjungpinangkota.go.id",
            "phone": f"0812{number:08}",
            "consent_photo": "y",
            "notice": "y",
        }

    def form_page(self) -> bytes:
        return load.request("GET", self.page, cookie=self._visitor().cookie, accept_encoding="gzip, br")

    def form(self) -> bytes:
        """A form as the browser sends it: its own key, the token of its session."""
        visitor = self._visitor()
        typed = self.person() | visitor.hidden | {"submission_key": new_token(), "second_address": ""}
        body = urlencode(typed).encode()
        return load.request(
            "POST", self.page, body, cookie=visitor.cookie, content_type="application/x-www-form-urlencoded"
        )

    def _visitor(self) -> Visitor:
        return self.visitors[next(self._numbers) % BROWSERS]

    def api(self) -> bytes:
        """With a key of its own, as a careful system sends it."""
        ticked = {"notice": True, "consent_photo": True}
        body = json.dumps(self.person() | ticked).encode()
        return load.request("POST", self.api_path, body, token=self.token, idempotency_key=new_token())


def nip(number: int) -> str:
    """A valid number of a civil servant, another one for each of the first three million."""
    turn, serial = divmod(number, 999)
    years, month = divmod(turn, 12)
    return f"{1965 + years // 15 % 20}0720{2005 + years % 15}{1 + month:02}1{1 + serial:03}"


@dataclass(frozen=True)
class Rates:
    """A second, each the best of its rounds."""

    page: float
    form: float
    api: float
    bare: float


def measure(app: Flask, folder: Path, hall: Hall, number: int) -> Rates:
    """The form's page, the form, the API and the bare view in turns, from eight callers at once."""
    body = json.dumps({"scans": ["x" * 16] * 20}).encode()
    kinds: list[tuple[Callable[[], bytes], int]] = [(hall.form_page, 200), (hall.form, 303), (hall.api, 201)]
    rounds: list[list[float]] = []
    with bare_view(app, folder) as bare_port, servers.gunicorn(app, folder / "gunicorn.log") as url:
        port = int(url.rpartition(":")[2])
        for make, status in kinds:
            load.run(port, [make() for _ in range(WARM_UP)], status=status)
        for _ in range(ROUNDS):
            rates = [
                load.run(port, [make() for _ in range(number)], status=status).per_second for make, status in kinds
            ]
            bare = [load.request("POST", "/", body)] * number * 2
            rounds.append([*rates, load.run(bare_port, bare).per_second])
            forget_network()
    return Rates(*(max(rates) for rates in zip(*rounds, strict=True)))


def forget_network() -> None:
    """A bench sends more from one address than a hall does; it counts like everybody, and begins anew each round."""
    assert limiting.FROM_NETWORK >= 1000
    with db.engine.begin() as connection:
        connection.execute(sa.delete(ThrottleCounter))


def counted(app: Flask, hall: Hall) -> tuple[int, int]:
    """SQL statements of a registration by the API and by the form."""
    client = browse(app)
    headers = {"Authorization": f"Bearer {hall.token}", "Idempotency-Key": new_token()}
    person = hall.person() | {"notice": True, "consent_photo": True}
    with statements() as by_api:
        client.request_raw(hall.api_path, method="POST", data=json.dumps(person), headers=headers)
    visitor = browse(app)
    with clock.frozen(clock.now() - A_MINUTE):
        typed = visitor.get(hall.page).values("main form") | hall.person()
    with statements() as by_form:
        visitor.request_raw(hall.page, method="POST", data=typed)
    return len(by_api), len(by_form)


def look_at_tables() -> None:
    """Let PostgreSQL learn how large its tables are, as its autovacuum does within a minute, and where their ids go on.

    On tables that it takes for empty it reads them whole, and keeps to that plan.
    """
    if is_postgresql():
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in ("participant", "registration"):
                go_on = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
                connection.exec_driver_sql(go_on)
            connection.exec_driver_sql("ANALYZE")


def on(url: str, number: int) -> tuple[Rates, tuple[int, int]]:
    """Everything on one database."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        app = create_app(
            {
                "SQLALCHEMY_DATABASE_URI": url or f"sqlite:///{folder / 'hall.sqlite'}",
                "INSTANCE_DIR": str(folder),
                "UPLOAD_DIR": str(folder / "uploads"),
                "QUEUE_FILE": str(folder / "queue.sqlite"),
            }
        )
        with app.app_context():
            db.create_all()
            fill(PEOPLE_BEFORE)
            hall = Hall(app)
            look_at_tables()
            sql = counted(app, hall)
            db.session.remove()
            rates = measure(app, folder, hall, number)
            db.engine.dispose()
    return rates, sql


def run(*, quick: bool) -> list[Figure]:
    number = 200 if quick else 900
    lent = services.FOLDER in os.environ
    if not lent:
        services.begin()
    try:
        server = services.durable_postgresql()
        with sa.create_engine(server + "postgres", isolation_level="AUTOCOMMIT").connect() as admin:
            admin.exec_driver_sql("CREATE DATABASE hall")
        rates, (by_api, by_form) = on(server + "hall", number)
        small, _same = on("", number // 2)
    finally:
        if not lent:
            services.end()
    bare = rates.bare
    return [
        Figure(what="registrations by the API", value=rates.api, unit="/s", baseline=bare, least=API / BARE),
        Figure(what="registrations by the form", value=rates.form, unit="/s", baseline=bare, least=FORM / BARE),
        Figure(what="pages of the form", value=rates.page, unit="/s", baseline=bare, least=PAGE / BARE),
        Figure(what="SQL statements of a registration by the API", value=by_api, unit="", most=12),
        Figure(what="SQL statements of a registration by the form", value=by_form, unit="", most=12),
        Figure(what="by the API on SQLite", value=small.api, unit="/s", baseline=small.bare),
        Figure(what="by the form on SQLite", value=small.form, unit="/s", baseline=small.bare),
    ]


if __name__ == "__main__":
    for figure in run(quick="--quick" in sys.argv):
        print(figure.row())
