"""Pages for what goes wrong: what happened, and what to do next. The API gets RFC 9457 problem details, htmx a fragment.

They are drawn without the database and without context processors, so that they work when either is what failed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app, jsonify, make_response, request
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from app.web.api_paths import is_api

RETRY_AFTER = 30  # seconds


@dataclass(frozen=True)
class Explanation:
    """The title, what happened, and what the reader can do."""

    title: Any
    happened: Any
    advice: Any


EXPLANATIONS = {
    400: Explanation(
        _l("The request could not be read"),
        _l("What reached us was incomplete or damaged on the way."),
        _l("Go back, reload the page and try again."),
    ),
    401: Explanation(
        _l("Please sign in"),
        _l("This page is only for those who are signed in, or your session has ended."),
        _l("Sign in and open the page again."),
    ),
    403: Explanation(
        _l("You may not open this page"),
        _l("Your role does not include what you asked for."),
        _l("If you need it for your work, ask the administrator of your agency for the role."),
    ),
    404: Explanation(
        _l("Page not found"),
        _l("The address is wrong, or what it led to is no longer there."),
        _l("Check the address, or begin at the front page."),
    ),
    405: Explanation(
        _l("This address does not work like that"),
        _l("The page was opened in a way it is not meant for, for example by reloading after a form was sent."),
        _l("Go back and use the buttons of the page."),
    ),
    409: Explanation(
        _l("Somebody else was faster"),
        _l("What you wanted to change has been changed by someone else in the meantime."),
        _l("Go back, reload the page and look at it again."),
    ),
    410: Explanation(
        _l("This link has expired"),
        _l("The link was only valid for a time, and that time is over."),
        _l("Ask the organiser for a new one."),
    ),
    413: Explanation(
        _l("The file is too large"),
        _l("What was sent is larger than this page accepts."),
        _l("Go back and choose a smaller file."),
    ),
    422: Explanation(
        _l("Something in the form is not right yet"),
        _l("What was sent could not be accepted as it is."),
        _l("Go back, mend what is marked and send it again."),
    ),
    429: Explanation(
        _l("Too many attempts"),
        _l("There were too many attempts in a short time, so we have paused them to protect your data."),
        _l("Wait a little and try again."),
    ),
    500: Explanation(
        _l("Something went wrong on our side"),
        _l("The fault has been recorded. It is not your doing."),
        _l("Try again in a moment. If it happens again, tell the organiser at what time it did."),
    ),
    503: Explanation(
        _l("The service is resting for a moment"),
        _l("It is being maintained or is very busy."),
        _l("Try again in a few minutes."),
    ),
}
TOO_OLD = Explanation(
    _l("This page had been open for too long"),
    _l("For your safety a form is only taken while your session lasts, and nothing has been changed."),
    _l("Go back, reload the page and press the button again."),
)


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, answer)
    app.register_error_handler(OperationalError, unavailable)


def unavailable(error: OperationalError) -> Response | HTTPException:
    """The database is away, takes too long, or its disk is full: nothing was kept, and it is worth trying again."""
    current_app.logger.error("the database has failed", exc_info=error)
    return answer(ServiceUnavailable(retry_after=RETRY_AFTER))


def answer(error: HTTPException) -> Response | HTTPException:
    """The page, fragment or problem details. What nobody foresaw comes as InternalServerError; Flask has logged its traceback."""
    if error.response is not None or error.code is None:
        return error
    explanation = explain(error)
    response = _problem(error, explanation) if is_api() else _page(error.code, explanation)
    response.status_code = error.code
    for name, value in error.get_headers(request.environ):
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    response.headers["Cache-Control"] = "no-store"
    return response


def explain(error: HTTPException) -> Explanation:
    """The general sentences for the status; a description given to abort() takes the place of what happened."""
    if isinstance(error, CSRFError):
        return TOO_OLD
    general = EXPLANATIONS.get(error.code or 500) or EXPLANATIONS[400 if (error.code or 500) < 500 else 500]
    if error.description and error.description != type(error).description:
        return Explanation(general.title, error.description, general.advice)
    return general


def _page(code: int, explanation: Explanation) -> Response:
    fragment = "HX-Request" in request.headers and "HX-Boosted" not in request.headers
    template = current_app.jinja_env.get_template("errors/_fragment.html" if fragment else "errors/page.html")
    response = make_response(template.render(code=code, explanation=explanation))
    if fragment:
        response.headers["HX-Retarget"] = "#flashes"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _problem(error: HTTPException, explanation: Explanation) -> Response:
    response = jsonify(
        type="about:blank", title=error.name, status=error.code, detail=f"{explanation.happened} {explanation.advice}"
    )
    response.mimetype = "application/problem+json"
    return response


__all__ = ["EXPLANATIONS", "Explanation", "answer", "explain", "init_app"]
