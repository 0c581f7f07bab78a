"""Naming several people by a table: it is shown first, row by row, and taken over once the contact has seen it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.permissions import public
from app.registration import service
from app.registration.forms_imports import RowReader
from app.registration.forms_nomination import NominationTableForm
from app.registration.forms_tables import as_pasted
from app.registration.models_seats import Invitation
from app.registration.queries_imports import directory_of, known_people
from app.registration.rules import Outcome, person_key
from app.registration.rules_import import FIELD_LABELS, Field, Judged, match_columns
from app.registration.rules_invitations import MOST_SEATS
from app.registration.rules_nomination import FATE_LABELS, Fate, FatedRow, fates
from app.registration.views_nomination import (
    PAGE,
    back,
    invitation_of,
    notice_of,
    private,
    refusal,
    reserved_mail,
    standing_of,
)
from app.shared import clock
from app.shared.names import full_name
from app.shared.tables import Row, Table
from app.web.csrf import keeps_form
from app.web.flashes import done

blueprint = Blueprint("nomination_tables", __name__)


@blueprint.route(f"{PAGE}/tabel", methods=["GET", "POST"])
@public
@keeps_form
def table(token: str) -> AnyResponse:
    """Hand in a table, look at what it holds, take its good rows over."""
    invitation = invitation_of(token)
    form = NominationTableForm()
    if not standing_of(invitation).is_open(clock.now()) and not form.is_submitted():
        return back(token)
    if not form.is_submitted():
        return _page(invitation, form)
    good = form.validate_on_submit()
    read = form.read()
    if read is None or not _names_people(read, form):
        return _page(invitation, form, status=422)
    rows = read.rows[:MOST_SEATS]
    if len(read.rows) > MOST_SEATS:
        form.form_errors.append(
            _("Only the first %(most)d rows are looked at; an invitation has no more seats.", most=MOST_SEATS)
        )
    judged = _judged(invitation, read, rows)
    if not good or not form.confirmed.data:
        return _preview(invitation, form, read, judged, status=200 if good else 422)
    left_over = _add(invitation, judged)
    if not left_over:
        return back(token)
    return _preview(invitation, form, read, left_over, status=422)


def _names_people(read: Table, form: NominationTableForm) -> bool:
    if Field.NAME.value in match_columns(read.header):
        return True
    form.form_errors.append(_("No column is named “Nama”. Write the names of the columns in the first row."))
    return False


def _judged(invitation: Invitation, read: Table, rows: Sequence[Row]) -> list[FatedRow]:
    reader = RowReader(
        directory_of(invitation.stage.host),
        match_columns(read.header),
        reserved_mail=reserved_mail(),
        institution=invitation.institution,
    )
    pairs = [(row.number, reader.read(row)) for row in rows]
    return fates(pairs, _standing(invitation, [one for _number, one in pairs]), left=standing_of(invitation).left)


def _standing(invitation: Invitation, judged: Sequence[Judged]) -> dict[int, Fate]:
    """Whose people are registered already, by the place of their row; who registered himself at the institution may move."""
    places = [place for place, one in enumerate(judged) if one.person is not None]
    keys = [person_key(one.person) for one in judged if one.person is not None]
    found: dict[int, Fate] = {}
    for place, known in zip(places, known_people(invitation.stage, keys).values(), strict=True):
        registration = next((one.registration for one in known if one.registration is not None), None)
        if registration is None:
            continue
        if registration.invitation_id == invitation.id:
            found[place] = Fate.LISTED
        elif registration.invitation_id is not None or registration.institution_id != invitation.institution_id:
            found[place] = Fate.REGISTERED
    return found


def _add(invitation: Invitation, judged: Sequence[FatedRow]) -> list[FatedRow]:
    """Name the people of the good rows; answers the others, which the contact may still mend, and says how many were named."""
    left_over, added, notice_id = [], 0, notice_of(invitation)
    for row in judged:
        if row.fate is Fate.LISTED:
            continue
        if row.judged.person is None or row.fate in (Fate.REGISTERED, Fate.REPEATED):
            left_over.append(row)
            continue
        made = service.nominate(invitation, row.judged.person, notice_id=notice_id)
        if made.reason is None and made.outcome is not Outcome.ALREADY:
            added += 1
        else:
            fate = Fate.NO_SEAT if row.fate is Fate.NO_SEAT else Fate.WRONG
            left_over.append(FatedRow(row.number, row.judged, fate, (refusal(invitation, made),)))
    if added:
        done(ngettext("%(num)d person was registered.", "%(num)d people were registered.", added))
    return left_over


def _preview(
    invitation: Invitation, form: NominationTableForm, read: Table, judged: list[FatedRow], *, status: int
) -> Response:
    """The rows with what becomes of them; all go back with the page, the good ones to be taken over, the others to be mended."""
    good = {row.number for row in judged if row.fate is Fate.ADDED}
    shown = {row.number for row in judged if row.fate is not Fate.LISTED}
    form.pasted.data = as_pasted(read, [row for row in read.rows if row.number in shown])
    others = [row for row in read.rows if row.number in shown - good]
    return _page(invitation, form, judged, read, rest=as_pasted(read, others) if others else "", status=status)


def _page(
    invitation: Invitation,
    form: NominationTableForm,
    judged: Sequence[FatedRow] = (),
    read: Table | None = None,
    *,
    rest: str = "",
    status: int = 200,
) -> Response:
    return private(
        "registration/nominate_table.html",
        invitation,
        status=status,
        form=form,
        rows=[(row, _called(row, read)) for row in judged],
        rest=rest,
        ready=sum(row.fate is Fate.ADDED for row in judged),
        warnings=read.warnings if read else (),
        left=standing_of(invitation).left,
        labels=FATE_LABELS,
        columns={kind.value: label for kind, label in FIELD_LABELS.items()},
    )


def _called(row: FatedRow, read: Table | None) -> str:
    """The name as it stands in the table, also where the row is wrong."""
    if row.judged.person is not None:
        person = row.judged.person
        return full_name(person.title_before, person.name, person.title_after)
    found = next((one for one in read.rows if one.number == row.number), None) if read else None
    place = match_columns(read.header).get(Field.NAME.value) if read else None
    return found.cells[place].text if found and place is not None and place < len(found.cells) else ""
