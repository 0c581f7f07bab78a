"""Who may call the API: the token's scope, its host and its programme."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.permissions import find_subject, scope_of
from app.accounts.queries_tokens import Answer, find_token
from app.accounts.rules_tokens import IDEMPOTENCY_KEY, ApiScope
from app.accounts.service_tokens import note_use
from app.shared import clock
from app.web.problems import bearer_token, problem, unauthorised

NO_TOKEN = _l("Send an API token as “Authorization: Bearer TOKEN”.")


@dataclass(frozen=True)
class Caller:
    """Another system that may do what it asks for. `key` is the Idempotency-Key that it sent, `answer` what that was answered with."""

    token_id: int
    host_id: int
    programme_id: int | None
    key: str | None
    answer: Answer | None


def caller(scope: ApiScope) -> Caller:
    """Who calls, by the token alone; 401 without one that exists, 403 where it is over or not good for this."""
    token, key = bearer_token(NO_TOKEN), request.headers.get("Idempotency-Key")
    if key is not None and not IDEMPOTENCY_KEY.fullmatch(key):
        problem(
            422, _("“Idempotency-Key” is 1 to 200 letters, digits or signs, without spaces."), field="Idempotency-Key"
        )
    found, answer = find_token(token, key) or unauthorised(NO_TOKEN)
    if found.is_over(clock.now()):
        problem(403, _("This token has been revoked or has come to its end."))
    if scope.value not in found.scopes:
        problem(403, _("This token is not good for that; it needs “%(scope)s”.", scope=scope.value))
    who = Caller(found.id, found.host_id, found.programme_id, key, answer)
    note_use(found)
    return who


def get_stage_for(who: Caller, slug: str) -> object:
    """The stage of a slug, of the caller's host and programme; 404 for any other."""
    stage = find_subject("stage", slug)
    place = scope_of(stage) if stage is not None else None
    if place is None or place.host_id != who.host_id or who.programme_id not in (None, place.programme_id):
        problem(404, _("There is no such stage for this token."), field="stage")
    return stage
