"""What the JSON endpoints share: the token they are asked with, the body they read, and errors as RFC 9457 problem details."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NoReturn

from flask import Response, abort, jsonify, make_response, request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

MOST_BYTES = 1024 * 1024


def bearer_token(sentence: object) -> str:
    """The token of `Authorization: Bearer TOKEN`; 401 with the sentence where there is none."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        unauthorised(sentence)
    return token.strip()


def json_object() -> dict[str, Any]:
    """The body, which is a JSON object of at most a megabyte; 400 or 422 for anything else."""
    request.max_content_length = MOST_BYTES
    try:
        body = request.get_json(force=True)
    except (BadRequest, RecursionError):
        problem(400, _("The body is not JSON."), field="body")
    if not isinstance(body, dict):
        problem(422, _("The body is not a JSON object."), field="body")
    return body


def unauthorised(sentence: object, **members: Any) -> NoReturn:
    """End the request with 401; `members` say more about it."""
    response = problem_response(401, str(sentence), **members)
    response.headers["WWW-Authenticate"] = "Bearer"
    abort(response)


def problem(status: int, detail: str, **members: Any) -> NoReturn:
    """End the request with a problem; `members` such as `field` say more about it."""
    abort(problem_response(status, detail, **members))


def problem_response(status: int, detail: str, **members: Any) -> Response:
    response = make_response(jsonify(problem_details(status, detail, members)), status)
    response.mimetype = "application/problem+json"
    return response


def problem_details(status: int, detail: str, members: Mapping[str, Any]) -> dict[str, Any]:
    """The document itself, for one that is kept."""
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **members}
