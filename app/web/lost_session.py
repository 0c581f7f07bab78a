"""What was typed into a form whose session had ended, carried through the sign-in page and offered to be sent again.

It rides in a hidden field, signed, for an hour at most: nothing of it is stored. Files and passwords never ride along, nor
does any form that gives somebody access (`@never_carried`).

Only a form of this site is carried, as the browser says itself, and only through the browser in which it was typed: the field
names a random sign that lies in a cookie there. So nobody can type into a form at home and have it sent in another's name.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response, after_this_request, current_app, request
from flask_babel import gettext
from itsdangerous import BadData, URLSafeTimedSerializer
from wtforms import BooleanField
from wtforms.fields.core import UnboundField

from app.web.csrf import may_be_carried
from app.web.forms import BaseForm

COOKIE = "typed"
LONGEST = 100_000
MAX_AGE = 3600
_SECRET_WORDS = ("password", "passphrase", "token")


@dataclass(frozen=True)
class Typed:
    """Where the form was going, and its fields in order; a name may come twice."""

    path: str
    endpoint: str
    fields: tuple[tuple[str, str], ...]

    def shown(self) -> list[tuple[Any, Any]]:
        """What was filled in, each under the label that it had in its form, as far as that can be told from the names."""
        names = {name for name, _ in self.fields}
        form = max(_forms(BaseForm), key=lambda kind: len(names & _labels(kind).keys()), default=BaseForm)
        labels = _labels(form)
        return [
            (labels.get(name) or name.replace("_", " ").capitalize(), gettext("Yes") if _is_tick(form, name) else value)
            for name, value in self.fields
            if value
        ]


def pack_request() -> str:
    """The form of this request, signed for this browser; "" where it comes from another site, is empty, too long or never carried."""
    if request.method != "POST" or not came_from_here() or not may_be_carried(request.endpoint or ""):
        return ""
    fields = [[name, value] for name, value in request.form.items(multi=True) if not _is_secret(name)]
    if not fields or sum(len(name) + len(value) for name, value in fields) > LONGEST:
        return ""
    content = {"path": request.full_path.rstrip("?"), "endpoint": request.endpoint, "fields": fields}
    return _serializer().dumps(content | {"browser": _digest(_sign_of_browser())})


def unpack(packed: str | None) -> Typed | None:
    """None where the signature is wrong, the hour is over, or it was typed in another browser."""
    if not packed:
        return None
    try:
        content = _serializer().loads(packed, max_age=MAX_AGE)
    except BadData:
        return None
    sign = request.cookies.get(COOKIE, "")
    if not sign or not secrets.compare_digest(content["browser"], _digest(sign)):
        return None
    fields = tuple((name, value) for name, value in content["fields"])
    return Typed(path=content["path"], endpoint=content["endpoint"], fields=fields)


def came_from_here() -> bool:
    """Whether the browser says that a page of this site sent the request; silence means no."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == request.host_url.rstrip("/")


def _sign_of_browser() -> str:
    """The one that lies there already, for there may be several pages open; else a new one goes with the answer."""
    sign = request.cookies.get(COOKIE) or secrets.token_urlsafe(32)

    @after_this_request
    def lay(response: Response) -> Response:
        response.set_cookie(
            COOKIE,
            sign,
            max_age=MAX_AGE,
            httponly=True,
            samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )
        return response

    return sign


def _forms(kind: type[BaseForm]) -> Iterator[type[BaseForm]]:
    for one in kind.__subclasses__():
        yield one
        yield from _forms(one)


def _labels(form: type[BaseForm]) -> dict[str, Any]:
    unbound = ((name, getattr(form, name)) for name in dir(form) if not name.startswith("_"))
    return {name: field.args[0] for name, field in unbound if isinstance(field, UnboundField) and field.args}


def _is_tick(form: type[BaseForm], name: str) -> bool:
    return getattr(getattr(form, name, None), "field_class", None) is BooleanField


def _digest(sign: str) -> str:
    return hashlib.sha256(sign.encode()).hexdigest()


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in _SECRET_WORDS)


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="form of a lost session")
