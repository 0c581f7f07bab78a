"""The private pages of an invited institution: its contact names people, replaces and withdraws them, hands in letters, declines."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.permissions import public
from app.hosts.queries import notice_in_force
from app.registration import queries, service
from app.registration.forms_nomination import AssignmentForm, DeclineForm, NominationForm, WithdrawForm
from app.registration.forms_person import terms_of, typed_as
from app.registration.models import Registration
from app.registration.models_seats import Invitation
from app.registration.queries_invitations import find_by_token, find_named, named_on, successors_of
from app.registration.queries_questions import documents_of_invitation, find_invited_document, terms_asked
from app.registration.rules import ENDED, REASON_LABELS, STATE_LABELS, Outcome, Reason
from app.registration.rules_documents import DocumentRefused
from app.registration.rules_invitations import MOST_DOCUMENTS, Named
from app.registration.rules_seats import REPLACEABLE, InvitationState
from app.registration.service import documents
from app.shared import clock
from app.web.csrf import keeps_form
from app.web.flashes import done, inform, refuse
from app.web.forms import ButtonForm
from app.web.headers import private_page

blueprint = Blueprint("nomination", __name__)
PAGE = "/undangan/<token>"
ONE = f"{PAGE}/peserta/<int:registration_id>"


@blueprint.get(PAGE)
@public
def page(token: str) -> Response:
    """What the institution is asked, whom it has named, and what can be done."""
    return overview(invitation_of(token))


@blueprint.route(f"{PAGE}/tambah", methods=["GET", "POST"])
@public
@keeps_form
def add(token: str) -> AnyResponse:
    """Name one person."""
    invitation = invitation_of(token)
    form = NominationForm.of(invitation, reserved_mail=reserved_mail(), questions=terms_asked(invitation.stage))
    if not form.is_submitted() and not standing_of(invitation).is_open(clock.now()):
        return back(token)
    if form.validate_on_submit():
        made = service.nominate(
            invitation,
            form.details(),
            notice_id=notice_of(invitation),
            submission_key=form.usable_key,
            answers=form.answers,
        )
        if made.reason is None and made.outcome is not Outcome.ALREADY:
            done(_registered(_name(made), mailed=bool(form.details().email)))
            return back(token)
        form.form_errors.append(refusal(invitation, made))
    return _person_page(invitation, form, title=_("Add a person"), button=_("Add"), action=url_for(".add", token=token))


@blueprint.route(f"{ONE}/ganti", methods=["GET", "POST"])
@public
@keeps_form
def replace(token: str, registration_id: int) -> AnyResponse:
    """Send somebody else in a person's place."""
    invitation = invitation_of(token)
    person = _named(invitation, registration_id)
    form = NominationForm.of(invitation, reserved_mail=reserved_mail(), questions=terms_asked(invitation.stage))
    if not form.is_submitted() and not _can_be_changed(invitation, person):
        return back(token)
    if form.validate_on_submit():
        made = service.replace_named(
            invitation,
            person,
            form.details(),
            notice_id=notice_of(invitation),
            submission_key=form.usable_key,
            answers=form.answers,
        )
        if made.reason is None and made.outcome is not Outcome.ALREADY:
            done(_("%(name)s has taken over the seat. Whoever has an e-mail address is told.", name=_name(made)))
            return back(token)
        form.form_errors.append(refusal(invitation, made))
    return _person_page(
        invitation,
        form,
        title=_("Replace %(name)s", name=person.full_name),
        button=_("Replace"),
        action=url_for(".replace", token=token, registration_id=registration_id),
        note=_("The seat stays. The old ticket no longer holds, and the new person gets one."),
    )


@blueprint.route(f"{ONE}/perbaiki", methods=["GET", "POST"])
@public
@keeps_form
def correct(token: str, registration_id: int) -> AnyResponse:
    """Put right what was mistyped of a person whom this institution named."""
    invitation = invitation_of(token)
    person = _named(invitation, registration_id)
    if not service.may_correct(invitation, person):
        abort(404)
    changeable = _can_be_changed(invitation, person)
    # What is left out of what was sent is filled in from what is known: not where that can no longer be put right.
    shown = typed_as(queries.details_of(person), terms_of(person.category)) if changeable else {}
    form = NominationForm.of(invitation, reserved_mail=reserved_mail(), data=shown)
    if not form.is_submitted() and not changeable:
        return back(token)
    if form.validate_on_submit():
        reason = service.correct_named(invitation, person, form.details())
        if reason is None:
            done(_("The details have been corrected."))
            return back(token)
        form.form_errors.append(str(REASON_LABELS[reason]))
    return _person_page(
        invitation,
        form,
        title=_("Correct %(name)s", name=person.full_name),
        button=_("Save the correction"),
        action=url_for(".correct", token=token, registration_id=registration_id),
    )


@blueprint.post(f"{ONE}/tarik")
@public
@keeps_form
def withdraw(token: str, registration_id: int) -> AnyResponse:
    """Somebody is not sent after all; the seat stays with the institution."""
    invitation = invitation_of(token)
    person = _named(invitation, registration_id)
    form = WithdrawForm()
    if not form.validate_on_submit():
        return overview(invitation, withdrawing=(person.id, form), status=422)
    reason = service.withdraw_named(invitation, person, reason=form.reason.data or "")
    if reason is None:
        done(_("%(name)s is withdrawn. The seat can be given to somebody else.", name=person.full_name))
    else:
        refuse(str(REASON_LABELS[reason]))
    return back(token)


@blueprint.post(f"{ONE}/tiket")
@public
def resend(token: str, registration_id: int) -> AnyResponse:
    """The ticket once more, to the person's own address."""
    invitation = invitation_of(token)
    person = _named(invitation, registration_id)
    if ButtonForm().validate_on_submit():
        if service.resend_ticket(person):
            done(_("The ticket is on its way to the e-mail address of %(name)s.", name=person.full_name))
        else:
            refuse(_("Nothing was sent: there is no e-mail address, or it was sent several times within the hour."))
    return back(token)


@blueprint.post(f"{PAGE}/tolak")
@public
@keeps_form
def decline(token: str) -> AnyResponse:
    """The institution sends nobody, or nobody more."""
    invitation = invitation_of(token)
    form = DeclineForm()
    if not form.validate_on_submit():
        return overview(invitation, declining=form, status=422)
    if service.decline(invitation, reason=form.reason.data or ""):
        done(_("The organiser has been told. Thank you for answering."))
    else:
        inform(_("This invitation no longer takes names."))
    return back(token)


@blueprint.post(f"{PAGE}/berkas")
@public
@keeps_form
def upload(token: str) -> AnyResponse:
    """Hand in the letter of assignment."""
    invitation = invitation_of(token)
    form = AssignmentForm()
    if not form.validate_on_submit():
        return overview(invitation, assigning=form, status=422)
    handed = form.file.data
    if not handed or not handed.filename:
        form.file.errors = [_("Choose a file.")]
        return overview(invitation, assigning=form, status=422)
    try:
        kept = service.attach_named(invitation, documents.receive_upload(handed))
    except DocumentRefused as problem:
        form.file.errors = [str(problem.sentence)]
        return overview(invitation, assigning=form, status=422)
    if kept is None:
        refuse(
            _("The file was not kept: there are %(most)d already, or the invitation is closed.", most=MOST_DOCUMENTS)
        )
    else:
        done(_("The file %(name)s has arrived.", name=kept.file_name))
    return back(token)


@blueprint.post(f"{PAGE}/berkas/<int:document_id>/hapus")
@public
def remove(token: str, document_id: int) -> AnyResponse:
    """Take a file back, while the invitation is open."""
    invitation = invitation_of(token)
    document = find_invited_document(token, document_id)
    if document is None:
        abort(404)
    if not standing_of(invitation).is_open(clock.now()):
        refuse(str(REASON_LABELS[Reason.INVITATION_CLOSED]))
    elif ButtonForm().validate_on_submit():
        documents.remove(document)
        done(_("The file is removed."))
    return back(token)


@blueprint.get(f"{PAGE}/surat.pdf")
@public
def letter(token: str) -> Response:
    """The letter, for whoever has only the link."""
    invitation = invitation_of(token)
    response = make_response(service.invitation_pdf(invitation))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="undangan-{invitation.stage.slug}.pdf"'
    return private_page(response)


def invitation_of(token: str) -> Invitation:
    """The invitation of a link; 404 where there is none, and 410 with its own page where it was withdrawn."""
    invitation = find_by_token(token)
    if invitation is None:
        abort(404, description=_("There is no such invitation. Open the link of the letter, whole and unchanged."))
    if invitation.state is InvitationState.WITHDRAWN:
        page = render_template("registration/invitation_withdrawn.html", **_event(invitation))
        abort(private_page(make_response(page, 410)))
    return invitation


def standing_of(invitation: Invitation) -> Named:
    return Named(invitation.state, invitation.deadline, invitation.used, invitation.reserved)


def back(token: str) -> AnyResponse:
    return private_page(redirect(url_for("nomination.page", token=token), 303))  # type: ignore[arg-type]


def reserved_mail() -> bool:
    return bool(current_app.config["APP_ENV"] != "production")


def notice_of(invitation: Invitation) -> int:
    """The privacy notice of which the people named have been told."""
    return notice_in_force(invitation.stage.host).id


def _registered(name: str, *, mailed: bool) -> str:
    if mailed:
        return _("%(name)s is registered. The ticket goes to the person.", name=name)
    return _(
        "%(name)s is registered. No e-mail address was given: tell the person to give the name at the door.", name=name
    )


def refusal(invitation: Invitation, made: service.Registered) -> str:
    """Why a person could not be named, without a word about where else he is registered."""
    if made.reason is not None:
        return str(REASON_LABELS[made.reason])
    standing = made.registration
    if standing is not None and standing.invitation_id == invitation.id:
        return _("This person is on your list already.")
    return _("This person is registered at this event already. If that is a mistake, write to the organiser.")


def private(template: str, invitation: Invitation, *, status: int = 200, **values: Any) -> Response:
    """A page of an invitation, kept by no cache and shown by no search engine."""
    return private_page(make_response(render_template(template, **_event(invitation), **values), status))


def overview(
    invitation: Invitation,
    *,
    withdrawing: tuple[int, WithdrawForm] | None = None,
    declining: DeclineForm | None = None,
    assigning: AssignmentForm | None = None,
    status: int = 200,
) -> Response:
    """The page itself; the forms are those that came back wrong."""
    people = named_on(invitation)
    standing, now = standing_of(invitation), clock.now()
    correctable = service.correctable(invitation, people)
    return private(
        "registration/invitation.html",
        invitation,
        status=status,
        has_declined=invitation.state is InvitationState.DECLINED,
        is_late=now >= invitation.deadline or invitation.state is InvitationState.EXPIRED,
        is_open=standing.is_open(now),
        left=standing.left,
        people=[one for one in people if one.state not in ENDED],
        ended=[one for one in people if one.state in ENDED],
        successors=successors_of(people),
        replaceable=REPLACEABLE,
        state_labels=STATE_LABELS,
        may_correct=lambda person: person.id in correctable,
        documents=documents_of_invitation(invitation),
        withdrawing=withdrawing or (None, WithdrawForm(formdata=None)),
        declining=declining or DeclineForm(formdata=None),
        assigning=assigning or AssignmentForm(formdata=None),
    )


def _event(invitation: Invitation) -> dict[str, Any]:
    return {"invitation": invitation, "stage": invitation.stage, "host": invitation.stage.host}


def _named(invitation: Invitation, registration_id: int) -> Registration:
    person = find_named(invitation, registration_id)
    if person is None:
        abort(404)
    return person


def _can_be_changed(invitation: Invitation, person: Registration) -> bool:
    return standing_of(invitation).is_open(clock.now()) and person.state in REPLACEABLE


def _name(made: service.Registered) -> str:
    return made.registration.full_name if made.registration else ""


def _person_page(invitation: Invitation, form: NominationForm, **words: str) -> Response:
    form.offer()
    form.keep_files()
    return private(
        "registration/nominate.html",
        invitation,
        status=422 if form.is_submitted() else 200,
        form=form,
        left=standing_of(invitation).left,
        **{"note": "", **words},
    )
