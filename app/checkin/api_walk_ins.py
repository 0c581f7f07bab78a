"""The API of scanner devices for those who come without a registration, or in place of somebody else (interface.md)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify
from flask_babel import gettext as _

from app.accounts.permissions import bearer
from app.checkin import queries_devices, queries_walk_ins, service
from app.checkin.api import POINT, chosen_checkpoint, shown_result
from app.checkin.permissions_devices import asking_device, token_sent, unknown_token, unsent_scans
from app.checkin.rules_walk_ins import MOST_WALK_INS
from app.checkin.service import WalkedIn, WrongField
from app.shared.codes import token_digest
from app.web.problems import json_object, problem

blueprint = Blueprint("walk_ins_api", __name__, url_prefix="/api/v1")


@blueprint.get(POINT + "/institutions")
@bearer
def institutions(checkpoint_id: int) -> Response:
    """What the form at the door offers to choose from: the agency's institutions and categories, without any person."""
    checkpoint = chosen_checkpoint(asking_device(), checkpoint_id)
    return jsonify(queries_walk_ins.directory_of(checkpoint.stage.host))


@blueprint.post(POINT + "/walk-ins")
@bearer
def walk_ins(checkpoint_id: int) -> Response:
    """Register and admit 1 to 50 people who stand at the door; what a revoked device still held is taken too."""
    device, held = queries_devices.find_device(token_sent()) or unknown_token()
    checkpoint = chosen_checkpoint(device, checkpoint_id)
    body = json_object()
    items = body.get("walk_ins")
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_WALK_INS:
        problem(422, _("Send a list of 1 to %(most)d walk-ins in “walk_ins”.", most=MOST_WALK_INS), field="walk_ins")
    try:
        sent_at = None if body.get("sent_at") is None else service.read_moment(body["sent_at"], "sent_at")
    except WrongField as error:
        problem(422, service.moment_sentence(error.field), field=error.field)
    recorded = service.record_walk_ins(
        device=device,
        held=held,
        checkpoint=checkpoint,
        items=[service.read_walk_in(item, checkpoint.stage.host) for item in items],
        sent_at=sent_at,
    )
    if (unsent := unsent_scans()) is not None:
        service.note_unsent(token_digest(token_sent()), unsent)
    return jsonify(
        results=[_shown(answer) for answer in recorded.answers],
        counts={"expected": recorded.expected, "present": recorded.present},
    )


def _shown(answer: WalkedIn) -> dict[str, Any]:
    badge = {"code_hash": answer.badge_hash} if answer.badge_hash else None
    return shown_result(answer.result) | {"detail": answer.detail, "badge": badge}
