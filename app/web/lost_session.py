"""What was typed into a form whose session had ended, carried through the sign-in page and offered to be sent again.

It rides in a hidden field, signed, for an hour at most: nothing of it is stored. Files and passwords never ride along.
Only a form of this site is carried (the browser says so itself), and only the person's own press of a button sends it again,
with a fresh token: no other site can make a stranger's text be saved in her name.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer

FIELD = "typed"
LONGEST = 100_000
MAX_AGE = 3600
_SECRET_WORDS = ("password", "passphrase", "token")


@dataclass(frozen=True)
class Typed:
    """Where the form was going, and its fields in order; a name may come twice."""

    path: str
    fields: tuple[tuple[str, str], ...]


def pack_request() -> str:
    """The form of this request, signed; "" where it comes from another site, is empty or too long."""
    if request.method != "POST" or not came_from_here():
        return ""
    fields = [[name, value] for name, value in request.form.items(multi=True) if not _is_secret(name)]
    if not fields or sum(len(name) + len(value) for name, value in fields) > LONGEST:
        return ""
    return _serializer().dumps({"path": request.full_path.rstrip("?"), "fields": fields})


def unpack(packed: str) -> Typed | None:
    """None where the signature is wrong or the hour is over."""
    if not packed:
        return None
    try:
        content = _serializer().loads(packed, max_age=MAX_AGE)
    except BadData:
        return None
    return Typed(path=content["path"], fields=tuple((name, value) for name, value in content["fields"]))


def came_from_here() -> bool:
    """Whether the browser says that a page of this site sent the request; silence means no."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == request.host_url.rstrip("/")


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in _SECRET_WORDS)


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="form of a lost session")
