"""Reads of invitations and of the people named on them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from app.audit.models import AuditEntry
from app.extensions import db
from app.institutions.models import Institution, InstitutionCategory
from app.paper.pages import Paper
from app.programmes.models import Stage
from app.registration.models import Participant, Registration
from app.registration.models_letters import LetterSettings
from app.registration.models_seats import Invitation
from app.registration.rules import ENDED
from app.registration.rules_seats import OPEN_INVITATION, InvitationState
from app.shared import clock
from app.shared.text import squash

LONGEST_SEARCH = 100
TEXTS = tuple(column.key for column in sa.inspect(LetterSettings).columns if column.key not in ("stage_id", "paper"))
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, kw_only=True)
class InvitationFilter:
    """What a list of invitations is narrowed to: `category` is a code, `q` what was typed, in an institution or a contact."""

    state: InvitationState | None = None
    category: str = ""
    q: str = ""

    @classmethod
    def from_address(cls, query: Mapping[str, str]) -> InvitationFilter:
        """Read the query of an address; nonsense in it narrows nothing."""
        states = {state.value: state for state in InvitationState}
        return cls(
            state=states.get(query.get("state", "")),
            category=squash(query.get("category"))[:30],
            q=squash(query.get("q"))[:LONGEST_SEARCH],
        )

    @property
    def narrows(self) -> bool:
        return self != InvitationFilter()


def select_invitations(stage: Stage, narrowed: InvitationFilter) -> sa.Select[Any]:
    """A stage's invitations by unsur and institution, with both."""
    statement = (
        sa.select(Invitation)
        .join(Invitation.institution)
        .join(InstitutionCategory, InstitutionCategory.id == Invitation.category_id)
        .options(
            contains_eager(Invitation.institution).joinedload(Institution.category), joinedload(Invitation.category)
        )
        .where(Invitation.stage_id == stage.id)
        .order_by(InstitutionCategory.position, sa.func.lower(Institution.name), Invitation.id)
    )
    if narrowed.state is not None:
        statement = statement.where(_is_shown_as(narrowed.state))
    if narrowed.category:
        statement = statement.where(InstitutionCategory.code == narrowed.category)
    if narrowed.q:
        names = (Institution.name, Institution.short_name, Invitation.contact_name)
        statement = statement.where(sa.or_(*(name.icontains(narrowed.q, autoescape=True) for name in names)))
    return statement


def _is_shown_as(state: InvitationState) -> sa.ColumnElement[bool]:
    """`rules_invitations.shown_state` for the database."""
    lapsed = sa.and_(Invitation.state.in_(OPEN_INVITATION), Invitation.deadline <= clock.now())
    over = sa.or_(Invitation.state == InvitationState.EXPIRED, lapsed)
    if state is InvitationState.EXPIRED:
        return sa.and_(over, Invitation.used == 0)
    if state is InvitationState.ANSWERED:
        return sa.or_(sa.and_(Invitation.state == state, ~over), sa.and_(over, Invitation.used > 0))
    return sa.and_(Invitation.state == state, ~over)


def chosen_invitations(
    stage: Stage, ids: Collection[int], *, narrowed: InvitationFilter | None = None
) -> list[Invitation]:
    """Those of a stage that have these ids; with `narrowed` all that it leaves in instead."""
    if narrowed is not None:
        return list(db.session.scalars(select_invitations(stage, narrowed)).unique())
    statement = select_invitations(stage, InvitationFilter()).where(Invitation.id.in_(ids))
    return list(db.session.scalars(statement).unique())


def find_invitation(stage: Stage, invitation_id: int) -> Invitation | None:
    return db.session.scalar(
        sa.select(Invitation).where(Invitation.stage_id == stage.id, Invitation.id == invitation_id)
    )


def find_by_token(token: str) -> Invitation | None:
    """The invitation of a link's secret, with what its page shows."""
    if not TOKEN.fullmatch(token):
        return None
    statement = sa.select(Invitation).where(Invitation.token == token)
    return db.session.scalar(
        statement.options(
            joinedload(Invitation.stage), joinedload(Invitation.institution), joinedload(Invitation.category)
        )
    )


def named_on(invitation: Invitation) -> list[Registration]:
    """The people of an invitation: those who are registered by name, then who has ended, the last to end first."""
    statement = sa.select(Registration).where(Registration.invitation_id == invitation.id)
    found = list(db.session.scalars(statement.order_by(Registration.sort_name, Registration.id)))
    ended = sorted(
        (one for one in found if one.state in ENDED), key=lambda one: one.ended_at or one.created_at, reverse=True
    )
    return [one for one in found if one.state not in ENDED] + ended


def find_named(invitation: Invitation, registration_id: int) -> Registration | None:
    """A person of this invitation; None for those of others."""
    return db.session.scalar(
        sa.select(Registration).where(Registration.invitation_id == invitation.id, Registration.id == registration_id)
    )


def corrected_themselves(participant_ids: Collection[int]) -> set[int]:
    """Who of these has put his own data right, or had it done at his request; also as the one whom he was merged with."""
    person = sa.func.coalesce(Participant.merged_into_id, Participant.id)
    statement = (
        sa.select(person)
        .join(AuditEntry, AuditEntry.subject_id == Participant.id)
        .where(
            AuditEntry.subject_type == Participant.__tablename__,
            AuditEntry.action == "participant.corrected",
            sa.or_(Participant.id.in_(participant_ids), Participant.merged_into_id.in_(participant_ids)),
        )
    )
    return set(db.session.scalars(statement))


def successors_of(registrations: Collection[Registration]) -> dict[int, str]:
    """The names of those who took over a seat, by the id of whom they replaced."""
    statement = sa.select(Registration).where(Registration.replaces_id.in_([one.id for one in registrations]))
    return {one.replaces_id: one.full_name for one in db.session.scalars(statement) if one.replaces_id is not None}


def invitation_counts(stage: Stage) -> dict[InvitationState, int]:
    """How many invitations are shown in each state; every state is named."""
    counts = [sa.func.count().filter(_is_shown_as(state)) for state in InvitationState]
    counted = db.session.execute(sa.select(*counts).where(Invitation.stage_id == stage.id)).one()
    return dict(zip(InvitationState, counted, strict=True))


def seat_totals(stage: Stage) -> tuple[int, int]:
    """Seats of the invitations that were not withdrawn, and how many of them are used."""
    statement = sa.select(
        sa.func.coalesce(sa.func.sum(Invitation.seats), 0), sa.func.coalesce(sa.func.sum(Invitation.used), 0)
    ).where(Invitation.stage_id == stage.id, Invitation.state != InvitationState.WITHDRAWN)
    seats, used = db.session.execute(statement).one()
    return int(seats), int(used)


def letter_settings(stage: Stage) -> LetterSettings:
    """How the stage's letters are written; the usual way where nobody has changed it."""
    found = db.session.get(LetterSettings, stage.id)
    return found or LetterSettings(stage_id=stage.id, **dict.fromkeys(TEXTS, ""), paper=Paper.A4)
