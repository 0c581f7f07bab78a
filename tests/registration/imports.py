"""Tables of people for the tests of importing."""

from collections.abc import Sequence

import sqlalchemy as sa

from app.accounts.models import User
from app.extensions import db, transaction
from app.jobs.models import OutboxMessage
from app.programmes.models import Stage
from app.registration.forms_imports import reader_of
from app.registration.models import Registration
from app.registration.models_imports import ImportRow, ImportRun
from app.registration.queries_imports import verdict_counts
from app.registration.rules_import import ImportMode, ImportState, Verdict, match_columns
from app.registration.service import importing, importing_rows
from app.shared.tables import read_pasted

HEADER = "Nama;NIP;Instansi;Unsur;Surel;No HP;Kelompok"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def nip(number: int) -> str:
    return f"19850720201001{1 + number % 2}{number:03}"


def line(number: int, **values: str) -> str:
    """A civil servant whose number and addresses are his own."""
    known = {
        "name": f"Ir. Peserta {LETTERS[number // 26 % 26]}{LETTERS[number % 26].lower()}, M.T.",
        "nip": nip(number),
        "institution": "Dinas Uji",
        "category": "OPD",
        "email": f"peserta{number}@contoh.test",
        "phone": f"0812{number:08}",
        "groups": "",
    }
    return ";".join((known | values).values())


def text(*lines: str, header: str = HEADER) -> str:
    return "\n".join((header, *lines))


def handed_in(stage: Stage, *lines: str, by: User | None = None, header: str = HEADER) -> ImportRun:
    table = read_pasted(text(*lines, header=header))
    return importing.upload(stage, table, file_name="peserta.csv", columns=match_columns(table.header), by=by)


def looked_at(stage: Stage, *lines: str) -> ImportRun:
    run = handed_in(stage, *lines)
    importing_rows.check(run, reader_of(run, reserved_mail=True).read, lambda _done: None)
    return run


def imported(stage: Stage, *lines: str, mode: ImportMode = ImportMode.GOOD, mailed: bool = True) -> ImportRun:
    run = looked_at(stage, *lines)
    with transaction():
        run.mode, run.mailed, run.state = mode, mailed, ImportState.RUNNING
    importing_rows.carry_out(run, reader_of(run, reserved_mail=True).read, lambda _done: None, by=None)
    return run


def verdicts(run: ImportRun) -> dict[Verdict, int]:
    """How the rows fared, without what none did."""
    return {verdict: count for verdict, count in verdict_counts(run).items() if count}


def problems(run: ImportRun) -> dict[int, list[tuple[str, str]]]:
    """What is wrong, by the number of the row."""
    rows: Sequence[ImportRow] = db.session.scalars(sa.select(ImportRow).filter_by(run_id=run.id)).all()
    return {row.number: [(key, sentence) for key, sentence in row.problems] for row in rows if row.problems}


def people_of(stage: Stage) -> list[Registration]:
    statement = sa.select(Registration).where(Registration.stage_id == stage.id).order_by(Registration.id)
    return list(db.session.scalars(statement))


def mails() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(OutboxMessage)) or 0
