"""The visit of a participant, kept in a signed cookie of its own that ends with the browser; staff's session is another one.

The cookie holds only the key of a row in the database, which says whose visit it is, until when, and whether it was ended.
"""

from __future__ import annotations

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

COOKIE = "saya"
PATH = "/saya"


def visit_key() -> str | None:
    """The key that this browser carries."""
    try:
        key = _serializer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return None
    return key if isinstance(key, str) else None


def begin_visit(response: Response, key: str) -> Response:
    """From now on this browser is at a visit."""
    response.set_cookie(
        COOKIE,
        _serializer().dumps(key),
        path=PATH,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response


def end_visit(response: Response) -> Response:
    """Take the cookie back."""
    response.delete_cookie(COOKIE, path=PATH)
    return response


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="visit of a participant")
