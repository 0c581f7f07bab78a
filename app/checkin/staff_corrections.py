"""Attendance put right by staff: added by hand, annulled, excused, and signed sheets keyed in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.permissions import needs
from app.accounts.rules import Permission
from app.checkin import queries, queries_corrections, service
from app.checkin.forms import ReasonForm
from app.checkin.forms_corrections import CORRECTIONS, EXCUSES, HandForm, HandKind, SheetForm
from app.checkin.forms_paper import order_of
from app.checkin.models import Attendance, Checkpoint
from app.checkin.queries import Point
from app.checkin.rules import CheckinError
from app.checkin.rules_paper import ORDER_LABELS
from app.checkin.service import KeyedSheet
from app.checkin.staff_board import Again, board_page
from app.programmes.models import Stage
from app.registration import queries as registrations
from app.registration.models import Registration
from app.shared import clock, dates
from app.web import flashes
from app.web.forms import BaseForm, ButtonForm, keeps_form
from app.web.locale import current_language
from app.web.paging import page_number, page_of

blueprint = Blueprint("checkin_corrections", __name__)
ROOT = "/panel/kegiatan/<stage>/presensi"
POINT = ROOT + "/<int:checkpoint_id>"
ON_A_PAGE = 25
MISSING = "belum"


@blueprint.post(f"{POINT}/hadir/<int:registration_id>")
@needs(Permission.SCAN)
def mark(stage: Stage, checkpoint_id: int, registration_id: int) -> Any:
    """Record by hand that somebody was there, or is excused."""
    checkpoint = queries.find_checkpoint(stage, checkpoint_id) or abort(404)
    person = registrations.find_registration(stage, registration_id) or abort(404)
    form = HandForm(zone=stage.timezone)
    if not form.validate_on_submit():
        return _again(stage, checkpoint_id, person, _problem(form))
    try:
        if form.chosen in EXCUSES:
            _excuse(person, checkpoint, form)
        else:
            _mark(person, checkpoint, form, stage.timezone)
    except CheckinError as error:
        return _again(stage, checkpoint_id, person, str(error.sentence))
    return _back(stage, checkpoint_id)


@blueprint.post(f"{ROOT}/kehadiran/<int:attendance_id>/batal")
@needs(Permission.SCAN)
def annul(stage: Stage, attendance_id: int) -> Any:
    """End an attendance, with a reason."""
    attendance = queries.find_attendance(stage, attendance_id) or abort(404)
    form, person, checkpoint_id = ReasonForm(), attendance.registration, attendance.checkpoint_id
    if not form.validate_on_submit():
        return _again(stage, checkpoint_id, person, _problem(form))
    name = person.full_name
    try:
        service.annul(attendance, reason=form.reason.data or "", by=current_user)
    except CheckinError as error:
        return _again(stage, checkpoint_id, person, str(error.sentence))
    flashes.done(_("The attendance of %(name)s has been annulled.", name=name))
    return _back(stage, checkpoint_id)


@blueprint.post(f"{ROOT}/izin/<int:excuse_id>/cabut")
@needs(Permission.SCAN)
def withdraw(stage: Stage, excuse_id: int) -> BaseResponse:
    """End an excuse."""
    excuse = queries_corrections.find_excuse(stage, excuse_id) or abort(404)
    name, checkpoint_id = excuse.registration.full_name, excuse.checkpoint_id
    if ButtonForm().validate_on_submit():
        service.withdraw_excuse(excuse, by=current_user)
        flashes.done(_("%(name)s is no longer excused.", name=name))
    return _back(stage, checkpoint_id)


@blueprint.get(f"{ROOT}/kertas")
@needs(Permission.SCAN)
def sheet(stage: Stage) -> str:
    """A signed sheet to key in: who is expected at a checkpoint (?titik=), in the order of the printed sheet."""
    point = _point(stage)
    return _sheet_page(stage, point, SheetForm(formdata=None))


@blueprint.post(f"{ROOT}/kertas")
@needs(Permission.SCAN)
@keeps_form
def key_in(stage: Stage) -> Any:
    """Whoever is ticked was there."""
    point = _point(stage) or abort(404)
    form = SheetForm()
    rows, wrong = form.rows(request.form, point.checkpoint, stage.timezone)
    if not form.validate_on_submit():
        return _sheet_page(stage, point, form, wrong), 422
    if wrong or form.usual_is_wrong(point.checkpoint, stage.timezone):
        form.form_errors.append(_wrong_time(point.checkpoint, stage.timezone))
        return _sheet_page(stage, point, form, wrong), 422
    if not rows:
        form.form_errors.append(_("Tick whoever signed first."))
        return _sheet_page(stage, point, form, wrong), 422
    reason = form.note.data or _("Signed on the attendance sheet")
    _tell(service.record_signed(point.checkpoint, rows, reason=reason, by=current_user))
    on = 1 if request.form.get("next") and request.args.get("keadaan") != MISSING else 0
    return redirect(url_for(".sheet", stage=stage.slug, **_asked(point, page=page_number() + on)), 303)


def _sheet_page(stage: Stage, point: Point | None, form: SheetForm, wrong: list[int] | None = None) -> str:
    order, typed, state = order_of(request.args), request.args.get("cari", "")[:100], request.args.get("keadaan", "")
    found = queries_corrections.sheet_rows(point, order) if point else []
    rows = queries_corrections.narrowed(found, typed=typed, missing=state == MISSING)
    return render_template(
        "checkin/kertas.html",
        stage=stage,
        point=point,
        points=[(one.id, one.name) for one in queries.checkpoints_of(stage)],
        form=form,
        usual=form.at.data if form.is_submitted() else _usual_time(point, stage.timezone) if point else "",
        page=page_of(rows, size=ON_A_PAGE),
        typed=typed,
        state=state,
        order=order.value,
        orders=[(one.value, label) for one, label in ORDER_LABELS.items()],
        ticked=set(request.form.getlist("id")),
        times={name.removeprefix("at-"): value for name, value in request.form.items() if name.startswith("at-")},
        wrong=set(wrong or ()),
        there=sum(row.attendance is not None for row in found),
        total=len(found),
        address=url_for(".key_in", stage=stage.slug, **_asked(point, page=page_number())) if point else "",
    )


def _usual_time(point: Point, zone: str) -> str:
    """When people usually sign: as the first session begins, or else as the checkpoint opens."""
    begins = min((session.starts_at for session in point.sessions), default=point.checkpoint.opens_at)
    latest = min(point.checkpoint.closes_at, clock.now())
    at = begins if point.checkpoint.opens_at <= begins <= latest else point.checkpoint.opens_at
    return dates.local(at, zone).strftime("%H.%M")


def _mark(person: Registration, checkpoint: Checkpoint, form: HandForm, zone: str) -> None:
    name = person.full_name
    known = {attendance.id for attendance in queries.attendance_of(person)}
    attendance = service.mark_present(
        person, checkpoint, reason=form.said, by=current_user, at=form.at.data, correction=CORRECTIONS[form.chosen]
    )
    if attendance.id in known:
        flashes.inform(_already_there(attendance, name, zone))
    else:
        flashes.done(_("%(name)s is recorded as present.", name=name))


def _excuse(person: Registration, checkpoint: Checkpoint, form: HandForm) -> None:
    name, with_jp = person.full_name, form.chosen is HandKind.EXCUSED_WITH_JP
    service.give_excuse(person, checkpoint, with_jp=with_jp, reason=form.said, by=current_user)
    if with_jp:
        flashes.done(_("%(name)s is excused, with JP.", name=name))
    else:
        flashes.done(_("%(name)s is excused, without JP.", name=name))


def _already_there(attendance: Attendance, name: str, zone: str) -> str:
    by = attendance.device or attendance.recorded_by
    time = dates.clock_time(attendance.at, zone, current_language())
    if by is None:
        return _("%(name)s was present already at %(time)s.", name=name, time=time)
    return _("%(name)s was present already at %(time)s, recorded by “%(by)s”.", name=name, time=time, by=by.name)


def _wrong_time(checkpoint: Checkpoint, zone: str) -> str:
    until = max(checkpoint.opens_at, min(clock.now(), checkpoint.closes_at))
    hours = dates.time_span(checkpoint.opens_at, until, zone, current_language())
    return _("Write a time as 07.42, within the opening hours of the checkpoint (%(hours)s).", hours=hours)


def _tell(keyed: KeyedSheet) -> None:
    if keyed.added:
        flashes.done(
            ngettext("%(num)d person is recorded as present.", "%(num)d people are recorded as present.", keyed.added)
        )
    if keyed.known:
        flashes.inform(ngettext("%(num)d was present already.", "%(num)d were present already.", keyed.known))
    for name, sentence in keyed.refused:
        flashes.refuse(f"{name}: {sentence}")


def _point(stage: Stage) -> Point | None:
    """The checkpoint of the address; without one that of the moment. 404 for one that is not of the stage."""
    points, wanted = queries.points_of(stage), request.args.get("titik", "")
    if wanted:
        return next((one for one in points if str(one.checkpoint.id) == wanted), None) or abort(404)
    return queries.preselected(points, clock.now())


def _asked(point: Point, *, page: int) -> dict[str, Any]:
    """What of the address says which page of which sheet it is."""
    kept = {name: request.args[name] for name in ("cari", "keadaan", "urut") if request.args.get(name)}
    return {"titik": point.checkpoint.id, **kept, "halaman": page}


def _problem(form: BaseForm) -> str:
    """The first thing that is wrong; the forms of a row are too small for a sentence at each field."""
    sentences = [f"{field.label.text}: {sentence}" for field, sentence in form.visible_errors]
    return (sentences or [str(sentence) for sentence in form.form_errors])[0]


def _again(stage: Stage, checkpoint_id: int, person: Registration, sentence: str) -> tuple[str, int]:
    """The board with this person alone, whose form is open as it was sent."""
    points = queries.points_of(stage)
    point = next(one for one in points if one.checkpoint.id == checkpoint_id)
    return board_page(stage, points, point, again=Again(person.id, request.form.to_dict(), sentence)), 422


def _back(stage: Stage, checkpoint_id: int) -> BaseResponse:
    """To the people of the board, as they were searched for."""
    kept: dict[str, Any] = {
        name: request.form[name] for name in ("cari", "keadaan", "halaman") if request.form.get(name)
    }
    return redirect(url_for("checkin_staff.board", stage=stage.slug, titik=checkpoint_id, **kept, _anchor="who"), 303)
