"""Forged requests are refused, but a form that has merely grown old comes back filled.

Flask-WTF would answer before the view and lose what was typed. A view marked `@keeps_form` runs all the same; its form
(a BaseForm) fails, shows why, and carries a fresh token. Such a view must act on `form.validate_on_submit()` alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from flask_wtf.csrf import CSRFError

from app.extensions import csrf
from app.web.api_paths import is_api

View = TypeVar("View", bound=Callable[..., Any])
SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}


def init_app(app: Flask) -> None:
    csrf.init_app(app)
    app.before_request(_protect)


def keeps_form(view: View) -> View:
    """Give the form back filled when its token is missing or too old. Decorators above must use functools.wraps."""
    view.keeps_form = True  # type: ignore[attr-defined]
    return view


def never_carried(view: View) -> View:
    """What gives somebody access is typed anew after a lost session, never carried through the sign-in page."""
    view.never_carried = True  # type: ignore[attr-defined]
    return view


def may_be_carried(endpoint: str) -> bool:
    """Whether what was typed there may be kept while its session is lost (app/web/lost_session.py)."""
    view = current_app.view_functions.get(endpoint)
    return bool(getattr(view, "keeps_form", False)) and not getattr(view, "never_carried", False)


def token_failed() -> bool:
    """Whether this request's token was refused."""
    return bool(g.get("csrf_failed", False))


def _protect() -> None:
    if not current_app.config["WTF_CSRF_ENABLED"] or request.method in SAFE_METHODS or is_api():
        return
    try:
        csrf.protect(apply_exemptions=True)
    except CSRFError:
        if not _view_keeps_form():
            raise
        g.csrf_failed = True


def _view_keeps_form() -> bool:
    return bool(getattr(current_app.view_functions.get(request.endpoint or ""), "keeps_form", False))
