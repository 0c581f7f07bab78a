"""An agency's directory of institutions, for its administrators."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts.permissions import Permission, needs
from app.hosts.models import Host
from app.institutions import queries, service
from app.institutions.forms import CategoryForm, InstitutionForm
from app.institutions.models import Institution
from app.institutions.rules import InstitutionRefused
from app.shared.identity import IdentityType
from app.web import flashes
from app.web.forms import ButtonForm, keeps_form
from app.web.navigation import Scope, Section, register_section
from app.web.paging import paginate

blueprint = Blueprint("institutions_staff", __name__, url_prefix="/panel/penyelenggara/<host>/instansi")
register_section(
    Section(
        key="institutions", label=_l("Institutions"), endpoint="institutions_staff.institutions", icon="buildings",
        permission=Permission.EDIT_HOST, order=30, scope=Scope.HOST,
    )
)  # fmt: skip


@blueprint.get("")
@needs(Permission.EDIT_HOST)
def institutions(host: Host) -> str:
    filters = {
        "unsur": request.args.get("unsur", ""),
        "cari": request.args.get("cari", ""),
        "semua": "1" if request.args.get("semua") else "",
    }
    page = paginate(
        queries.select_institutions(
            host,
            include_retired=bool(filters["semua"]),
            category_code=filters["unsur"],
            text=filters["cari"],
        )
    )
    return render_template(
        "institutions/institutions.html", host=host, page=page, filters=filters, categories=queries.categories_of(host)
    )


@blueprint.route("/tambah", methods=["GET", "POST"])
@needs(Permission.EDIT_HOST)
@keeps_form
def add(host: Host) -> Any:
    form = InstitutionForm(data={"category": request.args.get("unsur", "")}).offer(queries.categories_of(host))
    if not form.validate_on_submit():
        return _institution_page(host, form, None, 422 if form.is_submitted() else 200)
    try:
        service.add_institution(
            host,
            category_code=form.category.data,
            name=form.name.data,
            short_name=form.short_name.data,
            by=current_user,
        )
    except InstitutionRefused as refused:
        form.name.errors = [str(refused.sentence)]
        return _institution_page(host, form, None, 422)
    flashes.done(_("%(name)s has been added.", name=form.name.data))
    return redirect(url_for("institutions_staff.add", host=host.slug, unsur=form.category.data))


@blueprint.route("/<int:institution_id>", methods=["GET", "POST"])
@needs(Permission.EDIT_HOST)
@keeps_form
def edit(host: Host, institution_id: int) -> Any:
    institution = _institution(host, institution_id)
    known = {"category": institution.category.code, "name": institution.name, "short_name": institution.short_name}
    form = InstitutionForm(data=known).offer(queries.categories_of(host))
    if not form.validate_on_submit():
        return _institution_page(host, form, institution, 422 if form.is_submitted() else 200)
    try:
        service.edit_institution(
            institution,
            category_code=form.category.data,
            name=form.name.data,
            short_name=form.short_name.data,
            by=current_user,
        )
    except InstitutionRefused as refused:
        form.name.errors = [str(refused.sentence)]
        return _institution_page(host, form, institution, 422)
    flashes.done(_("%(name)s has been saved.", name=form.name.data))
    return redirect(url_for("institutions_staff.institutions", host=host.slug))


@blueprint.post("/<int:institution_id>/arsipkan")
@needs(Permission.EDIT_HOST)
def retire(host: Host, institution_id: int) -> Response:
    return _retire(host, institution_id, True, _("The institution is no longer offered."))


@blueprint.post("/<int:institution_id>/pulihkan")
@needs(Permission.EDIT_HOST)
def restore(host: Host, institution_id: int) -> Response:
    return _retire(host, institution_id, False, _("The institution is offered again."))


@blueprint.get("/unsur")
@needs(Permission.EDIT_HOST)
def categories(host: Host) -> str:
    return render_template(
        "institutions/categories.html",
        host=host,
        categories=queries.categories_of(host),
        counts=queries.counts_by_category(host),
        labels={kind.value: kind.label for kind in IdentityType},
    )


@blueprint.route("/unsur/<code>", methods=["GET", "POST"])
@needs(Permission.EDIT_HOST)
@keeps_form
def edit_category(host: Host, code: str) -> Any:
    category = queries.find_category(host, code)
    if category is None:
        abort(404)
    usual = category.identity_types[0] if category.identity_types else IdentityType.NONE.value
    form = CategoryForm(obj=category, usual=usual)
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return render_template("institutions/category.html", host=host, category=category, form=form), status
    try:
        service.edit_category(
            category,
            name=form.name.data,
            identity_types=form.chosen_types(),
            identity_required=form.identity_required.data,
            institution_required=form.institution_required.data,
            by=current_user,
        )
    except InstitutionRefused as refused:
        form.show(refused.sentence)
        return render_template("institutions/category.html", host=host, category=category, form=form), 422
    flashes.done(_("The category has been saved."))
    return redirect(url_for("institutions_staff.categories", host=host.slug))


def _retire(host: Host, institution_id: int, retired: bool, sentence: str) -> Response:
    if not ButtonForm().validate_on_submit():
        abort(400)
    service.retire_institution(_institution(host, institution_id), by=current_user, retired=retired)
    flashes.done(sentence)
    return redirect(url_for("institutions_staff.institutions", host=host.slug, semua=1))


def _institution(host: Host, institution_id: int) -> Institution:
    institution = queries.find_institution(host, institution_id)
    if institution is None:
        abort(404)
    return institution


def _institution_page(host: Host, form: InstitutionForm, institution: Institution | None, status: int) -> Any:
    return render_template("institutions/institution.html", host=host, form=form, institution=institution), status
