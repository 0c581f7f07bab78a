"""Pages of registration that participants and the public see."""

from __future__ import annotations

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.permissions import public
from app.hosts.queries import notice_offered
from app.programmes.models import Stage
from app.programmes.queries import get_published_stage
from app.registration import queries, service
from app.registration.forms import RegistrationForm
from app.registration.models import Registration
from app.registration.queries_questions import terms_asked
from app.registration.rules import REASON_LABELS, Outcome, Reason, RegistrationSource, sees_full, window_reason
from app.registration.rules_questions import QuestionTerms
from app.registration.service.limiting import OverLimit, count_files, limits_of_public
from app.registration.views_blank import blank_page
from app.shared import clock
from app.shared.mailbox import masked
from app.web import flashes
from app.web.csrf import keeps_form
from app.web.headers import private_page
from app.web.remembered import remember_ticket, remembered_tickets
from app.web.throttle import minutes_left

blueprint = Blueprint("registration", __name__)
UNAVAILABLE = 409


@blueprint.route("/kegiatan/<stage>/daftar", methods=["GET", "POST"])
@public
@keeps_form
def form(stage: str) -> Response:
    """One page without JavaScript; the answer to a registration is the way to its ticket."""
    found = get_published_stage(stage)
    reason = window_reason(queries.window_of(found), clock.now())
    if reason is not None:
        return _closed(found, reason, status=UNAVAILABLE if request.method == "POST" else 200)
    questions = terms_asked(found)
    if request.method != "POST":
        return _private_page(blank_page(found, questions, lambda: _draw_blank(found, questions)))
    filled = _form(found, questions)
    try:
        if filled.brings_files:
            count_files(request.remote_addr)
        if not filled.validate_on_submit():
            return _page(found, filled, status=422)
        done = _register(found, filled)
    except OverLimit as over:
        return _over_limit(found, filled, over)
    if done.outcome is Outcome.ALREADY:
        return _private("registration/already.html", found, ticket_here=_remembered(done.registration))
    if done.reason is not None:
        return _refused(found, filled, done.reason)
    _tell(done)
    ticket = make_response(redirect(url_for("journey.ticket", code=done.ticket_code), 303))
    return remember_ticket(ticket, done.ticket_code)


def _form(stage: Stage, questions: list[QuestionTerms]) -> RegistrationForm:
    return RegistrationForm(
        stage.host,
        shown=notice_offered(stage.host),
        reserved_mail=current_app.config["APP_ENV"] != "production",
        questions=questions,
    )


def _draw_blank(stage: Stage, questions: list[QuestionTerms]) -> tuple[str, RegistrationForm]:
    form = _form(stage, questions)
    return _draw(stage, form), form


def _register(stage: Stage, filled: RegistrationForm) -> service.Registered:
    person = filled.details()
    return service.register(
        stage,
        person,
        source=RegistrationSource.ONLINE,
        submission_key=filled.usable_key,
        notice_id=filled.shown.id,
        consents=filled.consents,
        answers=filled.answers,
        within=limits_of_public(person.email, request.remote_addr),
    )


def _over_limit(stage: Stage, filled: RegistrationForm, over: OverLimit) -> Response:
    filled.form_errors.append(str(over.sentence))
    page = _page(stage, filled, status=429)
    page.headers["Retry-After"] = str(minutes_left(over.limit.window) * 60)
    return page


def _tell(made: service.Registered) -> None:
    address = masked(made.mailed_to)
    if made.outcome is Outcome.WAITLISTED:
        flashes.inform(
            _(
                "No seat is free for you, so you are on the waiting list. We have written to %(address)s.",
                address=address,
            )
        )
    elif made.outcome is Outcome.PENDING:
        flashes.inform(
            _(
                "You are registered and wait for the approval of the committee. We have written to %(address)s.",
                address=address,
            )
        )
    else:
        flashes.done(_("You are registered. The ticket was sent to %(address)s.", address=address))


def _remembered(registration: Registration | None) -> str | None:
    """The code of the ticket where this browser has it anyway; nobody else is shown it."""
    code = registration.ticket_code if registration else None
    return code if code in remembered_tickets() else None


def _refused(stage: Stage, filled: RegistrationForm, reason: Reason) -> Response:
    if reason is not Reason.PREREQUISITE:
        return _closed(stage, reason, status=UNAVAILABLE)
    filled.form_errors.append(str(REASON_LABELS[reason]))
    return _page(stage, filled, status=422)


def _page(stage: Stage, filled: RegistrationForm, *, status: int) -> Response:
    filled.keep_files()
    return _private_page(_draw(stage, filled), status)


def _draw(stage: Stage, form: RegistrationForm) -> str:
    form.offer()
    return render_template(
        "registration/form.html",
        stage=stage,
        host=stage.host,
        form=form,
        full=sees_full(capacity=stage.capacity, seats_taken=stage.seats_taken),
        notice=form.shown,
    )


def _closed(stage: Stage, reason: Reason, *, status: int) -> Response:
    return _private("registration/closed.html", stage, status=status, reason=reason, sentence=REASON_LABELS[reason])


def _private(template: str, stage: Stage, *, status: int = 200, **values: object) -> Response:
    return _private_page(render_template(template, stage=stage, host=stage.host, **values), status)


def _private_page(page: str, status: int = 200) -> Response:
    return private_page(make_response(page, status))
