"""The queue of data requests: what people ask about their data, with the clock of the law, and what the clerk does."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request, url_for
from flask import redirect as led_to
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts.permissions import Permission, may, signed_in
from app.hosts.models import Host
from app.hosts.queries import find_host
from app.privacy import queries, service
from app.privacy.forms import AcceptForm, RefuseForm
from app.privacy.models import DataRequest
from app.privacy.queries import Reach
from app.privacy.queries_compared import compared
from app.privacy.rules import (
    KIND_LABELS,
    REQUEST_STATE_LABELS,
    Clock,
    RequestKind,
    RequestState,
    clock_of,
    decides,
)
from app.registration.rules import REASON_LABELS, STATE_LABELS
from app.shared import clock
from app.web import flashes
from app.web.forms import keeps_form
from app.web.navigation import Scope, Section, register_section
from app.web.paging import paginate

blueprint = Blueprint("privacy_staff", __name__)
HOME = "/panel/penyelenggara/<host>/permintaan-data"

register_section(
    Section(
        key="data_requests",
        label=_l("Data requests"),
        endpoint="privacy_staff.index",
        icon="shield-check",
        permission=Permission.EDIT_HOST,
        order=60,
        scope=Scope.HOST,
    )
)


@blueprint.get(HOME)
@signed_in
def index(host: str) -> str:
    """The open ones by their clock, then what was settled."""
    reach = _reach(host)
    state = next((one for one in RequestState if one.value == request.args.get("state")), None)
    return render_template(
        "privacy/index.html",
        host=reach.host,
        page=paginate(queries.requests(reach, state=state)),
        state=state,
        states=REQUEST_STATE_LABELS,
        state_options=[(one.value, REQUEST_STATE_LABELS[one]) for one in RequestState],
        kinds=KIND_LABELS,
    )


@blueprint.get(HOME + "/<int:request_id>")
@signed_in
def show(host: str, request_id: int) -> str:
    """What is asked, beside what stands now."""
    reach = _reach(host)
    return _page(reach, _request(reach, request_id), AcceptForm(formdata=None), RefuseForm(formdata=None))


@blueprint.post(HOME + "/<int:request_id>/penuhi")
@signed_in
@keeps_form
def accept(host: str, request_id: int) -> Response | tuple[str, int]:
    """Do what is asked, in every registration that it reaches, and tell the person."""
    reach = _reach(host)
    found = _request(reach, request_id, to_decide=True)
    form = AcceptForm()
    if not form.validate_on_submit():
        return _page(reach, found, form, RefuseForm(formdata=None)), 422
    done = service.accept(found, by=current_user, answer=form.answer.data or "")
    if done is True:
        flashes.done(_("The request is done, and the person is told by e-mail."))
    elif done is False:
        flashes.inform(_("This request was settled before."))
    else:
        form.form_errors.append(str(REASON_LABELS[done]))
        return _page(reach, found, form, RefuseForm(formdata=None)), 422
    return led_to(_address(found))


@blueprint.post(HOME + "/<int:request_id>/tolak")
@signed_in
@keeps_form
def refuse(host: str, request_id: int) -> Response | tuple[str, int]:
    """Turn it down, with a reason that the person is told."""
    reach = _reach(host)
    found = _request(reach, request_id, to_decide=True)
    form = RefuseForm()
    if not form.validate_on_submit():
        return _page(reach, found, AcceptForm(formdata=None), form), 422
    if service.refuse(found, reason=form.reason.data or "", by=current_user):
        flashes.done(_("The request is turned down, and the person is told by e-mail."))
    else:
        flashes.inform(_("This request was settled before."))
    return led_to(_address(found))


@blueprint.app_template_global()
def data_requests_waiting() -> list[tuple[Host, list[DataRequest]]]:
    """What waits for whoever is signed in, by host, the most urgent first; for the panel's home."""
    reaches = queries.reaches_of(current_user)
    waiting = queries.open_requests(reaches)
    return [(reach.host, waiting[reach.host.id]) for reach in reaches if reach.host.id in waiting]


@blueprint.app_template_global()
def request_clock(found: DataRequest) -> Clock:
    """Where the clock of a request stands now."""
    return clock_of(found.due_at, clock.now())


def _reach(slug: str) -> Reach:
    """404 for strangers to the host, 403 for members whose role does not reach."""
    host = find_host(slug)
    if host is None or not any(one.host_id == host.id for one in current_user.memberships):
        abort(404)
    reach = queries.reach_of(current_user, host)
    if not reach.any:
        abort(403)
    return reach


def _request(reach: Reach, request_id: int, *, to_decide: bool = False) -> DataRequest:
    found = queries.find_request(reach, request_id)
    if found is None:
        abort(404)
    if to_decide and not _decides(reach, found):
        abort(403, _("This person is also registered in programmes that are not yours; the administrator settles it."))
    return found


def _decides(reach: Reach, found: DataRequest) -> bool:
    theirs = queries.programmes_of(found.participant)
    return decides(theirs, of_programmes=reach.programme_ids, administers=reach.administers)


def _page(reach: Reach, found: DataRequest, accepting: AcceptForm, refusing: RefuseForm) -> str:
    registrations = queries.registrations_of(found.participant)
    visible = [one for one in registrations if may(Permission.VIEW_PEOPLE, one.stage)]
    return render_template(
        "privacy/request.html",
        host=reach.host,
        found=found,
        person=found.participant,
        registrations=visible,
        elsewhere=len(registrations) - len(visible),
        compared=compared(found),
        archived=queries.is_archived(found.participant),
        deletes=found.kind is RequestKind.DELETION,
        is_open=found.state is RequestState.OPEN,
        decides=_decides(reach, found),
        kinds=KIND_LABELS,
        states=REQUEST_STATE_LABELS,
        registration_states=STATE_LABELS,
        accepting=accepting,
        refusing=refusing,
    )


def _address(found: DataRequest) -> str:
    return url_for("privacy_staff.show", host=found.host.slug, request_id=found.id)
