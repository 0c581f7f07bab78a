"""The queue of who waits for approval: found, ticked, accepted or rejected together, and undone for a while."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts.permissions import may, needs
from app.accounts.rules import Permission
from app.institutions.queries import categories_of, institutions_of
from app.programmes.models import Stage
from app.registration import service
from app.registration.forms_seats import RejectForm
from app.registration.queries import PeopleFilter, people
from app.registration.queries_people import MOST_TICKED, ids_in_order
from app.registration.queries_questions import answers_of, questions_of
from app.registration.queries_seats import decided_lately
from app.registration.rules import RegistrationState
from app.registration.rules_people import PeopleOrder, Sorting
from app.registration.rules_seats import time_left
from app.shared import clock
from app.shared.identity import shown
from app.shared.ranks import rank_label
from app.web.csrf import keeps_form
from app.web.flashes import done, inform, refuse
from app.web.forms import ButtonForm
from app.web.locale import current_language
from app.web.paging import paginate

blueprint = Blueprint("approval_staff", __name__)
QUEUE = "/panel/kegiatan/<stage>/peserta/persetujuan"
OF_THE_QUEUE = ("q", "category", "institution")
PENDING = frozenset({RegistrationState.PENDING})


@blueprint.get(QUEUE)
@needs(Permission.VIEW_PEOPLE)
def queue(stage: Stage) -> Response:
    """Who waits, who came first on top, and what was decided a moment ago."""
    return _page(stage, RejectForm(formdata=None))


@blueprint.post(f"{QUEUE}/terima")
@needs(Permission.EDIT_PEOPLE)
def approve(stage: Stage) -> Response:
    """Accept those ticked, or all whom the filters leave."""
    ids = _chosen(stage)
    if not ButtonForm().validate_on_submit():
        return _back(stage)
    if not ids:
        return _nobody(stage)
    count = service.approve(stage, ids, by=current_user)
    _tell(ngettext("%(num)d registration is approved.", "%(num)d registrations are approved.", count), len(ids), count)
    return _back(stage)


@blueprint.post(f"{QUEUE}/tolak")
@needs(Permission.EDIT_PEOPLE)
@keeps_form
def reject(stage: Stage) -> Response:
    """Reject those ticked, or all whom the filters leave, for a reason that is mailed."""
    form = RejectForm()
    if not form.validate_on_submit():
        return _page(stage, form)
    ids = _chosen(stage)
    if not ids:
        refuse(_("Tick somebody first, or choose all of the list."))
        return _page(stage, form)
    count = service.reject(stage, ids, reason=form.sentence, by=current_user)
    _tell(ngettext("%(num)d registration is rejected.", "%(num)d registrations are rejected.", count), len(ids), count)
    return _back(stage)


@blueprint.post(f"{QUEUE}/urungkan")
@needs(Permission.EDIT_PEOPLE)
def undo(stage: Stage) -> Response:
    """Take back what was decided together, or on one person, while it can be."""
    if not ButtonForm().validate_on_submit():
        return _back(stage)
    batches = {batch.key: batch.ids for batch in decided_lately(stage, clock.now())}
    ids = batches.get(request.form.get("batch", ""), []) or _ticked()
    count = service.undo_decisions(stage, ids, by=current_user)
    if count:
        done(ngettext("%(num)d decision is undone.", "%(num)d decisions are undone.", count))
    else:
        inform(_("Nothing could be undone: the ten minutes are over, or the person has registered anew."))
    return _back(stage)


def _page(stage: Stage, form: RejectForm) -> Response:
    narrowed = _narrowed()
    page = paginate(people(stage, narrowed))
    now = clock.now()
    template = render_template(
        "registration/approval.html",
        stage=stage,
        page=page,
        narrowed=narrowed,
        narrows=bool(_kept()),
        kept=_kept(),
        ticked=set(_ticked()),
        form=form,
        numbers={one.id: shown(one.identity_type, one.identity_number) for one in page.items},
        ranks={one.id: rank_label(one.rank) for one in page.items},
        questions=questions_of(stage),
        answers=answers_of([one.id for one in page.items], current_language()),
        decided=[(batch, time_left(batch.until, now)) for batch in decided_lately(stage, now)],
        edits=may(Permission.EDIT_PEOPLE, stage),
        category_options=[(one.code, one.name) for one in categories_of(stage.host)],
        institution_options=[(one.id, one.name) for one in institutions_of(stage.host)],
    )
    return make_response(template, 422 if form.is_submitted() else 200)


def _narrowed() -> PeopleFilter:
    """What the address narrows the queue to: of who waits, who came first on top."""
    asked = PeopleFilter.from_address(request.args)
    wanted = PeopleFilter(q=asked.q, category=asked.category, institution=asked.institution)
    return replace(wanted, states=PENDING, sorting=Sorting(PeopleOrder.REGISTERED))


def _kept() -> dict[str, Any]:
    return {name: request.args[name] for name in OF_THE_QUEUE if request.args.get(name)}


def _chosen(stage: Stage) -> list[int]:
    if request.form.get("all"):
        return ids_in_order(people(stage, _narrowed()))
    return _ticked()


def _ticked() -> list[int]:
    typed = request.form.getlist("id")[:MOST_TICKED]
    return [int(one) for one in typed if one.isascii() and one.isdecimal() and len(one) < 10]


def _tell(sentence: str, asked: int, count: int) -> None:
    if count < asked:
        others = asked - count
        sentence += " " + ngettext("%(num)d was not waiting any more.", "%(num)d were not waiting any more.", others)
    done(sentence + " " + _("It can be undone for ten minutes; only then the letters leave."))


def _nobody(stage: Stage) -> Response:
    refuse(_("Tick somebody first, or choose all of the list."))
    return _back(stage)


def _back(stage: Stage) -> Response:
    return redirect(url_for("approval_staff.queue", stage=stage.slug, **_kept()), 303)
