"""To forget a person as far as the archive allows: attendance sheets and certificates keep the name, everything else goes.

Removed: e-mail, phone, identity number, rank and position where the person never came, answers, files, links, the addresses
of mails and what was found out about them, why he was excused or recorded by hand, and forms at the door that wait to be
settled. Kept: that somebody was registered, by unsur and institution; the name where an attendance or a certificate bears it;
certificates as they were issued. Registrations for what is still to come end, and their seats go to others.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from app.accounts.models import User
from app.audit.service import record
from app.checkin.models import Attendance, Excuse
from app.checkin.service import forget_newcomer
from app.extensions import db, lock
from app.jobs.models import OutboxMessage
from app.jobs.service.addresses import forget_bad
from app.jobs.service.recipients import forget_recipients, withhold_mails
from app.privacy import queries
from app.privacy.models import DataRequest, PersonLink
from app.privacy.queries_door import called
from app.privacy.queries_own import letters_about, letters_to
from app.privacy.rules import ERASED_NAME, RequestKind, RequestState, keeps_name
from app.privacy.service.holding import hold_stages
from app.registration.models import Participant, Registration
from app.registration.models_documents import Document
from app.registration.models_imports import ImportRow
from app.registration.models_questions import RegistrationAnswer
from app.registration.queries import window_of
from app.registration.rules import ENDED, LONGEST, is_over
from app.registration.service import cancel
from app.registration.service.documents import remove
from app.registration.service.holding import hold
from app.shared import clock
from app.shared.identity import IdentityType
from app.shared.names import name_key, sort_key

LETTERS_WITH_LINK = ("person.link", "person.address")
ERASED_REASON = "–"
LETTERS_OF_ERASURE = ("privacy.done", "privacy.received")


def erase(participant: Participant, *, by: User) -> None:
    """Forget a person, within the open transaction."""
    hold_stages(participant)
    registrations = queries.registrations_of(participant)
    ids = [registration.id for registration in registrations]
    attended, addresses = queries.attended_ids(ids), queries.own_addresses(participant, registrations)
    known = called(participant, registrations)
    certified = {certificate.registration_id for certificate in queries.certificates_of(participant)}
    for registration in registrations:
        came = registration.id in attended
        if not came and registration.state not in ENDED and not is_over(window_of(registration.stage), clock.now()):
            cancel(registration, by=by)
        _forget_registration(registration, keeps=keeps_name(attended=came, certified=registration.id in certified))
    _forget_what_hangs_on(ids, by=by)
    forget_newcomer(participant.host_id, names=known.names, phones=known.phones)
    _forget_letters(participant, addresses)
    _forget_participant(participant, keeps=keeps_name(attended=bool(attended), certified=bool(certified)))
    record("participant.erased", participant, by=by, host_id=participant.host_id)


def _forget_registration(registration: Registration, *, keeps: bool) -> None:
    _stage, held = hold(registration)
    held.identity_type, held.identity_number = IdentityType.NONE, None
    held.email = held.phone = held.submission_key = None
    held.cancel_reason = ""
    if not keeps:
        held.title_before = held.title_after = held.rank = held.position = ""
        held.name, held.sort_name = ERASED_NAME, sort_key(ERASED_NAME, LONGEST["name"])
    db.session.flush()


def _forget_what_hangs_on(registration_ids: list[int], *, by: User) -> None:
    for document in db.session.scalars(sa.select(Document).where(Document.registration_id.in_(registration_ids))).all():
        remove(document, by=by)
    db.session.execute(sa.delete(ImportRow).where(ImportRow.registration_id.in_(registration_ids)))
    db.session.execute(sa.delete(RegistrationAnswer).where(RegistrationAnswer.registration_id.in_(registration_ids)))
    for column in (Excuse.reason, Attendance.reason, Attendance.annul_reason):
        about = sa.update(column.class_).where(column.class_.registration_id.in_(registration_ids), column != "")
        db.session.execute(about.values({column: ERASED_REASON}).execution_options(synchronize_session=False))


def _forget_letters(participant: Participant, addresses: Collection[str]) -> None:
    """What waits to be sent is withheld, but for the letter that says that the data are gone; of the rest the address goes."""
    about = letters_about(participant)
    withhold_mails(sa.and_(about, OutboxMessage.kind.not_in(LETTERS_OF_ERASURE)))
    forget_recipients(about)
    forget_bad(participant.host_id, addresses)


def _forget_participant(participant: Participant, *, keeps: bool) -> None:
    lock(participant, mode="no_key_update")
    others = [one for one in queries.participants_of(participant.email or "") if one.id != participant.id]
    mine = PersonLink.participant_id == participant.id
    alone = sa.or_(mine, PersonLink.email == participant.email) if participant.email and not others else mine
    db.session.execute(sa.delete(PersonLink).where(alone).execution_options(synchronize_session=False))
    db.session.execute(
        sa.update(DataRequest)
        .where(DataRequest.participant_id == participant.id)
        .values(text="", proposed={})
        .execution_options(synchronize_session=False)
    )
    for entry in (participant, *queries.entries_of(participant)):
        entry.identity_type, entry.identity_number, entry.identity_scope = IdentityType.NONE, None, ""
        entry.email = entry.phone = None
        if not keeps:
            entry.title_before = entry.title_after = ""
            entry.name, entry.name_key = ERASED_NAME, name_key(ERASED_NAME, LONGEST["name"])
    db.session.flush()


def forget_addresses_of_erased() -> None:
    """Once it is sent, the letter about an erasure is the last place that knew the address, but for a mail that was just leaving.

    Mails with a link are found again by nothing once the link is over, so they let go of the address then.
    """
    erased = (
        sa.select(DataRequest.participant_id)
        .join(DataRequest.participant)
        .where(DataRequest.kind == RequestKind.DELETION, DataRequest.state == RequestState.DONE)
        .where(Participant.email.is_(None))  # or he is known anew
    )
    if db.session.scalar(erased.limit(1)) is not None:
        forget_recipients(letters_to(erased))
    over = ~sa.exists().where(PersonLink.id == OutboxMessage.subject_id)
    forget_recipients(sa.and_(OutboxMessage.kind.in_(LETTERS_WITH_LINK), over))
    db.session.rollback()
