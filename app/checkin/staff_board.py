"""The board of a stage's attendance: who is there, how they come, and what is to be settled. It refreshes by itself."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask_babel import lazy_gettext as _l

from app.accounts.permissions import may, needs
from app.accounts.rules import Permission
from app.checkin import queries, queries_board, queries_corrections, queries_devices, queries_incidents
from app.checkin.forms_corrections import HAND_LABELS
from app.checkin.models import Attendance
from app.checkin.queries import Point
from app.checkin.rules import REASON_LABELS, Decision, short_name
from app.checkin.rules_board import HINDRANCE_LABELS, INCIDENT_LABELS, Bar, per_five_minutes, silence_label
from app.programmes.models import Stage
from app.registration.models import Registration
from app.shared import clock
from app.shared.dates import local_date
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
MOST_INCIDENTS, MOST_REFUSALS, MOST_PEOPLE = 3, 3, 10
STATES = ("hadir", "belum", "izin")
Row = tuple[Registration, Attendance | None]


@dataclass(frozen=True)
class Again:
    """A small form in somebody's row that could not be taken: what was typed, and what is wrong with it."""

    registration_id: int
    typed: Mapping[str, str]
    sentence: str


@blueprint.get(ROOT)
@needs(Permission.VIEW_ATTENDANCE)
def board(stage: Stage) -> str:
    """Who is there at a checkpoint (?titik=), by default the one of the moment; for who may not see people, how many."""
    points = queries.points_of(stage)
    return board_page(stage, points, _chosen(points))


def board_page(stage: Stage, points: Sequence[Point], point: Point | None, *, again: Again | None = None) -> str:
    """The board, of which `again` leaves one person with the form open as it was sent."""
    people = queries.expected_people(point) if point and may(Permission.VIEW_PEOPLE, stage) else None
    excuses = queries_corrections.excuses_at(point.checkpoint) if point and people is not None else {}
    state, typed = request.values.get("keadaan", ""), request.values.get("cari", "")[:100]
    if people is not None and again:
        people = [row for row in people if row[0].id == again.registration_id]
    elif people is not None:
        people = _narrowed(people, state, typed, excuses)
    return render_template(
        "checkin/board.html",
        **(figures_of(stage, points, point) if point else {"stage": stage, "points": points, "point": None}),
        people=None if people is None else page_of(people, size=MOST_PEOPLE),
        narrowed=bool(state or typed),
        state=state,
        typed=typed,
        excuses=excuses,
        annulled=queries_corrections.annulled_at(point.checkpoint) if point and people is not None else {},
        hand_kinds=list(HAND_LABELS.items()),
        again=again,
    )


@blueprint.get(f"{POINT}/angka")
@needs(Permission.VIEW_ATTENDANCE)
def figures(stage: Stage, checkpoint_id: int) -> str:
    """The part of the board that refreshes by itself."""
    return figures_page(stage, checkpoint_id)


def figures_page(stage: Stage, checkpoint_id: int, *, with_flashes: bool = False) -> str:
    """The board's figures alone, for its script; `with_flashes` also what was just done."""
    points = queries.points_of(stage)
    point = next((one for one in points if one.checkpoint.id == checkpoint_id), None) or abort(404)
    return render_template("checkin/_refreshed.html", **figures_of(stage, points, point), with_flashes=with_flashes)


def figures_of(stage: Stage, points: Sequence[Point], point: Point) -> dict[str, Any]:
    """What the board shows of a checkpoint. Names and institutions only for who may see the people."""
    may_see = may(Permission.VIEW_PEOPLE, stage)
    categories, institutions = queries_board.shares(point)
    arrivals = queries_board.arrivals(point.checkpoint)
    return {
        "stage": stage,
        "points": points,
        "point": point,
        "categories": categories,
        "institutions": institutions if may_see else None,
        "arrivals": arrivals,
        "bars": per_five_minutes(arrivals, stage.timezone),
        "doors": queries_board.doors(point.checkpoint),
        "scans": queries_devices.last_scans(point.checkpoint) if may_see else None,
        "waiting": queries_incidents.open_counts(stage),
        "incidents": queries_incidents.incidents(stage, settled=False, limit=MOST_INCIDENTS) if may_see else None,
        "refusals": queries_incidents.refusals(stage, point.checkpoint, number=1, size=MOST_REFUSALS)
        if may_see
        else None,
    } | labels()


def labels() -> dict[str, Any]:
    """Words for what was decided at a door."""
    return {
        "decision_labels": DECISION_LABELS,
        "decision_tones": DECISION_TONES,
        "reason_labels": REASON_LABELS,
        "incident_labels": INCIDENT_LABELS,
        "hindrance_labels": HINDRANCE_LABELS,
        "silence_label": silence_label,
    }


@blueprint.app_template_filter()
def short_point(name: str, opens_at: datetime, zone: str) -> str:
    """A checkpoint's name where there is little room."""
    return short_name(name, local_date(opens_at, zone))


@blueprint.app_template_filter()
def drawn_bars(bars: Sequence[Bar]) -> str:
    """Bars as the chart's script reads them: JSON pairs of clock time and number."""
    return json.dumps([[f"{bar.start:%H.%M}", bar.count] for bar in bars], separators=(",", ":"))


def _chosen(points: Sequence[Point]) -> Point | None:
    wanted = request.args.get("titik", "")
    return next((one for one in points if str(one.checkpoint.id) == wanted), None) or queries.preselected(
        points, clock.now()
    )


def _narrowed(people: Sequence[Row], state: str, typed: str, excuses: Collection[int]) -> list[Row]:
    """Only those present (`hadir`), excused (`izin`) or neither (`belum`), whose name or institution holds every word typed."""
    words = sort_key(typed).split()

    def fits(person: Registration, attendance: Attendance | None) -> bool:
        is_in = "hadir" if attendance else "izin" if person.id in excuses else "belum"
        return (state not in STATES or is_in == state) and all(
            word in f"{person.sort_name} {sort_key(person.institution_name)}" for word in words
        )

    return [row for row in people if fits(*row)]
