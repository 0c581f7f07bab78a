"""What the scanner page decides alone agrees with the server: the same cases, run by Node."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from app.shared import codes, names

FOLDER = Path(__file__).parent / "page"
CODES = [
    "0123-4567-89AB-CDEF",
    "oOiI lLab\u00adcd‐ef–gh",
    "HTTPS://BIMTEK.EXAMPLE.ORG/T/ABCDEFGHJKMNPQRS",
    " https://x/t/abcdefghjkmnpqrs/?a=/b#c/d ",
    "https://x/t/ABCD#/EFGH",
    "/",
    "",
    "\x1c\x85 \u3000\ufeff",
    "ABCDEFGHJKMNPQRſ",
    "ABCDEFGHJKMNPQRı",
    "ABCDEFGHJKMNPQRU",
    "😀" * 40,
    "A" * 10_000,
]
NAMES = ["Siti  NUR'AINI", "Dr. Ir. Budi-Santoso, M.Si.", "Gusnïa / Rahmān", "R.A. Kartini", "Ｓｉｔｉ", "İnci", "   "]


@pytest.mark.parametrize("name", ["rule", "hashes", "names", "judging"])
def test_the_page_agrees_with_the_server(tmp_path: Path, name: str) -> None:
    tables = {
        "CODES": [(text, codes.canonical(text), codes.is_code(text), codes.digest(text)) for text in CODES],
        "NAMES": [(text, names.sort_key(text)) for text in NAMES],
    }
    for table, rows in tables.items():
        (tmp_path / table).write_text(json.dumps(rows), encoding="utf-8")
    files = {table: str(tmp_path / table) for table in tables}
    run = subprocess.run(
        ["node", "--test", str(FOLDER / f"{name}.test.js")],
        env=os.environ | files,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stdout + run.stderr
