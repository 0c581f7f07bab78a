"""People imported out of an XLSX table: read, looked up, imported, and the same table once more, by SQLite and PostgreSQL."""

import io
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import sqlalchemy as sa
from openpyxl import Workbook

from app import create_app
from app.extensions import db, transaction
from app.programmes.models import Stage
from app.registration.forms_imports import reader_of
from app.registration.models_imports import ImportRun
from app.registration.queries_imports import verdict_counts
from app.registration.rules_import import ImportMode, ImportState, Verdict, match_columns
from app.registration.service import importing, importing_rows
from app.shared.tables import Table, read_table
from tests import factories, services
from tests.bench.figures import Figure

ROWS, FEW = 5_000, 200
A_MINUTE, A_WHILE, A_BREATH = 60.0, 5.0, 1.0
PATIENCE = 2 * A_MINUTE
"""For so long the import of one table is waited for."""
HEADER = ("Nama", "NIP", "Pangkat/Gol", "Jabatan", "Instansi", "Unsur", "Email", "No HP")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def workbook(rows: int, institutions: list[str]) -> bytes:
    """So many civil servants, each with a number of his own."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADER)
    for number in range(rows):
        named = "".join(LETTERS[number // 26**place % 26] for place in range(3)).title()
        nip = f"{1970 + number % 20}0720{2010 + number // 1000 % 10}{1 + number // 12000:02}{1 + number % 2}{1 + number // 20 % 999:03}"
        sheet.append(
            [
                f"Ir. Peserta {named} Uji, M.T.",
                nip,
                "III/c",
                "Pranata Komputer",
                institutions[number % len(institutions)],
                "OPD",
                f"peserta{number}@contoh.go.id",
                f"0812{number:08}",
            ]
        )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    """Both, waiting for the disk at each commit, as in production."""
    services.begin()
    try:
        server = services.durable_postgresql()
        with sa.create_engine(server + "postgres", isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("CREATE DATABASE bench_import")
        yield {"SQLite": f"sqlite:///{folder / 'bimtek.sqlite'}", "PostgreSQL": f"{server}bench_import"}
    finally:
        services.end()


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


class GivenUp(Exception):
    """It takes so long that what is still to be measured is not worth waiting for."""


def patient() -> Callable[[int], None]:
    """A report of progress that gives up after PATIENCE."""
    until = time.monotonic() + PATIENCE

    def report(_done: int) -> None:
        if time.monotonic() > until:
            raise GivenUp

    return report


@contextmanager
def longest_held() -> Iterator[list[float]]:
    """How long each transaction of importing kept other writers waiting, its commit included."""
    held = [0.0]

    @contextmanager
    def timed() -> Iterator[None]:
        with transaction():
            began = time.perf_counter()
            yield
        held.append(time.perf_counter() - began)

    with patch.object(importing_rows, "transaction", timed):
        yield held


def imported(stage: Stage, table: Table, mode: ImportMode) -> dict[str, float]:
    """Seconds that it took to keep, look up and import a table, and that others waited for it at most."""
    columns, report = match_columns(table.header), patient()
    run: list[ImportRun] = []
    took = {
        "keep": seconds(lambda: run.append(importing.upload(stage, table, file_name="", columns=columns, by=None))),
        "look up": seconds(lambda: importing_rows.check(run[0], reader_of(run[0]).read, report)),
    }
    with transaction():
        run[0].mode = mode
        run[0].state = ImportState.RUNNING
    with longest_held() as held:
        took["import"] = seconds(lambda: importing_rows.carry_out(run[0], reader_of(run[0]).read, report, by=None))
    verdicts = {verdict: count for verdict, count in verdict_counts(run[0]).items() if count}
    if set(verdicts) - {Verdict.NEW, Verdict.ALREADY}:
        raise RuntimeError(f"not everybody was imported: {verdicts}")
    return took | {"held": max(held)}


def measure(name: str, rows: int) -> Iterator[Figure]:
    stage = factories.stage()
    offices = [factories.institution(stage.host).name for _ in range(80)]
    data = workbook(rows, offices)
    yield figure(f"{name}: {rows:,} rows read out of XLSX", seconds(lambda: read_table(data)))
    table = read_table(data)
    good = imported(stage, table, ImportMode.GOOD)
    yield figure(f"{name}: kept and looked up", good["keep"] + good["look up"])
    yield figure(f"{name}: imported in chunks ({rows / good['import']:,.0f} rows a second)", good["import"])
    yield figure(f"{name}: other writers wait for a chunk at most", good["held"], most=A_BREATH)
    yield figure(f"{name}: the same table once more", imported(stage, table, ImportMode.GOOD)["import"])
    whole = imported(factories.stage(stage.programme), table, ImportMode.ALL)
    yield figure(f"{name}: imported all or nothing ({rows / whole['import']:,.0f} rows a second)", whole["import"])
    yield figure(f"{name}: other writers wait for all or nothing", whole["held"], most=A_WHILE)


def figure(what: str, value: float, *, most: float = A_MINUTE) -> Figure:
    return Figure(what=what, value=value, unit="s", most=most)


def measured(name: str, rows: int) -> Iterator[Figure]:
    """Each figure as soon as it is known, also on the screen."""
    try:
        for one in measure(name, rows):
            print(one.row(), file=sys.stderr, flush=True)
            yield one
    except GivenUp:
        yield figure(f"{name}: given up", PATIENCE)


def run(*, quick: bool) -> list[Figure]:
    """For `python -m tests.bench`."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder, databases(Path(folder)) as urls:
        for name, url in urls.items():
            settings = {"SECRET_KEY": "a key for the bench", "SQLALCHEMY_DATABASE_URI": url, "INSTANCE_DIR": folder}
            app = create_app(settings | {"UPLOAD_DIR": folder, "QUEUE_FILE": f"{folder}/{name}-queue.sqlite"})
            with app.app_context():
                db.create_all()
                figures += measured(name, FEW if quick else ROWS)
                db.session.remove()
                db.engine.dispose()
    return figures
