"""The roster of 5,000 people, a fifth of whom are there: its size as sent, the time it takes, and an answer without news.

The bare thing beside a roster is reading the same columns of the same rows from SQLite and writing them as JSON, uncompressed.
"""

import json
import random
import statistics
import sys
import tempfile
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app.checkin.models import Attendance, Checkpoint
from app.extensions import db, transaction
from app.programmes.models import Stage
from app.registration.models import Registration
from app.shared import clock
from tests import factories
from tests.bench.bench_lists import application, fill, seconds
from tests.bench.figures import Figure
from tests.pages import PageClient, browse

WHOLE, QUICK = 5_000, 500
ROUNDS = 5
MOST_KILOBYTES = 400
ENCODINGS = ("br", "gzip")
BARE = """
    SELECT r.ticket_hash, r.badge_hash, r.title_before, r.name, r.title_after, r.institution_name, r.state, a.at
    FROM registration r LEFT JOIN attendance a ON a.registration_id = r.id AND a.annulled_at IS NULL
    ORDER BY r.sort_name, r.id
"""


class Scanner:
    """A phone at the checkpoint of a stage with people, half of whom are in one of four groups."""

    def __init__(self, client: PageClient) -> None:
        stage = db.session.scalars(sa.select(Stage)).one()
        checkpoint, (_record, token) = factories.checkpoint(stage), factories.device(stage)
        come(stage, checkpoint)
        self.client, self.token = client, token
        self.path = f"/api/v1/checkpoints/{checkpoint.id}/roster?hashes=short"

    def ask(self, more: str = "", *, encoding: str = "identity") -> bytes:
        """The body as it comes over the wire."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Encoding": encoding}
        response = self.client.request_raw(self.path + more, headers=headers)
        assert response.status_code == 200 and response.headers.get("Content-Encoding", "identity") == encoding
        return response.data


def come(stage: Stage, checkpoint: Checkpoint) -> None:
    """Every second person is in a group, every fifth is there."""
    draw = random.Random(2019)
    groups = [factories.group(stage.programme).id for _ in range(4)]
    with transaction():
        ids = list(db.session.scalars(sa.select(Registration.id)))
        links = [{"registration_id": one, "group_id": draw.choice(groups)} for one in ids[::2]]
        db.session.execute(sa.insert(db.metadata.tables["registration_group"]), links)
        moments = [clock.now() - timedelta(seconds=draw.randrange(3_000)) for _ in ids[::5]]
        known = {"checkpoint_id": checkpoint.id, "reason": "Lembar"}
        rows = [known | {"registration_id": one, "at": at} for one, at in zip(ids[::5], moments, strict=True)]
        db.session.execute(sa.insert(Attendance), rows)


def bare() -> bytes:
    """What nobody can do without."""
    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql(BARE).all()
    return json.dumps([list(row) for row in rows], ensure_ascii=False, separators=(",", ":")).encode()


def usual(work: Any) -> float:
    """Seconds of the middle one of some rounds."""
    return statistics.median(seconds(work) for _ in range(ROUNDS))


def run(*, quick: bool) -> list[Figure]:
    count = QUICK if quick else WHOLE
    with tempfile.TemporaryDirectory() as folder:
        app = application(folder)
        with app.app_context():
            db.create_all()
            fill(count)
            scanner = Scanner(browse(app))
            db.session.remove()
            return figures(scanner, count)


def figures(scanner: Scanner, count: int) -> list[Figure]:
    whole = scanner.ask()
    revision = json.loads(whole)["revision"] + 3_600_000  # asked as an hour later: nothing is new
    news = f"&since={revision}"
    assert json.loads(scanner.ask(news))["entries"] == []
    sizes = {encoding: len(scanner.ask(encoding=encoding)) / 1000 for encoding in ENCODINGS}
    beside, plain = usual(bare), usual(scanner.ask)
    return [
        *(
            Figure(what=f"{count:,} people, {encoding}", value=size, unit="kB", most=MOST_KILOBYTES)
            for encoding, size in sizes.items()
        ),
        Figure(what=f"{count:,} people, not compressed", value=len(whole) / 1000, unit="kB"),
        Figure(what=f"{count:,} people, beside their rows as JSON", value=plain, unit="s", baseline=beside),
        *(
            Figure(
                what=f"{count:,} people, made and compressed ({encoding})",
                value=usual(lambda encoding=encoding: scanner.ask(encoding=encoding)),
                unit="s",
                most=2,
            )
            for encoding in ENCODINGS
        ),
        Figure(what="nothing new: size", value=len(scanner.ask(news)), unit="bytes", most=1000),
        Figure(what="nothing new: time", value=1000 * usual(lambda: scanner.ask(news)), unit="ms"),
    ]


if __name__ == "__main__":
    for figure in run(quick="--quick" in sys.argv):
        print(figure.row())
