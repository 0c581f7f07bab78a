"""How a browser without account becomes a scanner: by the code that an organiser shows (interface.md)."""

from __future__ import annotations

from datetime import UTC

from flask import Blueprint, Response, jsonify, make_response
from flask_babel import gettext as _

from app.accounts.permissions import public
from app.checkin import service
from app.checkin.rules import CheckinError
from app.checkin.service.enrolment import GUESSES_WITHIN
from app.shared.text import squash
from app.web.problems import json_object, problem
from app.web.throttle import too_many

blueprint = Blueprint("checkin_api_devices", __name__, url_prefix="/api/v1")


@blueprint.post("/devices")
@public
def enrol() -> Response:
    """Enrol by `enrolment_code` under a `name`; the answer holds the device's token, which is shown this once."""
    body = json_object()
    code, name = body.get("enrolment_code"), body.get("name")
    if not isinstance(code, str) or not code.strip():
        problem(422, _("Send the code that the organiser shows in “enrolment_code”."), field="enrolment_code")
    if not isinstance(name, str) or not squash(name):
        problem(422, _("Give the device a name in “name”."), field="name")
    try:
        device, token = service.enrol_by_code(code, name=name)
    except service.TooManyGuesses:
        too_many(GUESSES_WITHIN)
    except CheckinError as error:
        problem(422, str(error.sentence), field="enrolment_code")
    return make_response(
        jsonify(
            token=token,
            device=device.name,
            stage=device.stage.slug,
            expires_at=device.expires_at.astimezone(UTC).isoformat(),
        ),
        201,
    )
