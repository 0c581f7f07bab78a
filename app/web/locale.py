"""Indonesian by default, English on request: `?lang=en` shows the page so and is remembered in a cookie."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from flask import Flask, Response, current_app, has_request_context, request
from flask_babel import get_locale

from app.extensions import babel

COOKIE = "lang"
YEAR = 365 * 24 * 3600
NAMES = {"id": "Bahasa Indonesia", "en": "English"}


def init_app(app: Flask) -> None:
    babel.init_app(app, locale_selector=select_locale)
    app.after_request(_remember)
    app.jinja_env.globals.update(current_language=current_language, languages=languages, language_url=language_url)


def select_locale() -> str:
    """The language asked for in the address, else the one of the cookie, else the default. What is unknown is passed over."""
    if not has_request_context():
        return default_language()
    return _known(request.args.get("lang")) or _known(request.cookies.get(COOKIE)) or default_language()


def current_language() -> str:
    """`id` or `en`."""
    locale = get_locale()
    return locale.language if locale else default_language()


def default_language() -> str:
    return str(current_app.config["BABEL_DEFAULT_LOCALE"])


def languages() -> list[tuple[str, str]]:
    """Code and own name of each language on offer."""
    return [(code, NAMES[code]) for code in current_app.config["LANGUAGES"]]


def language_url(code: str) -> str:
    """This page in another language; after a form that was refused, the form anew."""
    query = request.args.to_dict(flat=False) if request.method in ("GET", "HEAD") else {}
    return f"{quote(request.script_root + request.path)}?{urlencode({**query, 'lang': code}, doseq=True)}"


def _known(code: str | None) -> str | None:
    return code if code in current_app.config["LANGUAGES"] else None


def _remember(response: Response) -> Response:
    asked = _known(request.args.get("lang"))
    if asked and asked != request.cookies.get(COOKIE):
        response.set_cookie(
            COOKIE,
            asked,
            max_age=YEAR,
            httponly=True,
            samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )
    return response
