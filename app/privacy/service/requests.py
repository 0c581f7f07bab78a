"""What people ask about their data: taken down with a clock, settled by the clerk, told by mail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db, insert, lock, transaction
from app.jobs.service import post
from app.privacy import queries
from app.privacy.models import OPEN, DataRequest
from app.privacy.rules import TO_SETTLE, RequestKind, RequestState
from app.registration.models import Participant
from app.shared import clock
from app.shared.text import shorten
from app.web import throttle

LONGEST_ADDRESSEE = 200
ASKED_AT_MOST = 5
ASKED_WITHIN = timedelta(days=1)


def ask(
    participant: Participant, kind: RequestKind, *, text: str = "", proposed: Mapping[str, Any] | None = None
) -> DataRequest:
    """Take a request down and tell the person and the agency. What is asked for again is added to the one that is open.

    The clock of an open request is not set back.
    """
    now = clock.now()
    with transaction():
        adding = insert(DataRequest).values(
            host_id=participant.host_id,
            participant_id=participant.id,
            kind=kind,
            state=RequestState.OPEN,
            text=text,
            proposed=dict(proposed or {}),
            created_at=now,
            due_at=now + TO_SETTLE,
            answer="",
        )
        once = adding.on_conflict_do_nothing(index_elements=["participant_id", "kind"], index_where=OPEN)
        request_id = db.session.scalar(once.returning(DataRequest.id))
        if request_id is None:
            return _add_to_open(participant, kind, text, proposed or {})
        request = db.session.get_one(DataRequest, request_id)
        record("data_request.made", request, host_id=request.host_id, fields=sorted(request.proposed))
        _mail("privacy.received", request, participant)
        for administrator in queries.administrators_of(request.host_id):
            post(
                "privacy.to_settle",
                subject_id=request.id,
                host_id=request.host_id,
                to_address=administrator.email,
                to_name=administrator.name,
            )
        return request


def ask_freely(participant: Participant, kind: RequestKind, *, text: str) -> bool:
    """What a person asks in his own words; False once he has asked too often today."""
    if not throttle.hit("data.request", str(participant.id), limit=ASKED_AT_MOST, window=ASKED_WITHIN):
        return False
    ask(participant, kind, text=text)
    return True


def hold(request: DataRequest) -> bool:
    """Hold an open request within the open transaction; False where it is settled already."""
    lock(request)
    return request.state is RequestState.OPEN


def settle(request: DataRequest, state: RequestState, *, by: User, answer: str = "") -> None:
    """Close a request that is held; the person is told."""
    action = "data_request.done" if state is RequestState.DONE else "data_request.refused"
    by_id = by.id  # read first: reading may flush, and half of what is set below is against the table's rules
    request.state, request.answer = state, answer
    request.settled_at, request.settled_by_id = clock.now(), by_id
    record(action, request, by=by, host_id=request.host_id, fields=sorted(request.proposed))
    _mail("privacy.done" if state is RequestState.DONE else "privacy.refused", request, request.participant)


def refuse(request: DataRequest, *, reason: str, by: User) -> bool:
    """Turn a request down, with a reason that the person is told; False where it was settled before."""
    with transaction():
        if not hold(request):
            return False
        settle(request, RequestState.REFUSED, by=by, answer=reason)
        return True


def tell_former_address(participant: Participant, address: str) -> None:
    """Write to the address by which a person was known until now, in case it was not he who changed it."""
    post(
        "privacy.address_changed",
        subject_id=participant.id,
        host_id=participant.host_id,
        to_address=address,
        to_name=shorten(participant.name, LONGEST_ADDRESSEE),
    )


def _add_to_open(participant: Participant, kind: RequestKind, text: str, proposed: Mapping[str, Any]) -> DataRequest:
    statement = sa.select(DataRequest).where(
        DataRequest.participant_id == participant.id, DataRequest.kind == kind, DataRequest.state == RequestState.OPEN
    )
    request = db.session.scalars(statement.with_for_update(of=DataRequest)).one_or_none()
    if request is None:  # settled just now
        return ask(participant, kind, text=text, proposed=proposed)
    texts = [part for part in (request.text, text) if part]
    request.text = "\n\n".join(dict.fromkeys(texts))
    request.proposed = request.proposed | dict(proposed)
    record("data_request.added_to", request, host_id=request.host_id, fields=sorted(proposed))
    return request


def _mail(kind: str, request: DataRequest, participant: Participant) -> None:
    if participant.email:
        post(
            kind,
            subject_id=request.id,
            host_id=request.host_id,
            to_address=participant.email,
            to_name=shorten(participant.name, LONGEST_ADDRESSEE),
        )
