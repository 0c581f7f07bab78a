"""The roster by which a phone decides alone (interface.md): everybody at first, then what has changed."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from app.accounts.permissions import bearer
from app.checkin import queries_roster
from app.checkin.api import chosen_checkpoint, moment_of
from app.checkin.models import Checkpoint
from app.checkin.permissions_devices import asking_device
from app.checkin.queries_roster import Listed, Roster
from app.web.problems import problem

blueprint = Blueprint("checkin_api_roster", __name__, url_prefix="/api/v1")
SHORT = 16
LATEST = 10**13  # milliseconds: the year 2286


@blueprint.get("/checkpoints/<int:checkpoint_id>/roster")
@bearer
def roster(checkpoint_id: int) -> Response:
    """Who is known at a checkpoint; with `?since=<revision>` whoever has changed after it.

    With `?hashes=short` only the first 16 digits of each hash, but of the badge's all: it is sent in place of the code.
    """
    device = asking_device()
    since, short = _since(), _wants_short()
    checkpoint = chosen_checkpoint(device, checkpoint_id)
    answer = _shown(queries_roster.roster_of(checkpoint, since=since), checkpoint, short=short)
    # By hand: without the sorting of keys and the spaces of jsonify five thousand people take half the time.
    return Response(json.dumps(answer, ensure_ascii=False, separators=(",", ":")), mimetype="application/json")


def _since() -> int | None:
    raw = request.args.get("since", "")
    if raw in ("", "0"):
        return None
    if not (raw.isascii() and raw.isdigit() and len(raw) < 15 and int(raw) < LATEST):
        problem(422, _("“since” is the revision of an earlier roster."), field="since")
    return int(raw)


def _wants_short() -> bool:
    wanted = request.args.get("hashes", "full")
    if wanted not in ("full", "short"):
        problem(422, _("“hashes” is “full” or “short”."), field="hashes")
    return wanted == "short"


def _shown(roster: Roster, checkpoint: Checkpoint, *, short: bool) -> dict[str, Any]:
    return {
        "revision": roster.revision,
        "server_time": moment_of(roster.now),
        "count": roster.count,
        "counts": {"expected": roster.expected, "present": roster.present},
        "checkpoint": {
            "id": checkpoint.id,
            "stage_id": checkpoint.stage_id,
            "opens_at": moment_of(checkpoint.opens_at),
            "closes_at": moment_of(checkpoint.closes_at),
            "expected_group_ids": sorted(roster.expected_group_ids),
        },
        "entries": [_entry(one, short=short) for one in roster.entries],
        "removed": [one[:SHORT] for one in roster.removed] if short else roster.removed,
    }


def _entry(one: Listed, *, short: bool) -> dict[str, Any]:
    hashes = list(one.hashes)
    if short:
        hashes = [each if place == 1 else each[:SHORT] for place, each in enumerate(hashes)]
    return {
        "hashes": hashes,
        "name": one.name,
        "institution": one.institution,
        "groups": [name for _id, name in one.groups],
        "group_ids": [group_id for group_id, _name in one.groups],
        "status": one.state.value,
        "attended_at": moment_of(one.attended_at) if one.attended_at else None,
        "excused": one.excused,
    }
