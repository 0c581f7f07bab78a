"""A ticket's link as an officer sees it who scanned it with the phone's own camera: the person, and one big button."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.permissions import may, public, require, signed_in
from app.accounts.rules import Permission
from app.checkin import queries as checkin
from app.checkin import service
from app.checkin.queries import Point
from app.checkin.rules import REASON_LABELS, CheckinError
from app.journey import queries_door
from app.journey.forms_door import DoorForm
from app.registration.models import Registration
from app.registration.rules import STATE_LABELS
from app.shared import clock
from app.shared.codes import new_token
from app.web.forms import keeps_form
from app.web.headers import private_page

blueprint = Blueprint("door", __name__)


def officers_page(code: str) -> Response | None:
    """The page for whoever is signed in and may scan at the ticket's stage; None for everybody else, and with ?tiket=1."""
    if not current_user.is_authenticated or request.args.get("tiket"):
        return None
    registration = queries_door.find_holder(code)
    if registration is None or not may(Permission.SCAN, registration.stage):
        return None
    return _page(registration, code, DoorForm(formdata=None))


@blueprint.get("/t/<code>/hadir")
@public
def again(code: str) -> BaseResponse:
    """Whoever reloads the answer, or comes back to it, is led to the ticket."""
    return redirect(url_for("journey.ticket", code=code))


@blueprint.post("/t/<code>/hadir")
@signed_in
@keeps_form
def admit(code: str) -> Response:
    """Scan the ticket or badge at a checkpoint; the answer fills the screen. A second press gets the same answer."""
    registration = queries_door.find_holder(code)
    stage = require(Permission.SCAN, registration.stage if registration else None)
    form = DoorForm()
    points = {str(point.checkpoint.id): point for point in checkin.points_of(stage)}
    point = points.get(form.checkpoint.data or "")
    if registration is None or (point is None and not form.stale):
        abort(404)
    if point is None or not form.validate_on_submit():
        return _page(registration, code, form, status=422)
    try:
        result = service.scan_by_phone(current_user, point.checkpoint, code, scan_id=form.scan_id.data or "")
    except CheckinError as error:
        form.form_errors.append(str(error.sentence))
        return _page(registration, code, form, status=422)
    page = render_template(
        "journey/door_answer.html", result=result, stage=stage, checkpoint=point.checkpoint, reason_labels=REASON_LABELS
    )
    return private_page(make_response(page))


def _page(registration: Registration, code: str, form: DoorForm, *, status: int = 200) -> Response:
    points = checkin.points_of(registration.stage)
    point = _chosen(points)
    there = queries_door.attendance_at(registration, point.checkpoint) if point else None
    page = render_template(
        "journey/door.html",
        registration=registration,
        stage=registration.stage,
        code=code,
        form=form,
        points=points,
        point=point,
        there=there,
        state_label=STATE_LABELS[registration.state],
        scan_id=new_token()[:32],
    )
    return private_page(make_response(page, status))


def _chosen(points: Sequence[Point]) -> Point | None:
    """The checkpoint that was asked for (?titik=), else that of the moment."""
    wanted = request.args.get("titik") or request.form.get("checkpoint") or ""
    asked = next((one for one in points if str(one.checkpoint.id) == wanted), None)
    return asked or checkin.preselected(points, clock.now())
