"""Attendance in the panel beside the board: corrections, checkpoints, devices and the sheet to sign."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.permissions import needs
from app.accounts.rules import Permission
from app.agenda.queries import sessions_of
from app.checkin import queries, queries_devices, queries_sheet, service
from app.checkin.forms import CheckpointForm, MarkForm, ReasonForm
from app.checkin.models import Attendance, Checkpoint
from app.checkin.rules import CheckinError
from app.checkin.staff_board import POINT, ROOT, blueprint
from app.programmes.models import Stage
from app.registration import queries as registrations
from app.shared import dates
from app.shared.text import slugify
from app.web import flashes
from app.web.forms import ButtonForm, keeps_form
from app.web.locale import current_language


@blueprint.get(f"{POINT}/daftar-hadir.pdf")
@needs(Permission.VIEW_PEOPLE)
def sheet(stage: Stage, checkpoint_id: int) -> Response:
    """The attendance sheet: blank for signing, with ?filled=1 with the times."""
    checkpoint = _checkpoint(stage, checkpoint_id)
    occasion = queries_sheet.occasions_of(stage).find(queries_sheet.key_of_point(checkpoint_id)) or abort(404)
    wish = queries_sheet.SheetWish(filled=request.args.get("filled", "") not in ("", "0"))
    response = Response(queries_sheet.printed(stage, occasion, wish), mimetype="application/pdf")
    kind = "terisi" if wish.filled else "kosong"
    name = f"daftar-hadir-{stage.slug}-{slugify(checkpoint.name.partition(' – ')[0])}-{kind}.pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@blueprint.post(f"{POINT}/hadir/<int:registration_id>")
@needs(Permission.SCAN)
def mark(stage: Stage, checkpoint_id: int, registration_id: int) -> BaseResponse:
    """Record by hand that somebody was there."""
    checkpoint = _checkpoint(stage, checkpoint_id)
    person = registrations.find_registration(stage, registration_id) or abort(404)
    form, name = MarkForm(zone=stage.timezone), person.full_name
    if not form.validate_on_submit():
        flashes.refuse(_problem(form))
        return _back(stage, checkpoint_id)
    known = {attendance.id for attendance in queries.attendance_of(person)}
    try:
        attendance = service.mark_present(
            person, checkpoint, reason=form.reason.data or "", by=current_user, at=form.at.data
        )
    except CheckinError as error:
        flashes.refuse(str(error.sentence))
    else:
        if attendance.id in known:
            flashes.inform(_already_there(attendance, name, stage.timezone))
        else:
            flashes.done(_("%(name)s is recorded as present.", name=name))
    return _back(stage, checkpoint_id)


@blueprint.post(f"{ROOT}/kehadiran/<int:attendance_id>/batal")
@needs(Permission.SCAN)
def annul(stage: Stage, attendance_id: int) -> BaseResponse:
    """End an attendance, with a reason."""
    attendance = queries.find_attendance(stage, attendance_id) or abort(404)
    form, name, checkpoint_id = ReasonForm(), attendance.registration.full_name, attendance.checkpoint_id
    if not form.validate_on_submit():
        flashes.refuse(_problem(form))
        return _back(stage, checkpoint_id)
    try:
        service.annul(attendance, reason=form.reason.data or "", by=current_user)
    except CheckinError as error:
        flashes.refuse(str(error.sentence))
    else:
        flashes.done(_("The attendance of %(name)s has been annulled.", name=name))
    return _back(stage, checkpoint_id)


@blueprint.route(f"{ROOT}/titik/tambah", methods=["GET", "POST"])
@needs(Permission.EDIT_AGENDA)
@keeps_form
def add_checkpoint(stage: Stage) -> Any:
    """Another place or time at which people are scanned."""
    form = CheckpointForm(zone=stage.timezone)
    form.offer(stage, sessions_of(stage))
    if form.validate_on_submit():
        try:
            checkpoint = service.add_checkpoint(stage, **form.values(), by=current_user)
        except CheckinError as error:
            form.closes_at.errors = [error.sentence]
        else:
            flashes.done(_("“%(name)s” has been added.", name=checkpoint.name))
            return _back(stage, checkpoint.id)
    return _checkpoint_page(form, stage, None)


@blueprint.route(f"{ROOT}/titik/<int:checkpoint_id>", methods=["GET", "POST"])
@needs(Permission.EDIT_AGENDA)
@keeps_form
def edit_checkpoint(stage: Stage, checkpoint_id: int) -> Any:
    """Name, opening hours and the sessions covered."""
    checkpoint = _checkpoint(stage, checkpoint_id)
    form = CheckpointForm.of(checkpoint, zone=stage.timezone)
    form.offer(stage, sessions_of(stage))
    if form.validate_on_submit():
        try:
            service.edit_checkpoint(checkpoint, **form.values(), by=current_user)
        except CheckinError as error:
            form.closes_at.errors = [error.sentence]
        else:
            flashes.done(_("“%(name)s” has been saved.", name=checkpoint.name))
            return _back(stage, checkpoint_id)
    return _checkpoint_page(form, stage, checkpoint)


@blueprint.post(f"{ROOT}/titik/<int:checkpoint_id>/hapus")
@needs(Permission.EDIT_AGENDA)
def remove_checkpoint(stage: Stage, checkpoint_id: int) -> BaseResponse:
    """Take out a checkpoint where nobody was scanned."""
    checkpoint = _checkpoint(stage, checkpoint_id)
    name = checkpoint.name
    if not ButtonForm().validate_on_submit():
        return _back(stage, checkpoint_id)
    try:
        service.remove_checkpoint(checkpoint, by=current_user)
    except CheckinError as error:
        flashes.refuse(str(error.sentence))
        return _back(stage, checkpoint_id)
    flashes.done(_("“%(name)s” has been removed.", name=name))
    return redirect(url_for(".board", stage=stage.slug))


@blueprint.post(f"{ROOT}/perangkat/<int:device_id>/cabut")
@needs(Permission.SCAN)
def revoke(stage: Stage, device_id: int) -> BaseResponse:
    """A device may scan no more."""
    device = queries_devices.find_stage_device(stage, device_id) or abort(404)
    name = device.name
    if ButtonForm().validate_on_submit():
        service.revoke_device(device, by=current_user)
        flashes.done(_("“%(name)s” may no longer scan.", name=name))
    return redirect(url_for(".board", stage=stage.slug))


def _already_there(attendance: Attendance, name: str, zone: str) -> str:
    by = attendance.device or attendance.recorded_by
    time = dates.clock_time(attendance.at, zone, current_language())
    if by is None:
        return _("%(name)s was present already at %(time)s.", name=name, time=time)
    return _("%(name)s was present already at %(time)s, recorded by “%(by)s”.", name=name, time=time, by=by.name)


def _checkpoint(stage: Stage, checkpoint_id: int) -> Checkpoint:
    return queries.find_checkpoint(stage, checkpoint_id) or abort(404)


def _checkpoint_page(form: CheckpointForm, stage: Stage, checkpoint: Checkpoint | None) -> Any:
    page = render_template("checkin/checkpoint.html", form=form, stage=stage, checkpoint=checkpoint)
    return page, 422 if form.is_submitted() else 200


def _problem(form: ReasonForm) -> str:
    """The first thing that is wrong, since the small form is no longer on the page."""
    sentences = [f"{field.label.text}: {sentence}" for field, sentence in form.visible_errors]
    return (sentences or [str(sentence) for sentence in form.form_errors])[0]


def _back(stage: Stage, checkpoint_id: int) -> BaseResponse:
    return redirect(url_for(".board", stage=stage.slug, titik=checkpoint_id))
