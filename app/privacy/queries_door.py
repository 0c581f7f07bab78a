"""What the door holds about one person beside attendance: excuses, and forms of walk-ins that staff have not settled yet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.checkin.models import Excuse
from app.checkin.rules_walk_ins import Newcomer
from app.checkin.service import incidents_about
from app.extensions import db
from app.privacy import queries
from app.registration.models import Participant, Registration
from app.registration.rules import LONGEST
from app.shared.dates import local
from app.shared.names import full_name, name_key

Row = dict[str, Any]


@dataclass(frozen=True)
class Called:
    """By what a form at the door may be about a person: name keys, and phones in E.164."""

    names: set[str]
    phones: set[str]


def called(participant: Participant, registrations: Collection[Registration]) -> Called:
    """How a person is or was called, wherever he was entered."""
    people = [participant, *queries.entries_of(participant)]
    names = {one.name_key for one in people} | {name_key(one.name, LONGEST["name"]) for one in registrations}
    phones = {one.phone for one in people} | {one.phone for one in registrations}
    return Called(names - {""}, {phone for phone in phones if phone})


def excuses(registration_ids: Collection[int], zone: str) -> list[Row]:
    """From what he was excused, also what was withdrawn."""
    statement = (
        sa.select(Excuse)
        .where(Excuse.registration_id.in_(registration_ids))
        .order_by(Excuse.id)
        .options(joinedload(Excuse.registration).joinedload(Registration.stage), joinedload(Excuse.checkpoint))
    )
    return [
        {
            "stage": one.registration.stage.name,
            "checkpoint": one.checkpoint.name,
            "kind": "with_jp" if one.with_jp else "without_jp",
            "reason": one.reason,
            "given_at": _moment(one.given_at, zone),
            "withdrawn_at": _moment(one.withdrawn_at, zone),
        }
        for one in db.session.scalars(statement)
    ]


def walk_ins(participant: Participant, registrations: Collection[Registration], zone: str) -> list[Row]:
    """What was typed at a door and waits for staff, where it is perhaps about him."""
    known = called(participant, registrations)
    about = incidents_about(participant.host_id, names=known.names, phones=known.phones)
    rows = []
    for incident in about:
        typed = Newcomer.of_kept(incident.person or {})
        rows.append(
            {
                "stage": incident.checkpoint.stage.name,
                "checkpoint": incident.checkpoint.name,
                "at": _moment(incident.scan.occurred_at, zone),
                "name": full_name(typed.title_before, typed.name, typed.title_after),
                "institution": typed.institution,
                "position": typed.position,
                "phone": typed.phone,
            }
        )
    return rows


def _moment(moment: datetime | None, zone: str) -> str | None:
    return local(moment, zone).isoformat(timespec="seconds") if moment else None
