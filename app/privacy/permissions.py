"""Who is at a visit: a participant who came in by a mailed link, beside and apart from the staff's sign-in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts.permissions import public
from app.privacy import queries
from app.privacy.forms import AskForm
from app.privacy.models import PersonLink
from app.web.headers import private_page
from app.web.visits import visit_key

View = TypeVar("View", bound=Callable[..., Any])


def current_visit() -> PersonLink | None:
    """The visit of this browser, perhaps without a person chosen yet."""
    if "visit" not in g:
        key = visit_key()
        g.visit = queries.find_visit(key) if key else None
    found: PersonLink | None = g.visit
    return found


def of_visitor(view: View) -> View:
    """For pages of one's own data: the view receives the participant first. Others are led to ask for a link.

    No cache and no search engine keeps what it answers.
    """

    @wraps(view)
    def guarded(**values: Any) -> Any:
        visit = current_visit()
        if visit is None:
            return _stranger()
        if visit.participant is None:
            return redirect(url_for("privacy.choose"), 303)
        return private_page(make_response(view(visit.participant, **values)))

    public(guarded)
    return guarded  # type: ignore[return-value]


def _stranger() -> Response:
    """Led to the form, or shown it where something was sent after the visit had ended."""
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("journey_self.home"), 303)
    page = render_template("privacy/ask.html", form=AskForm(formdata=None), ended=True)
    return private_page(make_response(page, 422))
