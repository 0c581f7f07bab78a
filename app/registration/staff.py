"""Pages of registration that staff see: add a person, look at one and change him, take the list away."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.permissions import needs
from app.accounts.rules import Permission
from app.programmes.models import Stage
from app.programmes.queries import groups_of
from app.registration import queries, service
from app.registration.forms import AddPersonForm, CancelPersonForm, GroupsForm, StaffPersonForm
from app.registration.forms_person import terms_of, typed_as
from app.registration.forms_seats import GiveSeatForm
from app.registration.models import Registration
from app.registration.queries_questions import terms_asked
from app.registration.rules import (
    CONSENT_LABELS,
    ENDED,
    REASON_LABELS,
    SOURCE_LABELS,
    STATE_LABELS,
    ConsentKind,
    Outcome,
    RegistrationState,
    number_follows,
    source_by_staff,
)
from app.shared import clock
from app.shared.dates import local_date
from app.shared.identity import shown
from app.shared.ranks import rank_label
from app.web.csrf import keeps_form
from app.web.fields import options
from app.web.flashes import done, inform, refuse, warn
from app.web.forms import ButtonForm

blueprint = Blueprint("registration_staff", __name__)
WAITING_LIST = "antrean"
PERSON = "/panel/kegiatan/<stage>/peserta/<int:registration_id>"


@blueprint.route("/panel/kegiatan/<stage>/peserta/tambah", methods=["GET", "POST"])
@needs(Permission.EDIT_PEOPLE)
@keeps_form
def add(stage: Stage) -> AnyResponse:
    """Add a person by hand, before the event or at the door."""
    form = AddPersonForm(
        stage.host, reserved_mail=_reserved_mail(), number_may_follow=True, questions=terms_asked(stage)
    )
    form.offer_groups(groups_of(stage.programme))
    if form.validate_on_submit():
        today = local_date(clock.now(), stage.timezone)
        source = source_by_staff(stage.starts_on, today)
        added = service.register(
            stage,
            form.details(),
            source=source,
            group_ids=form.groups.data or (),
            answers=form.answers,
            by=current_user,
        )
        if added.registration is not None:
            _tell(added.outcome)
            return _back(stage, added.registration.id)
        form.form_errors += [str(label) for reason, label in REASON_LABELS.items() if reason is added.reason]
    form.offer()
    form.keep_files()
    page = render_template("registration/add.html", stage=stage, form=form)
    return make_response(page, 422 if form.is_submitted() else 200)


@blueprint.get(PERSON)
@needs(Permission.VIEW_PEOPLE)
def person(stage: Stage, registration_id: int) -> Response:
    """One person: what was typed, where he stands, and what can be done about it."""
    return _person_page(stage, _get(stage, registration_id))


@blueprint.post(f"{PERSON}/perbaiki")
@needs(Permission.EDIT_PEOPLE)
@keeps_form
def correct(stage: Stage, registration_id: int) -> AnyResponse:
    """Put the details right."""
    registration = _get(stage, registration_id)
    form = _correction(stage, registration)
    if not form.validate_on_submit():
        return _person_page(stage, registration, correction=form, status=422)
    reason = service.correct(registration, form.details(), by=current_user)
    if reason is not None:
        form.form_errors.append(str(REASON_LABELS[reason]))
        return _person_page(stage, _get(stage, registration_id), correction=form, status=422)
    done(_("The details have been corrected."))
    return _back(stage, registration_id)


@blueprint.post(f"{PERSON}/batal")
@needs(Permission.EDIT_PEOPLE)
@keeps_form
def cancel(stage: Stage, registration_id: int) -> AnyResponse:
    """Cancel with a reason."""
    registration = _get(stage, registration_id)
    form = CancelPersonForm()
    if not form.validate_on_submit():
        return _person_page(stage, registration, cancelling=form, status=422)
    if service.cancel(registration, by=current_user, reason=form.reason.data or ""):
        done(_("The registration is cancelled. A seat that became free is offered to the first of the waiting list."))
    else:
        inform(_("This registration had been cancelled already."))
    return _back(stage, registration_id, came_from_list=True)


@blueprint.post(f"{PERSON}/tempat")
@needs(Permission.EDIT_PEOPLE)
@keeps_form
def give_seat(stage: Stage, registration_id: int) -> AnyResponse:
    """A seat for someone on the waiting list, out of turn and with a reason."""
    registration = _get(stage, registration_id)
    form = GiveSeatForm()
    if not form.validate_on_submit():
        return _person_page(stage, registration, giving=form, status=422)
    reason = service.give_seat(registration, by=current_user, reason=form.reason.data or "")
    if reason is None:
        done(_("The seat is given and the ticket is on its way."))
    else:
        refuse(str(REASON_LABELS[reason]))
    return _back(stage, registration_id, came_from_list=True)


@blueprint.post(f"{PERSON}/kirim-ulang")
@needs(Permission.EDIT_PEOPLE)
def resend(stage: Stage, registration_id: int) -> AnyResponse:
    """The ticket once more."""
    registration = _get(stage, registration_id)
    if ButtonForm().validate_on_submit():
        if service.resend_ticket(registration, by=current_user):
            done(_("The ticket is on its way to the e-mail address on file."))
        else:
            refuse(_("Nothing was sent: there is no e-mail address, or the registration is cancelled."))
    return _back(stage, registration_id)


@blueprint.post(f"{PERSON}/kelompok")
@needs(Permission.EDIT_PEOPLE)
def set_groups(stage: Stage, registration_id: int) -> AnyResponse:
    """Into which groups the person belongs."""
    registration = _get(stage, registration_id)
    form = _groups_form(stage, registration)
    if form.validate_on_submit():
        reason = service.set_groups(registration, form.groups.data or (), by=current_user)
        if reason is None:
            done(_("The groups are saved."))
        else:
            refuse(str(REASON_LABELS[reason]))
    else:
        refuse(_("Choose groups of the list."))
    return _back(stage, registration_id)


def _get(stage: Stage, registration_id: int) -> Registration:
    registration = queries.find_registration(stage, registration_id)
    if registration is None:
        abort(404)
    return registration


def _back(stage: Stage, registration_id: int, *, came_from_list: bool = False) -> AnyResponse:
    if came_from_list and request.args.get("list") == WAITING_LIST:
        return redirect(url_for("seats_staff.waiting", stage=stage.slug), 303)
    return redirect(url_for("registration_staff.person", stage=stage.slug, registration_id=registration_id), 303)


def _tell(outcome: Outcome) -> None:
    if outcome is Outcome.ALREADY:
        warn(_("This person is registered already; nothing was added."))
    elif outcome is Outcome.WAITLISTED:
        inform(_("No seat is free for this person, who is on the waiting list now."))
    else:
        done(_("The person is registered."))


def _person_page(
    stage: Stage,
    registration: Registration,
    *,
    correction: StaffPersonForm | None = None,
    cancelling: CancelPersonForm | None = None,
    giving: GiveSeatForm | None = None,
    status: int = 200,
) -> Response:
    correction = correction or _correction(stage, registration, blank=True)
    correction.offer()
    terms = terms_of(registration.category)
    page = render_template(
        "registration/person.html",
        stage=stage,
        registration=registration,
        state_label=STATE_LABELS[registration.state],
        source_label=SOURCE_LABELS[registration.source],
        number=shown(registration.identity_type, registration.identity_number),
        number_to_follow=terms.usual_type.label if number_follows(terms, registration.identity_number) else None,
        rank=rank_label(registration.rank),
        consents=[(CONSENT_LABELS[kind], registration.consent_to(kind)) for kind in ConsentKind],
        takes_whatsapp=registration.consents_to(ConsentKind.WHATSAPP),
        waiting_place=queries.waiting_place(registration),
        waits=registration.state in (RegistrationState.WAITLISTED, RegistrationState.OFFERED),
        is_pending=registration.state is RegistrationState.PENDING,
        undoable=registration.undo_until is not None and registration.undo_until > clock.now(),
        has_ended=registration.state in ENDED,
        form=correction,
        groups_form=_groups_form(stage, registration, blank=True),
        cancelling=cancelling or CancelPersonForm(formdata=None),
        giving=giving or GiveSeatForm(formdata=None),
    )
    return make_response(page, status)


def _correction(stage: Stage, registration: Registration, *, blank: bool = False) -> StaffPersonForm:
    """The form filled with the person's details; `blank` leaves out what the request carries for another form."""
    source: dict[str, Any] = {"formdata": None} if blank else {}
    shown_details = typed_as(queries.details_of(registration), terms_of(registration.category))
    return StaffPersonForm(
        stage.host,
        reserved_mail=_reserved_mail(),
        kept=registration.institution,
        number_may_follow=registration.identity_number is None,
        data=shown_details,
        **source,
    )


def _groups_form(stage: Stage, registration: Registration, *, blank: bool = False) -> GroupsForm:
    source: dict[str, Any] = {"formdata": None} if blank else {}
    form = GroupsForm(data={"groups": [group.id for group in registration.groups]}, **source)
    form.groups.choices = options((group.id, group.name) for group in groups_of(stage.programme))
    return form


def _reserved_mail() -> bool:
    return bool(current_app.config["APP_ENV"] != "production")
