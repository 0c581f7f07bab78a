"""The board of a stage's attendance: who is there, how they come, and what is to be settled. It refreshes by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask_babel import lazy_gettext as _l

from app.accounts.permissions import may, needs
from app.accounts.rules import Permission
from app.checkin import queries, queries_corrections, queries_devices
from app.checkin.forms_corrections import HAND_LABELS
from app.checkin.models import Attendance
from app.checkin.queries import Point
from app.checkin.rules import REASON_LABELS, Decision
from app.programmes.models import Stage
from app.registration.models import Registration
from app.shared import clock
from app.shared.names import sort_key
from app.web.navigation import Section, register_section
from app.web.paging import page_of

blueprint = Blueprint("checkin_staff", __name__)
register_section(
    Section(
        key="checkin",
        label=_l("Attendance"),
        endpoint="checkin_staff.board",
        icon="qr-code-scan",
        permission=Permission.VIEW_ATTENDANCE,
        order=45,
    )
)
ROOT = "/panel/kegiatan/<stage>/presensi"
POINT = ROOT + "/<int:checkpoint_id>"
DECISION_LABELS = {
    Decision.ADMITTED: _l("Present"),
    Decision.REPEAT: _l("Already here"),
    Decision.REFUSED: _l("Not admitted"),
    Decision.PARKED: _l("Recorded, to be settled"),
}
DECISION_TONES = {
    Decision.ADMITTED: "success",
    Decision.REPEAT: "warning",
    Decision.REFUSED: "danger",
    Decision.PARKED: "warning",
}
Row = tuple[Registration, Attendance | None]


@blueprint.get(ROOT)
@needs(Permission.VIEW_ATTENDANCE)
def board(stage: Stage) -> str:
    """Who is there at a checkpoint (?titik=), by default the one of the moment; for who may not see people, how many."""
    points = queries.points_of(stage)
    point = _chosen(points)
    people = queries.expected_people(point) if point and may(Permission.VIEW_PEOPLE, stage) else None
    state, typed = request.args.get("keadaan", ""), request.args.get("cari", "")[:100]
    return render_template(
        "checkin/board.html",
        **_figures(stage, points, point),
        people=None if people is None else page_of(_narrowed(people, state, typed)),
        narrowed=bool(state or typed),
        state=state,
        typed=typed,
        devices=queries_devices.devices_of(stage),
        excuses=queries_corrections.excuses_at(point.checkpoint) if point and people is not None else {},
        hand_kinds=list(HAND_LABELS.items()),
    )


@blueprint.get(f"{POINT}/angka")
@needs(Permission.VIEW_ATTENDANCE)
def figures(stage: Stage, checkpoint_id: int) -> str:
    """The part of the board that refreshes by itself."""
    points = queries.points_of(stage)
    point = next((one for one in points if one.checkpoint.id == checkpoint_id), None) or abort(404)
    return render_template("checkin/_figures.html", **_figures(stage, points, point))


def _chosen(points: Sequence[Point]) -> Point | None:
    wanted = request.args.get("titik", "")
    return next((one for one in points if str(one.checkpoint.id) == wanted), None) or queries.preselected(
        points, clock.now()
    )


def _figures(stage: Stage, points: Sequence[Point], point: Point | None) -> dict[str, Any]:
    may_see = may(Permission.VIEW_PEOPLE, stage)
    return {
        "stage": stage,
        "points": points,
        "point": point,
        "categories": queries.by_category(point) if point else [],
        "scans": queries_devices.last_scans(point.checkpoint) if point and may_see else None,
        "decision_labels": DECISION_LABELS,
        "decision_tones": DECISION_TONES,
        "reason_labels": REASON_LABELS,
    }


def _narrowed(people: Sequence[Row], state: str, typed: str) -> list[Row]:
    """Only those present (`hadir`) or not (`belum`), whose name or institution holds every word typed."""
    words = sort_key(typed).split()
    return [
        (person, attendance)
        for person, attendance in people
        if (state not in ("hadir", "belum") or (attendance is not None) == (state == "hadir"))
        and all(word in f"{person.sort_name} {sort_key(person.institution_name)}" for word in words)
    ]
