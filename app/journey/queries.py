"""Reads across all rooms: how many stand at each step of a stage, who they are, and what is on a ticket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.certificates.models import Certificate
from app.certificates.rules import CertificateState
from app.checkin.models import Attendance
from app.extensions import db
from app.feedback.models import FeedbackReceipt, Questionnaire
from app.hosts.models import Host
from app.institutions.models import InstitutionCategory
from app.journey import rules
from app.journey.rules import StagePhase, Step
from app.programmes.models import Programme, Stage
from app.registration.models import Registration
from app.registration.models_seats import Invitation
from app.registration.queries import PeopleFilter, people
from app.registration.rules import RegistrationState
from app.registration.rules_seats import InvitationState
from app.shared import clock, dates

present_at_all = sa.exists().where(Attendance.registration_id == Registration.id, Attendance.annulled_at.is_(None))
has_certificate = sa.exists().where(
    Certificate.registration_id == Registration.id, Certificate.state == CertificateState.VALID
)
has_answered = sa.exists().where(
    FeedbackReceipt.registration_id == Registration.id,
    FeedbackReceipt.questionnaire_id == Questionnaire.id,
    Questionnaire.stage_id == Registration.stage_id,
)
CONDITIONS = {
    Step.REGISTERED: sa.true(),
    Step.PRESENT: present_at_all,
    Step.ANSWERED: has_answered,
    Step.CERTIFIED: has_certificate,
}


def phase_of(stage: Stage) -> StagePhase:
    """Where a stage stands now."""
    return rules.phase(
        starts_on=stage.starts_on,
        ends_on=stage.ends_on,
        opens_at=stage.registration_opens_at,
        closes_at=stage.registration_closes_at,
        now=clock.now(),
        today=today_of(stage.host),
    )


def today_of(host: Host) -> date:
    """The present day in a host's zone."""
    return dates.local_date(clock.now(), host.timezone)


@dataclass
class CategorySteps:
    """How many people of an unsur stand at each step; `category` is None in the total."""

    category: InstitutionCategory | None
    counts: dict[Step, int] = field(default_factory=lambda: dict.fromkeys(Step, 0))


def steps_by_category(stage: Stage) -> tuple[CategorySteps, list[CategorySteps]]:
    """The stage's total and each unsur that has somebody at some step. Three queries, whatever the stage's size."""
    categories = db.session.scalars(
        sa.select(InstitutionCategory)
        .where(InstitutionCategory.host_id == stage.programme.host_id)
        .order_by(InstitutionCategory.position)
    )
    rows = {category.id: CategorySteps(category) for category in categories}
    for category_id, *counts in db.session.execute(_confirmed_counts(stage)):
        rows[category_id].counts |= dict(zip(CONDITIONS, counts, strict=True))
    for category_id, invited in db.session.execute(_invited_counts(stage)):
        rows[category_id].counts[Step.INVITED] = invited
    total = CategorySteps(None)
    for row in rows.values():
        for step, count in row.counts.items():
            total.counts[step] += count
    return total, [row for row in rows.values() if any(row.counts.values())]


def _confirmed_counts(stage: Stage) -> sa.Select[int, *tuple[Any, ...]]:
    counted = [sa.func.sum(sa.case((condition, 1), else_=0)) for condition in CONDITIONS.values()]
    return (
        sa.select(Registration.category_id, *counted)
        .where(Registration.stage_id == stage.id, Registration.state == RegistrationState.CONFIRMED)
        .group_by(Registration.category_id)
    )


def _invited_counts(stage: Stage) -> sa.Select[int, int]:
    return (
        sa.select(Invitation.category_id, sa.func.sum(Invitation.seats))
        .where(Invitation.stage_id == stage.id, Invitation.state != InvitationState.WITHDRAWN)
        .group_by(Invitation.category_id)
    )


def people_at(stage: Stage, filters: PeopleFilter, step: Step | None) -> sa.Select[tuple[Registration]]:
    """The people of a stage who pass the filters and stand at `step` (confirmed ones), in order of name."""
    statement = people(stage, filters)
    if step is None or step is Step.INVITED:
        return statement
    return statement.where(Registration.state == RegistrationState.CONFIRMED, CONDITIONS[step])


def steps_of(registrations: Sequence[Registration]) -> dict[int, set[Step]]:
    """Which steps each of these people has reached. One query."""
    ids = [registration.id for registration in registrations]
    reached: dict[int, set[Step]] = {
        registration.id: {Step.REGISTERED} if registration.state is RegistrationState.CONFIRMED else set()
        for registration in registrations
    }
    later = (Step.PRESENT, Step.ANSWERED, Step.CERTIFIED)
    statement = sa.select(Registration.id, *(CONDITIONS[step] for step in later)).where(Registration.id.in_(ids))
    for registration_id, *marks in db.session.execute(statement) if ids else ():
        reached[registration_id] |= {step for step, mark in zip(later, marks, strict=True) if mark}
    return reached


def answered_titles(registration: Registration) -> list[str]:
    """The questionnaires that a person has answered; what was answered is nobody's to know."""
    statement = (
        sa.select(Questionnaire.title)
        .join(FeedbackReceipt, FeedbackReceipt.questionnaire_id == Questionnaire.id)
        .where(FeedbackReceipt.registration_id == registration.id)
        .order_by(Questionnaire.id)
    )
    return list(db.session.scalars(statement))


def programmes_by_next_stage() -> list[Programme]:
    """Published programmes that have a published stage: those with something still to come first, the soonest first."""
    shown = (Stage.programme_id == Programme.id) & Stage.published
    today = clock.now().date() - timedelta(days=1)  # a day of slack, since hosts live in other zones than UTC
    next_start = sa.select(sa.func.min(Stage.starts_on)).where(shown, Stage.ends_on >= today).scalar_subquery()
    return list(
        db.session.scalars(
            sa.select(Programme)
            .where(Programme.published, sa.exists().where(shown))
            .order_by(next_start.is_(None), next_start, Programme.name)
        ).unique()
    )


def all_stages(programme_ids: Sequence[int]) -> dict[int, list[Stage]]:
    """Every stage of these programmes by programme, in order; for staff."""
    found: dict[int, list[Stage]] = {programme_id: [] for programme_id in programme_ids}
    statement = sa.select(Stage).where(Stage.programme_id.in_(programme_ids)).order_by(Stage.number)
    for stage in db.session.scalars(statement).unique():
        found[stage.programme_id].append(stage)
    return found


def published_stages(programme_ids: Sequence[int]) -> dict[int, list[Stage]]:
    """The published ones of `all_stages`."""
    return {
        programme_id: [stage for stage in stages if stage.published]
        for programme_id, stages in all_stages(programme_ids).items()
    }


def programmes_of(user: User) -> list[Programme]:
    """The programmes a member of staff sees, by host and name, with their stages: her own, and all of the hosts she administers."""
    host_ids = [membership.host_id for membership in user.memberships if membership.programme_id is None]
    programme_ids = [membership.programme_id for membership in user.memberships if membership.programme_id is not None]
    return list(
        db.session.scalars(
            sa.select(Programme)
            .options(joinedload(Programme.host))
            .where(sa.or_(Programme.host_id.in_(host_ids), Programme.id.in_(programme_ids)))
            .order_by(Programme.host_id, Programme.name)
        ).unique()
    )


def hosts_of(user: User) -> list[Host]:
    """The hosts that a user administers."""
    ids = [membership.host_id for membership in user.memberships if membership.programme_id is None]
    if not ids:
        return []
    return list(db.session.scalars(sa.select(Host).where(Host.id.in_(ids)).order_by(Host.name)))
