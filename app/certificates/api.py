"""JSON endpoints of certificates."""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify

from app.accounts.permissions import public
from app.certificates import queries

blueprint = Blueprint("certificates_api", __name__, url_prefix="/api/v1")


@blueprint.get("/certificates/<code>")
@public
def certificate(code: str) -> Response:
    """What the verification page says; 404 alike for unknown and malformed codes."""
    found = queries.find_by_code(code)
    if found is None:
        abort(404)
    frozen = found.snapshot
    return jsonify(
        name=frozen["name"],
        programme=frozen["programme"],
        stage=frozen["stage"],
        dates={"starts_on": frozen["starts_on"], "ends_on": frozen["ends_on"]},
        jp=frozen["jp"],
        number=found.number,
        status=found.state.value,
    )
