"""Pages by which a participant comes to his own data by a mailed link, takes them away, and asks for something about them."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.permissions import public
from app.privacy import queries, service
from app.privacy.forms import ChooseForm, RequestForm
from app.privacy.permissions import current_visit, of_visitor
from app.privacy.rules import KIND_LABELS, LINK_FOR, REQUEST_STATE_LABELS, LinkPurpose, labels_of
from app.registration.models import Participant
from app.registration.rules import REASON_LABELS
from app.shared import clock
from app.shared.text import slugify
from app.web import flashes
from app.web.forms import ButtonForm, keeps_form
from app.web.headers import private_page
from app.web.visits import begin_visit, end_visit

blueprint = Blueprint("privacy", __name__)
GONE = 410


@blueprint.get("/saya/terkirim")
@public
def sent() -> AnyResponse:
    """The same for every address: whether it is known is told by mail alone."""
    return _page("privacy/sent.html", minutes=_minutes())


@blueprint.route("/saya/masuk/<token>", methods=["GET", "POST"])
@public
@keeps_form
def enter(token: str) -> AnyResponse:
    """A button: programs that open every link of a mail use nothing up."""
    form = ButtonForm()
    if queries.find_link(token, LinkPurpose.ENTER) is None:
        return _spent(422 if form.stale else GONE)
    if not form.validate_on_submit():
        return _page("privacy/enter.html", status=422 if form.is_submitted() else 200, form=form, token=token)
    visit = service.enter(token)
    if visit is None:  # pressed twice at the same moment
        return _spent()
    place = "privacy.choose" if visit.participant_id is None else "journey_self.home"
    return begin_visit(private_page(make_response(redirect(url_for(place), 303))), visit.token_hash)


@blueprint.route("/saya/pilih", methods=["GET", "POST"])
@public
@keeps_form
def choose() -> AnyResponse:
    """Which of the people of a shared address one is, perhaps of several agencies. Chosen once for the whole visit."""
    visit = current_visit()
    form = ChooseForm()
    if visit is None:
        # What was sent without a visit is answered by the page of the spent link, not by a redirect that hides it.
        return _spent(422) if form.is_submitted() else redirect(url_for("journey_self.home"), 303)
    if visit.participant_id is not None:
        return redirect(url_for("journey_self.home"), 303)
    known = queries.known_by(visit.email)
    form.offer([(one.participant.id, one.participant.name) for one in known])
    if form.validate_on_submit():
        if service.choose(visit, form.person.data):
            return private_page(make_response(redirect(url_for("journey_self.home"), 303)))
        form.person.errors = [_("Choose one of the names in the list.")]
    status = 422 if form.is_submitted() else 200
    return _page("privacy/choose.html", status=status, form=form, known=known)


@blueprint.post("/saya/keluar")
@public
def leave() -> AnyResponse:
    """The visit ends here and wherever else its cookie may lie."""
    visit = current_visit()
    if visit is not None:
        service.leave(visit)
    flashes.done(_("You have left your own data; nothing of it stays in this browser."))
    return end_visit(private_page(make_response(redirect(url_for("journey_self.home"), 303))))


@blueprint.route("/saya/alamat/<token>", methods=["GET", "POST"])
@public
@keeps_form
def address(token: str) -> AnyResponse:
    """A new address holds once whoever reads mail there says so."""
    form = ButtonForm()
    link = queries.find_link(token, LinkPurpose.ADDRESS)
    if link is None:
        return _spent(422 if form.stale else GONE)
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return _page("privacy/address.html", status=status, form=form, token=token, address=link.email)
    visit = current_visit()
    confirmed, reason = service.confirm_address(token, visit_id=visit.id if visit else None)
    if confirmed is None:
        return _spent()
    if reason is not None:
        form.form_errors.append(str(REASON_LABELS[reason]))
        return _page("privacy/address.html", status=409, form=form, token=token, address=link.email)
    flashes.done(_("The new address holds from now on."))
    return private_page(make_response(redirect(url_for("journey_self.home"), 303)))


@blueprint.route("/saya/permintaan", methods=["GET", "POST"])
@of_visitor
@keeps_form
def requests(person: Participant) -> AnyResponse:
    """Ask for a correction or a deletion, and see what became of what was asked."""
    form = RequestForm()
    if form.validate_on_submit():
        if service.ask_freely(person, form.chosen, text=form.text.data or ""):
            flashes.done(_("Your request was received. It is settled within 3 × 24 hours."))
            return redirect(url_for("privacy.requests"), 303)
        form.form_errors.append(_("You have asked several times today already. Please wait for the answer."))
    host = queries.host_of(person)
    page = render_template(
        "privacy/requests.html",
        person=person,
        host=host,
        form=form,
        asked=queries.requests_of(person),
        kinds=KIND_LABELS,
        states=REQUEST_STATE_LABELS,
        labels_of=labels_of,
    )
    return make_response(page, 422 if form.is_submitted() else 200)


@blueprint.get("/saya/unduh")
@of_visitor
def export(person: Participant) -> AnyResponse:
    """Everything that is held about one, as a ZIP."""
    response = Response(service.export_own(person), content_type="application/zip")
    name = f"data-{slugify(person.name, 40) or 'saya'}-{clock.now():%Y%m%d}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _spent(status: int = GONE) -> AnyResponse:
    return _page("privacy/spent.html", status=status, minutes=_minutes())


def _page(template: str, *, status: int = 200, **values: object) -> AnyResponse:
    return private_page(make_response(render_template(template, **values), status))


def _minutes() -> int:
    return int(LINK_FOR.total_seconds() // 60)
