"""`flask registrations import`."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from app.extensions import db
from app.programmes.models import Stage
from app.registration.models_imports import ImportRow
from tests import factories
from tests.registration.imports import line, mails, people_of, text


@pytest.fixture
def stage(app: Flask) -> Stage:
    made = factories.stage()
    factories.category(made.host)
    factories.institution(made.host, name="Dinas Uji")
    return made


@pytest.fixture
def run(app: Flask, stage: Stage, tmp_path: Path):
    """`run(*lines, options)` imports a file of these lines."""

    def call(*lines: str, options: tuple[str, ...] = (), slug: str = "") -> Result:
        file = tmp_path / "peserta.csv"
        file.write_text(text(*lines))
        return app.test_cli_runner().invoke(
            args=["registrations", "import", str(file), "--stage", slug or stage.slug, *options]
        )

    return call


def test_one_line_says_what_was_done(stage: Stage, run) -> None:
    result = run(line(1), line(2))
    assert result.stdout == "Imported: 2 new, 0 waitlisted, 0 already, 0 refused, 0 wrong.\n"
    assert (result.exit_code, result.stderr) == (0, "")
    assert len(people_of(stage)) == 2 and mails() == 2
    assert run(line(1), line(2)).stdout == "Imported: 0 new, 0 waitlisted, 2 already, 0 refused, 0 wrong.\n"
    assert mails() == 2 and db.session.scalar(sa.select(ImportRow)) is None


def test_errors_go_to_stderr_and_nothing_is_imported(stage: Stage, run) -> None:
    result = run(line(1), line(2, nip="12", email="x"))
    assert result.stdout == "Nothing was imported: 1 new, 0 waitlisted, 0 already, 0 refused, 1 wrong.\n"
    assert [said.partition(":")[0] for said in result.stderr.splitlines()] == ["3 · B · NIP · 12", "3 · E · Surel · x"]
    assert result.exit_code == 1 and people_of(stage) == []


def test_only_the_good_rows(stage: Stage, run) -> None:
    result = run(line(1), line(2, nip="12"), options=("--only-good", "--no-mail"))
    assert result.stdout == "Imported: 1 new, 0 waitlisted, 0 already, 0 refused, 1 wrong.\n"
    assert result.exit_code == 1 and len(people_of(stage)) == 1 and mails() == 0


def test_a_dry_run_changes_nothing(stage: Stage, run) -> None:
    result = run(line(1), options=("--dry-run",))
    assert result.stdout == "Nothing was changed. It would be: 1 new, 0 waitlisted, 0 already, 0 refused, 0 wrong.\n"
    assert result.exit_code == 0 and people_of(stage) == [] and db.session.scalar(sa.select(ImportRow)) is None


def test_what_cannot_be_read_says_why(stage: Stage, run, app: Flask, tmp_path: Path) -> None:
    assert "no stage nowhere" in run(line(1), slug="nowhere").stderr
    assert "tidak ada baris" in run().stderr
    file = tmp_path / "x.csv"
    file.write_text("Alamat;Kota\nJalan;Kota\n")
    result = app.test_cli_runner().invoke(args=["registrations", "import", str(file), "--stage", stage.slug])
    assert result.exit_code == 1 and "nama" in result.stderr
