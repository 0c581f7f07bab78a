"""The stage's own questions on the ticket: whoever came in without the form answers here, and everybody may change his answers."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.accounts.permissions import public
from app.registration.forms_questions import OwnAnswersForm, answers_form
from app.registration.models import Registration
from app.registration.queries import find_by_ticket
from app.registration.queries_questions import Asked, answers_to, asked_of, documents_of, values_of
from app.registration.service.questions import answer_own
from app.web.csrf import keeps_form
from app.web.flashes import done, refuse
from app.web.headers import private_page

blueprint = Blueprint("answers", __name__)


@blueprint.route("/t/<code>/pertanyaan", methods=["GET", "POST"])
@public
@keeps_form
def form(code: str) -> Response:
    """Answer as the registration form asks; what was handed in before is there, and a file stays unless another is chosen."""
    registration = find_by_ticket(code)
    if registration is None:
        abort(404)
    asked = asked_of([registration])[registration.id]
    if not asked.changeable:
        return _ended(registration, asked)
    filled = answers_form(OwnAnswersForm, registration.category.code, asked.questions, values_of(registration))
    if filled.validate_on_submit():
        if not answer_own(registration, filled.answers):
            return _ended(registration, asked)
        done(_("Your answers are saved."))
        return _to_ticket(registration)
    filled.keep_files()
    stage = registration.stage
    page = render_template(
        "registration/own_answers.html",
        registration=registration,
        stage=stage,
        host=stage.host,
        form=filled,
        missing=len(asked.open),
    )
    return private_page(make_response(page, 422 if filled.is_submitted() else 200))


@blueprint.app_template_global()
def asked_on_ticket(registration: Registration) -> Asked:
    """What the holder of a ticket is asked, for his page."""
    return asked_of([registration])[registration.id]


@blueprint.app_template_global()
def own_answers(registration: Registration, asked: Asked) -> Markup:
    """What the holder of a ticket answered, with his files and the way to change it.

    Nothing where nothing was asked, nor where nothing is answered yet: that the page says above the ticket.
    """
    given = answers_to(registration)
    if not given and (asked.open or not asked.changeable):
        return Markup()
    files = {document.question_id: document for document in documents_of(registration)}
    page = render_template(
        "registration/_own_answers.html", registration=registration, answers=given, files=files, asked=asked
    )
    return Markup(page)  # our own template, which escapes


def _ended(registration: Registration, asked: Asked) -> Response:
    if not asked.questions:
        abort(404)
    refuse(_("The answers can no longer be changed here. Please tell the organiser."))
    return _to_ticket(registration)


def _to_ticket(registration: Registration) -> Response:
    address = url_for("journey.ticket", code=registration.ticket_code)
    return private_page(make_response(redirect(address, 303)))
