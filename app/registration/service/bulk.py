"""Doing one thing to many people of a stage: at once to a few, else in the worker, a hundred in each transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db, insert, transaction
from app.jobs.models import Job
from app.jobs.service import Progress, enqueue, register_work
from app.programmes.models import ParticipantGroup, Stage
from app.registration.models import Registration, registration_group
from app.registration.models_seats import Quota
from app.registration.rules import ENDED
from app.registration.rules_bulk import AT_ONCE, BulkAction, BulkResult, Skipped
from app.registration.service import seats
from app.registration.service.changes import cancel, resend_ticket
from app.registration.service.decisions import approve, reject
from app.registration.service.holding import hold_all
from app.registration.service.offers import fill_seats
from app.shared import clock

BULK = "registration.bulk"


def act_on(
    stage: Stage, ids: Sequence[int], action: BulkAction, *, by: User, reason: str = "", group_id: int | None = None
) -> BulkResult | Job:
    """Do it to these people of the stage: the result, or for more than AT_ONCE the job that does it.

    `group_id` is of the programme, for the actions that OF_GROUPS names; `reason` is told to whom it concerns.
    """
    args = {"stage_id": stage.id, "action": action.value, "by_id": by.id, "reason": reason, "group_id": group_id}
    with transaction():
        ordered = _seatless_first(stage, ids) if action is BulkAction.CANCEL else list(ids)
        if len(ordered) > AT_ONCE:
            whole = args | {"ids": ordered}
            return enqueue(BULK, args=whole, host_id=stage.programme.host_id, stage_id=stage.id, by=by)
        return _act(ordered, args)


def work_through(progress: Progress, args: Mapping[str, Any]) -> dict[str, Any]:
    """A hundred at a time, each committed with how far it is; a job taken up again goes on where it was left."""
    job = db.session.get_one(Job, progress.job_id)
    done, result, ids = job.done, BulkResult.read(job.result), args["ids"]
    progress.start(len(ids))
    for first in range(done, len(ids), AT_ONCE):
        with transaction():
            result += _act(ids[first : first + AT_ONCE], args)
            db.session.get_one(Job, progress.job_id).result = result.written()
            progress.at(min(first + AT_ONCE, len(ids)))
    return result.written()


def _act(ids: Sequence[int], args: Mapping[str, Any]) -> BulkResult:
    stage, by = db.session.get_one(Stage, args["stage_id"]), db.session.get_one(User, args["by_id"])
    reason, group_id = args["reason"], args["group_id"]
    deeds: dict[BulkAction, Callable[[], BulkResult]] = {
        BulkAction.APPROVE: lambda: _decided(len(ids), approve(stage, ids, by=by)),
        BulkAction.REJECT: lambda: _decided(len(ids), reject(stage, ids, reason=reason, by=by)),
        BulkAction.RESEND: lambda: _resend(stage, ids, by=by),
        BulkAction.CANCEL: lambda: _cancel(stage, ids, reason=reason, by=by),
        BulkAction.INTO_GROUP: lambda: put_into_group(stage, ids, group_id, by=by),
        BulkAction.OUT_OF_GROUP: lambda: take_out_of_group(stage, ids, group_id, by=by),
    }
    return deeds[BulkAction(args["action"])]()


def put_into_group(stage: Stage, ids: Collection[int], group_id: int, *, by: User) -> BulkResult:
    """Add the group to what these people are in; where its seats are limited, those who registered first fit in."""
    with transaction():
        stage, found = hold_all(stage, ids)
        result = _present(ids, found)
        inside = _members(found, group_id)
        wanted = [one for one in found if one.state not in ENDED and one.id not in inside]
        result.skip(Skipped.ENDED, sum(one.state in ENDED and one.id not in inside for one in found))
        result.skip(Skipped.IN_GROUP, len(inside))
        free = _free_in_group(stage, group_id)
        seated = sorted((one for one in wanted if seats.holds_seat(one)), key=lambda one: (one.created_at, one.id))
        left_out = {one.id for one in seated[free:]} if free is not None else set()
        result.skip(Skipped.GROUP_FULL, len(left_out))
        joining = [one for one in wanted if one.id not in left_out]
        if joining and _is_of(stage, group_id):
            seats.take_groups(stage, [group_id], len(seated) - len(left_out))
            rows = [{"registration_id": one.id, "group_id": group_id} for one in joining]
            db.session.execute(insert(registration_group).on_conflict_do_nothing(), rows)
            _tell(stage, joining, by)
            result.done = len(joining)
        return result


def take_out_of_group(stage: Stage, ids: Collection[int], group_id: int, *, by: User) -> BulkResult:
    """Take the group away from these people; seats that this frees are offered on."""
    with transaction():
        stage, found = hold_all(stage, ids)
        result, inside = _present(ids, found), _members(found, group_id)
        leaving = [one for one in found if one.id in inside and one.state not in ENDED]
        result.skip(Skipped.ENDED, len(inside) - len(leaving))
        result.skip(Skipped.NOT_IN_GROUP, len(found) - len(inside))
        if leaving and _is_of(stage, group_id):
            membership = registration_group.c
            of_these = membership.registration_id.in_([one.id for one in leaving])
            db.session.execute(sa.delete(registration_group).where(membership.group_id == group_id, of_these))
            seats.give_back_groups(stage, [group_id], sum(map(seats.holds_seat, leaving)))
            _tell(stage, leaving, by)
            fill_seats(stage, by=by)
            result.done = len(leaving)
        return result


def _resend(stage: Stage, ids: Collection[int], *, by: User) -> BulkResult:
    found = _found(stage, ids)
    result = _present(ids, found)
    for registration in found:
        if registration.state in ENDED:
            result.skip(Skipped.ENDED)
        elif resend_ticket(registration, by=by):
            result.done += 1
        else:
            result.skip(Skipped.NO_ADDRESS)
    return result


def _cancel(stage: Stage, ids: Sequence[int], *, reason: str, by: User) -> BulkResult:
    by_id = {one.id: one for one in _found(stage, ids)}
    result = _present(ids, by_id)
    for registration in (by_id[one] for one in ids if one in by_id):
        if cancel(registration, by=by, reason=reason):
            result.done += 1
        else:
            result.skip(Skipped.ENDED)
    return result


def _seatless_first(stage: Stage, ids: Sequence[int]) -> list[int]:
    """Who waits is cancelled before the others: else a seat that these give back would be offered to him on the way."""
    statement = sa.select(Registration.id).where(Registration.stage_id == stage.id, seats.is_holding())
    seated = set(db.session.scalars(statement))
    return sorted(ids, key=lambda one: one in seated)


def _decided(asked: int, done: int) -> BulkResult:
    result = BulkResult(done)
    result.skip(Skipped.NOT_PENDING, asked - done)
    return result


def _found(stage: Stage, ids: Collection[int]) -> Sequence[Registration]:
    statement = sa.select(Registration).where(Registration.stage_id == stage.id, Registration.id.in_(ids))
    return db.session.scalars(statement.order_by(Registration.id)).all()


def _present(ids: Collection[int], found: Collection[Any]) -> BulkResult:
    result = BulkResult()
    result.skip(Skipped.GONE, len(set(ids)) - len(found))
    return result


def _members(found: Sequence[Registration], group_id: int) -> set[int]:
    membership = registration_group.c
    of_these = membership.registration_id.in_([one.id for one in found])
    statement = sa.select(membership.registration_id).where(membership.group_id == group_id, of_these)
    return set(db.session.scalars(statement))


def _free_in_group(stage: Stage, group_id: int) -> int | None:
    """How many seats of the group are left; None where they are not limited."""
    free = sa.select(Quota.capacity - Quota.seats_taken)
    return db.session.scalar(free.where(Quota.stage_id == stage.id, Quota.group_id == group_id))


def _is_of(stage: Stage, group_id: int) -> bool:
    statement = sa.select(ParticipantGroup.id).where(
        ParticipantGroup.id == group_id, ParticipantGroup.programme_id == stage.programme_id
    )
    return db.session.scalar(statement) is not None


def _tell(stage: Stage, changed: Sequence[Registration], by: User) -> None:
    touching = sa.update(Registration).where(Registration.id.in_([one.id for one in changed]))
    touched = touching.values(changed_at=clock.now()).execution_options(synchronize_session=False)
    db.session.execute(touched)  # for rosters: only links have changed
    for registration in changed:
        db.session.expire(registration, ["groups", "changed_at"])
        record("registration.grouped", registration, by=by, host_id=stage.programme.host_id, fields=["groups"])


register_work(BULK, work_through)
