"""Putting work and mail into the rows that the worker reads, and telling how it goes.

The rows are committed with the business change; the queue only wakes the worker (app/jobs/tasks.py).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.audit import service as audit
from app.extensions import after_commit, db, insert, transaction
from app.jobs.models import Job, OutboxMessage
from app.jobs.rules import LEASE, MOST_CLAIMS, WORKERS_DIED, JobState, MessageState
from app.shared import clock
from app.shared.codes import new_token

WorkFunction = Callable[["Progress", Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Attachment:
    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True)
class Letter:
    """What a mail says, as its renderer writes it."""

    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = field(default=())
    reply_to: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What a finished job says, and where to go from there: (label, address) each, the first one first."""

    sentence: str
    links: list[tuple[str, str]]


@dataclass(frozen=True)
class JobPage:
    """How a kind of job is shown to whoever waits for it; `title` and `place`, where it is found again, are lazy text.

    `stage` answers the stage whose menu stands beside it, if whoever looks may see that.
    """

    title: Any
    outcome: Callable[[Job], Outcome]
    place: Any = ""
    stage: Callable[[Job], Any] = lambda _job: None


Renderer = Callable[[OutboxMessage], "Letter | None"]

_work: dict[str, WorkFunction] = {}
_renderers: dict[str, Renderer] = {}
_pages: dict[str, JobPage] = {}
_wakers: list[Callable[[], None]] = []
_sweepers: list[Callable[[], None]] = []


def register_work(kind: str, function: WorkFunction) -> None:
    """`function(progress, args)` does the jobs of `kind`; it may run twice and must then continue, not repeat."""
    _work[kind] = function


def register_letter(kind: str, renderer: Renderer) -> None:
    """`renderer(message)` writes the letter of mails of `kind`; None when there is nothing to say any more."""
    _renderers[kind] = renderer


def renderer_of(kind: str) -> Renderer:
    return _renderers[kind]


def register_page(kind: str, page: JobPage) -> None:
    _pages[kind] = page


def page_of(kind: str) -> JobPage:
    return _pages[kind]


def on_work(waker: Callable[[], None]) -> None:
    """Call `waker` after a commit that left work to do."""
    _wakers[:] = [waker]


def on_sweep(sweeper: Callable[[], None]) -> None:
    """Call `sweeper` with every sweep of the worker, once a minute."""
    if sweeper not in _sweepers:
        _sweepers.append(sweeper)


def sweep() -> None:
    """Let every room clear away what has served its time."""
    for sweeper in _sweepers:
        sweeper()


def _wake() -> None:
    for waker in _wakers:
        waker()


@dataclass(frozen=True)
class Claim:
    """A worker's hold on a job; it ends when the job is claimed again."""

    job_id: int
    attempt: int

    @property
    def holds(self) -> sa.ColumnElement[bool]:
        return sa.and_(Job.id == self.job_id, Job.state == JobState.RUNNING, Job.attempts == self.attempt)


class TakenOver(Exception):
    """The lease had run out and another worker does the job now; this one must let go of it."""


class Progress:
    """How far a job is; each call renews its lease. Raises TakenOver."""

    def __init__(self, claim: Claim) -> None:
        self.job_id = claim.job_id
        self._claim = claim

    def start(self, total: int) -> None:
        self._set(total=total)

    def at(self, done: int) -> None:
        self._set(done=done)

    def _set(self, **values: int) -> None:
        with transaction():
            renewing = sa.update(Job).where(self._claim.holds).values(lease_until=clock.now() + LEASE, **values)
            if db.session.scalar(renewing.returning(Job.id)) is None:
                raise TakenOver


def enqueue(
    kind: str, *, args: dict[str, Any], host_id: int | None = None, stage_id: int | None = None, by: Any = None
) -> Job:
    """Add a job of a registered kind to the open transaction; KeyError for an unknown kind."""
    if kind not in _work:
        raise KeyError(kind)
    job = Job(
        token=new_token(),
        kind=kind,
        args=args,
        host_id=host_id,
        stage_id=stage_id,
        created_by_id=by.id if by is not None else None,
        state=JobState.QUEUED,
        created_at=clock.now(),
    )
    db.session.add(job)
    db.session.flush()
    after_commit(_wake)
    return job


def post(
    kind: str,
    *,
    subject_id: int,
    host_id: int,
    to_address: str,
    to_name: str = "",
    programme_id: int | None = None,
    dedupe_key: str | None = None,
    not_before: datetime | None = None,
) -> None:
    """Put a mail of a registered kind into the outbox, within the open transaction.

    With `programme_id`, that programme's managers see it too, not the host's administrators alone.
    With `dedupe_key`, a second mail of the same key is not added; `not_before` holds it back until then, and `unpost`
    takes it out again meanwhile. KeyError for an unknown kind.
    """
    if kind not in _renderers:
        raise KeyError(kind)
    now = clock.now()
    db.session.flush()
    db.session.execute(
        insert(OutboxMessage)
        .values(
            message_id=_new_message_id(),
            dedupe_key=dedupe_key,
            kind=kind,
            subject_id=subject_id,
            host_id=host_id,
            programme_id=programme_id,
            to_address=to_address,
            to_name=to_name,
            subject="",
            state=MessageState.QUEUED,
            attempts=0,
            next_attempt_at=max(now, not_before or now),
            last_error="",
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["dedupe_key"])
    )
    after_commit(_wake)


def unpost(dedupe_key: str) -> bool:
    """Take a mail that still waits out of the outbox, within the open transaction; False where it is gone or never was."""
    waiting = sa.delete(OutboxMessage).where(
        OutboxMessage.dedupe_key == dedupe_key, OutboxMessage.state == MessageState.QUEUED
    )
    return db.session.scalar(waiting.returning(OutboxMessage.id)) is not None


def send_again(message: OutboxMessage, *, by: Any) -> bool:
    """Put a mail at the head of the queue; False while it is being sent.

    One that was sent before gets a new Message-ID, or mail servers would take it for the same and drop it.
    """
    with transaction():
        values = {
            "state": MessageState.QUEUED,
            "attempts": 0,
            "next_attempt_at": clock.now(),
            "last_error": "",
            "sent_at": None,
        }
        if message.state is MessageState.SENT:
            values["message_id"] = _new_message_id()
        moved = db.session.execute(
            sa.update(OutboxMessage)
            .where(OutboxMessage.id == message.id, OutboxMessage.state != MessageState.SENDING)
            .values(**values)
            .returning(OutboxMessage.id)
            .execution_options(synchronize_session=False)
        ).first()
        if moved is None:
            return False
        audit.record("mail.sent_again", message, by=by, host_id=message.host_id)
        after_commit(_wake)
        return True


def _new_message_id() -> str:
    return f"<{new_token()}@bimtek>"


def find_job(token: str) -> Job | None:
    return db.session.scalar(sa.select(Job).where(Job.token == token))


def latest_job(kind: str, stage_id: int) -> Job | None:
    """The newest job of a kind for a stage."""
    return db.session.scalar(
        sa.select(Job).where(Job.kind == kind, Job.stage_id == stage_id).order_by(Job.id.desc()).limit(1)
    )


def claim_job() -> Claim | None:
    """Take the oldest job that is queued or whose worker was lost. One that was lost MOST_CLAIMS times is given up."""
    now = clock.now()
    lost = sa.and_(Job.state == JobState.RUNNING, Job.lease_until < now)
    due = (
        sa.select(Job.id)
        .where(sa.or_(Job.state == JobState.QUEUED, lost))
        .order_by(Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    with transaction():
        given_up = {"state": JobState.FAILED, "error": str(WORKERS_DIED), "finished_at": now, "lease_until": None}
        db.session.execute(
            sa.update(Job)
            .where(lost, Job.attempts >= MOST_CLAIMS)
            .values(given_up)
            .execution_options(synchronize_session=False)
        )
        claimed = db.session.execute(
            sa.update(Job)
            .where(Job.id == due)
            .values(state=JobState.RUNNING, lease_until=now + LEASE, attempts=Job.attempts + 1)
            .returning(Job.id, Job.attempts)
            .execution_options(synchronize_session=False)
        ).one_or_none()
    return Claim(claimed.id, claimed.attempts) if claimed else None


def run_job(claim: Claim) -> None:
    """Do a claimed job. Whatever it raises is kept on its row; the worker goes on."""
    job = db.session.get_one(Job, claim.job_id)
    kind, args = job.kind, dict(job.args)
    values: dict[str, Any]
    try:
        result = _work[kind](Progress(claim), args)
        values = {"state": JobState.DONE, "result": result, "error": ""}
    except TakenOver:
        db.session.rollback()
        return
    except Exception as error:
        db.session.rollback()
        values = {"state": JobState.FAILED, "error": _reason(error)}
        _report(kind, error)
    with transaction():
        db.session.execute(
            sa.update(Job).where(claim.holds).values(finished_at=clock.now(), lease_until=None, **values)
        )


def _reason(error: Exception) -> str:
    """The sentence that an error has for people, else its kind: its text may quote personal data."""
    return str(getattr(error, "sentence", "") or type(error).__name__)[:2000]


def _report(kind: str, error: Exception) -> None:
    logging.getLogger("bimtek.jobs").error("job %s failed", kind, exc_info=error)


def withhold(host_id: int) -> int:
    """Take the mails that a host has waiting out of the outbox, within the open transaction; answers how many."""
    waiting = sa.delete(OutboxMessage).where(
        OutboxMessage.host_id == host_id, OutboxMessage.state == MessageState.QUEUED
    )
    return len(db.session.scalars(waiting.returning(OutboxMessage.id)).all())
