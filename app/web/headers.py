"""The headers that every answer carries."""

from __future__ import annotations

from flask import Flask, Response, current_app, request, session

from app.web.api_paths import is_api

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "worker-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
FIXED = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",  # Flask-WTF asks for a Referer on HTTPS
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
TWO_YEARS = 2 * 365 * 24 * 3600


def init_app(app: Flask) -> None:
    app.after_request(_add_headers)


def private_page(response: Response) -> Response:
    """A page of one person (a ticket, an invitation): kept by no cache and shown by no search engine."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _add_headers(response: Response) -> Response:
    for name, value in FIXED.items():
        response.headers.setdefault(name, value)
    if request.is_secure and current_app.config.get("APP_ENV") == "production":
        response.headers.setdefault("Strict-Transport-Security", f"max-age={TWO_YEARS}; includeSubDomains")
    if request.endpoint != "static" and "Cache-Control" not in response.headers and (is_api() or _signed_in()):
        response.headers["Cache-Control"] = "no-store"
    return response


def _signed_in() -> bool:
    # Asks the session alone: loading the user could fail where the database has.
    return current_app.config["SESSION_COOKIE_NAME"] in request.cookies and "_user_id" in session
