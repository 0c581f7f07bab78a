"""A message to a segment: drafted, looked at, sent at once or scheduled, changed and cancelled while it waits."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.audit.service import record
from app.extensions import db, lock, transaction
from app.jobs.service import enqueue
from app.messages import queries
from app.messages.models import Campaign
from app.messages.rules import TemplateKind
from app.messages.rules_segments import (
    CHANGEABLE,
    PLAN_PROBLEMS,
    RELATIVE,
    CampaignState,
    Plan,
    Segment,
    Timing,
    due_at,
    plan_problem,
)
from app.messages.service.sending import SEND
from app.programmes.models import Stage
from app.programmes.service import on_stage_changed
from app.shared import clock


class MessageRefusal(enum.Enum):
    """Why a message cannot be changed or sent."""

    GONE = "gone"
    NOBODY = "nobody"


MESSAGE_REFUSALS = {
    MessageRefusal.GONE: _l("This message is on its way already, or was cancelled; it can no longer be changed."),
    MessageRefusal.NOBODY: _l("Nobody in this selection has an e-mail address, so nothing can be sent."),
}


class MessageRefused(ValueError):
    """`sentence` says to a person why."""

    def __init__(self, reason: Any, sentence: Any) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.sentence = sentence


def draft_campaign(
    stage: Stage, *, kind: TemplateKind | None, subject: str, body: str, segment: Segment, plan: Plan, by: User
) -> Campaign:
    """Keep a message that is not sent yet. The text and the plan have been checked."""
    with transaction():
        campaign = Campaign(
            stage_id=stage.id,
            kind=kind,
            state=CampaignState.DRAFT,
            created_at=clock.now(),
            created_by_id=by.id,
            **_values(subject=subject, body=body, segment=segment, plan=plan),
        )
        db.session.add(campaign)
        db.session.flush()
        record("campaign.drafted", campaign, by=by, host_id=stage.programme.host_id)
    return campaign


def edit_campaign(campaign: Campaign, *, subject: str, body: str, segment: Segment, plan: Plan, by: User) -> None:
    """Change a draft, or a message that waits for its time; the latter goes on waiting. Raises MessageRefused."""
    with transaction():
        _hold(campaign)
        values = _values(subject=subject, body=body, segment=segment, plan=plan)
        if campaign.state is CampaignState.SCHEDULED:
            values["due_at"] = _checked_due(plan, campaign.stage)
        for name, value in values.items():
            setattr(campaign, name, value)
        record("campaign.changed", campaign, by=by, host_id=campaign.stage.programme.host_id)


def send_campaign(campaign: Campaign, *, by: User) -> None:
    """Let it leave at its time, which is now unless it was planned for later. Raises MessageRefused."""
    with transaction():
        _hold(campaign)
        if campaign.timing is Timing.NOW and not queries.count_of(queries.addressed(campaign.stage, campaign.wanted)):
            raise MessageRefused(MessageRefusal.NOBODY, MESSAGE_REFUSALS[MessageRefusal.NOBODY])
        campaign.due_at = _checked_due(campaign.plan, campaign.stage)
        campaign.state = CampaignState.SCHEDULED
        record("campaign.scheduled", campaign, by=by, host_id=campaign.stage.programme.host_id)
        if campaign.timing is Timing.NOW:
            enqueue(SEND, args={}, host_id=campaign.stage.programme.host_id, stage_id=campaign.stage_id, by=by)


def take_back(campaign: Campaign, *, by: User) -> None:
    """Make a message that waits a draft again. Raises MessageRefused."""
    _stop(campaign, CampaignState.DRAFT, "campaign.taken_back", by=by)


def cancel_campaign(campaign: Campaign, *, by: User) -> None:
    """It is not sent any more. Raises MessageRefused where it is on its way."""
    _stop(campaign, CampaignState.CANCELLED, "campaign.cancelled", by=by)


def reschedule(stage: Stage, _before: Mapping[str, Any] | None = None) -> None:
    """Let the messages that wait for a time relative to the stage move with its days, within the open transaction.

    What would have been due before now is sent at the next look of the worker; that a stage moves is why it is told of.
    """
    waiting = sa.select(Campaign).where(
        Campaign.stage_id == stage.id, Campaign.state == CampaignState.SCHEDULED, Campaign.timing.in_(RELATIVE)
    )
    for campaign in db.session.scalars(waiting.with_for_update(of=Campaign)):
        campaign.due_at = _due(campaign.plan, stage)


def _values(*, subject: str, body: str, segment: Segment, plan: Plan) -> dict[str, Any]:
    return {
        "subject": subject,
        "body": body,
        "segment": segment.as_json(),
        "timing": plan.timing,
        "days": plan.days if plan.timing in RELATIVE else None,
        "clock": plan.clock.isoformat("minutes") if plan.clock and plan.timing in RELATIVE else "",
        "due_at": plan.moment if plan.timing is Timing.AT else None,
    }


def _checked_due(plan: Plan, stage: Stage) -> datetime:
    """When it falls due; raises MessageRefused for a plan that cannot be followed."""
    now = clock.now()
    problem = plan_problem(plan, starts_on=stage.starts_on, ends_on=stage.ends_on, zone=stage.timezone, now=now)
    if problem is not None:
        raise MessageRefused(problem, PLAN_PROBLEMS[problem])
    return _due(plan, stage)


def _due(plan: Plan, stage: Stage) -> datetime:
    return due_at(plan, starts_on=stage.starts_on, ends_on=stage.ends_on, zone=stage.timezone, now=clock.now())


def _stop(campaign: Campaign, state: CampaignState, action: str, *, by: User) -> None:
    with transaction():
        _hold(campaign)
        campaign.state = state
        if campaign.timing is not Timing.AT:
            campaign.due_at = None
        record(action, campaign, by=by, host_id=campaign.stage.programme.host_id)


def _hold(campaign: Campaign) -> None:
    """Its row, held so that the worker does not begin meanwhile."""
    lock(campaign)
    if campaign.state not in CHANGEABLE:
        raise MessageRefused(MessageRefusal.GONE, MESSAGE_REFUSALS[MessageRefusal.GONE])


on_stage_changed(reschedule)
