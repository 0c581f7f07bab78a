"""`python -m tests.faults.writer STAGE FIRST COUNT GO`: people register from several threads, each reading before it writes.

Says "ready" by a file beside GO and begins when GO is there. Ends with 1 and the tracebacks if one registration fails.
"""

import os
import sys
import threading
import traceback
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from app import create_app
from app.extensions import db, transaction
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.rules import PersonDetails, RegistrationSource
from app.registration.service import register
from app.shared.identity import IdentityType

THREADS = 5
COUNTED = 5
_failures: list[str] = []


def write(app: Flask, stage_id: int, numbers: range) -> None:
    with app.app_context():
        for number in numbers:
            try:
                for _time in range(COUNTED):
                    count_one(stage_id)
                register_one(stage_id, number)
            except Exception:  # whatever it is, the test shall read it
                _failures.append(traceback.format_exc())
            finally:
                db.session.remove()


def register_one(stage_id: int, number: int) -> None:
    """The reading leaves a transaction open, as that of the signed-in user does in a request."""
    stage = db.session.get_one(Stage, stage_id)
    db.session.execute(sa.select(sa.func.count(Registration.id))).scalar_one()
    person = PersonDetails(
        name="Siti Aminah",
        category_code="OPD",
        institution_name="Dinas Kominfo",
        identity_type=IdentityType.NIP,
        identity_number=f"19850720201001{2000 + number:04}",
        rank="III/c",
        position="Analis",
        email=f"siti{number}@tanjungpinangkota.go.id",
        phone=f"+62812345{number:05}",
    )
    made = register(stage, person, source=RegistrationSource.ONLINE)
    if made.registration is None:
        raise RuntimeError(f"{made.outcome}: {made.reason}")


def count_one(stage_id: int) -> None:
    """A use-case that reads what it then changes, with a moment's thought between."""
    db.session.get_one(Stage, stage_id)
    with transaction():
        stage = db.session.get_one(Stage, stage_id, with_for_update={"of": Stage})
        threading.Event().wait(0.002)
        stage.summary = str(int(stage.summary or 0) + 1)


def main(stage_id: int, first: int, count: int, go: Path) -> None:
    app = create_app()
    each = count // THREADS
    ranges = [range(first + each * number, first + each * (number + 1)) for number in range(THREADS)]
    threads = [threading.Thread(target=write, args=(app, stage_id, numbers)) for numbers in ranges]
    go.with_name(f"ready-{os.getpid()}").touch()
    waiting = threading.Event()
    while not go.exists():
        waiting.wait(0.01)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("\n".join(_failures))
    sys.exit(bool(_failures))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]), Path(sys.argv[4]))
