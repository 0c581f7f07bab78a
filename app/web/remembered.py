"""The tickets that a phone has opened, kept in a signed cookie, so that its holder need not type the code again."""

from __future__ import annotations

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

COOKIE = "tickets"
MOST = 8
HALF_A_YEAR = 180 * 24 * 3600


def remember_ticket(response: Response, code: str) -> Response:
    """Put a ticket's canonical code in front of those that this phone knows."""
    codes = [code, *(known for known in remembered_tickets() if known != code)][:MOST]
    return _store(response, codes)


def forget_ticket(response: Response, code: str) -> Response:
    """Take a ticket out; for shared computers."""
    return _store(response, [known for known in remembered_tickets() if known != code])


def remembered_tickets() -> list[str]:
    """The canonical codes that this phone knows, the latest first."""
    try:
        codes = _serializer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return []
    return [code for code in codes if isinstance(code, str)] if isinstance(codes, list) else []


def _store(response: Response, codes: list[str]) -> Response:
    response.set_cookie(
        COOKIE,
        _serializer().dumps(codes),
        max_age=HALF_A_YEAR,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="tickets")
