"""Long work: put into a row with the business change, claimed by a worker with a lease, told of as it goes."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.extensions import after_commit, db, is_postgresql, transaction
from app.jobs.models import Job
from app.jobs.rules import LEASE, MOST_CLAIMS, WORKERS_DIED, JobState
from app.jobs.service.registry import _wake, _work
from app.shared import clock
from app.shared.codes import new_token


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

    def within(self, done: int) -> None:
        """As `at` from within a transaction that changes much at once, of which others hear before it is committed.

        SQLite has one writer, which is that transaction: there it is told with its end.
        """
        if is_postgresql():
            with db.engine.begin() as connection:
                self._require(connection.scalar(self._renewing(done=done)))

    def _set(self, **values: int) -> None:
        with transaction():
            self._require(db.session.scalar(self._renewing(**values)))

    def _renewing(self, **values: int) -> Any:
        renewing = sa.update(Job).where(self._claim.holds).values(lease_until=clock.now() + LEASE, **values)
        return renewing.returning(Job.id)

    @staticmethod
    def _require(job_id: int | None) -> None:
        if job_id is None:
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
