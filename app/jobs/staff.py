"""Pages of jobs that staff see: how long work goes on, and the outbox of mail."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.permissions import signed_in
from app.jobs import queries, service
from app.jobs.forms import ReturnedForm
from app.jobs.models import OutboxMessage
from app.jobs.queries import Waiting
from app.jobs.rules import STATE_LABELS, JobState, MessageState
from app.shared.text import squash
from app.web import flashes
from app.web.forms import ButtonForm
from app.web.navigation import Scope, Section, register_section
from app.web.paging import paginate

blueprint = Blueprint("jobs_staff", __name__)
STOP_POLLING = 286  # htmx: the last answer, ask no more


@blueprint.get("/panel/pekerjaan/<token>")
@signed_in
def job(token: str) -> Response:
    """How far a job is. htmx asks every second; without scripts the page reloads itself."""
    found = queries.job_for(current_user, token)
    if found is None:
        abort(404)
    page = service.page_of(found.kind)
    over = found.state in (JobState.DONE, JobState.FAILED)
    values: dict[str, Any] = {"job": found, "page": page, "over": over, "outcome": page.outcome(found)}
    if "HX-Request" in request.headers:
        response = make_response(render_template("jobs/_progress.html", **values), STOP_POLLING if over else 200)
    else:
        response = make_response(render_template("jobs/job.html", stage=page.stage(found), **values))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/panel/pesan")
@signed_in
def outbox() -> str:
    """Mail of one's hosts and programmes: its state, attempts and last error."""
    _require_outbox()
    state = next((one for one in MessageState if one.value == request.args.get("state")), None)
    kinds = service.letter_labels()
    kind = request.args.get("jenis", "")
    place = request.args.get("milik", "")[:30]
    typed = squash(request.args.get("q"))[:100]
    found = queries.messages(current_user, state=state, kind=kind if kind in kinds else "", place=place, typed=typed)
    return render_template(
        "jobs/outbox.html",
        page=paginate(found),
        counts=queries.counts(current_user),
        states=STATE_LABELS,
        kinds=kinds.items(),
        places=queries.outbox_places(current_user),
        state=state,
        kind=kind,
        place=place,
        typed=typed,
        zone_of=queries.zone_of,
    )


@blueprint.get("/panel/pesan/<int:message_id>")
@signed_in
def message(message_id: int) -> str:
    """One mail: what became of it and, where no mail server is set, what it says."""
    found = _message(message_id)
    return render_template(
        "jobs/message.html",
        message=found,
        states=STATE_LABELS,
        kind_label=service.letter_labels().get(found.kind),
        zone=queries.zone_of(found),
        letter=_kept_letter(found),
        form=ReturnedForm(formdata=None),
    )


@blueprint.post("/panel/pesan/<int:message_id>/kirim-lagi")
@signed_in
def send_again(message_id: int) -> BaseResponse:
    """Send a mail once more, or now rather than at its next attempt."""
    found = _message(message_id)
    if not ButtonForm().validate_on_submit():
        flashes.refuse(
            _("This page had been open for too long, and nothing has been changed. Please press the button again.")
        )
    elif service.send_again(found, by=current_user):
        flashes.done(_("The mail to %(address)s is sent again.", address=found.to_address))
    else:
        flashes.inform(_("This mail is being sent at the moment."))
    return redirect(url_for("jobs_staff.outbox"))


@blueprint.app_template_global()
def mail_waits() -> Waiting | None:
    """Mail that waits for a server, as the panel says to all whose participants wait for it."""
    return queries.waiting_for_server(current_user)


@blueprint.app_template_global()
def sees_outbox() -> bool:
    return queries.sees_outbox(current_user)


def _require_outbox() -> None:
    if not queries.sees_outbox(current_user):
        abort(403)


def _message(message_id: int) -> OutboxMessage:
    _require_outbox()
    found = queries.find_message(current_user, message_id)
    return found if found is not None else abort(404)


def _kept_letter(found: OutboxMessage) -> EmailMessage | None:
    """In development without a mail server mail is kept in files."""
    path = Path(current_app.config["INSTANCE_DIR"]) / "mail" / f"{found.id:06}-{found.kind}.eml"
    if current_app.config["MAIL_SERVER"] or not path.is_file():
        return None
    return message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=policy.default)


register_section(
    Section(
        key="outbox",
        label=_l("Outgoing mail"),
        endpoint="jobs_staff.outbox",
        icon="envelope",
        order=80,
        scope=Scope.PANEL,
        shown=lambda: queries.sees_outbox(current_user),
    )
)
