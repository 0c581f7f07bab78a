"""A stage whose every date and code is known, and one letter of each kind from it."""

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from app.certificates.models import Certificate
from app.extensions import db, transaction
from app.institutions.models import Institution
from app.jobs.models import OutboxMessage
from app.messages.models import Campaign, CampaignRecipient
from app.messages.queries import template_text
from app.messages.rules import BY_STAFF, TO_INSTITUTIONS, TemplateKind
from app.messages.rules_segments import CampaignState, Segment, Timing
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.models_seats import Invitation
from app.registration.rules import RegistrationState
from app.registration.rules_seats import InvitationState
from app.shared import clock
from tests import factories

STATES = {
    TemplateKind.PENDING: RegistrationState.PENDING,
    TemplateKind.WAITLISTED: RegistrationState.WAITLISTED,
    TemplateKind.OFFER: RegistrationState.OFFERED,
    TemplateKind.OFFER_PASSED: RegistrationState.WAITLISTED,
    TemplateKind.REJECTED: RegistrationState.REJECTED,
    TemplateKind.CANCELLED: RegistrationState.CANCELLED,
    TemplateKind.REPLACED: RegistrationState.CANCELLED,
}
KINDS_OF_MAIL = {
    TemplateKind.CONFIRMATION: "registration.ticket",
    TemplateKind.PENDING: "registration.pending",
    TemplateKind.WAITLISTED: "registration.waitlisted",
    TemplateKind.OFFER: "registration.offered",
    TemplateKind.OFFER_PASSED: "registration.offer_passed",
    TemplateKind.REJECTED: "registration.rejected",
    TemplateKind.CANCELLED: "registration.cancelled",
    TemplateKind.REPLACED: "registration.replaced",
    TemplateKind.INVITATION: "invitation.letter",
    TemplateKind.INVITATION_REMINDER: "invitation.reminder",
    TemplateKind.CERTIFICATE_READY: "certificates.ready",
    **dict.fromkeys(BY_STAFF, "messages.letter"),
}


def stage_of_2019(**values: Any) -> Stage:
    host = factories.host(
        name="Dinas Komunikasi dan Informatika",
        parent_name="Pemerintah Kota Tanjungpinang",
        email="diskominfo@kota.test",
        phone="0771-123456",
    )
    programme = factories.programme(host, slug="smart-city-2019", name="Gerakan Menuju 100 Smart City 2019")
    known = {
        "slug": "tahap-1",
        "number": 1,
        "name": "Bimtek Tahap I",
        "venue": "Aula Lantai 3 Kantor Wali Kota",
        "address": "Senggarang",
        "starts_on": date(2019, 7, 8),
        "ends_on": date(2019, 7, 9),
        "registration_opens_at": datetime(2019, 6, 10, tzinfo=UTC),
        "registration_closes_at": datetime(2019, 7, 7, tzinfo=UTC),
    }
    stage = factories.stage(programme, **known | values)
    factories.agenda_session(stage, starts_at=factories.at(stage, 7, 30), ends_at=factories.at(stage, 9))
    return stage


def person(stage: Stage, **values: Any) -> Registration:
    known = {"name": "Siti Nur'aini", "title_before": "Dra.", "title_after": "M.Si.", "email": "siti@kota.test"}
    known |= {"ticket_code": "0123456789ABCDEF"} | values
    place = db.session.scalar(sa.select(Institution).filter_by(host_id=stage.host.id, name="Dinas Pendidikan"))
    return factories.registration(
        stage, institution=place or factories.institution(stage.host, name="Dinas Pendidikan"), **known
    )


def invitation(stage: Stage, **values: Any) -> Invitation:
    place = factories.institution(stage.host, name="Bank Riau Kepri")
    known = {
        "stage_id": stage.id,
        "institution_id": place.id,
        "category_id": place.category_id,
        "seats": 2,
        "reserved": 2,
        "state": InvitationState.SENT,
        "token": "T" * 43,
        "contact_name": "Raja Ismail",
        "contact_email": "undangan@bank.test",
        "letter_number": "005/123/DISKOMINFO/2019",
        "letter_date": date(2019, 6, 17),
        "deadline": datetime(2019, 7, 1, 9, tzinfo=UTC),
        "created_at": clock.now(),
    }
    with transaction():
        record = Invitation(**known | values)
        db.session.add(record)
    return record


def subject_of(stage: Stage, kind: TemplateKind) -> int:
    """What a mail of the kind is about, in the state in which it is written."""
    if kind in TO_INSTITUTIONS:
        return invitation(stage).id
    if kind is TemplateKind.CERTIFICATE_READY:
        return _certificate(stage).id
    values: dict[str, Any] = {"state": STATES.get(kind, RegistrationState.CONFIRMED)}
    if values["state"] is RegistrationState.WAITLISTED:
        values["waiting_since"] = datetime(2019, 6, 20, tzinfo=UTC)
    if kind is TemplateKind.OFFER:
        values["offer_until"] = datetime(2019, 7, 2, 3, tzinfo=UTC)
    if kind in (TemplateKind.REJECTED, TemplateKind.CANCELLED):
        values["cancel_reason"] = "Dinas luar kota"
    registration = person(stage, **values)
    if kind is TemplateKind.REPLACED:
        factories.registration(stage, name="Budi Santoso", replaces_id=registration.id)
    if kind in BY_STAFF:
        factories.questionnaire(stage, token="FEDCBA9876543210")
        return _recipient(registration, kind).id
    return registration.id


def message_of(stage: Stage, kind: TemplateKind) -> OutboxMessage:
    """A mail of the kind as the worker finds it."""
    return OutboxMessage(kind=KINDS_OF_MAIL[kind], subject_id=subject_of(stage, kind), host_id=stage.host.id)


def _recipient(registration: Registration, kind: TemplateKind) -> CampaignRecipient:
    stage = registration.stage
    text = template_text(stage.programme_id, kind)
    with transaction():
        campaign = Campaign(
            stage_id=stage.id,
            kind=kind,
            subject=text.subject,
            body=text.body,
            segment=Segment().as_json(),
            state=CampaignState.SENT,
            timing=Timing.NOW,
            due_at=clock.now(),
            created_at=clock.now(),
        )
        recipient = CampaignRecipient(campaign=campaign, registration_id=registration.id)
        db.session.add(recipient)
    return recipient


def _certificate(stage: Stage) -> Certificate:
    from app.certificates import service

    factories.certificate_design(stage.programme, number_pattern="{klasifikasi}/{urut:03}/{unit}")
    registration = person(stage)
    factories.attendance(
        registration,
        factories.checkpoint(stage, opens_at=factories.at(stage, 7), closes_at=factories.at(stage, 17)),
        at=factories.at(stage, 7, 15),
    )
    with transaction():
        service.issue_to(stage, [registration.id], by=None)
    return db.session.scalars(sa.select(Certificate)).one()
