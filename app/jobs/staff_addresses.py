"""Addresses that mail does not reach: the list, what staff add to it, and what turned out to be right."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.permissions import signed_in
from app.jobs import queries, service
from app.jobs.forms import BadAddressForm, ReturnedForm
from app.jobs.models import BadAddress
from app.web import flashes
from app.web.forms import keeps_form, require_token
from app.web.headers import private_page
from app.web.paging import paginate

blueprint = Blueprint("jobs_addresses", __name__)
ROOT = "/panel/pesan/alamat"


@blueprint.get(ROOT)
@signed_in
def index() -> Response:
    """The addresses of one's agencies or programmes that mail does not reach, and why."""
    _require_outbox()
    return _page(_form(formdata=None))


@blueprint.post(ROOT)
@signed_in
@keeps_form
def add() -> AnyResponse:
    """Somebody has got a mail back."""
    _require_outbox()
    form = _form()
    if not form.validate_on_submit():
        return _page(form, 422)
    service.mark_bad(form.host.data, form.address.data, reason=form.reason.data or _by_hand(), by=current_user)
    flashes.done(_("The address is marked. Its people are shown with a warning until a mail reaches it again."))
    return redirect(url_for("jobs_addresses.index"))


@blueprint.post(f"{ROOT}/<int:address_id>/benar")
@signed_in
def clear(address_id: int) -> AnyResponse:
    """The address is right after all."""
    _require_outbox()
    require_token()
    found = queries.find_address(current_user, address_id)
    if found is None:
        abort(404)
    service.clear_bad(found.host_id, found.address, by=current_user)
    flashes.done(_("The address is no longer marked."))
    return redirect(url_for("jobs_addresses.index"))


@blueprint.post("/panel/pesan/<int:message_id>/kembali")
@signed_in
def returned(message_id: int) -> AnyResponse:
    """This mail came back, so its address is marked."""
    _require_outbox()
    require_token()
    found = queries.find_message(current_user, message_id)
    if found is None:
        abort(404)
    reason = (ReturnedForm().reason.data or _by_hand())[:500]
    service.mark_bad(found.host_id, found.to_address, reason=reason, by=current_user)
    flashes.done(_("The address is marked. Its people are shown with a warning until a mail reaches it again."))
    return redirect(url_for("jobs_staff.message", message_id=message_id))


@blueprint.app_template_global()
def bad_address(host_id: int, address: str | None) -> BadAddress | None:
    """What is known against an address, wherever staff are shown it."""
    return queries.bad_address(host_id, address) if address else None


def _form(**values: Any) -> BadAddressForm:
    reserved = current_app.config["APP_ENV"] != "production"
    return BadAddressForm(queries.hosts_of(current_user), reserved_mail=reserved, **values)


def _by_hand() -> str:
    return _("Marked by staff: a mail came back.")


def _require_outbox() -> None:
    if not queries.sees_outbox(current_user):
        abort(403)


def _page(form: BadAddressForm, status: int = 200) -> Response:
    page = paginate(queries.visible_addresses(current_user))
    hosts = dict(queries.hosts_of(current_user))
    answer = render_template("jobs/addresses.html", page=page, hosts=hosts, form=form, zone_of=queries.zone_of)
    return private_page(make_response(answer, status))
