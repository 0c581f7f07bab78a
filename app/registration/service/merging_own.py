"""What registration itself keeps of two people who become one, and how it moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext, ngettext

from app.extensions import db, insert
from app.programmes.models import Stage
from app.registration.models import Consent, Participant, Registration, registration_group
from app.registration.models_documents import Document
from app.registration.models_duplicates import DistinctPair
from app.registration.models_questions import RegistrationAnswer
from app.registration.service import seats
from app.shared import clock


@dataclass(frozen=True)
class Merging:
    """Participant `lost_id` becomes `kept_id`. `joined`: each registration that ends, with the one that goes on in its place."""

    kept_id: int
    lost_id: int
    joined: Mapping[int, int]


@dataclass
class Share:
    """What a room moves, in words and as statements in their order, and what stands in the way."""

    lines: list[str] = field(default_factory=list)
    statements: list[Any] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)


def share(merging: Merging) -> Share:
    """Registrations, consents, answers, files and what was found out about the two."""
    part = Share()
    _registrations(merging, part)
    for ended, stays in merging.joined.items():
        _consents(ended, stays, part)
        _answers(ended, stays, part)
    part.statements += _distinctions(merging)
    return part


def join_groups(ended: Registration, stays: Registration, stage: Stage) -> None:
    """Put the one that goes on into the groups of the other as well, as far as there are seats."""
    own = {group.id for group in stays.groups}
    stays.changed_at = clock.now()
    for group_id in sorted({group.id for group in ended.groups} - own):
        if seats.holds_seat(stays) and seats.take_groups(stage, [group_id]):
            continue
        row = {"registration_id": stays.id, "group_id": group_id}
        db.session.execute(insert(registration_group).values(row).on_conflict_do_nothing())


def _registrations(merging: Merging, part: Share) -> None:
    of_lost = Registration.participant_id == merging.lost_id
    number = _count(sa.select(sa.func.count(Registration.id)).where(of_lost))
    if number:
        words = ngettext("%(num)d registration moves.", "%(num)d registrations move.", number)
        part.lines.append(words)
    for ended, stays in merging.joined.items():
        one, other = db.session.get_one(Registration, ended), db.session.get_one(Registration, stays)
        words = gettext(
            "%(stage)s: the ticket %(ended)s ends and leads to the ticket %(stays)s.",
            stage=one.stage.name,
            ended=one.ticket_code[-4:],
            stays=other.ticket_code[-4:],
        )
        part.lines.append(words)
        part.statements.append(
            sa.update(Registration).where(Registration.merged_into_id == ended).values(merged_into_id=stays)
        )
    part.statements.append(sa.update(Registration).where(of_lost).values(participant_id=merging.kept_id))
    aliases = sa.update(Participant).where(Participant.merged_into_id == merging.lost_id)
    part.statements.append(aliases.values(merged_into_id=merging.kept_id))


def _consents(ended: int, stays: int, part: Share) -> None:
    in_force = Consent.withdrawn_at.is_(None)
    held = sa.select(Consent.kind).where(Consent.registration_id == stays, in_force)
    rows = sa.select(Consent.id).where(Consent.registration_id == ended)
    moving = list(db.session.scalars(rows.where(sa.or_(~in_force, Consent.kind.not_in(held)))))
    if moving:
        part.lines.append(ngettext("%(num)d consent moves.", "%(num)d consents move.", len(moving)))
        part.statements.append(sa.update(Consent).where(Consent.id.in_(moving)).values(registration_id=stays))


def _answers(ended: int, stays: int, part: Share) -> None:
    answered = sa.select(RegistrationAnswer.question_id).where(RegistrationAnswer.registration_id == stays)
    given = sa.select(RegistrationAnswer.id, RegistrationAnswer.question_id)
    rows = db.session.execute(given.where(RegistrationAnswer.registration_id == ended)).all()
    known = set(db.session.scalars(answered))
    moving = [row.id for row in rows if row.question_id not in known]
    if moving:
        part.lines.append(ngettext("%(num)d answer moves.", "%(num)d answers move.", len(moving)))
        answers = sa.update(RegistrationAnswer).where(RegistrationAnswer.id.in_(moving))
        part.statements.append(answers.values(registration_id=stays))
    if kept := len(rows) - len(moving):
        words = ngettext(
            "%(num)d answer stays with the ended registration: the other has answered this too.",
            "%(num)d answers stay with the ended registration: the other has answered these too.",
            kept,
        )
        part.lines.append(words)
    free = sa.or_(Document.question_id.is_(None), Document.question_id.not_in(known))
    files = list(db.session.scalars(sa.select(Document.id).where(Document.registration_id == ended, free)))
    if files:
        part.lines.append(ngettext("%(num)d file moves.", "%(num)d files move.", len(files)))
        part.statements.append(sa.update(Document).where(Document.id.in_(files)).values(registration_id=stays))


def _distinctions(merging: Merging) -> list[Any]:
    """Whom the lost one was told apart from, the kept one is told apart from."""
    pair = DistinctPair
    of_lost = sa.or_(pair.first_id == merging.lost_id, pair.second_id == merging.lost_id)
    others = [
        (row.second_id if row.first_id == merging.lost_id else row.first_id, row)
        for row in db.session.scalars(sa.select(pair).where(of_lost))
    ]
    statements: list[Any] = [sa.delete(pair).where(of_lost)]
    for other, row in others:
        if other != merging.kept_id:
            first, second = sorted((other, merging.kept_id))
            values = {"first_id": first, "second_id": second, "by_id": row.by_id, "at": row.at}
            statements.append(insert(pair).values(values).on_conflict_do_nothing())
    return statements


def _count(statement: sa.Select[int]) -> int:
    return db.session.scalar(statement) or 0
