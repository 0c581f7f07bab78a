"""The public path: front page, programme, stage, and the holder's ticket."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.permissions import public
from app.agenda.models import AgendaSession
from app.agenda.queries import days_of, sessions_of, speakers_of
from app.agenda.rules import expects
from app.certificates.queries import versions_of
from app.certificates.rules import CertificateState
from app.checkin.queries import attendance_of, jp_tally
from app.checkin.queries_corrections import excuses_of
from app.feedback.queries import open_for
from app.journey import queries, queries_self
from app.journey.forms import CancelForm
from app.journey.rules import StagePhase, drawn_path, may_cancel
from app.journey.views_door import officers_page
from app.paper import qr
from app.programmes.models import Stage
from app.programmes.queries import get_published_programme, get_published_stage
from app.registration import service
from app.registration.models import Registration
from app.registration.queries import find_by_ticket, waiting_place, window_of
from app.registration.queries_seats import was_replaced
from app.registration.rules import ENDED, REASON_LABELS, RegistrationState, sees_full, window_reason
from app.registration.rules_seats import time_left
from app.shared import clock
from app.shared.codes import canonical
from app.shared.dates import local, time_span
from app.web import flashes
from app.web.forms import ButtonForm, keeps_form
from app.web.headers import private_page
from app.web.locale import current_language
from app.web.remembered import forget_ticket, remember_ticket

blueprint = Blueprint("journey", __name__)
BINARY = {"pdf": "application/pdf", "ics": "text/calendar; charset=utf-8"}


@blueprint.get("/")
@public
def home() -> str:
    """Programmes, those with something to come first."""
    programmes = queries.programmes_by_next_stage()
    stages = queries.published_stages([programme.id for programme in programmes])
    return render_template(
        "journey/home.html", programmes=programmes, stages=stages, phases=_phases(chain(*stages.values()))
    )


@blueprint.get("/program/<programme>")
@public
def programme(programme: str) -> str:
    """A programme's stages as a path."""
    found = get_published_programme(programme)
    stages = queries.published_stages([found.id])[found.id]
    return render_template(
        "journey/programme.html", programme=found, host=found.host, stages=stages, phases=_phases(stages)
    )


@blueprint.get("/kegiatan/<stage>")
@public
def stage(stage: str) -> str:
    """Dates, place, agenda, speakers, seats left, and the button to register."""
    found = get_published_stage(stage)
    sessions = sessions_of(found)
    address = current_app.config["BASE_URL"] + url_for("journey.stage", stage=found.slug)
    reason = window_reason(window_of(found), clock.now())
    return render_template(
        "journey/stage.html",
        stage=found,
        host=found.host,
        sessions=sessions,
        speakers=speakers_of(found),
        phase=queries.phase_of(found),
        hours=_hours(found, sessions),
        seats_left=None if found.capacity is None else found.capacity - found.seats_taken,
        full=sees_full(capacity=found.capacity, seats_taken=found.seats_taken),
        may_register=reason is None,
        opens_later=clock.now() < found.registration_opens_at,
        share_text=f"{found.name}, {found.programme.name}: {address}",
    )


@blueprint.get("/t/<code>")
@blueprint.get("/T/<code>", alias=True)
@public
def ticket(code: str) -> AnyResponse:
    """The holder's page: QR, own agenda, feedback to give, certificate. No NIP, phone or mail on it.

    An officer who scanned it with the phone's own camera gets the page of the door instead.
    """
    if (door := officers_page(code)) is not None:
        return door
    registration = _ticket_holder(code)
    if code != registration.ticket_code or request.path.startswith("/T/"):
        return redirect(url_for("journey.ticket", code=registration.ticket_code))
    response = private_page(make_response(_ticket_page(registration, CancelForm())))
    return remember_ticket(response, registration.ticket_code)


@blueprint.post("/t/<code>/batal")
@public
@keeps_form
def cancel(code: str) -> AnyResponse:
    """The holder cancels."""
    registration = _ticket_holder(code)
    form = CancelForm()
    if not form.validate_on_submit():
        return private_page(make_response(_ticket_page(registration, form), 422))
    told = queries_self.told(registration)
    if may_cancel(told, queries.phase_of(registration.stage)):
        service.cancel(registration, reason=form.reason.data or "")
    elif told not in ENDED:
        flashes.refuse(
            _("The stage has begun, so the registration can no longer be cancelled here. Please tell the organiser.")
        )
    return redirect(url_for("journey.ticket", code=registration.ticket_code))


@blueprint.post("/t/<code>/ambil")
@public
def accept(code: str) -> AnyResponse:
    """The holder takes the seat that is offered."""
    registration = _ticket_holder(code)
    if ButtonForm().validate_on_submit():
        reason = service.accept_offer(registration)
        if reason is not None and registration.state is not RegistrationState.CONFIRMED:
            flashes.refuse(str(REASON_LABELS[reason]))
        elif registration.state is RegistrationState.PENDING:
            flashes.done(_("The seat is kept for you. The committee decides next."))
        else:
            flashes.done(_("The seat is yours. The ticket is on its way by e-mail, too."))
    return redirect(url_for("journey.ticket", code=registration.ticket_code), 303)


@blueprint.post("/t/<code>/masih-hadir")
@public
def rejoin(code: str) -> AnyResponse:
    """Who let an offer lapse wants to come still."""
    registration = _ticket_holder(code)
    if ButtonForm().validate_on_submit() and service.rejoin(registration) and registration.offer_until is None:
        flashes.done(_("You are on the waiting list again."))
    return redirect(url_for("journey.ticket", code=registration.ticket_code), 303)


@blueprint.post("/t/<code>/lupakan")
@public
def forget(code: str) -> AnyResponse:
    """A shared computer must not keep the ticket."""
    flashes.done(_("This browser no longer remembers the ticket."))
    return forget_ticket(make_response(redirect(url_for("journey.home"))), canonical(code))


@blueprint.get("/t/<code>.pdf")
@public
def ticket_pdf(code: str) -> Response:
    """The ticket on paper."""
    registration = _ticket_holder(code, confirmed=True)
    return _file(service.ticket_pdf(registration), "pdf", f"tiket-{registration.stage.slug}.pdf")


@blueprint.get("/t/<code>.ics")
@public
def ticket_calendar(code: str) -> Response:
    """The stage's days for a calendar."""
    registration = _ticket_holder(code, confirmed=True)
    return _file(service.ticket_calendar(registration), "ics", f"{registration.stage.slug}.ics")


def _ticket_holder(code: str, *, confirmed: bool = False) -> Registration:
    """`confirmed`: what lets one in is not there for whoever waits or has cancelled."""
    registration = find_by_ticket(code)
    if registration is None or (confirmed and registration.state is not RegistrationState.CONFIRMED):
        abort(404)
    return registration


def _ticket_page(registration: Registration, form: CancelForm) -> str:
    stage = registration.stage
    confirmed = registration.state is RegistrationState.CONFIRMED
    phase = queries.phase_of(stage)
    attendances, excuses = attendance_of(registration), excuses_of(registration)
    newest = next(iter(versions_of(registration)), None)
    revoked = newest if newest and newest.state is CertificateState.REVOKED else None
    now = clock.now()
    told = queries_self.told(registration)
    ended = told in ENDED
    return render_template(
        "journey/ticket.html",
        registration=registration,
        stage=stage,
        host=stage.host,
        confirmed=confirmed,
        pending=told is RegistrationState.PENDING,
        offer_left=time_left(registration.offer_until, now) if registration.offer_until else None,
        replaced=ended and was_replaced(registration),
        waiting_place=waiting_place(registration),
        qr_svg=qr.svg(service.ticket_address(registration), title=_("QR code of the ticket")) if confirmed else None,
        days=days_of(_own_sessions(registration), stage.timezone) if confirmed else [],
        attendances=attendances,
        excuses=excuses,
        tally=jp_tally(stage, [registration.id]).get(registration.id) if attendances or excuses else None,
        questionnaires=open_for(registration),
        certificate=newest if newest and newest.state is CertificateState.VALID else None,
        revoked=revoked,
        may_cancel=may_cancel(told, phase),
        over=phase is StagePhase.OVER,
        ended=ended,
        may_register_again=ended and window_reason(window_of(stage), now) is None,
        steps=drawn_path(queries.steps_of([registration])[registration.id], stopped=ended or revoked is not None),
        form=form,
        when=service.when(registration, current_language()),
    )


def _own_sessions(registration: Registration) -> list[AgendaSession]:
    """The sessions where the person is expected."""
    own = frozenset(group.id for group in registration.groups)
    return [
        session
        for session in sessions_of(registration.stage)
        if expects(frozenset(group.id for group in session.groups), own)
    ]


def _phases(stages: Iterable[Stage]) -> dict[int, StagePhase]:
    return {stage.id: queries.phase_of(stage) for stage in stages}


def _hours(stage: Stage, sessions: list[AgendaSession]) -> str:
    """`07.30–16.30 WIB`: from the earliest start to the latest end on the clock, over all days."""
    if not sessions:
        return ""
    first = min(sessions, key=lambda session: local(session.starts_at, stage.timezone).time())
    last = max(sessions, key=lambda session: local(session.ends_at, stage.timezone).time())
    return time_span(first.starts_at, last.ends_at, stage.timezone, current_language())


def _file(data: bytes, kind: str, name: str) -> Response:
    response = Response(data, content_type=BINARY[kind])
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return private_page(response)
