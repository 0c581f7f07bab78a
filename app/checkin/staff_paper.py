"""Papers of the door: attendance sheets, name badges and the recap. They open in the browser; the spreadsheet is taken away."""

from __future__ import annotations

import tempfile
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, send_file
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.permissions import needs
from app.accounts.rules import Permission
from app.checkin import forms_paper, queries, queries_paper, queries_recap, queries_sheet
from app.checkin.queries_sheet import Occasions
from app.checkin.rules_paper import AUDIENCE_LABELS, BADGE_SIZE_LABELS, MOST_BLANK_ROWS, ORDER_LABELS
from app.institutions.queries import categories_of, institutions_of
from app.programmes.models import Stage
from app.shared import clock
from app.shared.dates import clock_time, long_date
from app.shared.spreadsheets import write_xlsx
from app.web.headers import private_page
from app.web.locale import current_language

blueprint = Blueprint("checkin_paper", __name__)
ROOT = "/panel/kegiatan/<stage>/presensi/cetak"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET, BADGES, RECAP = "daftar", "kartu", "rekap"
TABS = {
    SHEET: (_l("Attendance sheet"), "card-checklist"),
    BADGES: (_l("Name badges"), "person-badge"),
    RECAP: (_l("Recap of attendance"), "table"),
}


@blueprint.get(ROOT)
@needs(Permission.VIEW_PEOPLE)
def papers(stage: Stage) -> str:
    """What can be printed (?apa=), and in which form; `untuk` chooses what a sheet is for."""
    occasions = queries_sheet.occasions_of(stage)
    current = request.args.get("apa", "")
    return render_template(
        "checkin/papers.html",
        stage=stage,
        tabs=TABS,
        current=current if current in TABS else SHEET,
        occasions=_occasion_options(stage, occasions),
        chosen=request.args.get("untuk") or _usual(occasions),
        audiences=list(AUDIENCE_LABELS.items()),
        sizes=list(BADGE_SIZE_LABELS.items()),
        orders=list(ORDER_LABELS.items()),
        categories=[(one.code, one.name) for one in categories_of(stage.host)],
        institutions=[(one.id, one.name) for one in institutions_of(stage.host)],
        groups=[(one.id, one.name) for one in stage.programme.groups],
        most_rows=MOST_BLANK_ROWS,
    )


@blueprint.get(f"{ROOT}/daftar-hadir.pdf")
@needs(Permission.VIEW_PEOPLE)
def sheet(stage: Stage) -> Response:
    """The attendance sheet of a checkpoint, a day or a session (?untuk=)."""
    occasion = queries_sheet.occasions_of(stage).find(request.args.get("untuk", "")) or abort(404)
    wish = forms_paper.sheet_wish(request.args)
    kind = "terisi" if wish.filled else "kosong"
    name = f"daftar-hadir-{wish.audience}-{stage.slug}-{occasion.key}-{kind}.pdf"
    return _pdf(queries_sheet.printed(stage, occasion, wish), name)


@blueprint.get(f"{ROOT}/kartu.pdf")
@needs(Permission.VIEW_PEOPLE)
def badges(stage: Stage) -> Response:
    """Name badges of all, of a filter's people, or of those ticked on the list."""
    query = request.args
    audience, size = forms_paper.audience_of(query), forms_paper.badge_size_of(query)
    narrowed, order = forms_paper.narrowed_by(query), forms_paper.order_of(query)
    pdf = queries_paper.badges_of(stage, audience, narrowed, size=size, order=order)
    return _pdf(pdf, f"kartu-{audience}-{stage.slug}-{size}.pdf")


@blueprint.get(f"{ROOT}/rekap.pdf")
@needs(Permission.VIEW_PEOPLE)
def recap(stage: Stage) -> Response:
    """People by checkpoint with times and totals."""
    query = request.args
    pdf = queries_recap.recap_pdf(
        stage,
        forms_paper.narrowed_by(query),
        order=forms_paper.order_of(query),
        paper=forms_paper.paper_of(query),
        landscape=forms_paper.is_landscape(query),
    )
    return _pdf(pdf, f"rekap-kehadiran-{stage.slug}.pdf")


@blueprint.get(f"{ROOT}/rekap.xlsx")
@needs(Permission.VIEW_PEOPLE)
def recap_xlsx(stage: Stage) -> BaseResponse:
    """The same as a spreadsheet."""
    query = request.args
    narrowed, order = forms_paper.narrowed_by(query), forms_paper.order_of(query)
    headings, rows = queries_recap.recap_table(stage, narrowed, order=order)
    out = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
    write_xlsx(out, "Rekap kehadiran", headings, rows)
    out.seek(0)
    name = f"rekap-kehadiran-{stage.slug}.xlsx"
    return private_page(send_file(out, mimetype=XLSX, as_attachment=True, download_name=name))


def _pdf(data: bytes, name: str) -> Response:
    response = Response(data, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _usual(occasions: Occasions) -> str:
    """The checkpoint of the moment, or else the first day."""
    point = queries.preselected([point for point, _occasion in occasions.points], clock.now())
    if point is not None:
        return queries_sheet.key_of_point(point.checkpoint.id)
    return occasions.days[0].key if occasions.days else ""


def _occasion_options(stage: Stage, occasions: Occasions) -> dict[str, list[tuple[str, Any]]]:
    """What a sheet can be for, in three groups."""
    language = current_language()
    return {
        "points": [(occasion.key, point.checkpoint.name) for point, occasion in occasions.points],
        "days": [(one.key, long_date(one.day, language)) for one in occasions.days],
        "sessions": [
            (
                one.key,
                f"{long_date(one.day, language)}, {clock_time(one.starts_at, stage.timezone, language)}: {one.agenda}",
            )
            for one in occasions.sessions
            if one.starts_at
        ],
    }
