"""To change how a person is called and reached, everywhere at his host at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.accounts.models import User
from app.audit.service import record
from app.extensions import lock, transaction
from app.privacy import queries, rules
from app.privacy.models import PersonLink
from app.privacy.rules import LinkPurpose, NotApplied, RequestKind
from app.privacy.service import links, requests
from app.privacy.service.holding import hold_stages
from app.registration.models import Participant, Registration
from app.registration.queries import details_of, window_of
from app.registration.rules import ENDED, PersonDetails, Reason, is_over
from app.registration.service import correct, participants
from app.shared import clock


@dataclass(frozen=True)
class Saved:
    """What became of a person's changes: fields that hold at once, fields that the clerk is asked for, the address written to.

    With a `reason` nothing was changed. `too_often`: a new address was asked for, but too often lately.
    """

    now: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    address: str | None = None
    too_often: bool = False
    reason: Reason | None = None


def save_own(participant: Participant, person: PersonDetails) -> Saved:
    """Take a person's own changes: what is his to change holds at once, the rest becomes a request."""
    registrations = queries.registrations_of(participant)
    shown = queries.shown_registration(registrations)
    if shown is None:
        return Saved()
    coming = any(not _is_over(one) for one in registrations if one.state not in ENDED)
    before = queries.own_details(participant, shown)
    parts = rules.split(before, person, certified=queries.is_certified(participant), has_coming=coming)
    try:
        with transaction():
            apply(participant, parts.now, by=None)
            if parts.asked:
                requests.ask(participant, RequestKind.CORRECTION, proposed=rules.stored(parts.asked))
    except NotApplied as refused:
        return Saved(reason=refused.reason)
    # Addresses that differ in case alone are one mailbox.
    new_address = parts.address if parts.address and parts.address.casefold() != (participant.email or "") else None
    written = links.ask_for_address(participant, new_address) if new_address else False
    return Saved(
        now=tuple(parts.now),
        asked=tuple(parts.asked),
        address=new_address if written else None,
        too_often=new_address is not None and not written,
    )


def apply(
    participant: Participant, changed: Mapping[str, Any], *, by: User | None, office_of: Registration | None = None
) -> None:
    """Change a person's registrations in force, and then the participant, within the open transaction. Raises NotApplied.

    An event that is over keeps the office of its time, but for the registration `office_of`.
    """
    if not changed:
        return
    hold_stages(participant)
    registrations = [one for one in queries.registrations_of(participant) if one.state not in ENDED]
    newest = queries.shown_registration(registrations)
    person = _of_participant(participant, changed, newest)
    for registration in registrations:
        frozen = _is_over(registration) and (office_of is None or registration.id != office_of.id)
        details = rules.applied(details_of(registration), changed, is_over=frozen)
        if reason := correct(registration, details, by=by):
            raise NotApplied(reason)
    # Last, since the correction of each registration has put its own copy upon the participant.
    lock(participant, mode="no_key_update")
    if reason := participants.conflict(participant, person):
        raise NotApplied(reason)
    participants.correct_participant(participant, person)
    record("participant.corrected", participant, by=by, host_id=participant.host_id, fields=list(changed))


def confirm_address(token: str, *, visit_id: int | None = None) -> tuple[PersonLink | None, Reason | None]:
    """Use the link to a new address up: from now on the person is known by it, and only the visit `visit_id` of his goes on.

    A reason, and the link not used up, where another person is known by it so that the two would be one.
    """
    link = queries.find_link(token, LinkPurpose.ADDRESS)
    try:
        with transaction():
            if link is not None and link.participant is not None:
                hold_stages(link.participant)
            link = links.consume(token, LinkPurpose.ADDRESS)
            if link is None or link.participant is None:
                return None, None
            participant, former = link.participant, link.participant.email
            apply(participant, {"email": link.email}, by=None)
            for entry in queries.entries_of(participant):
                entry.email = None  # or the former address would still lead in
            links.end_visits(participant, but=visit_id)
            if former and former != link.email:
                requests.tell_former_address(participant, former)
    except NotApplied as refused:
        return link, refused.reason
    return link, None


def _of_participant(participant: Participant, changed: Mapping[str, Any], newest: Registration | None) -> PersonDetails:
    """The participant's own details with the changes; the institution matters for numbers that it gives."""
    own = {name: getattr(participant, name) for name in (*rules.NAME, *rules.IDENTITY, "email", "phone")}
    office = {"institution_name": newest.institution_name if newest else participant.identity_scope}
    known = {"category_code": "", **office, **own} | dict(changed)
    return PersonDetails(**known)


def _is_over(registration: Registration) -> bool:
    return is_over(window_of(registration.stage), clock.now())
