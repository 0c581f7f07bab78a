"""The worker's part: whoever is in the segment when a message falls due is written to, once.

Chunk by chunk, each in a transaction of its own that holds the message's row: a recipient and his mail are there together or
not at all, so a worker that is killed loses nothing and the next one goes on where it stopped.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from app.extensions import db, insert, lock, transaction
from app.jobs.service import Posting, post_all
from app.messages import queries
from app.messages.models import Campaign, CampaignRecipient
from app.messages.rules import LETTER
from app.messages.rules_segments import CampaignState
from app.registration.models import Registration
from app.shared import clock
from app.shared.text import shorten

SEND = "messages.send"
CHUNK = 200
LONGEST_ADDRESSEE = 200


def send_due_campaigns() -> int:
    """Write to the people of every message that is due; answers how many mails were put into the outbox."""
    posted = 0
    for campaign_id in _due_ids():
        while (added := _next_chunk(campaign_id)) is not None:
            posted += added
    return posted


def _due_ids() -> list[int]:
    scheduled = sa.and_(Campaign.state == CampaignState.SCHEDULED, Campaign.due_at <= clock.now())
    found = sa.select(Campaign.id).where(sa.or_(scheduled, Campaign.state == CampaignState.SENDING))
    ids = list(db.session.scalars(found.order_by(Campaign.due_at, Campaign.id)))
    db.session.rollback()
    return ids


def _next_chunk(campaign_id: int) -> int | None:
    """Post the next mails of a message; None once nobody is left, or somebody has stopped it."""
    with transaction():
        campaign = db.session.get(Campaign, campaign_id)
        if campaign is None:
            return None
        lock(campaign)
        if not _is_due(campaign):
            return None
        people = list(db.session.scalars(_left(campaign).limit(CHUNK)))
        if not people:
            _finish(campaign)
            return None
        campaign.state = CampaignState.SENDING
        _post(campaign, people)
        return len(people)


def _is_due(campaign: Campaign) -> bool:
    if campaign.state is CampaignState.SENDING:
        return True
    due = campaign.due_at is not None and campaign.due_at <= clock.now()
    return campaign.state is CampaignState.SCHEDULED and due


def _left(campaign: Campaign) -> sa.Select[Any]:
    """Who has an address and was not written to, under this registration or another of the same person."""
    reached = aliased(Registration)
    done = (
        sa.select(reached.participant_id)
        .join(CampaignRecipient, CampaignRecipient.registration_id == reached.id)
        .where(CampaignRecipient.campaign_id == campaign.id)
    )
    return queries.addressed(campaign.stage, campaign.wanted).where(Registration.participant_id.not_in(done))


def _post(campaign: Campaign, people: list[Registration]) -> None:
    rows = [{"campaign_id": campaign.id, "registration_id": one.id} for one in people]
    adding = insert(CampaignRecipient).values(rows).on_conflict_do_nothing()
    added = db.session.execute(adding.returning(CampaignRecipient.registration_id, CampaignRecipient.id))
    recipients = {registration_id: recipient_id for registration_id, recipient_id in added}
    programme = campaign.stage.programme
    post_all(
        LETTER,
        [
            Posting(
                subject_id=recipients[one.id],
                to_address=one.email or "",
                to_name=shorten(one.full_name, LONGEST_ADDRESSEE),
                dedupe_key=f"campaign:{campaign.id}:{one.id}",
            )
            for one in people
            if one.id in recipients
        ],
        host_id=programme.host_id,
        programme_id=programme.id,
    )


def _finish(campaign: Campaign) -> None:
    everybody = queries.count_of(queries.people_in(campaign.stage, campaign.wanted))
    with_address = queries.count_of(queries.addressed(campaign.stage, campaign.wanted))
    campaign.state = CampaignState.SENT
    campaign.without_address = everybody - with_address
    campaign.finished_at = clock.now()
