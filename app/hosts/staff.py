"""An agency's own pages, for its administrators."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app.accounts.permissions import Permission, needs
from app.hosts import queries, service
from app.hosts.forms import HostForm, NoticeForm
from app.hosts.models import Host
from app.hosts.rules import ZONE_LABELS, BadImage, HostRefused
from app.web import flashes
from app.web.forms import keeps_form
from app.web.navigation import Scope, Section, register_section
from app.web.uploads import NotStored

blueprint = Blueprint("hosts_staff", __name__, url_prefix="/panel/penyelenggara/<host>")
register_section(
    Section(
        key="host", label=_l("Agency"), endpoint="hosts_staff.host", icon="building",
        permission=Permission.EDIT_HOST, order=10, scope=Scope.HOST,
    )
)  # fmt: skip
register_section(
    Section(
        key="privacy", label=_l("Privacy notice"), endpoint="hosts_staff.privacy", icon="shield-lock",
        permission=Permission.EDIT_HOST, order=50, scope=Scope.HOST,
    )
)  # fmt: skip


@blueprint.route("", methods=["GET", "POST"])
@needs(Permission.EDIT_HOST)
@keeps_form
def host(host: Host) -> Any:
    form = HostForm.of(host)
    if not form.validate_on_submit():
        return _host_page(host, form, 422 if form.is_submitted() else 200)
    try:
        service.update_host(
            host, by=current_user, picture=form.picture(), without_emblem=form.remove_emblem.data, **form.letterhead()
        )
    except (BadImage, NotStored) as refused:
        form.emblem.errors = [str(refused.sentence)]
        return _host_page(host, form, 422)
    except HostRefused as refused:  # the first stage came while the page lay open
        form.form_errors.append(str(refused.sentence))
        return _host_page(host, form, 422)
    flashes.done(_("The agency has been saved."))
    return redirect(url_for("hosts_staff.host", host=host.slug))


@blueprint.route("/privasi", methods=["GET", "POST"])
@needs(Permission.EDIT_HOST)
@keeps_form
def privacy(host: Host) -> Any:
    notices = queries.notices_of(host)
    form = NoticeForm(obj=notices[0] if notices else None)
    if form.validate_on_submit():
        notice = service.publish_notice(host, form.body.data, by=current_user)
        flashes.done(_("Version %(number)s of the privacy notice is in force.", number=notice.version))
        return redirect(url_for("hosts_staff.privacy", host=host.slug))
    status = 422 if form.is_submitted() else 200
    return render_template("hosts/notice.html", host=host, form=form, notices=notices), status


def _host_page(host: Host, form: HostForm, status: int) -> Any:
    zone, lines = ZONE_LABELS[host.timezone], queries.address_lines(host)
    return render_template("hosts/host.html", host=host, form=form, zone=zone, address_lines=lines), status
