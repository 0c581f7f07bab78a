"""A questionnaire as its participants meet it, by its QR or from their ticket."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import Blueprint, abort, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.permissions import public
from app.feedback import queries, service
from app.feedback.forms import AnswerForm, TicketForm, answer_form
from app.feedback.models import Questionnaire
from app.feedback.rules import (
    KIND_LABELS,
    OUTCOME_LABELS,
    QUESTION_KIND_LABELS,
    AnswerOutcome,
    BadAnswers,
    QuestionnaireState,
)
from app.registration.models import Registration
from app.registration.queries import find_by_ticket
from app.shared.codes import canonical
from app.web import throttle
from app.web.forms import keeps_form
from app.web.headers import private_page
from app.web.remembered import remember_ticket, remembered_tickets

blueprint = Blueprint("feedback", __name__)
blueprint.add_app_template_filter(KIND_LABELS.__getitem__, "questionnaire_kind")
blueprint.add_app_template_filter(QUESTION_KIND_LABELS.__getitem__, "question_kind")
CLOSED = {
    QuestionnaireState.DRAFT: AnswerOutcome.NOT_OPEN_YET,
    QuestionnaireState.CLOSED: AnswerOutcome.CLOSED,
}
TRIES, WINDOW = 10, timedelta(minutes=10)


@blueprint.get("/umpan-balik/<token>")
@blueprint.get("/UMPAN-BALIK/<token>", alias=True)
@public
def answer(token: str) -> Response:
    """The questions, or why there are none to answer."""
    questionnaire = _questionnaire(token)
    if token != questionnaire.token or request.path.startswith("/UMPAN-BALIK/"):
        return redirect(url_for(".answer", token=questionnaire.token))
    if "HX-Request" in request.headers:
        return _still_waiting(questionnaire)
    closed = CLOSED.get(questionnaire.state)
    if closed is not None:
        return _outcome_page(questionnaire, closed, None)
    registration = None if request.args.get("tiket") == "lain" else _chosen(questionnaire)
    if registration is None:
        return _ticket_page(questionnaire, TicketForm())
    refusal = _refusal(questionnaire, registration)
    if refusal is not None:
        return _outcome_page(questionnaire, refusal, registration)
    questions = queries.questions_asked(questionnaire)
    return _question_page(questionnaire, registration, answer_form(questions, registration=registration.id))


@blueprint.post("/umpan-balik/<token>")
@public
@keeps_form
def send(token: str) -> Response:
    """Take the answers of the ticket that the page was filled in for."""
    questionnaire = _questionnaire(token)
    questions = queries.questions_asked(questionnaire)
    form = answer_form(questions)
    registration = _named(form, questionnaire)
    if registration is None:
        return _ticket_page(questionnaire, TicketForm(formdata=None), 403)
    if not form.validate_on_submit():
        return _question_page(questionnaire, registration, form, 422)
    try:
        outcome = service.answer(questionnaire, registration, form.answers(questions))
    except BadAnswers as error:
        form.show(error.errors, questions)
        return _question_page(questionnaire, registration, form, 422)
    if outcome is AnswerOutcome.ACCEPTED:
        return redirect(url_for(".thanks", token=questionnaire.token))
    return _outcome_page(questionnaire, outcome, registration, 409)


@blueprint.get("/umpan-balik/<token>/terima-kasih")
@public
def thanks(token: str) -> Response:
    """After answering: what else is open for this ticket."""
    questionnaire = _questionnaire(token)
    return _outcome_page(questionnaire, AnswerOutcome.ACCEPTED, _chosen(questionnaire))


@blueprint.post("/umpan-balik/<token>/tiket")
@public
@keeps_form
def prove(token: str) -> Response:
    """The ticket of whoever has opened the page on a phone that does not know it.

    The limit only slows the wrong tries of one browser down, and who drops its cookie begins anew: a limit on the questionnaire
    would let one stranger shut out a hall. That no code is guessed rests on its 80 random bits.
    """
    questionnaire = _questionnaire(token)
    form = TicketForm()
    if not form.validate_on_submit():
        return _ticket_page(questionnaire, form, 422)
    target = f"{questionnaire.id}:{_visitor()}"
    if throttle.is_spent("feedback-code", target, limit=TRIES, window=WINDOW):
        throttle.too_many(WINDOW)
    registration = find_by_ticket(form.code.data or "")
    if registration is None:
        throttle.hit("feedback-code", target, limit=TRIES, window=WINDOW)
        form.code.errors = [
            _("No ticket has this code. It has 16 letters and digits and stands below the QR of your ticket.")
        ]
        return _ticket_page(questionnaire, form, 422)
    if registration.stage_id != questionnaire.stage_id:
        form.code.errors = [_("This ticket is for another stage: %(stage)s.", stage=registration.stage.name)]
        return _ticket_page(questionnaire, form, 422)
    response = redirect(url_for(".answer", token=questionnaire.token))
    return remember_ticket(response, registration.ticket_code)  # type: ignore[arg-type]


def _still_waiting(questionnaire: Questionnaire) -> Response:
    """To the page of one that is not open yet, which asks every ten seconds: load anew once it is."""
    response = make_response("", 204)
    if questionnaire.state is not QuestionnaireState.DRAFT:
        response.headers["HX-Refresh"] = "true"
    return private_page(response)


def _questionnaire(token: str) -> Questionnaire:
    return queries.find_by_token(canonical(token)) or abort(
        404, description=_("There is no questionnaire at this address. Scan the QR on the screen once more.")
    )


def _tickets_of_stage(questionnaire: Questionnaire) -> list[Registration]:
    """The tickets of this stage that the phone remembers, the latest first."""
    known = [find_by_ticket(code) for code in remembered_tickets()]
    return [found for found in known if found is not None and found.stage_id == questionnaire.stage_id]


def _chosen(questionnaire: Questionnaire) -> Registration | None:
    """The remembered ticket to answer with: one that may still answer, else the latest."""
    known = _tickets_of_stage(questionnaire)
    return next((one for one in known if _refusal(questionnaire, one) is None), known[0] if known else None)


def _named(form: AnswerForm, questionnaire: Questionnaire) -> Registration | None:
    """The ticket that the form was filled in for, if this phone holds it."""
    known = {str(one.id): one for one in _tickets_of_stage(questionnaire)}
    return known.get(form.registration.data or "")


def _refusal(questionnaire: Questionnaire, registration: Registration) -> AnswerOutcome | None:
    if queries.has_answered(questionnaire, registration):
        return AnswerOutcome.ALREADY
    return service.may_answer(questionnaire, registration)


def _visitor() -> str:
    """A name for this browser, which says nothing of the person; a hall behind one address is not one visitor."""
    if "visitor" not in session:
        session["visitor"] = secrets.token_urlsafe(12)
    return str(session["visitor"])


def _question_page(
    questionnaire: Questionnaire, registration: Registration, form: AnswerForm, status: int = 200
) -> Response:
    questions = queries.questions_asked(questionnaire)
    return _page("answer", questionnaire, status, form=form, questions=questions, registration=registration)


def _ticket_page(questionnaire: Questionnaire, form: TicketForm, status: int = 200) -> Response:
    return _page("ticket", questionnaire, status, form=form)


def _outcome_page(
    questionnaire: Questionnaire, outcome: AnswerOutcome, registration: Registration | None, status: int = 200
) -> Response:
    offered = queries.open_for(registration) if registration else []
    others = [one.questionnaire for one in offered if not one.answered and one.questionnaire != questionnaire]
    words = OUTCOME_LABELS[outcome]
    return _page(
        "outcome", questionnaire, status, outcome=outcome.value, words=words, registration=registration, others=others
    )


def _page(name: str, questionnaire: Questionnaire, status: int, **values: object) -> Response:
    stage = questionnaire.stage
    page = render_template(f"feedback/{name}.html", questionnaire=questionnaire, stage=stage, host=stage.host, **values)
    return private_page(make_response(page, status))
