"""The scanner: a shell without anybody's data, the same for everyone. All data come by the token of a device."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from app.accounts.permissions import may, public, require, signed_in
from app.accounts.rules import Permission
from app.checkin import queries_devices, service
from app.checkin.forms import EnrolForm
from app.checkin.rules import REASON_LABELS, CheckinError
from app.programmes import queries as programmes
from app.programmes.models import Stage
from app.shared import clock, dates
from app.web.locale import current_language

blueprint = Blueprint("checkin", __name__)


@blueprint.get("/presensi")
@public
def scanner() -> Response:
    response = make_response(render_template("checkin/scanner.html", reasons=REASON_LABELS))
    response.headers["Cache-Control"] = "public, no-cache"
    response.vary.add("Cookie")  # the language
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("/presensi/kegiatan")
@signed_in
def stages() -> Response:
    """The stages that whoever is signed in may scan for, and what enrolling takes."""
    now = clock.now()
    hosts = {membership.host_id for membership in current_user.memberships}
    found = [stage for stage in queries_devices.stages_not_over(hosts, now) if may(Permission.SCAN, stage)]
    running = [stage.slug for stage in found if _is_on(stage)]
    return jsonify(
        user=current_user.name,
        csrf_token=generate_csrf(),
        preselected=running[0] if running else (found[0].slug if found else None),
        stages=[_shown_stage(stage) for stage in found],
    )


@blueprint.post("/presensi/perangkat")
@signed_in
def enrol() -> Response:
    """Make the browser a scanner of a stage; the answer holds its token, which is shown this once."""
    form = EnrolForm()
    stage = require(Permission.SCAN, programmes.find_stage(form.stage.data or ""))
    try:
        device, token = service.enrol(stage, name=form.name.data or "", user=current_user)
    except CheckinError as error:
        return make_response(jsonify(message=str(error.sentence)), 409)
    return make_response(jsonify(token=token, stage=stage.slug, device=device.name), 201)


def _is_on(stage: Stage) -> bool:
    return stage.starts_on <= dates.local_date(clock.now(), stage.timezone) <= stage.ends_on


def _shown_stage(stage: Stage) -> dict[str, Any]:
    return {
        "slug": stage.slug,
        "name": stage.name,
        "programme": stage.programme.name,
        "dates": dates.date_span(stage.starts_on, stage.ends_on, current_language()),
        "running": _is_on(stage),
    }
