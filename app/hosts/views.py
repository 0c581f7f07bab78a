"""What everyone may see of an agency: its privacy notice and its emblem."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.permissions import public
from app.hosts import queries
from app.hosts.models import Host

blueprint = Blueprint("hosts", __name__)
YEAR = 365 * 24 * 3600
MINUTES = 300


@blueprint.get("/privasi")
@public
def privacy_list() -> str:
    return render_template("hosts/privacy_list.html", hosts=queries.hosts())


@blueprint.get("/privasi/<host>")
@public
def privacy(host: str) -> str:
    found = _host(host)
    notice = queries.notice_in_force(found)
    return render_template("hosts/privacy.html", host=found, notice=notice, newest=notice.version)


@blueprint.get("/privasi/<host>/<int:version>")
@public
def privacy_version(host: str, version: int) -> str:
    """A notice as it was read once, also when a newer one is in force."""
    found = _host(host)
    notice = next((one for one in queries.notices_of(found) if one.version == version), None)
    if notice is None:
        abort(404)
    return render_template(
        "hosts/privacy.html", host=found, notice=notice, newest=queries.notice_in_force(found).version
    )


@blueprint.get("/lambang/<host>")
@public
def emblem(host: str) -> BaseResponse:
    """With `?v=` and the emblem's own name it is kept for a year: a new picture has a new name."""
    found = _host(host)
    data = queries.emblem_bytes(found)
    if data is None:
        abort(404)
    response = Response(data, mimetype="image/png")
    age = f"{YEAR}, immutable" if request.args.get("v") == found.emblem else str(MINUTES)
    response.headers["Cache-Control"] = f"public, max-age={age}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.set_etag(found.emblem or "")
    return response.make_conditional(request)


def _host(slug: str) -> Host:
    host = queries.find_host(slug)
    if host is None:
        abort(404)
    return host
