"""What happened at the doors and waits for a decision, and the decision, by one tap."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts.permissions import needs
from app.accounts.rules import Permission
from app.checkin import queries, queries_incidents, service
from app.checkin.forms import SettleAllForm, SettleForm
from app.checkin.models_incidents import ScanIncident
from app.checkin.rules import CheckinError, IncidentKind, Settlement
from app.checkin.rules_board import SETTLEMENT_LABELS
from app.checkin.staff_board import POINT, ROOT, figures_page, labels
from app.programmes.models import Stage
from app.web import flashes
from app.web.forms import require_token

blueprint = Blueprint("incidents_staff", __name__)
MOST_SHOWN, MOST_SETTLED = 50, 20


@blueprint.get(f"{ROOT}/insiden")
@needs(Permission.VIEW_PEOPLE)
def index(stage: Stage) -> str:
    """Incidents that wait, all or of one kind (?jenis=), who was not admitted at the doors, and what was settled last."""
    waiting = queries_incidents.open_counts(stage)
    kind = next((one for one in waiting if one.value == request.args.get("jenis")), None)
    return render_template(
        "checkin/incidents.html",
        stage=stage,
        waiting=waiting,
        kind=kind,
        whole=kind or (next(iter(waiting)) if len(waiting) == 1 else None),
        total=waiting[kind] if kind else sum(waiting.values()),
        open=queries_incidents.incidents(stage, settled=False, kind=kind, limit=MOST_SHOWN),
        refused=None if kind else queries_incidents.refusals(stage, size=MOST_SHOWN),
        settled=queries_incidents.incidents(stage, settled=True, limit=MOST_SETTLED),
        settlement_labels=SETTLEMENT_LABELS,
        **labels(),
    )


@blueprint.post(f"{ROOT}/insiden/<int:incident_id>")
@needs(Permission.SCAN)
def settle(stage: Stage, incident_id: int) -> Any:
    """Settle one incident; a second time changes nothing."""
    incident = queries_incidents.find_incident(stage, incident_id) or abort(404)
    form = SettleForm()
    if not form.validate_on_submit():
        abort(400)
    try:
        settled = service.settle(incident, form.chosen, by=current_user)
    except CheckinError as error:
        flashes.refuse(str(error.sentence))
    else:
        if settled:
            flashes.done(_said(incident))
        else:
            flashes.inform(_("This had been settled already."))
    return _back(stage)


@blueprint.post(f"{ROOT}/insiden/semua")
@needs(Permission.SCAN)
def settle_all(stage: Stage) -> Any:
    """Settle all incidents of a kind alike, as far as each can be."""
    form = SettleAllForm()
    if not form.validate_on_submit():
        abort(400)
    waiting = queries_incidents.waiting_of(stage, IncidentKind(form.kind.data))
    settled, left = service.settle_many(waiting, form.chosen, by=current_user)
    flashes.done(ngettext("%(num)d incident is settled.", "%(num)d incidents are settled.", settled))
    if left:
        flashes.warn(ngettext("%(num)d could not be settled so.", "%(num)d could not be settled so.", left))
    return _back(stage)


@blueprint.post(f"{POINT}/ditolak/<int:refused_id>")
@needs(Permission.SCAN)
def admit_refused(stage: Stage, checkpoint_id: int, refused_id: int) -> Any:
    """Record that a person whom a door refused is there all the same."""
    checkpoint = queries.find_checkpoint(stage, checkpoint_id) or abort(404)
    scan, person = queries_incidents.find_refusal(checkpoint, refused_id) or abort(404)
    require_token()
    name = person.full_name
    try:
        service.admit_refused(scan, person, checkpoint, by=current_user)
    except CheckinError as error:
        flashes.refuse(str(error.sentence))
    else:
        flashes.done(_("%(name)s is recorded as present.", name=name))
    return _back(stage)


def _said(incident: ScanIncident) -> str:
    """What has come of an incident that was settled just now."""
    if incident.settlement is Settlement.DISMISSED:
        return _("Put aside; nobody counts as present by it.")
    if incident.kind is IncidentKind.TWO_DOORS or incident.registration is None:
        return _("Checked.")
    return _("%(name)s is recorded as present.", name=incident.registration.full_name)


def _back(stage: Stage) -> str | Response:
    """To the board's figures for its script, to the board at the checkpoint one came from, else to the list."""
    point = request.form.get("titik", "")
    if not point.isdecimal() or len(point) > 9:
        return redirect(url_for(".index", stage=stage.slug))
    if "HX-Request" in request.headers:
        return figures_page(stage, int(point), with_flashes=True)
    return redirect(url_for("checkin_staff.board", stage=stage.slug, titik=point, _anchor="waiting"))
