"""Who of two people who become one has been written to (registration/service/merging.py)."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from app.messages.models import CampaignRecipient
from app.registration.service.merging import on_merge
from app.registration.service.merging_own import Merging, Share


def share(merging: Merging) -> Share:
    """Whoever has had a message under either registration does not get it again."""
    part = Share()
    for ended, stays in merging.joined.items():
        other = sa.select(CampaignRecipient.campaign_id).where(CampaignRecipient.registration_id == stays)
        these = sa.update(CampaignRecipient).where(
            CampaignRecipient.registration_id == ended, CampaignRecipient.campaign_id.not_in(other)
        )
        part.statements.append(these.values(registration_id=stays))
    return part


def facts(_registration_ids: Collection[int]) -> dict[int, list[str]]:
    """Nothing that would tell two people apart."""
    return {}


on_merge("messages", share=share, facts=facts)
