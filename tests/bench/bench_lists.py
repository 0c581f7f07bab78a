"""The list of a stage's people with 20,000 registrations: its first page, what is taken away, and the memory that takes.

    python -m tests.bench lists

The bare thing beside an export is the same number of cells written by the library alone, from values that are in memory.
"""

import io
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import xlsxwriter
from flask import Flask

from app import create_app
from app.accounts.models import User
from app.accounts.rules import Role
from app.extensions import db, transaction
from app.hosts.models import Host
from app.institutions.models import Institution, InstitutionCategory
from app.programmes.models import Programme, Stage
from app.registration.models import Participant, Registration
from app.registration.queries_duplicates import suspects_of
from app.registration.rules import RegistrationSource, RegistrationState
from app.shared import clock
from app.shared.codes import digest, new_code
from app.shared.identity import IdentityType
from app.shared.names import name_key, sort_key
from tests import factories
from tests.bench.figures import Figure
from tests.databases import statements
from tests.pages import browse

WHOLE, QUICK = 20_000, 1_000
INSTITUTIONS = 300
FIRST = [
    "Ahmad",
    "Siti",
    "Budi",
    "Dewi",
    "Muhammad",
    "Nur",
    "Raja",
    "Tengku",
    "Encik",
    "Rina",
    "Agus",
    "Sri",
    "Hendra",
    "Yanti",
    "Wahyu",
    "Fitri",
    "Zainal",
    "Maya",
]
LAST = [
    "Ismail",
    "Rahman",
    "Lestari",
    "Santoso",
    "Harahap",
    "Nasution",
    "Wijaya",
    "Kurniawan",
    "Pratiwi",
    "Syahputra",
    "Siregar",
    "Hidayat",
    "Putri",
]
PAGES = {
    "": "first page",
    "?q=lestari&sort=-registered": "search for a name, newest first",
    "?halaman=200": "a late page",
}


def fill(count: int) -> None:
    """A stage with so many people, from a fixed seed, written by Core."""
    draw, now = random.Random(2019), clock.now()
    with transaction():
        host = Host(slug="dinas", name="Dinas Kominfo", city="Tanjungpinang", timezone="Asia/Jakarta", created_at=now)
        db.session.add(host)
        db.session.flush()
        category = InstitutionCategory(host_id=host.id, code="OPD", name="OPD", position=1, identity_types=["NIP"])
        programme = Programme(host_id=host.id, slug="program", name="Program", created_at=now)
        db.session.add_all([category, programme])
        db.session.flush()
        places = [
            Institution(host_id=host.id, category_id=category.id, name=f"Dinas Nomor {number}")
            for number in range(INSTITUTIONS)
        ]
        stage = Stage(programme_id=programme.id, slug="tahap", number=1, name="Tahap I", venue="Aula", created_at=now)
        stage.starts_on, stage.ends_on = date.today(), date.today()
        stage.registration_opens_at, stage.registration_closes_at = now, now + timedelta(days=1)
        db.session.add_all([*places, stage])
        db.session.flush()
        people = [_person(draw, number, host.id, now) for number in range(1, count + 1)]
        db.session.execute(sa.insert(Participant), people)
        entries = [_entry(draw, person, stage.id, draw.choice(places), now) for person in people]
        db.session.execute(sa.insert(Registration), entries)


def _person(draw: random.Random, number: int, host_id: int, now: Any) -> dict[str, Any]:
    name = f"{draw.choice(FIRST)} {draw.choice(FIRST)} {draw.choice(LAST)}"
    born = date(1965, 1, 1) + timedelta(days=number * 7919 % 12_783)  # with the serial number no two are alike
    return {
        "id": number,
        "host_id": host_id,
        "identity_type": IdentityType.NIP,
        "identity_number": f"{born:%Y%m%d}{born.year + 22}{1 + number % 12:02}{1 + number % 2}{1 + number % 999:03}",
        "name": name,
        "name_key": name_key(name),
        "email": f"orang{number}@contoh.test",
        "phone": f"+62812{number:08}",
        "created_at": now,
    }


def _entry(draw: random.Random, person: dict[str, Any], stage_id: int, place: Institution, now: Any) -> dict[str, Any]:
    ticket, badge = new_code(), new_code()
    copied = {name: person[name] for name in ("identity_type", "identity_number", "name", "email", "phone")}
    return copied | {
        "stage_id": stage_id,
        "participant_id": person["id"],
        "state": RegistrationState.CONFIRMED,
        "source": RegistrationSource.ONLINE,
        "title_after": "S.Kom.",
        "sort_name": sort_key(person["name"]),
        "category_id": place.category_id,
        "institution_id": place.id,
        "institution_name": place.name,
        "rank": "III/c",
        "position": "Pranata Komputer Ahli Muda",
        "ticket_code": ticket,
        "ticket_hash": digest(ticket),
        "badge_code": badge,
        "badge_hash": digest(badge),
        "created_at": now - timedelta(seconds=draw.randrange(10**6)),
        "confirmed_at": now,
    }


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def peak() -> float:
    """The most memory that this process has held, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def bare_sheet(rows: int, columns: int) -> None:
    """So many cells of text, by the library alone."""
    book = xlsxwriter.Workbook(io.BytesIO(), {"constant_memory": True})
    sheet, text = book.add_worksheet(), book.add_format({"num_format": "@"})
    for row in range(rows):
        for column in range(columns):
            sheet.write_string(row, column, "Pranata Komputer", text)
    book.close()


def application(folder: str) -> Flask:
    """With a database of its own in the folder."""
    return create_app(
        {
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/bench.sqlite",
            "INSTANCE_DIR": Path(folder),
            "WTF_CSRF_ENABLED": False,
            "QUEUE_FILE": f"{folder}/queue.sqlite",
        }
    )


def make(folder: str, count: int) -> None:
    """The people and an administrator, made by a process that measures nothing: it takes more memory than anything that is."""
    with application(folder).app_context():
        db.create_all()
        fill(count)
        factories.membership(factories.user(), Role.ADMINISTRATOR, db.session.scalars(sa.select(Host)).one())


def measure(folder: str) -> dict[str, float]:
    """Statements and milliseconds of pages, seconds of the exports and megabytes by which the process grows meanwhile."""
    app, found = application(folder), {}
    with app.app_context():
        client = browse(app).sign_in_as(db.session.scalars(sa.select(User)).one())
        list_of = "/panel/kegiatan/tahap/peserta"
        client.request_raw(list_of)
        for query in PAGES:
            with statements() as seen:
                found[f"ms {query}"] = 1000 * seconds(lambda query=query: client.request_raw(list_of + query).data)
            found[f"statements {query}"] = len(seen)
        before = peak()
        for kind in ("xlsx", "csv"):
            path = f"{list_of}/ekspor.{kind}?all_columns=1"
            found[f"seconds {kind}"] = seconds(lambda path=path: _read_away(client, path))
        found["grown"] = peak() - before
        found["suspects"] = seconds(lambda: suspects_of(db.session.scalars(sa.select(Host)).one()))
    return found


def _read_away(client: Any, path: str) -> None:
    """As a server sends it on: a piece at a time."""
    response = client.request_raw(path, buffered=False)
    assert response.status_code == 200
    for _piece in response.response:
        pass


def run(*, quick: bool) -> list[Figure]:
    """For `python -m tests.bench`: measured in a process of its own, whose memory nobody else has used."""
    count = QUICK if quick else WHOLE
    with tempfile.TemporaryDirectory() as folder:
        _apart("make", folder, str(count))
        answer = _apart("measure", folder)
    found: dict[str, float] = dict(_read(line) for line in answer.splitlines())
    bare = seconds(lambda: bare_sheet(count, 21))
    figures = []
    for query, label in PAGES.items():
        statements_taken = Figure(what=f"{label}: statements", value=found[f"statements {query}"], unit="", most=14)
        figures += [statements_taken, Figure(what=f"{label}: time", value=found[f"ms {query}"], unit="ms")]
    figures += [
        Figure(what=f"XLSX of {count:,} people, all data", value=found["seconds xlsx"], unit="s", baseline=bare),
        Figure(what=f"CSV of {count:,} people, all data", value=found["seconds csv"], unit="s", baseline=bare),
        Figure(what="growth of memory during both", value=found["grown"], unit="MB", most=80),
        Figure(what=f"suspected pairs among {count:,} people", value=found["suspects"], unit="s"),
    ]
    return figures


def _apart(*arguments: str) -> str:
    """In a process of its own, whose memory nobody else has used."""
    command = [sys.executable, "-m", __spec__.name, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _read(line: str) -> tuple[str, float]:
    name, _tab, value = line.partition("\t")
    return name, float(value)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], int(sys.argv[3]))
    else:
        for name, value in measure(sys.argv[2]).items():
            print(f"{name}\t{value}")
