"""Registrations over HTTP beside a bare Flask view on the same gunicorn (2 workers, threads), on PostgreSQL that waits for the disk."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask

from app import create_app
from app.extensions import db
from app.institutions.service import seed_categories
from app.programmes.models import Stage
from app.shared import clock
from app.shared.codes import new_code, new_token
from tests import factories, servers, services
from tests.bench import load
from tests.bench.bench_scans import bare_view
from tests.bench.figures import Figure
from tests.databases import statements
from tests.pages import browse

ROUNDS = 3
WARM_UP = 60
BROWSERS = 40
INSTITUTIONS = 60
CAPACITY = 100_000
A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Visitor:
    """A browser that has opened the form: its cookies, and what the form holds of its own."""

    cookie: str
    hidden: dict[str, str]


class Hall:
    """A stage that takes registrations, at an agency with a directory as large as a city's; each person is a new one."""

    def __init__(self, app: Flask, *, capacity: int | None) -> None:
        made = factories.stage(capacity=capacity)
        seed_categories(made.host)
        factories.notice(made.host)
        self.institutions = [factories.institution(made.host).id for _ in range(INSTITUTIONS)]
        self.page = f"/kegiatan/{made.slug}/daftar"
        self.stage_id = made.id
        self._numbers = count(1)
        db.session.remove()
        with clock.frozen(clock.now() - A_MINUTE):  # whoever sends the form at once is taken for a program
            self.visitors = [self._visit(app) for _ in range(BROWSERS)]

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


def nip(number: int) -> str:
    """A valid number of a civil servant, another one for each of the first three million."""
    turn, serial = divmod(number, 999)
    years, month = divmod(turn, 12)
    return f"{1965 + years // 15 % 20}0720{2005 + years % 15}{1 + month:02}1{1 + serial:03}"
