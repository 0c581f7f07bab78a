"""The API of scanner devices (interface.md): a device's token is all that is looked at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NoReturn

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from app.accounts.permissions import bearer
from app.checkin import queries, queries_devices, service
from app.checkin.models import Attendance, Checkpoint, ScannerDevice
from app.checkin.permissions_devices import asking_device, token_sent, unknown_token, unsent_scans
from app.checkin.queries import Point
from app.checkin.rules import CheckinError, short_name
from app.checkin.service import MOST_SCANS, Result, WrongField
from app.registration.models import Registration
from app.shared import clock, dates
from app.shared.codes import token_digest
from app.web.problems import json_object, problem

blueprint = Blueprint("checkin_api", __name__, url_prefix="/api/v1")
POINT = "/checkpoints/<int:checkpoint_id>"


@blueprint.get("/checkpoints")
@bearer
def checkpoints() -> Response:
    """The device's stage with its checkpoints; who is expected where, and the server's time."""
    device = asking_device()
    now = clock.now()
    points = queries.points_of(device.stage)
    chosen = queries.preselected(points, now)
    return jsonify(
        server_time=moment_of(now),
        stage={
            "slug": device.stage.slug,
            "name": device.stage.name,
            "timezone": device.stage.timezone,
            "zone": dates.zone_label(device.stage.timezone),
        },
        device={"name": device.name, "expires_at": moment_of(device.expires_at)},
        preselected=chosen.checkpoint.id if chosen else None,
        checkpoints=[_shown_point(point, device.stage.timezone) for point in points],
    )


@blueprint.post(POINT + "/scans")
@bearer
def scans(checkpoint_id: int) -> Response:
    """Decide and record 1 to 500 scans."""
    token = token_sent()
    body = json_object()
    items = body.get("scans")
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_SCANS:
        problem(422, _("Send a list of 1 to %(most)d scans in “scans”.", most=MOST_SCANS), field="scans")
    try:
        sent_at = None if body.get("sent_at") is None else service.read_moment(body["sent_at"], "sent_at")
        recorded = service.record_scans(
            token_hash=token_digest(token),
            checkpoint_id=checkpoint_id,
            items=[service.read_item(item) for item in items],
            sent_at=sent_at,
        )
    except WrongField as error:
        problem(422, _("“%(field)s” is a time in ISO 8601 with its offset.", field=error.field), field=error.field)
    except service.UnknownDevice:
        unknown_token()
    except service.UnknownCheckpoint:
        no_checkpoint()
    if (unsent := unsent_scans()) is not None:
        service.note_unsent(token_digest(token), unsent)
    return jsonify(
        results=[shown_result(result) for result in recorded.results],
        counts={"expected": recorded.expected, "present": recorded.present},
    )


@blueprint.delete("/scans/<scan_id>")
@bearer
def annul(scan_id: str) -> Response:
    """Annul an admission of the device's stage; repeating it changes nothing."""
    device = asking_device()
    reason = json_object().get("reason")
    if not isinstance(reason, str) or not reason.strip():
        problem(422, _("Say in “reason” why the admission is annulled."), field="reason")
    try:
        attendance = service.annul_scan(device, scan_id, reason=reason)
    except CheckinError as error:
        problem(409, str(error.sentence), field="scan_id")
    if attendance is None:
        problem(404, _("No scan of this stage has this id."), field="scan_id")
    return jsonify(
        scan_id=scan_id,
        annulled_at=moment_of(attendance.annulled_at or clock.now()),
        counts=_counts(attendance.checkpoint),
    )


@blueprint.get(POINT + "/people")
@bearer
def people(checkpoint_id: int) -> Response:
    """People of the stage by name or institution, for who comes without a QR; at most 20."""
    checkpoint = chosen_checkpoint(asking_device(), checkpoint_id)
    typed = request.args.get("q", "")
    if len(typed) > 100:
        problem(422, _("A search has at most 100 characters."), field="q")
    return jsonify(people=[_shown_person(*row) for row in queries.search_people(checkpoint, typed)])


@blueprint.get(POINT + "/recent")
@bearer
def recent(checkpoint_id: int) -> Response:
    """Whom this device admitted last, for annulling a mistake; and the counts of the moment."""
    device = asking_device()
    checkpoint = chosen_checkpoint(device, checkpoint_id)
    admitted = queries_devices.recent_admissions(device, checkpoint)
    return jsonify(
        recent=[
            {
                "scan_id": attendance.scan_id,
                "at": moment_of(attendance.at),
                "person": {
                    "name": attendance.registration.full_name,
                    "institution": attendance.registration.institution_name,
                },
            }
            for attendance in admitted
        ],
        counts=_counts(checkpoint),
    )


def chosen_checkpoint(device: ScannerDevice, checkpoint_id: int) -> Checkpoint:
    """One of the device's stage; 404 for any other."""
    return queries.find_checkpoint(device.stage, checkpoint_id) or no_checkpoint()


def _counts(checkpoint: Checkpoint) -> dict[str, int]:
    return {"expected": queries.expected_count(checkpoint), "present": queries.present_count(checkpoint)}


def _shown_point(point: Point, zone: str) -> dict[str, Any]:
    checkpoint = point.checkpoint
    return {
        "id": checkpoint.id,
        "name": checkpoint.name,
        "short_name": short_name(checkpoint.name, dates.local_date(checkpoint.opens_at, zone)),
        "opens_at": moment_of(checkpoint.opens_at),
        "closes_at": moment_of(checkpoint.closes_at),
        "sessions": [
            {
                "id": session.id,
                "title": session.title,
                "starts_at": moment_of(session.starts_at),
                "ends_at": moment_of(session.ends_at),
            }
            for session in point.sessions
        ],
        "groups": [group.name for group in point.groups],
        "counts": {"expected": point.expected, "present": point.present},
    }


def shown_result(result: Result) -> dict[str, Any]:
    """The answer to one scan (interface.md)."""
    shown: dict[str, Any] = {
        "scan_id": result.scan_id,
        "decision": result.decision.value,
        "reason": result.reason.value if result.reason else None,
        "replay": result.replay,
        "person": None,
        "first": None,
    }
    if result.person:
        person = result.person
        shown["person"] = {"name": person.name, "institution": person.institution, "groups": list(person.groups)}
    if result.first:
        shown["first"] = {"at": moment_of(result.first.at), "by": result.first.by}
    if result.stage:
        shown["stage"] = result.stage
    if result.field:
        shown["field"] = result.field
    return shown


def _shown_person(registration: Registration, attendance: Attendance | None) -> dict[str, Any]:
    return {
        "code_hash": registration.badge_hash,
        "name": registration.full_name,
        "institution": registration.institution_name,
        "groups": [group.name for group in registration.groups],
        "status": registration.state.value,
        "attended_at": moment_of(attendance.at) if attendance else None,
    }


def moment_of(moment: datetime) -> str:
    """As the API writes times."""
    return moment.astimezone(UTC).isoformat()


def no_checkpoint() -> NoReturn:
    """404 for a checkpoint that the device's stage does not have."""
    problem(404, _("No checkpoint of this device's stage has this id."), field="checkpoint_id")
