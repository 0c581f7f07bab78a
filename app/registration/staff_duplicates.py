"""People who may be one person entered twice, side by side: told apart, or made one after a page that lists what moves.

Participants belong to the agency across all its programmes, so this is for its administrators alone: whoever works in one
programme would decide about people, attendance and certificates of programmes that she does not see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts.permissions import Permission, needs
from app.hosts.models import Host
from app.registration import queries_duplicates as queries
from app.registration.forms_duplicates import MergeForm
from app.registration.models import Participant, Registration
from app.registration.rules import STATE_LABELS
from app.registration.rules_duplicates import CLUE_LABELS, Suspicion, usual_kept
from app.registration.service import merging as service
from app.shared.identity import shown
from app.shared.phone import shown_phone
from app.web import flashes
from app.web.csrf import keeps_form
from app.web.forms import ButtonForm
from app.web.navigation import Scope, Section, register_section
from app.web.paging import page_of

blueprint = Blueprint("duplicates_staff", __name__, url_prefix="/panel/penyelenggara/<host>/peserta-ganda")
PAIR = "/<int:first_id>/<int:second_id>"
PAIRS_A_PAGE = 10
register_section(
    Section(
        key="duplicates", label=_l("Entered twice?"), endpoint="duplicates_staff.index", icon="people",
        permission=Permission.EDIT_HOST, order=40, scope=Scope.HOST,
    )
)  # fmt: skip


@dataclass(frozen=True)
class Side:
    """One of the two, with all that he registered for and what there is of each registration."""

    person: Participant
    registrations: Sequence[Registration]
    facts: Mapping[int, list[str]]

    @property
    def number(self) -> str:
        return shown(self.person.identity_type, self.person.identity_number)

    @property
    def values(self) -> list[str]:
        last = self.registrations[-1] if self.registrations else None
        return [
            self.person.name,
            ", ".join(filter(None, (self.person.title_before, self.person.title_after))),
            self.number,
            self.person.email or "",
            shown_phone(self.person.phone),
            last.institution_name if last else "",
            last.position if last else "",
        ]


@dataclass(frozen=True)
class Pair:
    """Two people side by side; `rows` are label, both values, and whether they differ."""

    sides: tuple[Side, Side]
    clues: Sequence[Any] = ()

    @property
    def rows(self) -> list[tuple[str, str, str, bool]]:
        of_person = (_("Name"), _("Titles"), _("Identity number"), _("E-mail"), _("Mobile number"))
        labels = (*of_person, _("Institution"), _("Position"))
        first, second = (side.values for side in self.sides)
        return [
            (label, one, other, one != other)
            for label, one, other in zip(labels, first, second, strict=True)
            if one or other
        ]


@blueprint.get("")
@needs(Permission.EDIT_HOST)
def index(host: Host) -> str:
    """Every suspected pair that nobody has decided about."""
    page = page_of(queries.suspects_of(host), size=PAIRS_A_PAGE)
    return render_template(
        "registration/duplicates.html",
        host=host,
        page=page,
        pairs=_pairs(host, page.items),
        state_labels=STATE_LABELS,
    )


@blueprint.get(PAIR)
@needs(Permission.EDIT_HOST)
def pair(host: Host, first_id: int, second_id: int) -> str:
    """What happens when the two become one, by the choices in the address."""
    return _pair_page(host, first_id, second_id, keep=_id(request.args.get("keep")), stay=_ids(request.args))


@blueprint.post(PAIR)
@needs(Permission.EDIT_HOST)
@keeps_form
def merge(host: Host, first_id: int, second_id: int) -> Response | tuple[str, int]:
    """Make them one, just as the page said."""
    form = MergeForm()
    keep, stay = _id(form.keep.data), [one for one in map(_id, (form.stay.data or "").split()) if one]
    if keep not in (first_id, second_id):
        abort(404)
    if form.validate_on_submit():
        try:
            kept = service.merge(
                host,
                kept_id=keep,
                lost_id=second_id if keep == first_id else first_id,
                staying=stay,
                fingerprint=form.fingerprint.data or "",
                by=current_user,
                dropping=form.drop.data,
            )
        except service.MergeRefused as refused:
            form.form_errors.append(refused.sentence)
        else:
            flashes.done(_("%(name)s is one person now; everything has moved.", name=kept.name))
            return redirect(url_for("duplicates_staff.index", host=host.slug), 303)
    return _pair_page(host, first_id, second_id, keep=keep, stay=stay, form=form), 422


@blueprint.post(f"{PAIR}/beda")
@needs(Permission.EDIT_HOST)
def tell_apart(host: Host, first_id: int, second_id: int) -> Response:
    """They are two people: they are not shown any more."""
    if ButtonForm().validate_on_submit() and service.tell_apart(host, (first_id, second_id), by=current_user):
        flashes.done(_("They are two people: this pair is not shown any more."))
    else:
        flashes.refuse(_("One of the two has been merged already."))
    return redirect(url_for("duplicates_staff.index", host=host.slug), 303)


def _pair_page(
    host: Host, first_id: int, second_id: int, *, keep: int | None, stay: Sequence[int], form: MergeForm | None = None
) -> str:
    shown_pair = next(iter(_pairs(host, [Suspicion(first_id, second_id, ())])), None)
    if shown_pair is None or first_id == second_id:
        if form is None:
            abort(404)
        return render_template("registration/duplicate_gone.html", host=host, form=form)
    first, second = shown_pair.sides
    if keep not in (first_id, second_id):
        sides = [
            (side.person.id, bool(side.person.identity_number), len(side.registrations)) for side in (first, second)
        ]
        keep = usual_kept(*sides)
    kept, lost = (first, second) if keep == first_id else (second, first)
    plan = service.plan_merge(kept.person, lost.person, staying=stay)
    sent = form or MergeForm(formdata=None)
    staying = [*plan.merging.joined.values()]
    sent.keep.data, sent.stay.data, sent.fingerprint.data = keep, " ".join(map(str, staying)), plan.fingerprint
    return render_template(
        "registration/duplicate.html",
        host=host,
        pair=shown_pair,
        keep=keep,
        lost=lost,
        plan=plan,
        form=sent,
        staying=staying,
        clashes=queries.clashes(first.registrations, second.registrations),
        state_labels=STATE_LABELS,
    )


def _pairs(host: Host, suspected: Sequence[Suspicion]) -> list[Pair]:
    """With all that is shown of them, in a constant number of queries; a pair of which one is gone is left out."""
    ids = {participant_id for one in suspected for participant_id in one.ids}
    known, found = queries.find_participants(host, ids), queries.registrations_of(ids)
    facts = service.facts_of([one.id for registrations in found.values() for one in registrations])
    sides = {one: Side(known[one], found[one], facts) for one in known}
    return [
        Pair((sides[one.first_id], sides[one.second_id]), [CLUE_LABELS[clue] for clue in one.clues])
        for one in suspected
        if one.first_id in sides and one.second_id in sides
    ]


def _ids(query: Any) -> list[int]:
    return [one for name in query if name.startswith("stay-") if (one := _id(query.get(name)))]


def _id(text: Any) -> int | None:
    typed = str(text or "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else None
