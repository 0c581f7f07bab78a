"""What the worker may run for certificates, by kind."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.accounts.models import User
from app.certificates import pdf, pictures, queries, service, service_printing
from app.extensions import db, transaction
from app.jobs.models import Job
from app.jobs.service import Progress, on_sweep, register_work
from app.programmes.models import Stage
from app.shared import clock
from app.web.places import upload_folder
from app.web.uploads import whole_file

KEPT = timedelta(days=1)
EVERY = 25


def issue_all(progress: Progress, args: Mapping[str, Any]) -> dict[str, Any]:
    """Issue in chunks, each committed with the progress; a job taken up again goes on where it was left."""
    done = db.session.get_one(Job, progress.job_id).done
    due = queries.due_ids(_stage(args))
    progress.start(done + len(due))
    for chunk in service.chunks(due):
        with transaction():
            done += service.issue_to(_stage(args), chunk, by=_by(args))
            progress.at(done)
    return {"issued": done}


def print_all(progress: Progress, args: Mapping[str, Any]) -> dict[str, Any]:
    """Print the stage's valid certificates into one file, which takes the place of the stage's former one. Raises NotStored."""
    stage = _stage(args)
    snapshots = queries.snapshots_of(stage)
    prefix = f"{stage.id}-"
    folder = upload_folder(service_printing.PRINTS)
    if not snapshots:
        return {"printed": 0}
    progress.start(len(snapshots))
    name = f"{prefix}{secrets.token_hex(16)}.pdf"
    images = pictures.load(snapshots)
    with whole_file(folder / name) as out:
        pages = pdf.certificates(_papers(snapshots, images, progress), out, images=images)
    for former in folder.glob(f"{prefix}*.pdf"):
        if former.name != name:
            former.unlink(missing_ok=True)
    progress.at(len(snapshots))
    return {"printed": len(snapshots), "pages": pages, "file": name}


def remove_old_prints() -> None:
    """A file of everyone's certificates is not left lying about."""
    for path in upload_folder(service_printing.PRINTS).glob("*"):
        if _written_at(path) < clock.now() - KEPT:
            path.unlink(missing_ok=True)


def _papers(
    snapshots: Sequence[Mapping[str, Any]], images: Mapping[str, bytes], progress: Progress
) -> Iterator[pdf.CertificatePaper]:
    for number, frozen in enumerate(snapshots):
        if number % EVERY == 0:
            progress.at(number)
        yield service_printing.paper_of(frozen, images)


def _written_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _stage(args: Mapping[str, Any]) -> Stage:
    return db.session.get_one(Stage, args["stage_id"])


def _by(args: Mapping[str, Any]) -> User | None:
    return db.session.get(User, args["by_id"]) if args["by_id"] else None


register_work(service.ISSUE, issue_all)
register_work(service_printing.PRINT, print_all)
on_sweep(remove_old_prints)
