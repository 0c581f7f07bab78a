"""Receipts of two people who become one (registration/service/merging.py); what was answered is nobody's and stays as it is."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from flask_babel import ngettext

from app.extensions import db
from app.feedback.models import FeedbackReceipt
from app.registration.service.merging import on_merge
from app.registration.service.merging_own import Merging, Share


def share(merging: Merging) -> Share:
    """A receipt moves to who has none of the questionnaire. Where both have answered, both answers count: no one can tell whose."""
    part, found = Share(), _receipts([*merging.joined, *merging.joined.values()])
    moving = staying = 0
    for ended, stays in merging.joined.items():
        own, other = found.get(ended, set()), found.get(stays, set())
        moving, staying = moving + len(own - other), staying + len(own & other)
        if own - other:
            of_ended = FeedbackReceipt.registration_id == ended
            these = sa.update(FeedbackReceipt).where(of_ended, FeedbackReceipt.questionnaire_id.in_(own - other))
            part.statements.append(these.values(registration_id=stays))
    if moving:
        part.lines.append(ngettext("%(num)d receipt of feedback moves.", "%(num)d receipts of feedback move.", moving))
    if staying:
        words = ngettext(
            "%(num)d questionnaire was answered by both: both answers go on to count.",
            "%(num)d questionnaires were answered by both: both answers go on to count.",
            staying,
        )
        part.lines.append(words)
    return part


def facts(registration_ids: Collection[int]) -> dict[int, list[str]]:
    """How many questionnaires each person has answered."""
    return {
        registration_id: [ngettext("%(num)d questionnaire answered", "%(num)d questionnaires answered", len(answered))]
        for registration_id, answered in _receipts(registration_ids).items()
    }


def _receipts(registration_ids: Collection[int]) -> dict[int, set[int]]:
    columns = sa.select(FeedbackReceipt.registration_id, FeedbackReceipt.questionnaire_id)
    rows = db.session.execute(columns.where(FeedbackReceipt.registration_id.in_(registration_ids)))
    found: dict[int, set[int]] = {}
    for registration_id, questionnaire_id in rows:
        found.setdefault(registration_id, set()).add(questionnaire_id)
    return found


on_merge("feedback", share=share, facts=facts)
