"""A kind of mail and kinds of work for these tests alone."""

from collections.abc import Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from app.extensions import db, transaction
from app.hosts.models import Host
from app.jobs import service
from app.jobs.models import OutboxMessage
from app.jobs.service import Attachment, Letter, Progress, registry

MAIL = "tests.mail"
WORK = "tests.work"


def write(message: OutboxMessage) -> Letter | None:
    """Subject 0 is no longer worth a letter; subject 13 cannot be written."""
    if message.subject_id == 0:
        return None
    if message.subject_id == 13:
        raise ValueError("no template")
    attachment = Attachment("catatan.txt", "text/plain", b"isi")
    return Letter(
        subject=f"Surat {message.subject_id}", text="Isi surat", html="<p>Isi surat</p>", attachments=(attachment,)
    )


def count_up(progress: Progress, args: Mapping[str, Any]) -> dict[str, Any]:
    if args.get("fails"):
        raise ValueError("disk full")
    progress.start(args["total"])
    progress.at(args["total"])
    return {"counted": args["total"]}


@contextmanager
def registered() -> Any:
    service.register_letter(MAIL, write)
    service.register_work(WORK, count_up)
    yield
    registry._renderers.pop(MAIL)
    registry._work.pop(WORK)


def post(host: Host, subject_id: int = 1, **values: Any) -> OutboxMessage:
    """In a transaction of its own; answers the newest mail."""
    known = {"to_address": "siti@example.org", "to_name": "Siti Nur'aini, M.Si."}
    with transaction():
        service.post(MAIL, subject_id=subject_id, host_id=host.id, **known | values)
    return db.session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(1)).one()
