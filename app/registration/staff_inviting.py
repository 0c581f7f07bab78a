"""Inviting institutions: one, every one of an unsur, the rows of a table, or the numbers of all on one page; and the letter's texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.permissions import may, needs
from app.accounts.rules import Permission
from app.institutions.models import Institution
from app.institutions.queries import categories_of, find_institution, institutions_matching, institutions_of
from app.programmes.models import Stage
from app.registration import service
from app.registration.forms_invitations import CategoryInvitationForm, InvitationForm, InvitationsForm
from app.registration.forms_letters import LetterForm
from app.registration.queries import confirmed_by_institution
from app.registration.queries_invitations import LONGEST_SEARCH, letter_settings
from app.registration.rules import REASON_LABELS, Reason
from app.registration.rules_invitations import PLACEHOLDERS
from app.registration.rules_seats import OPEN_INVITATION
from app.registration.staff_invitations import INVITATIONS
from app.shared.text import squash
from app.web.flashes import done, warn
from app.web.forms import keeps_form

blueprint = Blueprint("inviting_staff", __name__)
TOLD_AT_MOST = 5  # what is told travels in the cookie, which holds little


@blueprint.route(f"{INVITATIONS}/tambah", methods=["GET", "POST"])
@needs(Permission.EDIT_PEOPLE)
@keeps_form
def add(stage: Stage) -> AnyResponse:
    """Invite one institution."""
    form = InvitationForm(
        zone=stage.timezone, reserved_mail=reserved_mail(), data={"deadline": service.usual_deadline_of(stage)}
    )
    form.offer(_not_invited(stage))
    if form.validate_on_submit():
        institution = find_institution(stage.host, form.institution_id) if form.institution_id else None
        if institution is None:
            form.institution.errors = [_("Choose the institution.")]
        elif (made := _create(stage, institution, form)) is not None:
            return redirect(url_for("invitations_staff.invitation", stage=stage.slug, invitation_id=made), 303)
    page = render_template("registration/invite.html", stage=stage, form=form)
    return make_response(page, 422 if form.is_submitted() else 200)


@blueprint.route(f"{INVITATIONS}/unsur", methods=["GET", "POST"])
@needs(Permission.EDIT_PEOPLE)
@keeps_form
def by_category(stage: Stage) -> AnyResponse:
    """Invite every institution of an unsur that has no invitation yet."""
    form = CategoryInvitationForm(zone=stage.timezone, data={"deadline": service.usual_deadline_of(stage)})
    form.offer(categories_of(stage.host))
    if form.validate_on_submit():
        chosen = [one for one in _not_invited(stage) if one.category.code == form.category.data]
        asked = [(one, {"seats_asked": form.seats.data, **form.letter}) for one in chosen]
        if not chosen:
            known = institutions_matching(stage.host, category_code=form.category.data, text="")
            invited = _("Every institution of this category is invited already.")
            form.category.errors = [invited if known else _("The directory has no institution of this category.")]
        else:
            tell(*invite_all(stage, asked, deadline=form.deadline.data))
            return redirect(url_for("invitations_staff.index", stage=stage.slug, category=form.category.data), 303)
    page = render_template("registration/invite_category.html", stage=stage, form=form)
    return make_response(page, 422 if form.is_submitted() else 200)


@blueprint.get(f"{INVITATIONS}/jumlah")
@needs(Permission.VIEW_PEOPLE)
def numbers(stage: Stage) -> Response:
    """The numbers of all institutions on one page."""
    return _numbers_page(stage, _numbers_form(stage), 200)


@blueprint.post(f"{INVITATIONS}/jumlah")
@needs(Permission.EDIT_PEOPLE)
@keeps_form
def save_numbers(stage: Stage) -> AnyResponse:
    """Keep the numbers typed for the institutions on the page."""
    form = _numbers_form(stage)
    if not form.validate_on_submit():
        return _numbers_page(stage, form, 422)
    refused = service.invite(stage, form.seats(), by=current_user)
    if refused:
        form.form_errors += [_of(institution, reason, stage) for institution, reason in refused]
        return _numbers_page(stage, form, 422)
    done(_("The numbers are saved."))
    return redirect(url_for(".numbers", stage=stage.slug, category=_chosen(stage), q=_typed() or None))


@blueprint.route(f"{INVITATIONS}/surat", methods=["GET", "POST"])
@needs(Permission.EDIT_PEOPLE)
@keeps_form
def letter(stage: Stage) -> AnyResponse:
    """Texts and signer of the stage's letters."""
    form = LetterForm.of(letter_settings(stage))
    if form.validate_on_submit():
        service.save_letter_settings(stage, by=current_user, **form.values)
        done(_("The letter is saved."))
        return redirect(url_for(".letter", stage=stage.slug), 303)
    page = render_template(
        "registration/letter_settings.html",
        stage=stage,
        form=form,
        placeholders=PLACEHOLDERS,
        example=next(iter(service.invitations_of(stage)), None),
    )
    return make_response(page, 422 if form.is_submitted() else 200)


def reserved_mail() -> bool:
    return bool(current_app.config["APP_ENV"] != "production")


def invite_all(
    stage: Stage, asked: Sequence[tuple[Institution, dict[str, Any]]], *, deadline: Any
) -> tuple[int, list[str]]:
    """Invite institutions one after the other; answers how many were, and a sentence about each that could not be."""
    invited, refused = 0, []
    for institution, values in asked:
        try:
            service.create_invitation(stage, institution, deadline=deadline, by=current_user, **values)
            invited += 1
        except service.InvitationRefused as problem:
            refused.append(_of(institution, problem.reason, stage))
    return invited, refused


def tell(invited: int, refused: list[str]) -> None:
    """Say what became of many invitations."""
    if invited:
        done(ngettext("%(num)d institution is invited.", "%(num)d institutions are invited.", invited))
    for sentence in refused[:TOLD_AT_MOST]:
        warn(sentence)
    if (more := len(refused) - TOLD_AT_MOST) > 0:
        warn(
            ngettext(
                "%(num)d more institution could not be invited.",
                "%(num)d more institutions could not be invited.",
                more,
            )
        )


def _create(stage: Stage, institution: Institution, form: InvitationForm) -> int | None:
    try:
        made = service.create_invitation(
            stage,
            institution,
            seats_asked=form.seats.data or 0,
            deadline=form.deadline.data,
            by=current_user,
            **form.contact,
        )
    except service.InvitationRefused as problem:
        form.form_errors.append(_of(institution, problem.reason, stage))
        return None
    done(_("%(institution)s is invited; the letter has not been sent yet.", institution=institution.name))
    return made.id


def _of(institution: Institution, reason: Reason, stage: Stage) -> str:
    """Why an institution could not be invited, with how many seats are free where that is the reason."""
    free = service.free_for(stage, institution) if reason in service.SEATS_LACK else None
    if free is not None:
        return _("%(institution)s: not enough seats; %(free)d are free.", institution=institution.name, free=free)
    return f"{institution.name}: {REASON_LABELS[reason]}"


def _not_invited(stage: Stage) -> list[Institution]:
    invited = {one.institution_id for one in service.invitations_of(stage)}
    return [one for one in institutions_of(stage.host) if one.id not in invited]


def _numbers_form(stage: Stage) -> InvitationsForm:
    asked = {one.institution_id: one.seats for one in service.invitations_of(stage) if one.state in OPEN_INVITATION}
    return InvitationsForm.for_institutions(_institutions(stage), asked)


def _numbers_page(stage: Stage, form: InvitationsForm, status: int) -> Response:
    page = render_template(
        "registration/invitation_numbers.html",
        stage=stage,
        form=form,
        chosen=_chosen(stage),
        typed=_typed(),
        category_options=[(category.code, category.name) for category in categories_of(stage.host)],
        institutions=_institutions(stage),
        confirmed=confirmed_by_institution(stage),
        total=sum(one.seats for one in service.invitations_of(stage) if one.state in OPEN_INVITATION),
        editable=may(Permission.EDIT_PEOPLE, stage),
    )
    return make_response(page, status)


def _institutions(stage: Stage) -> list[Institution]:
    """Those that the page shows, with what its address narrows it to."""
    return institutions_matching(stage.host, category_code=_chosen(stage) or "", text=_typed())


def _chosen(stage: Stage) -> str | None:
    """The unsur that the address narrows the page to."""
    wanted = request.args.get("category", "")
    return wanted if wanted in {category.code for category in categories_of(stage.host)} else None


def _typed() -> str:
    """The search of the address."""
    return squash(request.args.get("q"))[:LONGEST_SEARCH]
