"""One person across the stages of the agency, as far as whoever looks may see the people of each."""

from __future__ import annotations

from flask import Blueprint, abort, render_template

from app.accounts.permissions import Permission, may, needs
from app.journey.queries_self import jp_together, own_stages
from app.programmes.models import Stage
from app.registration.queries import find_registration
from app.registration.rules import STATE_LABELS

blueprint = Blueprint("people_history", __name__)


@blueprint.get("/panel/kegiatan/<stage>/peserta/<int:registration_id>/riwayat")
@needs(Permission.VIEW_PEOPLE)
def history(stage: Stage, registration_id: int) -> str:
    """Stages, states, JP and certificates of the person. Of a programme whose people one may not see nothing is said."""
    registration = find_registration(stage, registration_id)
    if registration is None:
        abort(404)
    shown = [one for one in own_stages(registration.participant) if may(Permission.VIEW_PEOPLE, one.registration.stage)]
    return render_template(
        "journey/history.html",
        stage=stage,
        registration=registration,
        stages=shown,
        together=jp_together(shown),
        state_labels=STATE_LABELS,
    )
