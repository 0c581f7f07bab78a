"""Browsers in which somebody has signed in before, known by a signed cookie that says for which accounts.

Limits on guessing are narrow for one such browser and wide for all unknown ones together: a stranger who tries passwords
then locks out himself, not whoever signs in at her own desk.
"""

from __future__ import annotations

import hashlib
import secrets

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

COOKIE = "browser"
MOST = 8
A_YEAR = 365 * 24 * 3600


def known_as(account: str) -> str | None:
    """The id of this browser, if `account` has signed in here before."""
    browser, accounts = _read()
    return browser if _digest(account) in accounts else None


def remember(response: Response, account: str) -> Response:
    """From now on this browser is known for `account`; for the last eight at most."""
    browser, accounts = _read()
    digest = _digest(account)
    known = [digest, *(one for one in accounts if one != digest)][:MOST]
    response.set_cookie(
        COOKIE,
        _serializer().dumps([browser, *known]),
        max_age=A_YEAR,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response


def _read() -> tuple[str, list[str]]:
    """The browser's id and its accounts; a new id where it has none."""
    try:
        browser, *accounts = _serializer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return secrets.token_urlsafe(12), []
    return browser, accounts


def _digest(account: str) -> str:
    """The cookie can be read by whoever has the browser; it names nobody."""
    return hashlib.sha256(account.encode()).hexdigest()[:16]


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="known browser")
