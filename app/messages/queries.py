"""Reads of templates and of messages to segments."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.checkin.models import Attendance
from app.checkin.queries import find_checkpoint, points_of
from app.extensions import db
from app.feedback.models import FeedbackReceipt
from app.feedback.queries import find_questionnaire
from app.institutions.models import InstitutionCategory
from app.messages.defaults import STANDARD, Text
from app.messages.models import Campaign, CampaignRecipient, MessageTemplate
from app.messages.rules import TemplateKind
from app.messages.rules_segments import Segment
from app.programmes.models import Programme, Stage
from app.registration.models import Registration, registration_group
from app.registration.models_seats import Invitation
from app.registration.queries_people import answers_so
from app.registration.rules import ENDED

MOST_CHOICES = 200


def template_text(programme_id: int, kind: TemplateKind) -> Text:
    """How a programme words a kind of letter: its own text, else the standard one."""
    own = find_template(programme_id, kind)
    return Text(own.subject, own.body) if own else STANDARD[kind]


def find_template(programme_id: int, kind: TemplateKind) -> MessageTemplate | None:
    """The programme's own text; None while the standard one holds."""
    return db.session.scalar(
        sa.select(MessageTemplate).where(MessageTemplate.programme_id == programme_id, MessageTemplate.kind == kind)
    )


def own_templates(programme: Programme) -> dict[TemplateKind, MessageTemplate]:
    """The texts that a programme has worded itself."""
    statement = sa.select(MessageTemplate).where(MessageTemplate.programme_id == programme.id)
    return {one.kind: one for one in db.session.scalars(statement.options(joinedload(MessageTemplate.updated_by)))}


def campaigns_of(stage: Stage) -> sa.Select[Any]:
    """A stage's messages, the newest first."""
    statement = sa.select(Campaign).where(Campaign.stage_id == stage.id).order_by(Campaign.id.desc())
    return statement.options(joinedload(Campaign.created_by))


def find_campaign(stage: Stage, campaign_id: int) -> Campaign | None:
    return db.session.scalar(sa.select(Campaign).where(Campaign.stage_id == stage.id, Campaign.id == campaign_id))


def reached_counts(campaign_ids: list[int]) -> dict[int, int]:
    """How many people each message was sent to; those with none are missing."""
    statement = (
        sa.select(CampaignRecipient.campaign_id, sa.func.count())
        .where(CampaignRecipient.campaign_id.in_(campaign_ids))
        .group_by(CampaignRecipient.campaign_id)
    )
    return {campaign_id: count for campaign_id, count in db.session.execute(statement)}


def people_in(stage: Stage, segment: Segment) -> sa.Select[Any]:
    """A select of the registrations of a segment by name; of a person who is in it twice the newest."""
    newest = sa.select(sa.func.max(Registration.id)).where(_is_in(stage, segment)).group_by(Registration.participant_id)
    return (
        sa.select(Registration)
        .where(Registration.id.in_(newest))
        .options(joinedload(Registration.category), selectinload(Registration.groups))
        .order_by(Registration.sort_name, Registration.id)
    )


def addressed(stage: Stage, segment: Segment) -> sa.Select[Any]:
    """Those of a segment who have given an address."""
    return people_in(stage, segment).where(Registration.email.is_not(None), Registration.email != "")


def count_of(statement: sa.Select[Any]) -> int:
    """How many rows a select has."""
    bare = statement.order_by(None).options().with_only_columns(sa.func.count(Registration.id))
    return db.session.scalar(bare) or 0


def people_to_look_at(stage: Stage) -> list[tuple[int, str]]:
    """People of a stage with whom a letter may be looked at: id and name, at most MOST_CHOICES."""
    found = sa.select(Registration).where(Registration.stage_id == stage.id).order_by(Registration.sort_name)
    return [(one.id, one.full_name) for one in db.session.scalars(found.order_by(Registration.id).limit(MOST_CHOICES))]


def invitations_to_look_at(stage: Stage) -> list[tuple[int, str]]:
    """Invitations of a stage with which a letter may be looked at: id and institution, at most MOST_CHOICES."""
    found = sa.select(Invitation).where(Invitation.stage_id == stage.id).order_by(Invitation.id).limit(MOST_CHOICES)
    return [
        (one.id, one.institution.name) for one in db.session.scalars(found.options(joinedload(Invitation.institution)))
    ]


def find_example(stage: Stage, registration_id: int | None) -> Registration | None:
    """The registration of that id at the stage; without an id, or for a strange one, the newest that has not ended."""
    return db.session.scalar(
        sa.select(Registration)
        .where(Registration.stage_id == stage.id)
        .order_by(
            (Registration.id == (registration_id or 0)).desc(), Registration.state.in_(ENDED), Registration.id.desc()
        )
        .limit(1)
    )


def find_invitation_example(stage: Stage, invitation_id: int | None) -> Invitation | None:
    """As find_example, of an invitation."""
    return db.session.scalar(
        sa.select(Invitation)
        .where(Invitation.stage_id == stage.id)
        .order_by((Invitation.id == (invitation_id or 0)).desc(), Invitation.id.desc())
        .limit(1)
    )


def find_recipient(recipient_id: int) -> CampaignRecipient | None:
    return db.session.get(CampaignRecipient, recipient_id)


def _is_in(stage: Stage, segment: Segment) -> sa.ColumnElement[bool]:
    nets: list[sa.ColumnElement[bool]] = [Registration.stage_id == stage.id]
    if segment.states:
        nets.append(Registration.state.in_(segment.states))
    else:
        nets.append(Registration.state.not_in(ENDED))
    if segment.category:
        of_code = sa.select(InstitutionCategory.id).where(InstitutionCategory.code == segment.category)
        nets.append(Registration.category_id.in_(of_code))
    if segment.institution is not None:
        nets.append(Registration.institution_id == segment.institution)
    if segment.group is not None:
        nets.append(_is_in_groups([segment.group]))
    if segment.checkpoint is not None:
        nets.append(_at_checkpoint(stage, segment.checkpoint, present=segment.present))
    if segment.questionnaire is not None:
        nets.append(_of_questionnaire(stage, segment.questionnaire, answered=segment.answered))
    if segment.answering is not None:
        nets.append(answers_so(stage, segment.answering))
    return sa.and_(*nets)


def _at_checkpoint(stage: Stage, checkpoint_id: int, *, present: bool) -> sa.ColumnElement[bool]:
    """Who is there; or who is expected and is not. Nobody, where the stage has no such checkpoint any more."""
    if find_checkpoint(stage, checkpoint_id) is None:
        return sa.false()
    there = sa.select(Attendance.registration_id).where(
        Attendance.checkpoint_id == checkpoint_id, Attendance.annulled_at.is_(None)
    )
    if present:
        return Registration.id.in_(there)
    [point] = [one for one in points_of(stage) if one.checkpoint.id == checkpoint_id]
    return sa.and_(Registration.id.not_in(there), _is_in_groups(point.group_ids))


def _of_questionnaire(stage: Stage, questionnaire_id: int, *, answered: bool) -> sa.ColumnElement[bool]:
    """Who has answered; or who may answer and has not."""
    questionnaire = find_questionnaire(stage, questionnaire_id)
    if questionnaire is None:
        return sa.false()
    given = sa.select(FeedbackReceipt.registration_id).where(FeedbackReceipt.questionnaire_id == questionnaire_id)
    if answered:
        return Registration.id.in_(given)
    session = questionnaire.session
    audience = [group.id for group in session.groups] if session else []
    return sa.and_(Registration.id.not_in(given), _is_in_groups(audience))


def _is_in_groups(group_ids: Any) -> sa.ColumnElement[bool]:
    """Whoever is in one of the groups; without any, everybody."""
    if not group_ids:
        return sa.true()
    members = sa.select(registration_group.c.registration_id).where(registration_group.c.group_id.in_(group_ids))
    return Registration.id.in_(members)
