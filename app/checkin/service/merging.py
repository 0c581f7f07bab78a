"""Attendance and excuses of two people who become one (registration/service/merging.py)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

import sqlalchemy as sa
from flask_babel import gettext, ngettext

from app.checkin.models import Attendance, Checkpoint, Excuse
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules_merging import Moved, moved
from app.extensions import db
from app.registration.service.merging import on_merge
from app.registration.service.merging_own import Merging, Share
from app.shared import clock


def share(merging: Merging) -> Share:
    """What is in force moves; at a checkpoint where both were, the earlier counts. Scans stay with the code that was scanned."""
    part, found = Share(), _in_force([*merging.joined, *merging.joined.values()])
    counted: Counter[Moved] = Counter()
    for ended, stays in merging.joined.items():
        for point, attendance in found.get(ended, {}).items():
            other = found.get(stays, {}).get(point)
            what = moved(attendance.at, other.at if other else None)
            counted[what] += 1
            later = attendance if what is Moved.YIELD else other
            if later is not None:
                part.statements.append(_annul(later))
            if what is not Moved.YIELD:
                this = sa.update(Attendance).where(Attendance.id == attendance.id)
                part.statements.append(this.values(registration_id=stays))
    part.lines += [_sentence(what, counted[what]) for what in Moved if counted[what]]
    _excuses(merging, part)
    for ended, stays in merging.joined.items():
        about = sa.update(ScanIncident).where(ScanIncident.registration_id == ended)
        part.statements.append(about.values(registration_id=stays))
    return part


def _annul(attendance: Attendance) -> sa.Update:
    reason = gettext("Merged: the same person came earlier.")
    values = {"annulled_at": clock.now(), "annul_reason": reason}
    return sa.update(Attendance).where(Attendance.id == attendance.id).values(values)


def _excuses(merging: Merging, part: Share) -> None:
    """One moves where the other registration has none."""
    people = [*merging.joined, *merging.joined.values()]
    statement = sa.select(Excuse.id, Excuse.registration_id, Excuse.checkpoint_id).where(
        Excuse.registration_id.in_(people), Excuse.withdrawn_at.is_(None)
    )
    rows = db.session.execute(statement.order_by(Excuse.id)).all()
    excused = {(row.registration_id, row.checkpoint_id) for row in rows}
    moving = 0
    for row in rows:
        stays = merging.joined.get(row.registration_id)
        if stays is not None and (stays, row.checkpoint_id) not in excused:
            moving += 1
            part.statements.append(sa.update(Excuse).where(Excuse.id == row.id).values(registration_id=stays))
            excused.add((stays, row.checkpoint_id))
    if moving:
        part.lines.append(ngettext("%(num)d excuse moves.", "%(num)d excuses move.", moving))


def facts(registration_ids: Collection[int]) -> dict[int, list[str]]:
    """How often each person was there."""
    return {
        registration_id: [ngettext("%(num)d attendance", "%(num)d attendances", len(points))]
        for registration_id, points in _in_force(registration_ids).items()
    }


def _in_force(registration_ids: Collection[int]) -> dict[int, dict[int, Attendance]]:
    statement = (
        sa.select(Attendance)
        .join(Checkpoint, Checkpoint.id == Attendance.checkpoint_id)
        .where(Attendance.registration_id.in_(registration_ids), Attendance.annulled_at.is_(None))
        .order_by(Attendance.id)
    )
    found: dict[int, dict[int, Attendance]] = {}
    for attendance in db.session.scalars(statement.execution_options(populate_existing=True)):
        found.setdefault(attendance.registration_id, {})[attendance.checkpoint_id] = attendance
    return found


def _sentence(what: Moved, number: int) -> str:
    match what:
        case Moved.MOVE:
            return ngettext("%(num)d attendance moves.", "%(num)d attendances move.", number)
        case Moved.REPLACE:
            return ngettext(
                "%(num)d attendance takes the place of a later one of the other registration.",
                "%(num)d attendances take the place of later ones of the other registration.",
                number,
            )
        case Moved.YIELD:
            return ngettext(
                "%(num)d attendance of the ended registration is annulled: the other was there as well, and earlier.",
                "%(num)d attendances of the ended registration are annulled: the other was there as well, and earlier.",
                number,
            )


on_merge("checkin", share=share, facts=facts)
