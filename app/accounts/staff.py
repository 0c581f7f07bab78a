"""An agency's users and their roles, for its administrators."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts import service
from app.accounts.forms import FirstPasswordForm, HostRoleForm, HostUserForm
from app.accounts.models import User
from app.accounts.permissions import Permission, needs
from app.accounts.queries import (
    find_membership,
    find_user_of_host,
    programmes_of_host,
    users_of_host,
    works_elsewhere,
)
from app.accounts.rules import ROLE_LABELS, AccountRefused
from app.hosts.models import Host
from app.web import flashes
from app.web.csrf import never_carried
from app.web.forms import keeps_form, require_token
from app.web.headers import private_page
from app.web.navigation import Scope, Section, register_section

blueprint = Blueprint("accounts_staff", __name__, url_prefix="/panel/penyelenggara/<host>/pengguna")
register_section(
    Section(
        key="users", label=_l("Users"), endpoint="accounts_staff.users", icon="person-gear",
        permission=Permission.EDIT_HOST, order=40, scope=Scope.HOST,
    )
)  # fmt: skip


@blueprint.get("")
@needs(Permission.EDIT_HOST)
def users(host: Host) -> str:
    return render_template(
        "accounts/users.html",
        host=host,
        users=users_of_host(host.id),
        programmes=dict(programmes_of_host(host.id)),
        role_labels=ROLE_LABELS,
    )


@blueprint.route("/tambah", methods=["GET", "POST"])
@needs(Permission.EDIT_HOST)
@never_carried
@keeps_form
def add(host: Host) -> Any:
    form = HostUserForm().offer(programmes_of_host(host.id))
    if not form.validate_on_submit():
        return _add_page(host, form, 422 if form.is_submitted() else 200)
    password = form.password.data or service.draw_password()
    try:
        user, created = service.add_staff(
            email=form.email.data,
            name=form.name.data,
            password=password,
            roles=[form.chosen_role],
            host=host,
            programme_id=form.chosen_programme_id,
            by=current_user,
        )
    except AccountRefused as refused:
        form.show(refused, refused.field)
        return _add_page(host, form, 422)
    page = url_for("accounts_staff.user", host=host.slug, user_id=user.id)
    if created:
        return password_page(user, password, back=page, host=host)
    flashes.done(_("%(name)s already has an account and now has this role too.", name=user.name_for(host.id)))
    return redirect(page)


@blueprint.get("/<int:user_id>")
@needs(Permission.EDIT_HOST)
def user(host: Host, user_id: int) -> str:
    return _user_page(host, _user(host, user_id))


@blueprint.post("/<int:user_id>/peran")
@needs(Permission.EDIT_HOST)
@never_carried
@keeps_form
def add_role(host: Host, user_id: int) -> Any:
    chosen = _user(host, user_id)
    form = HostRoleForm().offer(programmes_of_host(host.id))
    if not form.validate_on_submit():
        return _user_page(host, chosen, role_form=form), 422
    service.grant(chosen, form.chosen_role, host=host, programme_id=form.chosen_programme_id, by=current_user)
    flashes.done(_("The role has been given."))
    return _back(host, chosen)


@blueprint.post("/<int:user_id>/peran/<int:membership_id>/cabut")
@needs(Permission.EDIT_HOST)
def remove_role(host: Host, user_id: int, membership_id: int) -> Response:
    require_token()
    chosen, membership = _user(host, user_id), find_membership(host.id, membership_id)
    if membership is None or membership.user_id != chosen.id:
        abort(404)
    try:
        service.withdraw(membership, by=current_user)
    except AccountRefused as refused:
        flashes.refuse(str(refused.sentence))
        return _back(host, chosen)
    flashes.done(_("The role has been taken away."))
    if find_user_of_host(host.id, user_id) is None:
        return redirect(url_for("accounts_staff.users", host=host.slug))
    return _back(host, chosen)


@blueprint.post("/<int:user_id>/peran/cabut-semua")
@needs(Permission.EDIT_HOST)
def remove_all_roles(host: Host, user_id: int) -> Response:
    require_token()
    chosen = _user(host, user_id)
    name = chosen.name_for(host.id)
    try:
        service.withdraw_all(chosen, host=host, by=current_user)
    except AccountRefused as refused:
        flashes.refuse(str(refused.sentence))
        return _back(host, chosen)
    flashes.done(_("%(name)s no longer has any role here.", name=name))
    return redirect(url_for("accounts_staff.users", host=host.slug))


@blueprint.post("/<int:user_id>/kata-sandi")
@needs(Permission.EDIT_HOST)
@never_carried
@keeps_form
def set_password(host: Host, user_id: int) -> Any:
    chosen = _user(host, user_id)
    form = FirstPasswordForm()
    if not form.validate_on_submit():
        return _user_page(host, chosen, password_form=form), 422
    password = form.password.data or service.draw_password()
    try:
        service.set_password(chosen, password, host=host, by=current_user)
    except AccountRefused as refused:
        form.show(refused, "password")
        return _user_page(host, chosen, password_form=form), 422
    page = url_for("accounts_staff.user", host=host.slug, user_id=chosen.id)
    return password_page(chosen, password, back=page, host=host)


@blueprint.post("/<int:user_id>/nonaktifkan")
@needs(Permission.EDIT_HOST)
def deactivate(host: Host, user_id: int) -> Response:
    return _set_active(host, user_id, False, _("The account has been deactivated and its sessions have ended."))


@blueprint.post("/<int:user_id>/aktifkan")
@needs(Permission.EDIT_HOST)
def activate(host: Host, user_id: int) -> Response:
    return _set_active(host, user_id, True, _("The account is active again."))


def password_page(user: User, password: str, *, back: str, **subject: Any) -> Any:
    """Shows a first password, once: the answer to the form itself, kept by no cache and in no session."""
    text = render_template("accounts/password.html", user=user, password=password, back=back, **subject)
    return private_page(make_response(text))


def _set_active(host: Host, user_id: int, active: bool, sentence: str) -> Response:
    require_token()
    chosen = _user(host, user_id)
    try:
        service.set_active(chosen, active, by=current_user, host=host)
        flashes.done(sentence)
    except AccountRefused as refused:
        flashes.refuse(str(refused.sentence))
    return _back(host, chosen)


def _user(host: Host, user_id: int) -> User:
    chosen = find_user_of_host(host.id, user_id)
    if chosen is None:
        abort(404)
    return chosen


def _back(host: Host, chosen: User) -> Response:
    return redirect(url_for("accounts_staff.user", host=host.slug, user_id=chosen.id))


def _add_page(host: Host, form: HostUserForm, status: int) -> Any:
    return render_template("accounts/add_user.html", host=host, form=form), status


def _user_page(
    host: Host, chosen: User, role_form: HostRoleForm | None = None, password_form: FirstPasswordForm | None = None
) -> str:
    programmes = programmes_of_host(host.id)
    return render_template(
        "accounts/user.html",
        host=host,
        user=chosen,
        name=chosen.name_for(host.id),
        memberships=[one for one in chosen.memberships if one.host_id == host.id],
        programmes=dict(programmes),
        role_labels=ROLE_LABELS,
        shared=works_elsewhere(chosen, host.id),
        role_form=role_form or HostRoleForm(formdata=None).offer(programmes),
        password_form=password_form or FirstPasswordForm(formdata=None),
    )
