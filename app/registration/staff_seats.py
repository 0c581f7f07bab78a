"""Pages about seats: the limits of a stage, and who waits for a seat."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts.permissions import may, needs
from app.accounts.rules import Permission
from app.institutions.queries import categories_of, institutions_of
from app.programmes.models import Stage
from app.programmes.queries import groups_of
from app.registration import queries, service
from app.registration.forms_seats import QuotaForm
from app.registration.queries_seats import blocked_by, full_quotas, passed_over, running_offers, waiting_line
from app.registration.rules import REASON_LABELS, Reason
from app.registration.rules_seats import QUOTA_LABELS, QuotaKind, time_left
from app.shared import clock
from app.web.csrf import keeps_form
from app.web.flashes import done, inform
from app.web.forms import ButtonForm
from app.web.paging import paginate

blueprint = Blueprint("seats_staff", __name__)
QUOTAS = "/panel/kegiatan/<stage>/pengaturan/kuota"
Targets = dict[QuotaKind, dict[int, str]]


@blueprint.get(QUOTAS)
@needs(Permission.EDIT_PROGRAMME)
def quotas(stage: Stage) -> Response:
    """How many seats the stage has, and each unsur, institution or group that is limited."""
    return _quotas_page(stage)


@blueprint.post(QUOTAS)
@needs(Permission.EDIT_PROGRAMME)
@keeps_form
def set_quota(stage: Stage) -> Response:
    """Add or change a limit."""
    form = QuotaForm()
    if not form.validate_on_submit():
        return _quotas_page(stage, form)
    kind, target_id = form.quota_kind, form.target.data
    targets = _targets(stage)
    if target_id not in targets[kind]:
        form.target.errors = [_("Choose one of the list.")]
        return _quotas_page(stage, form)
    reason = service.set_quota(stage, kind=kind, target_id=target_id, capacity=form.capacity.data, by=current_user)
    if reason is not None:
        form.capacity.errors = [_refusal(reason, service.seats_taken(stage, kind, target_id))]
        return _quotas_page(stage, form)
    done(_("The limit of %(name)s is saved.", name=targets[kind][target_id]))
    return redirect(url_for("seats_staff.quotas", stage=stage.slug), 303)


@blueprint.post(f"{QUOTAS}/<int:quota_id>/hapus")
@needs(Permission.EDIT_PROGRAMME)
def remove_quota(stage: Stage, quota_id: int) -> Response:
    """Take a limit away; seats that become free are offered to those who wait."""
    quota = next((one for one in queries.quotas_of(stage) if one.id == quota_id), None)
    if ButtonForm().validate_on_submit():
        if quota is None or quota.target_id is None:
            inform(_("This limit had been removed already."))
        else:
            name = quota.target_name
            service.set_quota(stage, kind=quota.kind, target_id=quota.target_id, capacity=None, by=current_user)
            done(_("%(name)s has no limit any more.", name=name))
    return redirect(url_for("seats_staff.quotas", stage=stage.slug), 303)


@blueprint.get("/panel/kegiatan/<stage>/peserta/antrean")
@needs(Permission.VIEW_PEOPLE)
def waiting(stage: Stage) -> str:
    """To whom seats are offered, who waits in which order and for what, and who let an offer lapse."""
    now = clock.now()
    page = paginate(waiting_line(stage))
    full = full_quotas(stage)
    offers = running_offers(stage)
    return render_template(
        "registration/waiting.html",
        stage=stage,
        page=page,
        blocked={one.id: blocked_by(one, full) for one in page.items},
        stage_full=stage.capacity is not None and stage.seats_taken >= stage.capacity,
        offers=[(one, time_left(one.offer_until, now)) for one in offers if one.offer_until],
        passed=passed_over(stage),
        edits=may(Permission.EDIT_PEOPLE, stage),
        quota_labels=QUOTA_LABELS,
    )


@blueprint.app_template_global()
def people_counts(stage: Stage) -> dict[str, int]:
    """How many people of the stage are in each state, for the links between the lists of people."""
    return {state.value: count for state, count in queries.counts_by_state(stage).items()}


def _refusal(reason: Reason, taken: int) -> str:
    if reason is not Reason.QUOTA_BELOW_SEATS:
        return str(REASON_LABELS[reason])
    return ngettext(
        "%(num)d seat is taken already; the number cannot be lower.",
        "%(num)d seats are taken already; the number cannot be lower.",
        taken,
    )


def _quotas_page(stage: Stage, form: QuotaForm | None = None) -> Response:
    present = sorted(queries.quotas_of(stage), key=lambda quota: quota.target_name.casefold())
    limited = {(quota.kind, quota.target_id) for quota in present}
    targets = _targets(stage)
    sections: list[dict[str, Any]] = [
        {
            "kind": kind,
            "label": label,
            "quotas": [quota for quota in present if quota.kind is kind],
            "free": [(one, name) for one, name in targets[kind].items() if (kind, one) not in limited],
            "wrong": _wrong(form, kind, limited),
        }
        for kind, label in QUOTA_LABELS.items()
    ]
    page = render_template(
        "registration/quotas.html",
        stage=stage,
        sections=sections,
        form=form,
    )
    return make_response(page, 422 if form is not None else 200)


def _wrong(form: QuotaForm | None, kind: QuotaKind, limited: set[tuple[QuotaKind, int | None]]) -> int | str | None:
    """Where the form that could not be saved stands: at the target's own row, or "new" below the section."""
    if form is None or form.kind.data != kind.value:
        return None
    return form.target.data if (kind, form.target.data) in limited else "new"


def _targets(stage: Stage) -> Targets:
    """What can be limited, by id."""
    return {
        QuotaKind.CATEGORY: {one.id: one.name for one in categories_of(stage.host)},
        QuotaKind.INSTITUTION: {one.id: one.name for one in institutions_of(stage.host)},
        QuotaKind.GROUP: {one.id: one.name for one in groups_of(stage.programme)},
    }
