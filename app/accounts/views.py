"""Signing in and out, and one's own account."""

from __future__ import annotations

import unicodedata
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, g, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from app.accounts import service
from app.accounts.forms import ChangePasswordForm, NameForm, SignInForm
from app.accounts.models import User
from app.accounts.permissions import public, signed_in
from app.accounts.queries import find_user
from app.accounts.rules import AccountRefusal, AccountRefused
from app.extensions import login
from app.web import flashes, known_browser, lost_session
from app.web.csrf import never_carried, token_failed
from app.web.forms import ButtonForm, keeps_form, require_token
from app.web.navigation import Scope, Section, register_section, section_of

blueprint = Blueprint("accounts", __name__)
login.user_loader(find_user)
register_section(
    Section(
        key="account", label=_l("My account"), endpoint="accounts.account", icon="person", order=90, scope=Scope.PANEL
    )
)
PANEL = "/panel"


@login.unauthorized_handler
def ask_to_sign_in() -> Any:
    """A page leads to sign-in and back; a form that outlived its session gives what was typed into the sign-in page's care."""
    if "HX-Request" in request.headers or request.method not in ("GET", "HEAD", "POST"):
        abort(401)
    if request.method != "POST":
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    packed = lost_session.pack_request()
    form = SignInForm(formdata=None, data={"typed": packed, "next": PANEL})
    return render_template("accounts/sign_in.html", form=form, interrupted=True, kept=bool(packed)), 401


@blueprint.route("/masuk", methods=["GET", "POST"])
@public
@keeps_form
def sign_in() -> Any:
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(safe_target(request.args.get("next")))
    form = SignInForm()
    if token_failed():  # another site may have sent it: what it carries is not taken for the person's own
        form.typed.data = ""
    if request.method == "GET":
        form.next.data = request.args.get("next", "")
    if not form.validate_on_submit():
        return _sign_in_page(form, 422 if form.is_submitted() else 200)
    address = form.email.data.lower()
    user = service.authenticate(address, form.password.data, browser=known_browser.known_as(address))
    if user is None:
        form.form_errors.append(_("The e-mail address or the password is wrong. Check both and try again."))
        return _sign_in_page(form, 422)
    _begin_session(user)
    typed = lost_session.unpack(form.typed.data)
    if typed is None:
        return known_browser.remember(redirect(safe_target(form.next.data)), user.email)
    page = render_template("accounts/continue.html", typed=typed, section=section_of(typed.endpoint))
    return known_browser.remember(make_response(page), user.email)


@blueprint.post("/keluar")
@public
@keeps_form
def sign_out() -> Response:
    """Also for those whose session, and its token, have ended already."""
    if current_user.is_authenticated and not ButtonForm().validate_on_submit():
        abort(400)
    logout_user()
    session.clear()
    flashes.done(_("You have signed out."))
    return redirect(url_for("accounts.sign_in"))


@blueprint.get("/akun")
@signed_in
def account() -> str:
    return _account_page()


@blueprint.post("/akun/nama")
@signed_in
@keeps_form
def change_name() -> Any:
    form = NameForm()
    if not form.validate_on_submit():
        return _account_page(name_form=form), 422
    service.rename(current_user, form.name.data, by=current_user)
    flashes.done(_("Your name has been changed."))
    return redirect(url_for("accounts.account"))


@blueprint.post("/akun/kata-sandi")
@signed_in
@never_carried
@keeps_form
def change_password() -> Any:
    form = ChangePasswordForm()
    if not form.validate_on_submit():
        return _account_page(password_form=form), 422
    try:
        service.change_password(current_user, form.current_password.data, form.new_password.data)
    except AccountRefused as refused:
        wrong = refused.reason is AccountRefusal.WRONG_PASSWORD
        form.show(refused, "current_password" if wrong else "new_password")
        return _account_page(password_form=form), 422
    _begin_session(current_user._get_current_object())
    flashes.done(_("Your password has been changed. Other devices have been signed out."))
    return redirect(url_for("accounts.account"))


@blueprint.post("/akun/keluar-semua")
@signed_in
def sign_out_everywhere() -> Any:
    require_token()
    service.end_sessions(current_user, by=current_user)
    logout_user()
    session.clear()
    flashes.done(_("You have signed out on all devices."))
    return redirect(url_for("accounts.sign_in"))


def safe_target(address: str | None) -> str:
    """A path of this site; the panel for anything that a browser might read as another site."""
    address = address or PANEL
    strange = any(unicodedata.category(letter)[0] == "C" for letter in address)
    if strange or "\\" in address or not address.startswith("/") or address.startswith("//") or len(address) > 2000:
        return PANEL
    try:
        parts = urlsplit(address)
    except ValueError:
        return PANEL
    return PANEL if parts.scheme or parts.netloc or parts.path == url_for("accounts.sign_in") else address


def _begin_session(user: User) -> None:
    """A new session for the signed-in user: nothing of the one before lives on, so that none can be planted."""
    session.clear()
    # Flask-WTF keeps its token for the request: the page drawn next would carry one of the former session.
    g.pop("csrf_token", None)
    session.permanent = True
    login_user(user)


def _sign_in_page(form: SignInForm, status: int) -> Any:
    kept = lost_session.unpack(form.typed.data) is not None
    return render_template("accounts/sign_in.html", form=form, interrupted=kept, kept=kept), status


def _account_page(name_form: NameForm | None = None, password_form: ChangePasswordForm | None = None) -> str:
    return render_template(
        "accounts/account.html",
        name_form=name_form or NameForm(formdata=None, obj=current_user),
        password_form=password_form or ChangePasswordForm(formdata=None),
    )
