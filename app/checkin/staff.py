"""Attendance in the panel beside the board: corrections, checkpoints, devices and the sheet to sign."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.permissions import needs
from app.accounts.rules import Permission
from app.agenda.queries import sessions_of
from app.checkin import queries, service
from app.checkin.forms import CheckpointForm
from app.checkin.models import Checkpoint
from app.checkin.rules import CheckinError
from app.checkin.staff_board import ROOT, blueprint
from app.programmes.models import Stage
from app.web import flashes
from app.web.forms import ButtonForm, keeps_form


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


def _checkpoint(stage: Stage, checkpoint_id: int) -> Checkpoint:
    return queries.find_checkpoint(stage, checkpoint_id) or abort(404)


def _checkpoint_page(form: CheckpointForm, stage: Stage, checkpoint: Checkpoint | None) -> Any:
    page = render_template("checkin/checkpoint.html", form=form, stage=stage, checkpoint=checkpoint)
    return page, 422 if form.is_submitted() else 200


def _back(stage: Stage, checkpoint_id: int) -> BaseResponse:
    return redirect(url_for(".board", stage=stage.slug, titik=checkpoint_id))
