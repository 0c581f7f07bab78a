"""What machines ask: is the process alive, can the system serve."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify

from app.accounts.permissions import public
from app.operations import queries

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
@public
def health() -> Response:
    """200 as long as the process answers; nothing else is touched."""
    return _unkept(jsonify(alive=True))


@blueprint.get("/readyz")
@public
def readiness() -> tuple[Response, int]:
    """200 when every part works, else 503; names the parts, says nothing of what is wrong with them."""
    parts = queries.readiness(
        migrations=Path(current_app.config["MIGRATIONS_DIR"]),
        uploads=Path(current_app.config["UPLOAD_DIR"]),
        queue=current_app.extensions["huey"],
    )
    ready = all(parts.values())
    words = {name: "ok" if works else "failed" for name, works in parts.items()}
    return _unkept(jsonify(ready=ready, parts=words)), 200 if ready else 503


@blueprint.get("/robots.txt")
@public
def robots() -> Response:
    """Search engines may read what is public.

    Private pages are not named: they say themselves that they are not to be shown (noindex), which only who may read them learns.
    """
    return Response("User-agent: *\nDisallow: /panel\nDisallow: /api/\n", mimetype="text/plain")


def _unkept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
