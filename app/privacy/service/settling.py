"""To do what a person asked for."""

from __future__ import annotations

from app.accounts.models import User
from app.extensions import transaction
from app.privacy import queries, rules
from app.privacy.models import DataRequest
from app.privacy.rules import NotApplied, RequestKind, RequestState
from app.privacy.service import requests
from app.privacy.service.correcting import apply
from app.privacy.service.erasing import erase
from app.privacy.service.holding import hold_stages
from app.registration.rules import Reason


def accept(request: DataRequest, *, by: User, answer: str = "") -> Reason | bool:
    """Correct or erase as was asked, and tell the person. False where it was settled before; a reason, and nothing changed,
    where what is proposed would make two people one or take a seat that is not there."""
    try:
        with transaction():
            participant = request.participant
            hold_stages(participant)
            if not requests.hold(request):
                return False
            if request.kind is RequestKind.CORRECTION:
                shown = queries.shown_registration(queries.registrations_of(participant))
                apply(participant, rules.restored(request.proposed), by=by, office_of=shown)
            # Before the address is gone: the mail carries its own.
            requests.settle(request, RequestState.DONE, by=by, answer=answer)
            if request.kind is RequestKind.DELETION:
                erase(participant, by=by)
    except NotApplied as refused:
        return refused.reason
    return True
