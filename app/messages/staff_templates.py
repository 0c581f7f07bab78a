"""How a programme words its letters: the list, the text of each, and how it looks to a real person."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.permissions import Permission, needs
from app.jobs.service import Letter
from app.messages import queries, service
from app.messages.emails import preview_of
from app.messages.forms import TextForm
from app.messages.rules import (
    KIND_LABELS,
    KIND_OCCASIONS,
    KIND_SLUGS,
    TO_INSTITUTIONS,
    TemplateKind,
    kind_of,
    placeholders_of,
)
from app.programmes.models import Programme, Stage
from app.programmes.queries import stages_of
from app.registration.models import Registration
from app.registration.models_seats import Invitation
from app.web import flashes
from app.web.forms import keeps_form, require_token
from app.web.headers import private_page
from app.web.navigation import Scope, Section, register_section

blueprint = Blueprint("messages_templates", __name__)
register_section(
    Section(
        key="letters",
        label=_l("Letters"),
        endpoint="messages_templates.index",
        icon="envelope-open",
        permission=Permission.EDIT_PROGRAMME,
        order=35,
        scope=Scope.PROGRAMME,
    )
)
ROOT = "/panel/program/<programme>/pesan"
# A letter has styles of its own, and nothing in it may run, load or lead anywhere.
LETTER_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"


@blueprint.get(ROOT)
@needs(Permission.EDIT_PROGRAMME)
def index(programme: Programme) -> str:
    """Every kind of letter, and which the programme words itself."""
    return render_template(
        "messages/templates.html",
        programme=programme,
        own=queries.own_templates(programme),
        labels=KIND_LABELS,
        occasions=KIND_OCCASIONS,
        slugs=KIND_SLUGS,
    )


@blueprint.route(f"{ROOT}/<kind>", methods=["GET", "POST"])
@needs(Permission.EDIT_PROGRAMME)
@keeps_form
def template(programme: Programme, kind: str) -> AnyResponse:
    """The text of a kind of letter, what may stand in it, and what comes of it."""
    known = _kind(kind)
    form = TextForm(known, obj=queries.template_text(programme.id, known))
    if form.validate_on_submit():
        text = form.text
        service.save_template(programme, known, subject=text.subject, body=text.body, by=current_user)
        flashes.done(_("The text is saved. Letters from now on say so."))
        return redirect(
            url_for("messages_templates.template", programme=programme.slug, kind=kind, _anchor="pratinjau")
        )
    page = render_template(
        "messages/template.html",
        programme=programme,
        kind=known,
        slug=kind,
        form=form,
        own=queries.find_template(programme.id, known),
        label=KIND_LABELS[known],
        occasion=KIND_OCCASIONS[known],
        placeholders=placeholders_of(known),
        stages=stages_of(programme),
        **_shown(programme, known),
    )
    return make_response(page, 422 if form.is_submitted() else 200)


@blueprint.post(f"{ROOT}/<kind>/baku")
@needs(Permission.EDIT_PROGRAMME)
def restore(programme: Programme, kind: str) -> AnyResponse:
    """Back to the standard text."""
    require_token()
    if service.restore_template(programme, _kind(kind), by=current_user):
        flashes.done(_("The standard text holds again."))
    return redirect(url_for("messages_templates.template", programme=programme.slug, kind=kind))


@blueprint.get(f"{ROOT}/<kind>/surat")
@needs(Permission.EDIT_PROGRAMME)
def letter(programme: Programme, kind: str) -> Response:
    """The letter alone as a mail program shows it, for the frame of the page."""
    found = _shown(programme, _kind(kind))["letter"]
    return letter_page(found) if found else abort(404)


def letter_page(letter: Letter) -> Response:
    """A letter's HTML under a policy of its own."""
    response = private_page(make_response(letter.html))
    response.headers["Content-Security-Policy"] = LETTER_POLICY
    return response


def _kind(slug: str) -> TemplateKind:
    return kind_of(slug) or abort(404)


def _shown(programme: Programme, kind: TemplateKind) -> dict[str, Any]:
    """The stage and the person that the address names (?tahap=…&orang=…), who else there is, and their letter."""
    stages = stages_of(programme)
    stage = next((one for one in stages if one.slug == request.args.get("tahap")), _with_people(stages))
    if stage is None:
        return {"shown_at": None, "choices": [], "example": None, "letter": None}
    example = _example(stage, kind)
    text = queries.template_text(programme.id, kind)
    to_institutions = kind in TO_INSTITUTIONS
    choices = queries.invitations_to_look_at(stage) if to_institutions else queries.people_to_look_at(stage)
    letter = preview_of(stage, text, example) if example else None
    return {"shown_at": stage, "choices": choices, "example": example, "letter": letter}


def _example(stage: Stage, kind: TemplateKind) -> Registration | Invitation | None:
    wanted = request.args.get("orang", type=int)
    if kind in TO_INSTITUTIONS:
        return queries.find_invitation_example(stage, wanted)
    return queries.find_example(stage, wanted)


def _with_people(stages: list[Stage]) -> Stage | None:
    """The last stage that anybody has registered for, else the last."""
    return next((one for one in reversed(stages) if one.seats_taken), stages[-1] if stages else None)
