"""One thing done to many people of a stage: asked for on the list, confirmed on a page that names them, then done."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts.permissions import Permission, may, needs, require
from app.certificates.queries import stage_of
from app.checkin.queries_paper import badges_of
from app.checkin.rules_paper import Audience, BadgeSize, PaperOrder
from app.jobs import service as jobs
from app.jobs.models import Job
from app.journey.forms_bulk import BulkForm
from app.journey.staff_people import BADGES, EXPORT, MESSAGE, PEOPLE, Asked, said_of
from app.programmes.models import Stage
from app.registration.queries_people import MOST_TICKED, PeopleFilter, ids_in_order, in_batches
from app.registration.rules_bulk import ACTION_LABELS, AT_ONCE, BulkAction, BulkResult, result_sentence
from app.registration.service import bulk as service
from app.web import flashes
from app.web.forms import keeps_form

blueprint = Blueprint("people_bulk", __name__)
NAMED = 8
SEGMENT = ("state", "category", "institution", "group", "answering")
QUESTIONS = {
    BulkAction.APPROVE: _l("Each gets the ticket by e-mail. For ten minutes the decision can be undone."),
    BulkAction.REJECT: _l("Each is told the reason by e-mail. For ten minutes the decision can be undone."),
    BulkAction.INTO_GROUP: _l("Whoever is in the group already stays in it. Other groups are not touched."),
    BulkAction.OUT_OF_GROUP: _l("Whoever is not in the group is left alone. Other groups are not touched."),
    BulkAction.RESEND: _l("Whoever waits gets the letter that says so, and who has ended gets none."),
    BulkAction.CANCEL: _l("Each is told the reason by e-mail, and the seats are offered to those who wait."),
}


@blueprint.get(f"{PEOPLE}/massal")
@needs(Permission.VIEW_PEOPLE)
def confirm(stage: Stage) -> Response | str:
    """What is about to be done, and to whom."""
    if not (request.args.getlist("id") or request.args.get("all")):
        flashes.refuse(_("Tick somebody first, or choose all of the list."))
        return _to_list(stage)
    if request.args.get("action") == EXPORT:
        return redirect(url_for("journey_staff.export_xlsx", stage=stage.slug, **_chosen_query(Asked.of(stage))))
    if request.args.get("action") == BADGES:
        return _badges(stage)
    require(Permission.EDIT_PEOPLE, stage)
    if request.args.get("action") == MESSAGE:
        return _to_message(stage)
    action = _action()
    return _confirmation(stage, action, BulkForm(stage, action, formdata=None))


@blueprint.post(f"{PEOPLE}/massal")
@needs(Permission.EDIT_PEOPLE)
@keeps_form
def act(stage: Stage) -> Response | tuple[str, int]:
    """Do it, and say what was done and what not."""
    action = _action()
    form = BulkForm(stage, action)
    ids = _ids(stage)
    if form.validate_on_submit():
        if form.count.data == str(len(ids)):
            return _done(stage, action, ids, form)
        form.form_errors.append(_("The list has changed meanwhile. Look at it once more, and press the button again."))
    return _confirmation(stage, action, form, ids), 422


def _done(stage: Stage, action: BulkAction, ids: list[int], form: BulkForm) -> Response:
    done = service.act_on(
        stage,
        ids,
        action,
        by=current_user,
        reason=form.reason.data or "" if form.reason else "",
        group_id=form.group.data if form.group else None,
    )
    if isinstance(done, Job):
        return redirect(url_for("jobs_staff.job", token=done.token), 303)
    tell = flashes.done if done.done else flashes.inform
    tell(result_sentence(action, done))
    return _to_list(stage)


def _confirmation(stage: Stage, action: BulkAction, form: BulkForm, ids: list[int] | None = None) -> str:
    asked, ids = _asked(stage), _ids(stage) if ids is None else ids
    form.count.data = str(len(ids))
    return render_template(
        "journey/people_bulk.html",
        stage=stage,
        form=form,
        label=ACTION_LABELS[action],
        question=QUESTIONS[action],
        ends=action in (BulkAction.CANCEL, BulkAction.REJECT),
        count=len(ids),
        by_worker=len(ids) > AT_ONCE,
        named=next(in_batches(asked.statement(()), ids[:NAMED]), []),
        said=said_of(asked) if request.args.get("all") else [],
        address=url_for("people_bulk.act", stage=stage.slug, action=action.value, **_chosen_query(asked)),
        back=url_for("journey_staff.people", stage=stage.slug, **asked.query),
    )


def _action() -> BulkAction:
    found = next((one for one in BulkAction if one.value == request.args.get("action")), None)
    return found if found is not None else abort(404)


def _ids(stage: Stage) -> list[int]:
    asked = _asked(stage)
    return ids_in_order(asked.statement(()))


def _asked(stage: Stage) -> Asked:
    """Whom it is done to: with `all` everybody of the list, whoever is ticked on its page; else those ticked, and never all."""
    asked = Asked.of(stage)
    if request.args.get("all"):
        return replace(asked, narrowed=replace(asked.narrowed, ids=frozenset()))
    return asked if asked.narrowed.ids else abort(404)


def _chosen_query(asked: Asked) -> dict[str, Any]:
    ticked = {"all": 1} if request.args.get("all") else {"id": request.args.getlist("id")[:MOST_TICKED]}
    return {**asked.query, **ticked}


def _badges(stage: Stage) -> Response:
    """The badges of those chosen, by their ids: the page of the papers knows nothing of steps and answers that narrow a list."""
    ids = _ids(stage)
    if not ids:
        flashes.inform(_("Nobody of the list is left to whom this could be done."))
        return _to_list(stage)
    chosen = PeopleFilter(ids=frozenset(ids))
    pdf = badges_of(stage, Audience.PARTICIPANTS, chosen, size=BadgeSize.A6, order=PaperOrder.INSTITUTION)
    return send_file(BytesIO(pdf), mimetype="application/pdf", download_name=f"kartu-{stage.slug}.pdf", max_age=0)


def _to_list(stage: Stage) -> Response:
    return redirect(url_for("journey_staff.people", stage=stage.slug, **Asked.of(stage).query), 303)


def _to_message(stage: Stage) -> Response:
    """A message goes to whoever belongs to a segment when it is sent: not to people ticked or searched one by one."""
    asked = _asked(stage)
    narrowed = asked.narrowed
    own = (narrowed.q, narrowed.source, narrowed.mailbox, narrowed.queue, narrowed.ids, asked.step, asked.answers)
    if any(own):
        flashes.inform(
            _(
                "A message goes to all of a list that is narrowed by state, category, institution and group alone."
                " Narrow it so and choose all, or narrow it further where the message is written."
            )
        )
        return _to_list(stage)
    query = {name: asked.query[name] for name in SEGMENT if name in asked.query}
    return redirect(url_for("messages_staff.write", stage=stage.slug, kepada="daftar", **query))


def _outcome(job: Job) -> jobs.Outcome:
    stage = stage_of(job)
    sentence = result_sentence(BulkAction(job.args["action"]), BulkResult.read(job.result))
    return jobs.Outcome(sentence, [(_("To the list"), url_for("journey_staff.people", stage=stage.slug))])


def _stage_shown(job: Job) -> Stage | None:
    stage = stage_of(job)
    return stage if may(Permission.VIEW_PEOPLE, stage) else None


jobs.register_page(
    service.BULK, jobs.JobPage(_l("Something done to many people"), _outcome, _l("Participants"), _stage_shown)
)
