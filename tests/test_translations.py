"""The Indonesian catalogue is complete, its placeholders are those of the code, and it merges quietly."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = "scripts/catalogue.py"
PO = "app/translations/id/LC_MESSAGES/messages.po"


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(root / SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_everything_said_is_translated() -> None:
    result = run(ROOT, "check")
    assert result.returncode == 0, "\n" + result.stdout + result.stderr


def test_catalogue_carries_nothing_that_makes_merges_collide() -> None:
    text = (ROOT / PO).read_text(encoding="utf-8")
    assert "#:" not in text, "places of messages"
    assert "Date" not in text.partition("\n\n")[0], "dates in the header"
    messages = [message for message in read_po(io.StringIO(text), locale="id") if message.id]
    assert not [message.id for message in messages if message.fuzzy]
    assert "#~" not in text, "messages that nobody says"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A tiny house with the same script, three messages in Python and two in a template."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / SCRIPT).write_bytes((ROOT / SCRIPT).read_bytes())
    (tmp_path / "app").mkdir()
    (tmp_path / "app/a.py").write_text(
        '_("Hello %(name)s", name=1)\nngettext("%(num)d seat", "%(num)d seats", 2)\n_l("Seat")\n'
    )
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/a.html").write_text('{{ _("Full") }} {% trans %}\n  Two\n  lines{% endtrans %}\n')
    return tmp_path


def fill(house: Path, texts: dict[str, object]) -> None:
    (house / "texts.json").write_text(json.dumps(texts))
    assert run(house, "fill", str(house / "texts.json")).returncode == 0


WHOLE = {
    "Hello %(name)s": "Halo %(name)s",
    "%(num)d seat|%(num)d seats": ["%(num)d kursi"],
    "Seat": "Kursi",
    "Full": "Penuh",
    "Two lines": "Dua baris",
}


def test_script_takes_translations_and_is_content(house: Path) -> None:
    assert run(house, "extract").returncode == 0
    missing = json.loads(run(house, "missing").stdout)
    assert missing.keys() == WHOLE.keys()
    assert json.loads(run(house, "missing", "templates").stdout).keys() == {"Full", "Two lines"}
    fill(house, WHOLE)
    assert run(house, "check").returncode == 0
    before = (house / PO).read_bytes()
    assert run(house, "extract").returncode == 0
    assert (house / PO).read_bytes() == before
    assert (house / PO).with_suffix(".mo").exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"Seat": ""}, "has no translation"),
        ({"Hello %(name)s": "Halo %(nama)s"}, "has other placeholders"),
        ({"Full": "100 % penuh"}, "holds a lone %"),
    ],
)
def test_script_names_what_is_wrong(house: Path, change: dict[str, str], sentence: str) -> None:
    fill(house, WHOLE | change)
    result = run(house, "check")
    assert result.returncode == 1
    assert sentence in result.stdout


def test_what_nobody_says_stays_until_it_is_pruned(house: Path) -> None:
    fill(house, WHOLE | {"Later": "Nanti"})
    run(house, "extract")
    assert "Later" in (house / PO).read_text()
    run(house, "extract", "--prune")
    assert "Later" not in (house / PO).read_text()
