"""An agency's API tokens, for its administrators."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts import service_tokens
from app.accounts.forms_tokens import TokenForm
from app.accounts.permissions import Permission, needs
from app.accounts.queries import programmes_of_host
from app.accounts.queries_tokens import find_token_of, tokens_of
from app.accounts.rules_tokens import SCOPE_LABELS, TokenRefused
from app.hosts.models import Host
from app.shared import clock
from app.web import flashes
from app.web.csrf import never_carried
from app.web.forms import keeps_form, require_token
from app.web.headers import private_page
from app.web.navigation import Scope, Section, register_section

blueprint = Blueprint("tokens_staff", __name__, url_prefix="/panel/penyelenggara/<host>/token")
register_section(
    Section(
        key="tokens", label=_l("API tokens"), endpoint="tokens_staff.index", icon="key",
        permission=Permission.EDIT_HOST, order=45, scope=Scope.HOST,
    )
)  # fmt: skip


@blueprint.get("")
@needs(Permission.EDIT_HOST)
def index(host: Host) -> str:
    return render_template(
        "accounts/tokens.html",
        host=host,
        tokens=tokens_of(host.id),
        programmes=dict(programmes_of_host(host.id)),
        scope_labels=SCOPE_LABELS,
        moment=clock.now(),
    )


@blueprint.route("/tambah", methods=["GET", "POST"])
@needs(Permission.EDIT_HOST)
@never_carried
@keeps_form
def add(host: Host) -> Any:
    form = TokenForm(zone=host.timezone).offer(programmes_of_host(host.id))
    if not form.validate_on_submit():
        return _add_page(host, form)
    try:
        token, secret = service_tokens.create_token(
            host,
            name=form.name.data,
            scopes=form.chosen_scopes,
            programme_id=form.programme_id,
            expires_at=form.expires_at.data,
            by=current_user,
        )
    except TokenRefused as refused:
        form.show(refused)
        return _add_page(host, form)
    page = render_template("accounts/token.html", host=host, token=token, secret=secret)
    return private_page(make_response(page))  # shown once: the answer to the form itself, in no cache and no session


@blueprint.post("/<int:token_id>/cabut")
@needs(Permission.EDIT_HOST)
def revoke(host: Host, token_id: int) -> Response:
    require_token()
    token = find_token_of(host.id, token_id) or abort(404)
    if service_tokens.revoke_token(token, by=current_user):
        flashes.done(_("The token is revoked and good for nothing any more."))
    else:
        flashes.inform(_("The token had been revoked before."))
    return redirect(url_for("tokens_staff.index", host=host.slug))


def _add_page(host: Host, form: TokenForm) -> Any:
    return render_template("accounts/add_token.html", host=host, form=form), 422 if form.is_submitted() else 200
