"""Who stands on the papers of a stage, and its name badges. Papers are Indonesian whatever language the page is read in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.accounts.queries import staff_of_programme
from app.accounts.rules import Role
from app.agenda.models import AgendaSession, Speaker
from app.agenda.queries import sessions_of
from app.agenda.rules import SpeakerPart
from app.checkin.pdf_badges import Badge, BadgeSet, badges
from app.checkin.rules_paper import Audience, BadgeSize, PaperOrder
from app.extensions import db
from app.hosts.queries import letterhead_of
from app.institutions.models import Institution, InstitutionCategory
from app.institutions.queries import find_category
from app.programmes.models import Stage
from app.registration import queries_people
from app.registration.models import Registration
from app.registration.queries_people import PeopleFilter
from app.registration.rules import RegistrationState
from app.shared.dates import date_span
from app.shared.names import sort_key
from app.web.places import public_url

PARTS = {
    SpeakerPart.SPEAKER: "Narasumber",
    SpeakerPart.MODERATOR: "Moderator",
    SpeakerPart.FACILITATOR: "Fasilitator",
}
TASKS = {
    Role.MANAGER: "Pengelola",
    Role.ORGANISER: "Panitia",
    Role.FACILITATOR: "Fasilitator",
    Role.CERTIFIER: "Petugas Sertifikat",
}
"""Of the committee, by the role on the programme; who only looks on is no member of it."""


@dataclass(frozen=True)
class Leading:
    """Who leads sessions, in which parts, and of which titles, each once and in order."""

    speaker: Speaker
    parts: tuple[SpeakerPart, ...]
    titles: tuple[str, ...]

    @property
    def role(self) -> str:
        return " / ".join(PARTS[part] for part in self.parts)


def badge_address(registration: Registration) -> str:
    """What the QR of a badge or of a sheet's row holds: an address with the badge's code, which opens no ticket."""
    return public_url(f"/t/{registration.badge_code}").upper()


def select_participants(
    stage: Stage, narrowed: PeopleFilter, order: PaperOrder, also: Collection[int] = ()
) -> sa.Select[Any]:
    """The confirmed people of a stage as far as they are wanted, and those of the ids `also`, whatever became of them since."""
    statement = queries_people.people(stage, narrowed)
    confirmed = Registration.state == RegistrationState.CONFIRMED
    statement = statement.where(sa.or_(confirmed, Registration.id.in_(also)) if also else confirmed)
    if order is PaperOrder.NAME:
        return statement.order_by(None).order_by(Registration.sort_name, Registration.id)
    place = (
        sa.select(InstitutionCategory.position)
        .where(InstitutionCategory.id == Registration.category_id)
        .scalar_subquery()
    )
    return statement.order_by(None).order_by(
        place, Registration.institution_name, Registration.sort_name, Registration.id
    )


def leading_of(stage: Stage, sessions: Sequence[AgendaSession] | None = None) -> list[Leading]:
    """Who leads sessions (by default all of the stage), by name, each once."""
    found: dict[int, tuple[Speaker, dict[SpeakerPart, None], dict[str, None]]] = {}
    for session in sessions_of(stage) if sessions is None else sessions:
        for one in session.speakers:
            _speaker, parts, titles = found.setdefault(one.speaker_id, (one.speaker, {}, {}))
            parts[one.part] = titles[session.title] = None
    leading = [Leading(speaker, tuple(parts), tuple(titles)) for speaker, parts, titles in found.values()]
    return sorted(leading, key=lambda one: (sort_key(one.speaker.name), one.speaker.id))


def committee_of(stage: Stage) -> list[tuple[str, str]]:
    """Name and task of the programme's active staff, in the order of the tasks and by name."""
    tasks = list(TASKS)
    found = [
        (tasks.index(membership.role), user.name)
        for user in staff_of_programme(stage.programme_id)
        if user.active
        for membership in user.memberships
        if membership.programme_id == stage.programme_id and membership.role in TASKS
    ]
    return [(name, TASKS[tasks[place]]) for place, name in sorted(found, key=lambda one: (one[0], sort_key(one[1])))]


def said_of(stage: Stage, narrowed: PeopleFilter) -> str:
    """To whom a paper is narrowed, "OPD, Smart Living"; "" for everybody."""
    category = find_category(stage.host, narrowed.category) if narrowed.category else None
    institution = db.session.get(Institution, narrowed.institution) if narrowed.institution is not None else None
    known = institution if institution is not None and institution.host_id == stage.programme.host_id else None
    group = next((one.name for one in stage.programme.groups if one.id == narrowed.group), "")
    names = (category.name if category else "", known.name if known else "", group)
    return ", ".join(name for name in names if name)


def badges_of(stage: Stage, audience: Audience, narrowed: PeopleFilter, *, size: BadgeSize, order: PaperOrder) -> bytes:
    """The badges of those who are wanted, as PDF; speakers and committee are narrowed by nothing."""
    shared = BadgeSet(
        letterhead=letterhead_of(stage.host),
        event=stage.name,
        dates=date_span(stage.starts_on, stage.ends_on),
        size=size,
    )
    people = {
        Audience.PARTICIPANTS: lambda: _participants(stage, narrowed, order),
        Audience.SPEAKERS: lambda: (_of_speaker(one) for one in leading_of(stage)),
        Audience.COMMITTEE: lambda: (Badge(name=name, role="Panitia") for name, _task in committee_of(stage)),
    }
    return badges(shared, people[audience]())


def _participants(stage: Stage, narrowed: PeopleFilter, order: PaperOrder) -> Iterator[Badge]:
    """Read some hundreds at a time while they are drawn."""
    for batch in queries_people.in_batches(select_participants(stage, narrowed, order)):
        for one in batch:
            yield Badge(
                name=one.full_name,
                role="Peserta",
                institution=one.institution_name or one.category.name,
                groups=", ".join(group.name for group in one.groups),
                qr_text=badge_address(one),
            )


def _of_speaker(one: Leading) -> Badge:
    return Badge(name=one.speaker.full_name, role=one.role, institution=one.speaker.institution)
