"""What makes the scanner an app of its own: its service worker, its manifest, and its files below the worker's scope."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify, make_response, render_template, request
from flask_babel import gettext as _

from app.accounts.permissions import public
from app.checkin.rules import REASON_LABELS
from app.web import static
from app.web.locale import current_language

blueprint = Blueprint("checkin_app", __name__, url_prefix="/presensi")
SCOPE = "/presensi"
SHELL = (
    "vendor/base.css",
    "vendor/fonts/plus-jakarta-sans-latin-*-normal.woff2",
    "vendor/icons.svg",
    "vendor/idb.js",
    "vendor/qr/*.js",
    "css/bimtek.css",
    "css/scanner.css",
    "img/mark.svg",
    "img/scanner-192.png",
    "js/app.js",
    "js/combobox.js",
    "js/draft.js",
    "js/checkin/*.js",
)


@blueprint.get("/sw.js")
@public
def service_worker() -> Response:
    """The worker with the list of what it keeps; its text changes with any of that, so that browsers notice a new version."""
    folder = Path(current_app.static_folder or "")
    files = sorted(path.relative_to(folder).as_posix() for pattern in SHELL for path in folder.glob(pattern))
    page = render_template("checkin/scanner.html", reasons=REASON_LABELS)
    version = hashlib.sha256(json.dumps([page, [static.digest(folder / name) for name in files]]).encode()).hexdigest()
    script = render_template(
        "checkin/sw.js", version=version[:12], scope=SCOPE, files=[f"/static/{name}" for name in files]
    )
    response = make_response(script)
    response.mimetype = "text/javascript"
    response.headers["Service-Worker-Allowed"] = SCOPE
    return _asked_each_time(response)


@blueprint.get("/manifest.webmanifest")
@public
def manifest() -> Response:
    sizes = ((192, "any"), (512, "any"), (512, "maskable"))
    response = jsonify(
        id=SCOPE,
        name=_("Attendance scanner"),
        short_name=_("Attendance"),
        lang=current_language(),
        start_url=SCOPE,
        scope=SCOPE,
        display="standalone",
        orientation="any",
        background_color="#0B1F1D",
        theme_color="#0A4A45",
        icons=[
            {
                "src": static.static_url(f"img/scanner-{size}{'-maskable' if purpose == 'maskable' else ''}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for size, purpose in sizes
        ],
    )
    response.mimetype = "application/manifest+json"
    return _asked_each_time(response)


@blueprint.get("/static/<path:filename>")
@public
def shell_file(filename: str) -> Response:
    """A static file below the scope: browsers look for the script of a worker, such as the decoder's, there alone without network."""
    return static.serve(filename)


def _asked_each_time(response: Response) -> Response:
    response.headers["Cache-Control"] = "public, no-cache"
    response.vary.add("Cookie")  # the language
    response.add_etag()
    response.make_conditional(request)
    return response
