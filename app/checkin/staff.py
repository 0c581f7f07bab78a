"""Attendance in the panel: the board of a stage, corrections, checkpoints, devices and the sheet to sign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.permissions import may, needs
from app.accounts.rules import Permission
from app.agenda.queries import sessions_of
from app.checkin import queries, queries_devices, queries_sheet, service
from app.checkin.forms import CheckpointForm, MarkForm, ReasonForm
from app.checkin.models import Attendance, Checkpoint
from app.checkin.queries import Point
from app.checkin.rules import REASON_LABELS, CheckinError, Decision
from app.programmes.models import Stage
from app.registration import queries as registrations
from app.registration.models import Registration
from app.shared import clock, dates
from app.shared.names import sort_key
from app.shared.text import slugify
from app.web import flashes
from app.web.forms import ButtonForm, keeps_form
from app.web.locale import current_language
from app.web.navigation import Section, register_section
from app.web.paging import page_of

blueprint = Blueprint("checkin_staff", __name__)
register_section(
    Section(
        key="checkin",
        label=_l("Attendance"),
        endpoint="checkin_staff.board",
        icon="qr-code-scan",
        permission=Permission.VIEW_ATTENDANCE,
        order=45,
    )
)
ROOT = "/panel/kegiatan/<stage>/presensi"
POINT = ROOT + "/<int:checkpoint_id>"
DECISION_LABELS = {
    Decision.ADMITTED: _l("Present"),
    Decision.REPEAT: _l("Already here"),
    Decision.REFUSED: _l("Not admitted"),
    Decision.PARKED: _l("Recorded, to be settled"),
}
DECISION_TONES = {
    Decision.ADMITTED: "success",
    Decision.REPEAT: "warning",
    Decision.REFUSED: "danger",
    Decision.PARKED: "warning",
}
Row = tuple[Registration, Attendance | None]


@blueprint.get(ROOT)
@needs(Permission.VIEW_ATTENDANCE)
def board(stage: Stage) -> str:
    """Who is there at a checkpoint (?titik=), by default the one of the moment; for who may not see people, how many."""
    points = queries.points_of(stage)
    point = _chosen(points)
    people = queries.expected_people(point) if point and may(Permission.VIEW_PEOPLE, stage) else None
    state, typed = request.args.get("keadaan", ""), request.args.get("cari", "")[:100]
    return render_template(
        "checkin/board.html",
        **_figures(stage, points, point),
        people=None if people is None else page_of(_narrowed(people, state, typed)),
        narrowed=bool(state or typed),
        state=state,
        typed=typed,
        devices=queries_devices.devices_of(stage),
    )


@blueprint.get(f"{POINT}/angka")
@needs(Permission.VIEW_ATTENDANCE)
def figures(stage: Stage, checkpoint_id: int) -> str:
    """The part of the board that refreshes by itself."""
    points = queries.points_of(stage)
    point = next((one for one in points if one.checkpoint.id == checkpoint_id), None) or abort(404)
    return render_template("checkin/_figures.html", **_figures(stage, points, point))


@blueprint.get(f"{POINT}/daftar-hadir.pdf")
@needs(Permission.VIEW_PEOPLE)
def sheet(stage: Stage, checkpoint_id: int) -> Response:
    """The attendance sheet: blank for signing, with ?filled=1 with the times."""
    points = queries.points_of(stage)
    point = next((one for one in points if one.checkpoint.id == checkpoint_id), None) or abort(404)
    filled = request.args.get("filled", "") not in ("", "0")
    response = Response(queries_sheet.printed(stage, point, filled=filled), mimetype="application/pdf")
    kind = "terisi" if filled else "kosong"
    name = f"daftar-hadir-{stage.slug}-{slugify(point.checkpoint.name.partition(' – ')[0])}-{kind}.pdf"
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


def _chosen(points: Sequence[Point]) -> Point | None:
    wanted = request.args.get("titik", "")
    return next((one for one in points if str(one.checkpoint.id) == wanted), None) or queries.preselected(
        points, clock.now()
    )


def _figures(stage: Stage, points: Sequence[Point], point: Point | None) -> dict[str, Any]:
    may_see = may(Permission.VIEW_PEOPLE, stage)
    return {
        "stage": stage,
        "points": points,
        "point": point,
        "categories": queries.by_category(point) if point else [],
        "scans": queries_devices.last_scans(point.checkpoint) if point and may_see else None,
        "decision_labels": DECISION_LABELS,
        "decision_tones": DECISION_TONES,
        "reason_labels": REASON_LABELS,
    }


def _narrowed(people: Sequence[Row], state: str, typed: str) -> list[Row]:
    """Only those present (`hadir`) or not (`belum`), whose name or institution holds every word typed."""
    words = sort_key(typed).split()
    return [
        (person, attendance)
        for person, attendance in people
        if (state not in ("hadir", "belum") or (attendance is not None) == (state == "hadir"))
        and all(word in f"{person.sort_name} {sort_key(person.institution_name)}" for word in words)
    ]


def _checkpoint_page(form: CheckpointForm, stage: Stage, checkpoint: Checkpoint | None) -> Any:
    page = render_template("checkin/checkpoint.html", form=form, stage=stage, checkpoint=checkpoint)
    return page, 422 if form.is_submitted() else 200


def _problem(form: ReasonForm) -> str:
    """The first thing that is wrong, since the small form is no longer on the page."""
    sentences = [f"{field.label.text}: {sentence}" for field, sentence in form.visible_errors]
    return (sentences or [str(sentence) for sentence in form.form_errors])[0]


def _back(stage: Stage, checkpoint_id: int) -> BaseResponse:
    return redirect(url_for(".board", stage=stage.slug, titik=checkpoint_id))
