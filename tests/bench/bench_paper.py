"""The papers of a stage with 500 people as one PDF each: sheet with codes, badges, recap; and the memory that takes.

    python -m tests.bench paper

The bare thing beside a paper with codes is making that many QR codes and nothing else.
"""

import subprocess
import sys
import tempfile
from typing import Any

import sqlalchemy as sa

from app.accounts.models import User
from app.extensions import db
from app.paper import qr
from app.programmes.models import Stage
from app.shared.codes import new_code
from tests import factories
from tests.bench.bench_lists import application, peak, seconds
from tests.bench.figures import Figure
from tests.pages import browse

WHOLE, QUICK = 500, 50
PAPERS = {
    "daftar-hadir.pdf": "attendance sheet with codes",
    "kartu.pdf?ukuran=a6": "badges, one to a page",
    "kartu.pdf?ukuran=a4": "badges, ten to a sheet",
    "rekap.pdf": "recap",
    "rekap.xlsx": "recap as XLSX",
}
WITH_CODES = tuple(PAPERS)[:3]
MOST_SECONDS = 10


def measure(folder: str) -> dict[str, float]:
    """Seconds of each paper, and megabytes by which the process grows meanwhile."""
    app, found = application(folder), {}
    with app.app_context():
        client = browse(app).sign_in_as(db.session.scalars(sa.select(User)).one())
        stage = db.session.scalars(sa.select(Stage)).one()
        point = factories.checkpoint(stage)
        root = f"/panel/kegiatan/{stage.slug}/presensi/cetak"
        client.request_raw(f"{root}/kartu.pdf?siapa=panitia")
        before = peak()
        for path in PAPERS:
            address = f"{root}/{path}" + (f"?untuk=titik-{point.id}" if path == "daftar-hadir.pdf" else "")
            found[path] = seconds(lambda address=address: _read(client, address))
        found["grown"] = peak() - before
    return found


def _read(client: Any, address: str) -> None:
    response = client.request_raw(address)
    assert response.status_code == 200 and response.data


def bare_codes(count: int) -> None:
    for _number in range(count):
        qr.matrix(f"HTTPS://BIMTEK.TANJUNGPINANGKOTA.GO.ID/T/{new_code()}")


def run(*, quick: bool) -> list[Figure]:
    """For `python -m tests.bench`: measured in a process of its own, whose memory nobody else has used."""
    count = QUICK if quick else WHOLE
    with tempfile.TemporaryDirectory() as folder:
        _apart("tests.bench.bench_lists", "make", folder, str(count))
        lines = _apart(__spec__.name, folder).splitlines()
    found = {name: float(value) for name, _tab, value in (line.partition("\t") for line in lines)}
    bare = seconds(lambda: bare_codes(count))
    figures = [
        Figure(what=f"{label} of {count} people", value=found[path], unit="s", most=MOST_SECONDS)
        for path, label in PAPERS.items()
    ]
    figures += [
        Figure(what=f"{PAPERS[path]} beside its codes alone", value=found[path], unit="s", baseline=bare)
        for path in WITH_CODES
    ]
    return [*figures, Figure(what="growth of memory during all of them", value=found["grown"], unit="MB", most=80)]


def _apart(module: str, *arguments: str) -> str:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    for name, value in measure(sys.argv[1]).items():
        print(f"{name}\t{value}")
