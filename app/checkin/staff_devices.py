"""The devices that scan for a stage: who they are, a code for another one, and revoking."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.permissions import needs
from app.accounts.rules import Permission
from app.checkin import queries_devices, service
from app.checkin.models import DeviceEnrolment
from app.checkin.rules import CheckinError
from app.checkin.service.enrolment import IN_LINK
from app.checkin.staff_board import ROOT
from app.paper import qr
from app.programmes.models import Stage
from app.shared import clock
from app.web import flashes
from app.web.forms import ButtonForm

blueprint = Blueprint("checkin_devices", __name__)
DEVICES = ROOT + "/perangkat"


@blueprint.get(DEVICES)
@needs(Permission.SCAN)
def devices(stage: Stage) -> str:
    """A stage's devices with their last contact, their scans and what they hold unsent."""
    return render_template("checkin/devices.html", **_shown(stage))


@blueprint.post(DEVICES)
@needs(Permission.SCAN)
def offer(stage: Stage) -> Response | BaseResponse:
    """The same page with a code for one more device, which is shown this once."""
    if not ButtonForm().validate_on_submit():
        return redirect(url_for(".devices", stage=stage.slug))
    try:
        offered, code = service.offer_enrolment(stage, by=current_user)
    except CheckinError as error:
        flashes.refuse(str(error.sentence))
        return redirect(url_for(".devices", stage=stage.slug))
    scanner = f"{current_app.config['BASE_URL'].rstrip('/')}/presensi"
    drawn = qr.svg(f"{scanner}#{IN_LINK}{code}", title=_("QR that makes a phone a scanner"))
    page = render_template(
        "checkin/devices.html", **_shown(stage), **_state(offered), code=code, qr=drawn, scanner=scanner
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get(f"{DEVICES}/kode/<int:enrolment_id>")
@needs(Permission.SCAN)
def enrolment(stage: Stage, enrolment_id: int) -> Response:
    """What has become of a code; once it is used or over, this takes the place of its QR."""
    offered = queries_devices.find_enrolment(stage, enrolment_id) or abort(404)
    state = _state(offered)
    if not state["over"]:
        return make_response(render_template("checkin/_enrolment_state.html", stage=stage, **state))
    response = make_response(render_template("checkin/_enrolment_over.html", **_shown(stage), **state))
    response.headers["HX-Retarget"] = "#enrolment"
    return response


@blueprint.post(f"{DEVICES}/<int:device_id>/cabut")
@needs(Permission.SCAN)
def revoke(stage: Stage, device_id: int) -> BaseResponse:
    """A device may scan no more."""
    device = queries_devices.find_stage_device(stage, device_id) or abort(404)
    name = device.name
    if ButtonForm().validate_on_submit():
        service.revoke_device(device, by=current_user)
        flashes.done(_("“%(name)s” may no longer scan.", name=name))
    return redirect(url_for(".devices", stage=stage.slug))


def _shown(stage: Stage) -> dict[str, Any]:
    return {"stage": stage, "devices": queries_devices.devices_of(stage)}


def _state(offered: DeviceEnrolment) -> dict[str, Any]:
    """`seconds`: how long the code lives on; `device`: the name of the phone that has used it."""
    seconds = int((offered.expires_at - clock.now()).total_seconds())
    used = offered.used_at is not None
    return {
        "offered": offered,
        "seconds": max(0, seconds),
        "over": used or seconds <= 0,
        "device": offered.device.name if offered.device else None,
    }
