"""The list of people as a spreadsheet."""

from __future__ import annotations

import io
from collections.abc import Iterable

from flask_babel import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from sqlalchemy.orm import selectinload

from app.extensions import db
from app.programmes.models import Stage
from app.registration.models import Registration
from app.registration.queries import PeopleFilter, people
from app.registration.rules import CONSENT_LABELS, STATE_LABELS, ConsentKind
from app.shared.dates import local
from app.shared.identity import shown
from app.shared.phone import shown_phone
from app.shared.ranks import rank_label
from app.shared.text import storable

TEXT_FORMAT = "@"
TIME_FORMAT = "dd/mm/yyyy hh:mm"
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
WIDTHS = (6, 34, 26, 22, 28, 28, 34, 24, 30, 20, 16, 14, 18, 18, 18)


def people_sheet(stage: Stage, narrowed: PeopleFilter) -> bytes:
    """The people that the list shows with the same filters, as XLSX. Numbers that people carry are text: a NIP has 18 digits,
    and a spreadsheet keeps 15."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Participants"))
    sheet.freeze_panes = "C2"
    for column, width in zip("ABCDEFGHIJKLMNO", WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    sheet.append([_heading(sheet, text) for text in _headings()])
    listed = people(stage, narrowed).options(selectinload(Registration.consents))
    for number, registration in enumerate(db.session.scalars(listed), start=1):
        registered = WriteOnlyCell(
            sheet, local(registration.created_at, stage.timezone).replace(tzinfo=None, microsecond=0)
        )
        registered.number_format = TIME_FORMAT
        consents = [_text(sheet, _consent(registration, kind)) for kind in ConsentKind]
        sheet.append([number, *(_text(sheet, value) for value in _values(registration)), registered, *consents])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula, also not after it was saved as CSV."""
    return f"'{text}" if len(text) > 1 and text.startswith(STARTS_A_FORMULA) else text


def _headings() -> tuple[str, ...]:
    return (
        _("No."),
        _("Name"),
        _("Identity number"),
        _("Kind of number"),
        _("Rank"),
        _("Position"),
        _("Institution"),
        _("Category"),
        _("Groups"),
        _("E-mail"),
        _("Mobile number"),
        _("State"),
        _("Registered at"),
        *(str(CONSENT_LABELS[kind]) for kind in ConsentKind),
    )


def _values(registration: Registration) -> Iterable[str]:
    return (
        registration.full_name,
        shown(registration.identity_type, registration.identity_number),
        str(registration.identity_type.label) if registration.identity_number else "",
        rank_label(registration.rank),
        registration.position,
        registration.institution_name,
        registration.category.name,
        ", ".join(group.name for group in registration.groups),
        registration.email or "",
        shown_phone(registration.phone),
        str(STATE_LABELS[registration.state]),
    )


def _consent(registration: Registration, kind: ConsentKind) -> str:
    if registration.consents_to(kind):
        return _("Yes")
    return _("Withdrawn") if registration.consent_to(kind) else _("No")


def _text(sheet: WriteOnlyWorksheet, value: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, harmless(storable(value)))  # one sign that XML lacks would spoil the whole book
    cell.data_type = "s"
    cell.number_format = TEXT_FORMAT
    return cell


def _heading(sheet: WriteOnlyWorksheet, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, text)
    cell.font = Font(bold=True)
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    return cell
