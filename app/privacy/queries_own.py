"""Everything that is held about one person, as it is handed out to him (UU 27/2022): plain values, table by table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.audit.models import AuditEntry
from app.certificates.models import Certificate
from app.checkin.models import Attendance
from app.extensions import db
from app.feedback.models import FeedbackReceipt, Questionnaire
from app.hosts.models import Host
from app.jobs.models import OutboxMessage
from app.messages.models import CampaignRecipient
from app.privacy import queries, queries_door
from app.privacy.models import DataRequest
from app.registration.models import Consent, Participant, Registration
from app.registration.models_documents import Document
from app.registration.models_questions import RegistrationAnswer
from app.shared.dates import local

Row = dict[str, Any]


@dataclass(frozen=True)
class OwnData:
    """What is held, by table; each row is a mapping of plain values, times are of the host's clock."""

    participant: Row
    tables: dict[str, list[Row]]


def own_data(participant: Participant) -> OwnData:
    """Read everything, in a number of queries that does not grow with it."""
    host = db.session.get_one(Host, participant.host_id)
    registrations = queries.registrations_of(participant)
    ids = [registration.id for registration in registrations]
    certificates = queries.certificates_of(participant)
    requests = queries.requests_of(participant)
    zone = host.timezone
    held = {
        "entries": [_participant(one, host) for one in queries.entries_of(participant)],
        "registrations": [_registration(one, zone) for one in registrations],
        "answers": _answers(ids, zone),
        "documents": _documents(ids, zone),
        "consents": _consents(ids, zone),
        "attendances": _attendances(ids, zone),
        "excuses": queries_door.excuses(ids, zone),
        "walk_ins": queries_door.walk_ins(participant, registrations, zone),
        "feedback": _feedback(ids),
        "certificates": [_certificate(one, zone) for one in certificates],
        "messages": _messages(letters_about(participant), zone),
        "requests": [_request(one, zone) for one in requests],
        "activity": _activity(participant, ids, certificates, requests, zone),
    }
    return OwnData(_participant(participant, host), held)


def letters_about(participant: Participant) -> sa.ColumnElement[bool]:
    """Which mails of the outbox were written to this person, whoever else has the same address."""
    return letters_to([participant.id])


def letters_to(people: Collection[int] | sa.Select[int]) -> sa.ColumnElement[bool]:
    """Which mails of the outbox were written to these participants (ids, or what answers them)."""
    registrations = sa.select(Registration.id).where(Registration.participant_id.in_(people))
    certificates = sa.select(Certificate.id).where(Certificate.participant_id.in_(people))
    requests = sa.select(DataRequest.id).where(DataRequest.participant_id.in_(people))
    campaigns = sa.select(CampaignRecipient.id).where(CampaignRecipient.registration_id.in_(registrations))
    return sa.or_(
        _letters("registration.%", registrations),
        _letters("certificates.%", certificates),
        _letters("messages.letter", campaigns),
        sa.and_(
            _letters("privacy.%", requests),
            OutboxMessage.kind.in_(("privacy.received", "privacy.done", "privacy.refused")),
        ),
        sa.and_(
            OutboxMessage.kind.in_(("privacy.address_changed", "privacy.address_corrected")),
            OutboxMessage.subject_id.in_(people),
        ),
    )


def _letters(kind: str, subjects: sa.Select[int]) -> sa.ColumnElement[bool]:
    return sa.and_(OutboxMessage.kind.like(kind), OutboxMessage.subject_id.in_(subjects))


def _participant(participant: Participant, host: Host) -> Row:
    return {
        "host": host.name,
        "title_before": participant.title_before,
        "name": participant.name,
        "title_after": participant.title_after,
        "identity_type": participant.identity_type.value,
        "identity_number": participant.identity_number,
        "email": participant.email,
        "phone": participant.phone,
        "known_since": _moment(participant.created_at, host.timezone),
    }


def _registration(one: Registration, zone: str) -> Row:
    return {
        "stage": one.stage.name,
        "programme": one.stage.programme.name,
        "starts_on": one.stage.starts_on.isoformat(),
        "ends_on": one.stage.ends_on.isoformat(),
        "state": one.state.value,
        "source": one.source.value,
        "title_before": one.title_before,
        "name": one.name,
        "title_after": one.title_after,
        "category": one.category.name,
        "institution": one.institution_name,
        "identity_type": one.identity_type.value,
        "identity_number": one.identity_number,
        "rank": one.rank,
        "position": one.position,
        "email": one.email,
        "phone": one.phone,
        "ticket_code": one.ticket_code,
        "groups": ", ".join(group.name for group in one.groups),
        "privacy_notice_version": one.notice.version if one.notice else None,
        "cancel_reason": one.cancel_reason,
        "created_at": _moment(one.created_at, zone),
        "confirmed_at": _moment(one.confirmed_at, zone),
        "ended_at": _moment(one.ended_at, zone),
    }


def _answers(ids: Collection[int], zone: str) -> list[Row]:
    statement = (
        sa.select(RegistrationAnswer, Registration)
        .join(Registration, Registration.id == RegistrationAnswer.registration_id)
        .where(RegistrationAnswer.registration_id.in_(ids))
        .order_by(RegistrationAnswer.id)
        .options(joinedload(RegistrationAnswer.question))
    )
    return [
        {
            "stage": registration.stage.name,
            "question": answer.wording or answer.question.text,
            "answer": answer.value,
            "answered_at": _moment(answer.answered_at, zone),
        }
        for answer, registration in db.session.execute(statement)
    ]


def _documents(ids: Collection[int], zone: str) -> list[Row]:
    statement = sa.select(Document).where(Document.registration_id.in_(ids)).order_by(Document.id)
    return [
        {
            "stage": one.stage.name,
            "file_name": one.file_name,
            "kind": one.media_type,
            "bytes": one.size,
            "handed_in_at": _moment(one.created_at, zone),
        }
        for one in db.session.scalars(statement.options(joinedload(Document.stage)))
    ]


def _consents(ids: Collection[int], zone: str) -> list[Row]:
    statement = sa.select(Consent).where(Consent.registration_id.in_(ids)).order_by(Consent.id)
    return [
        {
            "stage": one.registration.stage.name,
            "kind": one.kind.value,
            "wording": one.wording,
            "given_at": _moment(one.given_at, zone),
            "withdrawn_at": _moment(one.withdrawn_at, zone),
        }
        for one in db.session.scalars(statement)
    ]


def _attendances(ids: Collection[int], zone: str) -> list[Row]:
    statement = (
        sa.select(Attendance)
        .where(Attendance.registration_id.in_(ids))
        .order_by(Attendance.id)
        .options(joinedload(Attendance.registration), joinedload(Attendance.checkpoint))
    )
    return [
        {
            "stage": one.registration.stage.name,
            "checkpoint": one.checkpoint.name,
            "at": _moment(one.at, zone),
            "correction": one.correction.value if one.correction else None,
            "reason": one.reason,
            "annulled_at": _moment(one.annulled_at, zone),
        }
        for one in db.session.scalars(statement)
    ]


def _feedback(ids: Collection[int]) -> list[Row]:
    """That a questionnaire was answered; what was answered is not joined to anybody."""
    statement = (
        sa.select(Questionnaire.title, Registration)
        .join(FeedbackReceipt, FeedbackReceipt.questionnaire_id == Questionnaire.id)
        .join(Registration, Registration.id == FeedbackReceipt.registration_id)
        .where(FeedbackReceipt.registration_id.in_(ids))
        .order_by(Questionnaire.id)
    )
    return [
        {"stage": registration.stage.name, "questionnaire": title}
        for title, registration in db.session.execute(statement)
    ]


def _certificate(one: Certificate, zone: str) -> Row:
    return {
        "stage": one.stage.name,
        "number": one.number,
        "version": one.version,
        "dated": one.dated.isoformat(),
        "state": one.state.value,
        "code": one.code,
        "issued_at": _moment(one.issued_at, zone),
        "printed": one.snapshot,
    }


def _messages(about: sa.ColumnElement[bool], zone: str) -> list[Row]:
    statement = sa.select(OutboxMessage).where(about).order_by(OutboxMessage.id)
    return [
        {
            "kind": one.kind,
            "subject": one.subject,
            "to": one.to_address,
            "state": one.state.value,
            "created_at": _moment(one.created_at, zone),
            "sent_at": _moment(one.sent_at, zone),
        }
        for one in db.session.scalars(statement)
    ]


def _request(one: DataRequest, zone: str) -> Row:
    return {
        "kind": one.kind.value,
        "state": one.state.value,
        "text": one.text,
        "proposed": one.proposed,
        "created_at": _moment(one.created_at, zone),
        "settled_at": _moment(one.settled_at, zone),
        "answer": one.answer,
    }


def _activity(
    participant: Participant,
    ids: Collection[int],
    certificates: Sequence[Certificate],
    requests: Sequence[DataRequest],
    zone: str,
) -> list[Row]:
    """The log of acts upon his records; who acted is named by role alone."""
    subjects = {
        "participant": [participant.id],
        "registration": list(ids),
        "certificate": [one.id for one in certificates],
        "data_request": [one.id for one in requests],
    }
    about = [
        sa.and_(AuditEntry.subject_type == kind, AuditEntry.subject_id.in_(found)) for kind, found in subjects.items()
    ]
    statement = sa.select(AuditEntry).where(sa.or_(*about)).order_by(AuditEntry.id)
    return [
        {
            "at": _moment(one.at, zone),
            "action": one.action,
            "by": "staff" if one.actor_id else "self or system",
            "fields": ", ".join(map(str, one.fields)),
            "reason": one.reason,
        }
        for one in db.session.scalars(statement)
    ]


def _moment(moment: datetime | None, zone: str) -> str | None:
    return local(moment, zone).isoformat(timespec="seconds") if moment else None
