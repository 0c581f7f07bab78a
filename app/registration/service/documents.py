"""To keep files that people hand in, and to take them away: the row and the file live and die together."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import sqlalchemy as sa
from werkzeug.datastructures import FileStorage

from app.audit.service import record
from app.extensions import after_commit, after_rollback, db, transaction
from app.jobs.service import on_sweep
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.models_documents import Document
from app.registration.models_seats import Invitation
from app.registration.rules_documents import HandedIn, receive
from app.shared import clock
from app.shared.documents import MOST_BYTES
from app.web import held_files, uploads

FOLDER = "documents"
UNCLAIMED_FOR = timedelta(days=1)
MINUTE_OF_SWEEP = 17


def keep(
    upload: FileStorage | HandedIn | bytes,
    *,
    stage: Stage,
    registration: Registration | None = None,
    invitation: Invitation | None = None,
    question_id: int | None = None,
) -> Document:
    """Judge a file and keep it with its registration or invitation. Raises DocumentRefused, web.uploads.NotStored.

    Within a transaction hand it what `receive_upload` judged before. Should the transaction fail, the file goes too.
    """
    handed = upload if isinstance(upload, HandedIn) else receive_upload(upload)
    with transaction():
        stored = uploads.store(FOLDER, handed.judged.data, handed.judged.suffix)
        after_rollback(lambda: uploads.discard(FOLDER, stored))
        document = Document(
            host_id=stage.programme.host_id,
            stage_id=stage.id,
            registration_id=registration.id if registration else None,
            invitation_id=invitation.id if invitation else None,
            question_id=question_id,
            file_name=handed.file_name,
            stored_name=stored,
            media_type=handed.judged.media_type,
            size=len(handed.judged.data),
            sha256=hashlib.sha256(handed.judged.data).hexdigest(),
            created_at=clock.now(),
        )
        db.session.add(document)
        db.session.flush()
    return document


def receive_upload(upload: FileStorage | bytes) -> HandedIn:
    """What was sent by a form, judged. Raises registration.rules_documents.DocumentRefused."""
    if isinstance(upload, bytes):
        return receive(upload, "")
    return receive(upload.stream.read(MOST_BYTES + 1), upload.filename or "")


def content_of(document: Document) -> bytes | None:
    """The bytes; None where the file is gone from the disk."""
    return uploads.read(FOLDER, document.stored_name)


def remove(document: Document, *, by: object = None) -> None:
    """Take a file away; it leaves the disk once its row is gone for good."""
    with transaction():
        stored = document.stored_name
        record("document.removed", document, by=by, host_id=document.host_id)
        db.session.execute(sa.delete(Document).where(Document.id == document.id))
        after_commit(lambda: uploads.discard(FOLDER, stored))


def discard_unclaimed() -> None:
    """Delete files that no row knows: those whose registration or stage was removed, and what a killed process left.

    One that was stored a moment ago may belong to a transaction that is still open, so a day passes first.
    """
    before = clock.now() - UNCLAIMED_FOR
    held_files.discard_before(before)
    for names in uploads.stored_before(FOLDER, before):
        known = set(db.session.scalars(sa.select(Document.stored_name).where(Document.stored_name.in_(names))))
        for name in names:
            if name not in known:
                uploads.discard(FOLDER, name)


def _sweep() -> None:
    """Once an hour is enough for what lies there a day."""
    if clock.now().minute == MINUTE_OF_SWEEP:
        discard_unclaimed()


on_sweep(_sweep)
