"""Rows are the truth: work and mail are there with the business change or not at all, and are done once."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.certificates.rules import NotInForce
from app.extensions import db, transaction
from app.hosts.models import Host
from app.jobs import service
from app.jobs.models import Job, OutboxMessage
from app.jobs.rules import LEASE, MOST_CLAIMS, JobState, MessageState
from app.jobs.service import Claim, Progress, registry
from app.jobs.service import work as work_of_jobs
from tests import factories
from tests.jobs import letters
from tests.jobs.letters import WORK, post
from tests.mailbox import Mailbox


def enqueue(**args: Any) -> int:
    with transaction():
        return service.enqueue(WORK, args={"total": 3} | args).id


def job(job_id: int) -> Job:
    return db.session.get_one(Job, job_id)


@pytest.fixture
def woken() -> Any:
    """How often the worker was woken."""
    former, calls = list(registry._wakers), []
    service.on_work(lambda: calls.append(1))
    yield calls
    registry._wakers[:] = former


def test_the_worker_is_woken_once_after_the_commit_and_not_at_all_without(host: Host, woken: list[int]) -> None:
    with transaction():
        service.enqueue(WORK, args={"total": 1})
        service.post(letters.MAIL, subject_id=1, host_id=host.id, to_address="a@example.org")
        assert woken == []
    assert woken == [1]
    with pytest.raises(ZeroDivisionError), transaction():
        service.enqueue(WORK, args={"total": 1})
        raise ZeroDivisionError
    assert woken == [1]
    assert db.session.scalar(sa.select(sa.func.count(Job.id))) == 1


def test_unknown_kinds_are_a_programming_error(host: Host) -> None:
    with pytest.raises(KeyError), transaction():
        service.enqueue("nobody.does", args={})
    with pytest.raises(KeyError), transaction():
        service.post("nobody.writes", subject_id=1, host_id=host.id, to_address="a@example.org")


@pytest.mark.both_databases
def test_jobs_are_claimed_in_order_and_each_once() -> None:
    first, second = enqueue(), enqueue()
    assert service.claim_job() == Claim(first, 1)
    assert service.claim_job() == Claim(second, 1)
    assert service.claim_job() is None
    assert job(first).state is JobState.RUNNING
    assert job(first).attempts == 1


@pytest.mark.both_databases
def test_a_job_whose_worker_died_is_taken_up_when_its_lease_ends(frozen_clock: Any) -> None:
    start = frozen_clock()
    lost = enqueue()
    assert service.claim_job() == Claim(lost, 1)
    frozen_clock(start + LEASE - timedelta(seconds=1))
    assert service.claim_job() is None
    frozen_clock(start + LEASE + timedelta(seconds=1))
    assert service.claim_job() == Claim(lost, 2)
    assert job(lost).attempts == 2


@pytest.mark.both_databases
def test_a_job_under_which_every_worker_dies_is_given_up_and_the_next_one_is_done(frozen_clock: Any, work: Any) -> None:
    moment = frozen_clock()
    deadly, after = enqueue(), enqueue()
    for attempt in range(1, MOST_CLAIMS + 1):
        assert service.claim_job() == Claim(deadly, attempt)
        moment = frozen_clock(moment + LEASE + timedelta(seconds=1))
    work()
    assert job(deadly).state is JobState.FAILED
    assert "pekerjanya berhenti" in job(deadly).error
    assert (job(deadly).attempts, job(deadly).lease_until, job(deadly).finished_at) == (MOST_CLAIMS, None, moment)
    assert job(after).state is JobState.DONE


@pytest.mark.both_databases
@pytest.mark.parametrize("fails", [False, True])
def test_a_worker_whose_job_was_taken_over_changes_nothing_of_it(frozen_clock: Any, fails: bool) -> None:
    start = frozen_clock()
    lost = enqueue(fails=fails)
    late = service.claim_job()
    frozen_clock(start + LEASE + timedelta(seconds=1))
    current = service.claim_job()
    assert late is not None and current is not None
    service.run_job(late)
    running = job(lost)
    assert (running.state, running.done, running.error) == (JobState.RUNNING, 0, "")
    assert running.lease_until == start + 2 * LEASE + timedelta(seconds=1)
    service.run_job(current)
    assert job(lost).state is (JobState.FAILED if fails else JobState.DONE)


def test_progress_renews_the_lease(frozen_clock: Any) -> None:
    start = frozen_clock()
    running = enqueue()
    claim = service.claim_job()
    assert claim is not None
    frozen_clock(start + timedelta(minutes=4))
    Progress(claim).at(1)
    frozen_clock(start + timedelta(minutes=8))
    assert service.claim_job() is None
    assert job(running).done == 1


def test_a_job_keeps_its_result_and_its_failure(work: Any) -> None:
    good, bad, after = enqueue(), enqueue(fails=True), enqueue(total=5)
    work()
    assert (job(good).state, job(good).result, job(good).done) == (JobState.DONE, {"counted": 3}, 3)
    assert (job(bad).state, job(bad).error) == (JobState.FAILED, "ValueError")
    assert job(after).state is JobState.DONE
    assert all(job(one).lease_until is None and job(one).finished_at for one in (good, bad, after))


def test_a_failure_shows_its_sentence_and_else_no_more_than_its_kind() -> None:
    """What a library says may quote what it was given: a name, a number, an address."""
    known, foreign = NotInForce("Sertifikat ini telah dicabut."), ValueError("198503122010011007 is no number")
    assert work_of_jobs._reason(known) == "Sertifikat ini telah dicabut."
    assert work_of_jobs._reason(foreign) == "ValueError"


def test_the_newest_job_of_a_stage_is_found() -> None:
    stage = factories.stage()
    with transaction():
        service.enqueue(WORK, args={"total": 1}, stage_id=stage.id)
        newest = service.enqueue(WORK, args={"total": 2}, stage_id=stage.id).id
        service.enqueue(WORK, args={"total": 3})
    found = service.latest_job(WORK, stage.id)
    assert found is not None
    assert found.id == newest
    assert service.find_job(found.token) == found
    assert service.find_job("junk") is None


@pytest.mark.both_databases
def test_mail_of_one_key_is_posted_once(host: Host) -> None:
    for key in ("ticket:1", "ticket:1", "ticket:2", None, None):
        post(host, dedupe_key=key)
    keys = db.session.scalars(sa.select(OutboxMessage.dedupe_key).order_by(OutboxMessage.id)).all()
    assert keys == ["ticket:1", "ticket:2", None, None]
    assert len(set(db.session.scalars(sa.select(OutboxMessage.message_id)))) == 4


def test_mail_can_be_sent_again_but_not_while_it_is_being_sent(host: Host) -> None:
    user, message = factories.user(), post(host)
    former = message.message_id

    def become(state: MessageState) -> None:
        with transaction():
            message.state, message.attempts, message.last_error = state, 8, "550 No such user"

    become(MessageState.FAILED)
    assert service.send_again(message, by=user)
    assert (message.state, message.attempts, message.last_error) == (MessageState.QUEUED, 0, "")
    assert message.message_id == former
    become(MessageState.SENT)
    assert service.send_again(message, by=user)
    assert message.message_id != former
    become(MessageState.SENDING)
    assert not service.send_again(message, by=user)


def test_the_sweep_calls_every_room() -> None:
    called: list[int] = []

    def sweeper() -> None:
        called.append(1)

    service.on_sweep(sweeper)
    service.on_sweep(sweeper)
    service.sweep()
    registry._sweepers.remove(sweeper)
    assert called == [1]


@pytest.mark.both_databases
def test_a_mail_may_wait_for_a_moment_and_be_taken_back_until_it_leaves(
    smtp: Mailbox, host: Host, work: Any, frozen_clock: Any
) -> None:
    moment = frozen_clock()
    later = moment + timedelta(minutes=10)
    post(host, 1, dedupe_key="first", not_before=later)
    post(host, 2, dedupe_key="second", not_before=later)
    post(host, 3, not_before=moment - timedelta(days=1))
    work()
    assert [mail["Subject"] for mail in smtp.messages] == ["Surat 3"]
    with transaction():
        assert service.unpost("first")
        assert not service.unpost("first")
        assert not service.unpost("never")
    frozen_clock(later)
    work()
    assert [mail["Subject"] for mail in smtp.messages] == ["Surat 3", "Surat 2"]
    with transaction():
        assert not service.unpost("second")
