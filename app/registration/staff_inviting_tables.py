"""Inviting the institutions of a table: looked at first, row by row, then taken over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.permissions import needs
from app.accounts.rules import Permission
from app.institutions.models import Institution
from app.institutions.queries import find_institution
from app.programmes.models import Stage
from app.registration import service
from app.registration.forms_invitations import InvitationTableForm
from app.registration.forms_tables import as_pasted
from app.registration.queries_imports import Directory, directory_of
from app.registration.rules_import import cells_of
from app.registration.rules_invitations import match_invitation_columns, read_seats
from app.registration.staff_invitations import INVITATIONS
from app.registration.staff_inviting import invite_all, reserved_mail, tell
from app.shared.mailbox import parse_email
from app.shared.phone import parse_phone
from app.shared.tables import Row, Table
from app.shared.text import squash
from app.web.forms import keeps_form

blueprint = Blueprint("inviting_tables_staff", __name__)
LENGTHS = {"contact_name": 120, "letter_number": 80}


@dataclass
class Read:
    """A row: the institution and what is asked of it, or the sentences that say what is wrong."""

    number: int
    said: str
    institution_id: int | None = None
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def seats(self) -> int:
        return self.values.get("seats_asked") or 0


@blueprint.route(f"{INVITATIONS}/tabel", methods=["GET", "POST"])
@needs(Permission.EDIT_PEOPLE)
@keeps_form
def table(stage: Stage) -> AnyResponse:
    """Hand in a table, look at its rows, invite by the good ones."""
    form = InvitationTableForm(zone=stage.timezone, data={"deadline": service.usual_deadline_of(stage)})
    if not form.is_submitted():
        return _page(stage, form)
    good = form.validate_on_submit()
    read = form.read()
    columns = match_invitation_columns(read.header) if read else {}
    if read is None or not {"institution", "seats"} <= columns.keys():
        if read is not None:
            form.form_errors.append(
                _("Columns for the institution and the number of people are needed; name them in the first row.")
            )
        return _page(stage, form, status=422)
    rows = _read(stage, read, columns)
    if not good or not form.confirmed.data:
        return _page(stage, form, rows, read, status=200 if good else 422)
    asked = [(_institution(stage, row), form.letter | row.values) for row in rows if not row.problems]
    tell(*invite_all(stage, asked, deadline=form.deadline.data))
    return redirect(url_for("invitations_staff.index", stage=stage.slug), 303)


def _institution(stage: Stage, row: Read) -> Institution:
    found = find_institution(stage.host, row.institution_id or 0)
    if found is None:
        raise LookupError(row.institution_id)
    return found


def _read(stage: Stage, read: Table, columns: Mapping[str, int]) -> list[Read]:
    directory = directory_of(stage.host)
    taken = {one.institution_id: "" for one in service.invitations_of(stage)}
    free = stage.capacity - stage.seats_taken if stage.capacity is not None else None
    found = []
    for row in read.rows:
        one = _row(directory, row, columns)
        if one.institution_id in taken:
            earlier = taken[one.institution_id]
            one.problems.append(
                _("Stands in row %(row)s already.", row=earlier) if earlier else _("Has an invitation already.")
            )
        elif one.institution_id is not None:
            taken[one.institution_id] = str(row.number)
        if free is not None and not one.problems:
            if one.seats > free:
                one.problems.append(_("Not enough seats; %(free)d are free.", free=free))
            else:
                free -= one.seats
        found.append(one)
    return found


def _row(directory: Directory, row: Row, columns: Mapping[str, int]) -> Read:
    cells = cells_of(row, columns)
    texts = {key: squash(cell.text) for key, cell in cells.items()}
    one = Read(row.number, texts["institution"])
    one.problems += [str(cell.problem) for cell in cells.values() if cell.problem is not None]
    institution = directory.institution(one.said, None)
    if institution is None:
        near = directory.suggestion(one.said)
        one.problems.append(
            _("“%(said)s” is not in the directory; perhaps %(name)s is meant.", said=one.said, name=near)
            if near
            else _("“%(said)s” is not in the directory of institutions.", said=one.said)
        )
    else:
        one.institution_id = institution.id
    seats, problem = read_seats(texts["seats"])
    email = parse_email(texts.get("email"), allow_reserved=reserved_mail()) if texts.get("email") else None
    phone = parse_phone(texts.get("phone")) if texts.get("phone") else None
    found = (problem, email.problem if email else None, phone.problem if phone else None)
    one.problems += [sentence for sentence in found if sentence]
    one.values = {
        "seats_asked": seats,
        "contact_email": email.address if email else None,
        "contact_phone": phone.e164 if phone else None,
    }
    one.values |= {key: texts[key][:most] for key, most in LENGTHS.items() if texts.get(key)}
    return one


def _page(
    stage: Stage,
    form: InvitationTableForm,
    rows: Sequence[Read] = (),
    read: Table | None = None,
    *,
    status: int = 200,
) -> Response:
    wrong = {row.number for row in rows if row.problems}
    rest = ""
    if read is not None:
        form.pasted.data = as_pasted(read, [row for row in read.rows if row.number not in wrong])
        rest = as_pasted(read, [row for row in read.rows if row.number in wrong]) if wrong else ""
    page = render_template(
        "registration/invite_table.html",
        stage=stage,
        form=form,
        rows=rows,
        rest=rest,
        ready=len(rows) - len(wrong),
        warnings=read.warnings if read else (),
    )
    return make_response(page, status)
