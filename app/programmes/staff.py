"""Programmes of an agency, and a programme's stages, staff and settings."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts import service as accounts
from app.accounts.permissions import Permission, needs
from app.accounts.queries import find_membership, staff_of_programme
from app.accounts.rules import ROLE_LABELS, AccountRefused
from app.hosts.models import Host
from app.programmes import queries, service
from app.programmes.forms import GroupForm, NewProgrammeForm, ProgrammeForm, StaffForm, StageForm
from app.programmes.models import ParticipantGroup, Programme
from app.programmes.rules import ProgrammeRefused
from app.web import flashes
from app.web.csrf import never_carried
from app.web.forms import keeps_form, require_token
from app.web.headers import private_page
from app.web.navigation import Scope, Section, register_section

blueprint = Blueprint("programmes_staff", __name__)
register_section(
    Section(
        key="programmes", label=_l("Programmes"), endpoint="programmes_staff.programmes", icon="layers",
        permission=Permission.EDIT_HOST, order=20, scope=Scope.HOST,
    )
)  # fmt: skip
for _order, (_key, _label, _icon, _permission) in enumerate(
    (
        ("programme", _l("Overview"), "signpost-split", Permission.VIEW_PROGRAMME),
        ("stages", _l("Stages"), "list-ol", Permission.EDIT_PROGRAMME),
        ("staff", _l("Staff"), "person-gear", Permission.EDIT_PROGRAMME),
        ("settings", _l("Settings"), "gear", Permission.EDIT_PROGRAMME),
    ),
    start=1,
):
    register_section(
        Section(
            key=_key,
            label=_label,
            endpoint=f"programmes_staff.{_key}",
            icon=_icon,
            permission=_permission,
            order=_order * 10,
            scope=Scope.PROGRAMME,
        )
    )


@blueprint.get("/panel/penyelenggara/<host>/program")
@needs(Permission.EDIT_HOST)
def programmes(host: Host) -> str:
    found = queries.programmes_of(host)
    return render_template(
        "programmes/programmes.html", host=host, programmes=found, counts=queries.stage_counts(found)
    )


@blueprint.route("/panel/penyelenggara/<host>/program/tambah", methods=["GET", "POST"])
@needs(Permission.EDIT_HOST)
@keeps_form
def add_programme(host: Host) -> Any:
    form = NewProgrammeForm()
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return render_template("programmes/add_programme.html", host=host, form=form), status
    try:
        programme = service.create_programme(
            host, slug=form.chosen_slug(), name=form.name.data, summary=form.summary.data, by=current_user
        )
    except ProgrammeRefused as refused:
        form.show(refused)
        return render_template("programmes/add_programme.html", host=host, form=form), 422
    flashes.done(_("The programme has been created. Add its first stage next."))
    return redirect(url_for("programmes_staff.add_stage", programme=programme.slug))


@blueprint.get("/panel/program/<programme>")
@needs(Permission.VIEW_PROGRAMME)
def programme(programme: Programme) -> str:
    return render_template(
        "programmes/programme.html",
        programme=programme,
        stages=queries.stages_of(programme),
        groups=queries.groups_of(programme),
        staff=staff_of_programme(programme.id),
    )


@blueprint.get("/panel/program/<programme>/tahap")
@needs(Permission.EDIT_PROGRAMME)
def stages(programme: Programme) -> str:
    return render_template("programmes/stages.html", programme=programme, stages=queries.stages_of(programme))


@blueprint.route("/panel/program/<programme>/tahap/tambah", methods=["GET", "POST"])
@needs(Permission.EDIT_PROGRAMME)
@keeps_form
def add_stage(programme: Programme) -> Any:
    form = StageForm.for_new(programme)
    if not form.validate_on_submit():
        return _stage_page(programme, form, 422 if form.is_submitted() else 200)
    try:
        stage = service.create_stage(programme, slug=form.chosen_slug(), **form.values(), by=current_user)
    except ProgrammeRefused as refused:
        form.show(refused)
        return _stage_page(programme, form, 422)
    flashes.done(_("%(name)s has been created.", name=stage.name))
    return redirect(url_for("programmes_staff.stages", programme=programme.slug))


@blueprint.get("/panel/program/<programme>/staf")
@needs(Permission.EDIT_PROGRAMME)
def staff(programme: Programme) -> str:
    return _staff_page(programme, StaffForm(formdata=None))


@blueprint.post("/panel/program/<programme>/staf")
@needs(Permission.EDIT_PROGRAMME)
@never_carried
@keeps_form
def add_staff(programme: Programme) -> Any:
    form = StaffForm()
    if not form.validate_on_submit():
        return _staff_page(programme, form), 422
    password = form.password.data or accounts.draw_password()
    try:
        user, created = accounts.add_staff(
            email=form.email.data,
            name=form.name.data,
            password=password,
            roles=form.chosen_roles,
            host=programme.host,
            programme_id=programme.id,
            by=current_user,
        )
    except AccountRefused as refused:
        form.show(refused)
        return _staff_page(programme, form), 422
    back = url_for("programmes_staff.staff", programme=programme.slug)
    if created:
        text = render_template("accounts/password.html", user=user, password=password, back=back, programme=programme)
        return private_page(make_response(text))
    flashes.done(_("%(name)s has the roles now.", name=user.name_for(programme.host_id)))
    return redirect(back)


@blueprint.post("/panel/program/<programme>/staf/<int:membership_id>/cabut")
@needs(Permission.EDIT_PROGRAMME)
def remove_staff(programme: Programme, membership_id: int) -> Response:
    require_token()
    membership = find_membership(programme.host_id, membership_id)
    if membership is None or membership.programme_id != programme.id:
        abort(404)
    accounts.withdraw(membership, by=current_user)
    flashes.done(_("The role has been taken away."))
    return redirect(url_for("programmes_staff.staff", programme=programme.slug))


@blueprint.route("/panel/program/<programme>/pengaturan", methods=["GET", "POST"])
@needs(Permission.EDIT_PROGRAMME)
@keeps_form
def settings(programme: Programme) -> Any:
    form = ProgrammeForm(obj=programme)
    if not form.validate_on_submit():
        return _settings_page(programme, form=form), 422 if form.is_submitted() else 200
    service.update_programme(
        programme,
        name=form.name.data,
        summary=form.summary.data,
        published=form.published.data,
        by=current_user,
    )
    flashes.done(_("The programme has been saved."))
    return redirect(url_for("programmes_staff.settings", programme=programme.slug))


@blueprint.post("/panel/program/<programme>/pengaturan/kelompok")
@needs(Permission.EDIT_PROGRAMME)
@keeps_form
def add_group(programme: Programme) -> Any:
    form = GroupForm()
    if not form.validate_on_submit():
        return _settings_page(programme, group_form=form), 422
    try:
        service.add_group(programme, form.name.data, by=current_user)
    except ProgrammeRefused as refused:
        form.show(refused)
        return _settings_page(programme, group_form=form), 422
    flashes.done(_("The group has been added."))
    return redirect(url_for("programmes_staff.settings", programme=programme.slug, _anchor="kelompok"))


@blueprint.route("/panel/program/<programme>/pengaturan/kelompok/<int:group_id>", methods=["GET", "POST"])
@needs(Permission.EDIT_PROGRAMME)
@keeps_form
def group(programme: Programme, group_id: int) -> Any:
    chosen = _group(programme, group_id)
    form = GroupForm(obj=chosen)
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return render_template("programmes/group.html", programme=programme, group=chosen, form=form), status
    try:
        service.rename_group(chosen, form.name.data, by=current_user)
    except ProgrammeRefused as refused:
        form.show(refused)
        return render_template("programmes/group.html", programme=programme, group=chosen, form=form), 422
    flashes.done(_("The group has been renamed."))
    return redirect(url_for("programmes_staff.settings", programme=programme.slug, _anchor="kelompok"))


@blueprint.post("/panel/program/<programme>/pengaturan/kelompok/<int:group_id>/hapus")
@needs(Permission.EDIT_PROGRAMME)
def remove_group(programme: Programme, group_id: int) -> Response:
    require_token()
    try:
        service.remove_group(_group(programme, group_id), by=current_user)
        flashes.done(_("The group has been removed."))
    except ProgrammeRefused as refused:
        flashes.refuse(str(refused.sentence))
    return redirect(url_for("programmes_staff.settings", programme=programme.slug, _anchor="kelompok"))


def _group(programme: Programme, group_id: int) -> ParticipantGroup:
    chosen = queries.find_group(programme, group_id)
    if chosen is None:
        abort(404)
    return chosen


def _stage_page(programme: Programme, form: StageForm, status: int) -> Any:
    return render_template("programmes/add_stage.html", programme=programme, form=form), status


def _staff_page(programme: Programme, form: StaffForm) -> str:
    return render_template(
        "programmes/staff.html",
        programme=programme,
        form=form,
        staff=[
            (user, [one for one in user.memberships if one.programme_id == programme.id])
            for user in staff_of_programme(programme.id)
        ],
        role_labels=ROLE_LABELS,
    )


def _settings_page(programme: Programme, form: ProgrammeForm | None = None, group_form: GroupForm | None = None) -> str:
    return render_template(
        "programmes/settings.html",
        programme=programme,
        form=form or ProgrammeForm(formdata=None, obj=programme),
        group_form=group_form or GroupForm(formdata=None),
        groups=queries.groups_of(programme),
    )
