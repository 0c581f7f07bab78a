"""Pages of registration that participants and the public see."""

from __future__ import annotations

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.accounts.permissions import public
from app.hosts.queries import notice_offered
from app.institutions.queries_offer import offer_of
from app.programmes.models import Stage
from app.programmes.queries import get_published_stage
from app.registration import queries, service
from app.registration.forms import RegistrationForm
from app.registration.models import Registration
from app.registration.queries_questions import terms_asked
from app.registration.rules import REASON_LABELS, Outcome, Reason, RegistrationSource, sees_full, window_reason
from app.registration.service.limiting import OverLimit, limits_of_public
from app.shared import clock
from app.shared.mailbox import masked
from app.web import flashes
from app.web.csrf import keeps_form
from app.web.headers import private_page
from app.web.locale import current_language
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
    filled = RegistrationForm(
        found.host,
        shown=notice_offered(found.host),
        reserved_mail=current_app.config["APP_ENV"] != "production",
        questions=terms_asked(found),
    )
    if reason is not None:
        return _closed(found, reason, status=UNAVAILABLE if filled.is_submitted() else 200)
    if not filled.validate_on_submit():
        return _page(found, filled, status=422 if filled.is_submitted() else 200)
    try:
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
    return _private(
        "registration/form.html",
        stage,
        status=status,
        form=filled,
        person_fields=_person_fields(filled),
        full=sees_full(capacity=stage.capacity, seats_taken=stage.seats_taken),
        notice=filled.shown,
    )


def _person_fields(filled: RegistrationForm) -> Markup:
    """The fields of the person; blank ones are the same for everybody and are drawn once."""
    drawn, drawing = offer_of(filled.host).drawn, ("person", current_language())
    if not filled.is_submitted() and drawing in drawn:
        return drawn[drawing]
    filled.offer()
    fields = Markup(render_template("registration/_person.html", form=filled, for_self=True))
    if not filled.is_submitted():
        drawn[drawing] = fields
    return fields


def _closed(stage: Stage, reason: Reason, *, status: int) -> Response:
    return _private("registration/closed.html", stage, status=status, reason=reason, sentence=REASON_LABELS[reason])


def _private(template: str, stage: Stage, *, status: int = 200, **values: object) -> Response:
    page = render_template(template, stage=stage, host=stage.host, **values)
    return private_page(make_response(page, status))
