"""Links by mail: to enter without a password, and to prove a new address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app.audit.service import record
from app.extensions import db, transaction
from app.jobs.service import Progress, enqueue, post
from app.privacy import queries
from app.privacy.models import PersonLink
from app.privacy.rules import ADDRESSES_WITHIN, LINK_FOR, LINKS_AT_MOST, LINKS_WITHIN, VISIT_FOR, LinkPurpose
from app.registration.models import Participant
from app.registration.service.participants import on_address_left
from app.shared import clock
from app.shared.codes import new_token, token_digest
from app.shared.mailbox import address_key
from app.shared.text import shorten
from app.web import throttle
from app.web.derived_tokens import derived_token

FIND_PEOPLE = "privacy.find_people"
LONGEST_ADDRESSEE = 200
KEPT = timedelta(days=1)


def ask_for_link(address: str) -> bool:
    """Let the worker mail a link to whoever is known by an address; False once that was asked too often.

    Known or not, the same is written: the worker, not the answer, finds out.
    """
    key = address_key(address)
    if not throttle.hit("person.link", key, limit=LINKS_AT_MOST, window=LINKS_WITHIN):
        return False
    with transaction():
        link = _add(LinkPurpose.ENTER, key)
        enqueue(FIND_PEOPLE, args={"link": link.id})
    return True


def find_people(_progress: Progress, args: Mapping[str, Any]) -> dict[str, Any]:
    """The worker's part of `ask_for_link`: mail the link, or forget an address that is nobody's."""
    with transaction():
        link = db.session.get(PersonLink, args["link"])
        if link is None or link.used_at is not None:
            return {}
        people = queries.participants_of(link.email)
        if not people:
            db.session.delete(link)
            return {}
        newest = people[-1]
        post(
            "person.link",
            subject_id=link.id,
            host_id=newest.host_id,
            to_address=newest.email or link.email,
            to_name=shorten(newest.name, LONGEST_ADDRESSEE) if len(people) == 1 else "",
            dedupe_key=f"person.link:{link.nonce}",
        )
    return {}


def ask_for_address(participant: Participant, address: str) -> bool:
    """Mail a link to the address that a person wants to be known by; False once that was asked too often."""
    key = address_key(address)
    for target in (key, f"participant {participant.id}"):
        if not throttle.hit("person.address", target, limit=LINKS_AT_MOST, window=ADDRESSES_WITHIN):
            return False
    with transaction():
        link = _add(LinkPurpose.ADDRESS, key, participant_id=participant.id)
        record("participant.address_asked", participant, host_id=participant.host_id, fields=["email"])
        post(
            "person.address",
            subject_id=link.id,
            host_id=participant.host_id,
            to_address=address,
            to_name=shorten(participant.name, LONGEST_ADDRESSEE),
        )
    return True


def token_of(link: PersonLink) -> str:
    """The secret of a link, for the mail that is being written."""
    return derived_token(link.purpose.value, link.nonce)


def consume(token: str, purpose: LinkPurpose) -> PersonLink | None:
    """Use a link up; None alike for one that was used, is over or never was. Of two at once one gets it."""
    now = clock.now()
    using = (
        sa.update(PersonLink)
        .where(
            PersonLink.token_hash == token_digest(token),
            PersonLink.purpose == purpose,
            PersonLink.used_at.is_(None),
            PersonLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(PersonLink.id)
        .execution_options(synchronize_session=False)
    )
    with transaction():
        link_id = db.session.scalar(using)
        return None if link_id is None else db.session.get(PersonLink, link_id, populate_existing=True)


def enter(token: str) -> PersonLink | None:
    """Begin a visit with a link; it is of the one person of the address at once, or of whom `choose` binds it to."""
    with transaction():
        link = consume(token, LinkPurpose.ENTER)
        if link is None:
            return None
        people = queries.participants_of(link.email)
        if len(people) == 1:
            _bind(link, people[0])
        return link


def choose(visit: PersonLink, participant_id: int) -> bool:
    """Bind a visit to one of the people of its address; False for anybody else, or where one was chosen before."""
    with transaction():
        chosen = next((one for one in queries.participants_of(visit.email) if one.id == participant_id), None)
        return chosen is not None and _bind(visit, chosen)


def leave(visit: PersonLink) -> None:
    """End a visit: the cookie of it is worth nothing any more, wherever it lies."""
    with transaction():
        db.session.execute(
            sa.update(PersonLink)
            .where(PersonLink.id == visit.id, PersonLink.ended_at.is_(None))
            .values(ended_at=clock.now())
            .execution_options(synchronize_session=False)
        )


def end_visits(participant: Participant, *, address: str | None = None, but: int | None = None) -> None:
    """End the visits of a person, all or those by one address, within the open transaction; the visit `but` (id) goes on."""
    ending = sa.update(PersonLink).where(
        PersonLink.participant_id == participant.id,
        PersonLink.purpose == LinkPurpose.ENTER,
        PersonLink.ended_at.is_(None),
        *([PersonLink.email == address] if address is not None else []),
        *([PersonLink.id != but] if but is not None else []),
    )
    db.session.execute(ending.values(ended_at=clock.now()).execution_options(synchronize_session=False))


def end_visits_by(participant: Participant, address: str) -> None:
    """Nobody goes on by an address by which the person is no longer known."""
    end_visits(participant, address=address)


def forget_old_links() -> None:
    """Links and visits that are over; looked for first, since writing would make others wait."""
    now = clock.now()
    unused = sa.and_(PersonLink.used_at.is_(None), PersonLink.expires_at < now - KEPT)
    over = sa.or_(unused, PersonLink.used_at < now - VISIT_FOR - KEPT)
    found = db.session.scalars(sa.select(PersonLink.id).where(over)).all()
    db.session.rollback()
    if not found:
        return
    with transaction():
        db.session.execute(sa.delete(PersonLink).where(PersonLink.id.in_(found)))


def _bind(visit: PersonLink, participant: Participant) -> bool:
    binding = (
        sa.update(PersonLink)
        .where(PersonLink.id == visit.id, PersonLink.participant_id.is_(None))
        .values(participant_id=participant.id)
        .returning(PersonLink.id)
        .execution_options(synchronize_session=False)
    )
    if db.session.scalar(binding) is None:
        return False
    record("participant.entered", participant, host_id=participant.host_id)
    db.session.expire(visit)
    return True


def _add(purpose: LinkPurpose, address: str, *, participant_id: int | None = None) -> PersonLink:
    now, nonce = clock.now(), new_token()
    link = PersonLink(
        purpose=purpose,
        nonce=nonce,
        token_hash=token_digest(derived_token(purpose.value, nonce)),
        email=address,
        participant_id=participant_id,
        created_at=now,
        expires_at=now + LINK_FOR,
    )
    db.session.add(link)
    db.session.flush()
    return link


on_address_left(end_visits_by)
