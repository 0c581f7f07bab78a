"""Requests and links of two people who become one (registration/service/merging.py)."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from flask_babel import gettext, ngettext

from app.extensions import db
from app.privacy.models import DataRequest, PersonLink
from app.privacy.rules import RequestState
from app.registration.service.merging import on_merge
from app.registration.service.merging_own import Merging, Share


def share(merging: Merging) -> Share:
    """Both are the person's; two open requests of one kind must be settled first, for he can have one."""
    part = Share()
    of_lost = DataRequest.participant_id == merging.lost_id
    if number := db.session.scalar(sa.select(sa.func.count(DataRequest.id)).where(of_lost)):
        part.lines.append(ngettext("%(num)d data request moves.", "%(num)d data requests move.", number))
    both = DataRequest.participant_id.in_((merging.kept_id, merging.lost_id))
    twice = (
        sa.select(DataRequest.kind)
        .where(both, DataRequest.state == RequestState.OPEN)
        .group_by(DataRequest.kind)
        .having(sa.func.count() > 1)
    )
    if db.session.scalars(twice).first() is not None:
        part.obstacles.append(gettext("Both have an open data request of the same kind. Settle one of them first."))
    part.statements.append(sa.update(DataRequest).where(of_lost).values(participant_id=merging.kept_id))
    links = sa.update(PersonLink).where(PersonLink.participant_id == merging.lost_id)
    part.statements.append(links.values(participant_id=merging.kept_id))
    return part


def facts(_registration_ids: Collection[int]) -> dict[int, list[str]]:
    """Requests belong to the person, not to a registration."""
    return {}


on_merge("privacy", share=share, facts=facts)
