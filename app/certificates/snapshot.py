"""What a certificate says, put together from the records of the day; no database.

The words are Indonesian and final: they are frozen at issue and printed as they stand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.agenda.models import AgendaSession
from app.agenda.rules import SpeakerPart, expects
from app.certificates.models import CertificateDesign
from app.certificates.pdf import CertificatePaper, Lesson, body_sentence
from app.hosts.queries import address_lines
from app.paper.pages import Paper
from app.programmes.models import Stage
from app.registration.models import Registration
from app.shared import identity
from app.shared.dates import date_span, plain_date
from app.shared.identity import IdentityType
from app.shared.names import full_name
from app.shared.ranks import rank_label

PARTICIPANT = "PESERTA"


@dataclass(frozen=True, kw_only=True)
class Seal:
    """What a certificate has of its own: number, date, verification code and addresses, and the emblem's key."""

    number: str
    dated: date
    code: str
    qr_text: str
    verify_at: str
    emblem: str = ""


def snapshot(
    registration: Registration,
    *,
    stage: Stage,
    design: CertificateDesign,
    sessions: Iterable[AgendaSession],
    seal: Seal,
) -> dict[str, Any]:
    """Everything that is printed, and beside it what the verification page says.

    Expects the groups of registration and sessions, and the speakers, to be loaded.
    """
    programme = part_of_stage(stage, design, sessions, groups_of(registration))
    jp = sum(lesson.jp for lesson in programme["lessons"])
    paper = CertificatePaper(
        **part_of_person(registration),
        **programme,
        title=design.title,
        paper=Paper(design.paper),
        number=seal.number,
        role=PARTICIPANT,
        place_and_date=f"{design.place}, {plain_date(seal.dated)}",
        parent=stage.host.parent_name,
        host=stage.host.name,
        address=address_lines(stage.host),
        emblem=seal.emblem,
        signer_capacity=design.signer_capacity,
        signer_position=design.signer_position,
        signer_name=full_name(design.signer_title_before, design.signer_name, design.signer_title_after),
        signer_rank=design.signer_rank,
        signer_nip=identity.shown(IdentityType.NIP, design.signer_nip),
        qr_text=seal.qr_text,
        code=seal.code,
        verify_at=seal.verify_at,
    )
    shown = {
        "programme": stage.programme.name,
        "stage": stage.name,
        "starts_on": stage.starts_on.isoformat(),
        "ends_on": stage.ends_on.isoformat(),
        "jp": jp,
    }
    return paper.to_snapshot() | shown


def part_of_person(registration: Registration) -> dict[str, Any]:
    """What a certificate has from the records of the person, by field."""
    return {
        "name": registration.full_name,
        "nip": _nip(registration),
        "rank": rank_label(registration.rank),
        "position": registration.position,
        "institution": registration.institution_name,
    }


def part_of_stage(
    stage: Stage, design: CertificateDesign, sessions: Iterable[AgendaSession], groups: frozenset[int]
) -> dict[str, Any]:
    """What a certificate has from the records of the stage, by field; the same for all people of the same groups."""
    lessons = tuple(_lessons(sessions, groups))
    jp = sum(lesson.jp for lesson in lessons)
    return {"event": event_name(stage), "body": _body(stage, jp, fallback=design.place), "lessons": lessons}


def groups_of(registration: Registration) -> frozenset[int]:
    return frozenset(group.id for group in registration.groups)


def event_name(stage: Stage) -> str:
    """The stage under its programme: "Bimbingan Teknis Tahap I – Gerakan Menuju 100 Smart City 2019"."""
    programme = stage.programme.name
    return stage.name if programme.casefold() in stage.name.casefold() else f"{stage.name} – {programme}"


def _nip(registration: Registration) -> str:
    if registration.identity_type is not IdentityType.NIP:
        return ""
    return identity.shown(IdentityType.NIP, registration.identity_number)


def _body(stage: Stage, jp: int, *, fallback: str) -> str:
    organiser = stage.host.name
    place = stage.venue or fallback
    dates = date_span(stage.starts_on, stage.ends_on)
    if jp:
        return body_sentence(organiser=organiser, place=place, dates=dates, jp=jp)
    return f"yang diselenggarakan oleh {organiser} di {place} pada tanggal {dates}."


def _lessons(sessions: Iterable[AgendaSession], groups: frozenset[int]) -> list[Lesson]:
    """The sessions that count and at which this person is expected."""
    return [
        Lesson(title=session.title, speakers="; ".join(_speakers(session)), jp=session.jp)
        for session in sessions
        if session.jp and expects(frozenset(group.id for group in session.groups), groups)
    ]


def _speakers(session: AgendaSession) -> list[str]:
    names = [part.speaker.full_name for part in session.speakers if part.part is not SpeakerPart.MODERATOR]
    return list(dict.fromkeys(names))
