"""The invitations of a stage: the list, what is done to many of them, and each on a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.permissions import needs
from app.accounts.rules import Permission
from app.institutions.queries import categories_of
from app.programmes.models import Stage
from app.registration import service
from app.registration.forms_invitations import InvitationForm
from app.registration.models_seats import Invitation
from app.registration.queries_invitations import (
    InvitationFilter,
    chosen_invitations,
    find_invitation,
    invitation_counts,
    named_on,
    seat_totals,
    select_invitations,
    successors_of,
)
from app.registration.queries_questions import documents_of_invitation
from app.registration.rules import ENDED, STATE_LABELS
from app.registration.rules_invitations import shown_state
from app.registration.rules_seats import INVITATION_LABELS, OPEN_INVITATION, InvitationState, takes_names
from app.shared import clock
from app.shared.phone import shown_phone
from app.web.flashes import done, inform, refuse, warn
from app.web.forms import ButtonForm, keeps_form
from app.web.headers import private_page
from app.web.navigation import Scope, Section, register_section
from app.web.paging import paginate

blueprint = Blueprint("invitations_staff", __name__)
INVITATIONS = "/panel/kegiatan/<stage>/undangan"
ONE = f"{INVITATIONS}/<int:invitation_id>"
NAMED_AT_MOST = 5
TONES = {"drafted": "neutral", "sent": "primary", "answered": "success", "declined": "danger", "expired": "warning"}
ACTIONS = {
    "send": _l("Send the letter by e-mail"),
    "remind": _l("Remind those who have not answered"),
    "remind-again": _l("Remind again, also who was reminded today"),
    "mark": _l("Mark as sent"),
    "print": _l("Letters as one PDF"),
}
register_section(
    Section(
        key="invitations",
        label=_l("Invitations"),
        endpoint="invitations_staff.index",
        icon="envelope-open",
        permission=Permission.VIEW_PEOPLE,
        order=15,
        scope=Scope.STAGE,
    )
)


@blueprint.get(INVITATIONS)
@needs(Permission.VIEW_PEOPLE)
def index(stage: Stage) -> str:
    """Institutions by unsur with the seats asked of them and what came of it."""
    narrowed = InvitationFilter.from_address(request.args)
    seats, used = seat_totals(stage)
    return render_template(
        "registration/invitations.html",
        stage=stage,
        narrowed=narrowed,
        page=paginate(select_invitations(stage, narrowed)),
        counts=invitation_counts(stage),
        seats=seats,
        used=used,
        states=_shown,
        takes_names=_takes_names,
        labels=INVITATION_LABELS,
        tones=TONES,
        actions=ACTIONS,
        state_options=[(state.value, label) for state, label in INVITATION_LABELS.items()],
        category_options=[(category.code, category.name) for category in categories_of(stage.host)],
        text_of=service.whatsapp_text,
    )


@blueprint.post(f"{INVITATIONS}/massal")
@needs(Permission.EDIT_PEOPLE)
def act(stage: Stage) -> AnyResponse:
    """Send, remind, mark or print those that were ticked, or all that the list's filters leave."""
    narrowed = InvitationFilter.from_address(request.form)
    if not ButtonForm().validate_on_submit():
        abort(400)
    everything = narrowed if request.form.get("all") else None
    found = chosen_invitations(stage, _ticked(), narrowed=everything)
    if not found:
        refuse(_("Tick an invitation first, or choose all of the list."))
    elif request.form.get("action") == "print":
        return _letters(stage, found)
    else:
        _DO.get(request.form.get("action", ""), _nothing)(stage, [one.id for one in found])
    state = narrowed.state.value if narrowed.state else None
    kept: dict[str, Any] = {"q": narrowed.q or None, "category": narrowed.category or None, "state": state}
    return redirect(url_for(".index", stage=stage.slug, **kept), 303)


@blueprint.get(ONE)
@needs(Permission.VIEW_PEOPLE)
def invitation(stage: Stage, invitation_id: int) -> Response:
    """One invitation: its contact, its link and letter, and the people who came of it."""
    return _page(_get(stage, invitation_id))


@blueprint.post(ONE)
@needs(Permission.EDIT_PEOPLE)
@keeps_form
def change(stage: Stage, invitation_id: int) -> AnyResponse:
    """Change seats, deadline, contact or letter; open it again where it had ended."""
    found = _get(stage, invitation_id)
    form = _form(found)
    if not form.validate_on_submit():
        return _page(found, form=form, status=422)
    changes: dict[str, Any] = dict(form.contact)
    if found.state in OPEN_INVITATION or form.reopen.data:
        changes |= {"seats_asked": form.seats.data, "deadline": form.deadline.data}
    try:
        service.change_invitation(found, by=current_user, **changes)
    except service.InvitationRefused as problem:
        form.form_errors.append(str(problem.sentence))
        return _page(_get(stage, invitation_id), form=form, status=422)
    done(_("The invitation is saved."))
    return _back(stage, invitation_id)


@blueprint.post(f"{ONE}/tarik")
@needs(Permission.EDIT_PEOPLE)
def withdraw(stage: Stage, invitation_id: int) -> AnyResponse:
    """Take it back; people who were named stay."""
    found = _get(stage, invitation_id)
    if ButtonForm().validate_on_submit():
        if service.withdraw_invitation(found, by=current_user):
            done(_("The invitation is withdrawn; its unused seats are free again."))
        else:
            inform(_("This invitation had been withdrawn already."))
    return _back(stage, invitation_id)


@blueprint.post(f"{ONE}/lakukan")
@needs(Permission.EDIT_PEOPLE)
def act_on_one(stage: Stage, invitation_id: int) -> AnyResponse:
    """Send, remind or mark this one."""
    found = _get(stage, invitation_id)
    if ButtonForm().validate_on_submit():
        _DO.get(request.form.get("action", ""), _nothing)(stage, [found.id])
    return _back(stage, invitation_id)


@blueprint.get(f"{ONE}/surat.pdf")
@needs(Permission.VIEW_PEOPLE)
def letter(stage: Stage, invitation_id: int) -> Response:
    """The letter, to look at or to print."""
    response = make_response(service.invitation_pdf(_get(stage, invitation_id)))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="undangan-{stage.slug}-{invitation_id}.pdf"'
    return private_page(response)


def _ticked() -> list[int]:
    return [int(one) for one in request.form.getlist("id") if one.isascii() and one.isdecimal() and len(one) < 10]


def _letters(stage: Stage, found: list[Invitation]) -> Response:
    response = make_response(service.invitations_pdf(found))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="undangan-{stage.slug}.pdf"'
    return private_page(response)


def _send(stage: Stage, ids: list[int]) -> None:
    asked = service.send_invitations(stage, ids, by=current_user)
    _tell(asked, ngettext("%(num)d letter is on its way.", "%(num)d letters are on their way.", asked.mailed))


def _remind(stage: Stage, ids: list[int], *, insist: bool = False) -> None:
    asked = service.remind(stage, ids, by=current_user, insist=insist)
    _tell(asked, ngettext("%(num)d reminder is on its way.", "%(num)d reminders are on their way.", asked.mailed))


def _mark(stage: Stage, ids: list[int]) -> None:
    marked = service.mark_sent(stage, ids, by=current_user)
    done(ngettext("%(num)d invitation is marked as sent.", "%(num)d invitations are marked as sent.", marked))


def _nothing(_stage: Stage, _ids: list[int]) -> None:
    refuse(_("Choose what to do with those ticked."))


_DO: dict[str, Callable[[Stage, list[int]], None]] = {
    "send": _send,
    "remind": _remind,
    "remind-again": lambda stage, ids: _remind(stage, ids, insist=True),
    "mark": _mark,
}


def _tell(asked: service.Asked, sentence: str) -> None:
    (done if asked.mailed else inform)(sentence)
    if asked.unaddressed:
        names = ", ".join(asked.unaddressed[:NAMED_AT_MOST])
        more = len(asked.unaddressed) - NAMED_AT_MOST
        others = _(" and %(num)d more", num=more) if more > 0 else ""
        warn(_("Without an e-mail address, so not mailed: %(names)s%(others)s.", names=names, others=others))
    if asked.waiting:
        inform(
            ngettext(
                "%(num)d institution was reminded within the last day and is left in peace.",
                "%(num)d institutions were reminded within the last day and are left in peace.",
                asked.waiting,
            )
        )
    if asked.settled:
        inform(
            ngettext(
                "%(num)d invitation has been answered, or was not sent yet.",
                "%(num)d invitations have been answered, or were not sent yet.",
                asked.settled,
            )
        )
    if asked.closed:
        inform(
            ngettext(
                "%(num)d invitation no longer takes names.", "%(num)d invitations no longer take names.", asked.closed
            )
        )


def _shown(one: Invitation) -> InvitationState:
    return shown_state(one.state, deadline=one.deadline, used=one.used, now=clock.now())


def _takes_names(one: Invitation) -> bool:
    return takes_names(one.state, deadline=one.deadline, now=clock.now())


def _get(stage: Stage, invitation_id: int) -> Invitation:
    found = find_invitation(stage, invitation_id)
    return found if found is not None else abort(404)


def _back(stage: Stage, invitation_id: int) -> AnyResponse:
    return redirect(url_for(".invitation", stage=stage.slug, invitation_id=invitation_id), 303)


def _form(found: Invitation, *, blank: bool = False) -> InvitationForm:
    source: dict[str, Any] = {"formdata": None} if blank else {}
    shown = {
        "seats": found.seats,
        "deadline": found.deadline,
        "contact_name": found.contact_name,
        "contact_email": found.contact_email,
        "contact_phone": shown_phone(found.contact_phone),
        "letter_number": found.letter_number,
        "letter_date": found.letter_date,
    }
    reserved_mail = current_app.config["APP_ENV"] != "production"
    return InvitationForm(zone=found.stage.timezone, reserved_mail=reserved_mail, data=shown, **source)


def _page(found: Invitation, *, form: InvitationForm | None = None, status: int = 200) -> Response:
    people = named_on(found)
    page = render_template(
        "registration/invitation_staff.html",
        stage=found.stage,
        invitation=found,
        form=form or _form(found, blank=True),
        state=_shown(found),
        is_open=found.state in OPEN_INVITATION,
        takes_names=_takes_names(found),
        labels=INVITATION_LABELS,
        tones=TONES,
        people=people,
        ended=ENDED,
        successors=successors_of(people),
        state_labels=STATE_LABELS,
        documents=documents_of_invitation(found),
        address=service.invitation_address(found),
        text=service.whatsapp_text(found),
    )
    return make_response(page, status)
