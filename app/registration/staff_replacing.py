"""Somebody comes in place of another (mewakili): staff give the seat to the substitute."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.permissions import needs
from app.accounts.rules import Permission
from app.programmes.models import Stage
from app.registration import service
from app.registration.forms_nomination import SuccessorForm
from app.registration.queries import find_registration
from app.registration.rules import REASON_LABELS, Outcome, RegistrationSource
from app.registration.rules_seats import REPLACEABLE
from app.registration.staff_inviting import reserved_mail
from app.web.csrf import keeps_form
from app.web.flashes import done, refuse

blueprint = Blueprint("replacing_staff", __name__)


@blueprint.route("/panel/kegiatan/<stage>/peserta/<int:registration_id>/ganti", methods=["GET", "POST"])
@needs(Permission.EDIT_PEOPLE)
@keeps_form
def replace(stage: Stage, registration_id: int) -> AnyResponse:
    """The seat, its groups and its invitation pass to somebody of the same institution."""
    old = find_registration(stage, registration_id)
    if old is None:
        abort(404)
    form = SuccessorForm.of(old, reserved_mail=reserved_mail())
    if not form.is_submitted() and old.state not in REPLACEABLE:
        refuse(_("Only somebody who has a seat can be replaced."))
        return redirect(url_for("registration_staff.person", stage=stage.slug, registration_id=old.id), 303)
    if form.validate_on_submit():
        made = service.replace(
            old,
            form.details(),
            source=RegistrationSource.STAFF,
            by=current_user,
            submission_key=form.usable_key,
        )
        if made.registration is not None and made.outcome is not Outcome.ALREADY:
            name = made.registration.full_name
            done(_("%(name)s has taken over the seat. Whoever has an e-mail address is told.", name=name))
            address = url_for("registration_staff.person", stage=stage.slug, registration_id=made.registration.id)
            return redirect(address, 303)
        taken = _("This person is registered at this event already, so cannot take over a seat.")
        form.form_errors.append(str(REASON_LABELS[made.reason]) if made.reason else taken)
    form.offer()
    page = render_template("registration/replace.html", stage=stage, registration=old, form=form)
    return make_response(page, 422 if form.is_submitted() else 200)
