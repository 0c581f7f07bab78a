"""The API of registration, for other systems of the agency (interface.md): a token is all that is looked at, never a cookie."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request, url_for
from flask_babel import gettext as _

from app.accounts.permissions import bearer
from app.accounts.permissions_tokens import Caller, caller, get_stage_for
from app.accounts.queries_tokens import Answer, find_token
from app.accounts.rules_tokens import ApiScope
from app.accounts.service_tokens import KeyUsed, keep_answer
from app.hosts.queries import notice_offered
from app.programmes.models import Stage
from app.programmes.queries import groups_of
from app.registration import queries, queries_api, service
from app.registration.forms_api import SentForm
from app.registration.models import Registration
from app.registration.queries_questions import terms_asked
from app.registration.rules import REASON_LABELS, Outcome, RegistrationSource, window_reason
from app.registration.service import Registered
from app.shared import clock
from app.web.problems import bearer_token, json_object, problem, problem_details, problem_response

blueprint = Blueprint("registration_api", __name__, url_prefix="/api/v1")
MOST_A_PAGE, A_PAGE = 500, 100
PROBLEM = "application/problem+json"


@blueprint.post("/stages/<slug>/registrations")
@bearer
def register(slug: str) -> Response:
    """Register a person, by the names and the rules of the form; `answers` go by question id, `groups` are ids.

    201 with the registration; 409 with `code` where the person is registered already (the ticket is mailed again to the
    address on file, and nothing of it is told) or the stage takes nobody; 422 with a sentence for each wrong field in `errors`.
    With `Idempotency-Key` a repeated call gets the first one's answer for a day; the same key for another body is 422.
    """
    who = caller(ApiScope.REGISTER)
    body, sent = json_object(), request_hash()
    if who.answer is not None:
        return repeated(who.answer, sent)
    stage = _stage(who, slug)
    if not stage.published or not stage.programme.published:
        problem(404, _("There is no such stage for this token."), field="stage")
    if closed := window_reason(queries.window_of(stage), clock.now()):
        problem(409, str(REASON_LABELS[closed]), code=closed.value)
    form = _judged(stage, body)
    try:
        done = _register(stage, form, who, sent)
    except KeyUsed:
        return repeated(_kept_meanwhile(who), sent)
    if done.outcome is Outcome.REFUSED and done.reason is not None:
        problem(409, str(REASON_LABELS[done.reason]), code=done.reason.value)
    return _told(*_answer(done))


@blueprint.get("/stages/<slug>/registrations")
@bearer
def registrations(slug: str) -> Response:
    """Who is registered, in the order of ids: `limit` (at most 500) after `cursor`, which is the `next` of the page before.

    No identity number, address, phone or ticket code is told.
    """
    stage = _stage(caller(ApiScope.READ_REGISTRATIONS), slug)
    limit = _number("limit", A_PAGE, most=MOST_A_PAGE, least=1)
    rows = queries_api.registrations_after(stage, _number("cursor", 0), limit + 1)
    shown = rows[:limit]
    following = str(shown[-1].id) if len(rows) > limit else None
    return jsonify(registrations=[_shown(one) for one in shown], next=following)


def _judged(stage: Stage, body: dict[str, Any]) -> SentForm:
    form = SentForm(
        stage.host,
        body,
        shown=notice_offered(stage.host),
        questions=terms_asked(stage),
        groups=[group.id for group in groups_of(stage.programme)] if body.get("groups") else (),
        reserved_mail=current_app.config["APP_ENV"] != "production",
    )
    if wrong := form.judge():
        problem(
            422,
            _("Something in the form is not right yet"),
            errors=[{"field": name, "detail": sentence} for name, sentence in wrong.items()],
        )
    return form


def _register(stage: Stage, form: SentForm, who: Caller, sent: str) -> Registered:
    def keep(done: Registered) -> None:
        if who.key is not None and done.outcome is not Outcome.REFUSED:
            status, response = _answer(done)
            keep_answer(who.token_id, who.key, request_hash=sent, status=status, response=response)

    return service.register(
        stage,
        form.details(),
        source=RegistrationSource.ONLINE,
        notice_id=form.shown.id,
        consents=form.consents,
        group_ids=form.group_ids,
        answers=form.answers,
        within=keep,
    )


def _answer(done: Registered) -> tuple[int, dict[str, Any]]:
    """Status and body of what became of a registration that was not refused."""
    if done.outcome is Outcome.ALREADY:
        detail = _(
            "A person with these details is registered already; the ticket was sent again to the address on file."
        )
        return 409, problem_details(409, detail, {"code": "already"})
    return 201, {
        "id": done.registration_id,
        "state": done.outcome.value,
        "ticket_code": done.ticket_code,
        "ticket_url": current_app.config["BASE_URL"] + url_for("journey.ticket", code=done.ticket_code),
    }


def repeated(answer: Answer, sent: str) -> Response:
    """The same answer for the same call; 422 where the key was used for another one."""
    if answer.request_hash != sent:
        return problem_response(
            422, _("This Idempotency-Key was used for another call; draw a new one."), field="Idempotency-Key"
        )
    return _told(answer.status, answer.response)


def request_hash() -> str:
    return hashlib.sha256(b"\0".join((request.method.encode(), request.path.encode(), request.get_data()))).hexdigest()


def _told(status: int, body: dict[str, Any]) -> Response:
    response = jsonify(body)
    response.status_code = status
    if status == 201:
        response.headers["Location"] = body["ticket_url"]
    else:
        response.mimetype = PROBLEM
    return response


def _kept_meanwhile(who: Caller) -> Answer:
    found = find_token(bearer_token(""), who.key)
    if found is None or found[1] is None:  # thrown away just now, being a day old
        problem(409, _("The answer to the first call under this Idempotency-Key is no longer kept. Please try again."))
    return found[1]


def _stage(who: Caller, slug: str) -> Stage:
    stage = get_stage_for(who, slug)
    assert isinstance(stage, Stage)
    return stage


def _number(name: str, default: int, *, least: int = 0, most: int = 2**31 - 1) -> int:
    typed = request.args.get(name)
    if typed is None:
        return default
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 10 and least <= int(typed) <= most):
        problem(422, _("“%(field)s” is not a number that is possible here.", field=name), field=name)
    return int(typed)


def _shown(one: Registration) -> dict[str, Any]:
    return {
        "id": one.id,
        "state": one.state.value,
        "title_before": one.title_before,
        "name": one.name,
        "title_after": one.title_after,
        "category": one.category.code,
        "institution": one.institution_name,
        "groups": [group.name for group in one.groups],
        "registered_at": _moment(one.created_at),
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
