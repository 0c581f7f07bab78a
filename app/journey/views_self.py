"""A participant's own pages at /saya: every stage, his data, his consents; and the address by which he comes there."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.accounts.permissions import public
from app.journey import queries_self
from app.journey.forms import CancelForm
from app.journey.forms_self import ConsentForm, OwnDataForm
from app.journey.queries import phase_of
from app.journey.rules import may_cancel
from app.privacy import queries, service
from app.privacy.forms import AskForm
from app.privacy.permissions import current_visit, of_visitor
from app.privacy.rules import LINKS_WITHIN, labels_of
from app.privacy.service import Saved
from app.registration import service as registration_service
from app.registration.forms_person import terms_of, typed_as
from app.registration.models import Participant, Registration
from app.registration.queries import find_by_ticket
from app.registration.rules import (
    CONSENT_LABELS,
    CONSENT_WORDINGS,
    ENDED,
    REASON_LABELS,
    STATE_LABELS,
    number_follows,
)
from app.registration.service.consents import give_consent, withdraw_consent
from app.web import flashes, throttle
from app.web.forms import keeps_form, require_token
from app.web.headers import private_page

blueprint = Blueprint("journey_self", __name__)
TOO_MANY = 429


@blueprint.route("/saya", methods=["GET", "POST"])
@public
@keeps_form
def home() -> Response:
    """One's own stages; for everybody else the form that mails the link, whose answer is the same for every address."""
    form = AskForm(reserved_mail=_reserved_mail())
    if form.validate_on_submit():
        if service.ask_for_link(form.address):
            return private_page(make_response(redirect(url_for("privacy.sent"), 303)))
        return _asked_too_often(form)
    if form.is_submitted():
        return _ask_page(form, 422)
    visit = current_visit()
    if visit is None:
        return _ask_page(form)
    if visit.participant is None:
        return redirect(url_for("privacy.choose"), 303)
    return _overview(visit.participant)


@blueprint.route("/saya/data", methods=["GET", "POST"])
@of_visitor
@keeps_form
def data(person: Participant) -> Response:
    """Correct one's own data: what is one's own to say holds at once, the rest is asked of the organiser."""
    host = queries.host_of(person)
    shown = queries.shown_registration(queries.registrations_of(person))
    if shown is None:
        abort(404, _("There is no registration under your name any more."))
    details = queries.own_details(person, shown)
    terms = terms_of(shown.category)
    form = OwnDataForm(
        host,
        reserved_mail=_reserved_mail(),
        kept=shown.institution,
        number_may_follow=number_follows(terms, details.identity_number),
        data=typed_as(details, terms),
    )
    if form.validate_on_submit():
        saved = service.save_own(person, form.details())
        if saved.reason is None:
            _tell(saved)
            return redirect(url_for("journey_self.data"), 303)
        form.form_errors.append(str(REASON_LABELS[saved.reason]))
    form.offer()
    page = render_template(
        "journey/self_data.html", person=person, host=host, form=form, certified=queries.is_certified(person)
    )
    return make_response(page, 422 if form.is_submitted() else 200)


@blueprint.route("/saya/pendaftaran/<int:registration_id>", methods=["GET", "POST"])
@of_visitor
@keeps_form
def registration(person: Participant, registration_id: int) -> Response:
    """One registration: the consents with what was agreed to, the privacy notice that was read, and the way to cancel."""
    found = _own(person, registration_id)
    form = CancelForm()
    told = queries_self.told(found)
    allowed = may_cancel(told, phase_of(found.stage))
    if form.validate_on_submit():
        if allowed:
            registration_service.cancel(found, reason=form.reason.data or "")
            flashes.done(_("Your registration is cancelled."))
        elif told not in ENDED:
            flashes.refuse(
                _(
                    "The stage has begun, so the registration can no longer be cancelled here. Please tell the organiser."
                )
            )
        return redirect(url_for("journey_self.home"), 303)
    page = render_template(
        "journey/self_registration.html",
        person=person,
        host=found.stage.host,
        registration=found,
        stage=found.stage,
        form=form,
        may_cancel=allowed,
        state_label=STATE_LABELS[told],
    )
    return make_response(page, 422 if form.is_submitted() else 200)


@blueprint.post("/saya/pendaftaran/<int:registration_id>/persetujuan")
@of_visitor
def consent(person: Participant, registration_id: int) -> Response:
    """Give or withdraw a free consent."""
    found = _own(person, registration_id)
    change_consent(found)
    return redirect(url_for("journey_self.registration", registration_id=found.id), 303)


@blueprint.post("/saya/pendaftaran/<int:registration_id>/terima")
@of_visitor
def accept(person: Participant, registration_id: int) -> Response:
    """Take the seat that is offered."""
    require_token()
    reason = registration_service.accept_offer(_own(person, registration_id))
    if reason is None:
        flashes.done(_("The seat is yours. The ticket is on its way by e-mail."))
    else:
        flashes.refuse(str(REASON_LABELS[reason]))
    return redirect(url_for("journey_self.home"), 303)


@blueprint.post("/t/<code>/persetujuan")
@public
def ticket_consent(code: str) -> Response:
    """The same for whoever holds the ticket."""
    found = find_by_ticket(code)
    if found is None:
        abort(404)
    change_consent(found)
    return redirect(url_for("journey.ticket", code=found.ticket_code) + "#persetujuan", 303)


@blueprint.app_template_global()
def consents_box(registration: Registration, action: str) -> Markup:
    """The free consents of a registration, each with a button, on the ticket and on one's own page."""
    return Markup(  # our own template, which escapes
        render_template(
            "journey/_consents.html",
            registration=registration,
            stage=registration.stage,
            action=action,
            consents=queries_self.consents_shown(registration),
            labels=CONSENT_LABELS,
            wordings=CONSENT_WORDINGS,
        )
    )


def change_consent(found: Registration) -> None:
    """What the small form of a consent asks for, here and on the ticket; it says what became of it."""
    form = ConsentForm()
    if not form.validate_on_submit():
        abort(400)
    if form.give.data:
        give_consent(found, form.chosen)
        flashes.done(_("Your consent is recorded. You can withdraw it at any time."))
    else:
        withdraw_consent(found, form.chosen)
        flashes.done(_("Your consent is withdrawn."))


def _overview(person: Participant) -> Response:
    stages = queries_self.own_stages(person)
    page = render_template(
        "journey/self.html",
        person=person,
        host=queries.host_of(person),
        stages=stages,
        jp=queries_self.jp_together(stages),
        state_labels=STATE_LABELS,
        waiting=[one for one in queries.requests_of(person) if one.settled_at is None],
    )
    return private_page(make_response(page))


def _ask_page(form: AskForm, status: int = 200) -> Response:
    return private_page(make_response(render_template("privacy/ask.html", form=form, ended=False), status))


def _asked_too_often(form: AskForm) -> Response:
    """By address, whether it is known or not."""
    minutes = throttle.minutes_left(LINKS_WITHIN)
    form.email.errors = [
        ngettext(
            "Several links were asked for with this address. Look into the mailbox, or try again in %(num)d minute.",
            "Several links were asked for with this address. Look into the mailbox, or try again in %(num)d minutes.",
            minutes,
        )
    ]
    response = _ask_page(form, TOO_MANY)
    response.headers["Retry-After"] = str(minutes * 60)
    return response


def _tell(saved: Saved) -> None:
    if saved.now:
        flashes.done(_("Your data are saved."))
    if saved.asked:
        fields = ", ".join(labels_of(saved.asked)).lower()
        flashes.inform(
            _("The organiser decides on this within 3 × 24 hours and tells you by e-mail: %(fields)s.", fields=fields)
        )
    if saved.address:
        flashes.inform(
            _("A link was sent to %(address)s. The new address holds once you open it.", address=saved.address)
        )
    if saved.too_often:
        flashes.refuse(_("A new address was asked for too often. Try again in an hour."))
    if saved == Saved():
        flashes.inform(_("Nothing was changed."))


def _own(person: Participant, registration_id: int) -> Registration:
    found = next((one for one in queries.registrations_of(person) if one.id == registration_id), None)
    return found if found is not None else abort(404)


def _reserved_mail() -> bool:
    return bool(current_app.config["APP_ENV"] != "production")
