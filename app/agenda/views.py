"""The agenda of a stage for calendars and for the printer."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort

from app.accounts.permissions import Permission, may, public
from app.agenda import exports
from app.agenda.pdf import rundown as rundown_pdf
from app.agenda.queries import sessions_of
from app.agenda.rules import KIND_LABELS, PART_LABELS
from app.hosts.queries import letterhead_of
from app.programmes.models import Stage
from app.programmes.queries import find_stage
from app.shared import clock
from app.web.places import public_url

blueprint = Blueprint("agenda", __name__)
blueprint.add_app_template_filter(KIND_LABELS.__getitem__, "session_kind")
blueprint.add_app_template_filter(PART_LABELS.__getitem__, "speaker_part")


@blueprint.get("/kegiatan/<stage>/agenda.ics")
@public
def calendar(stage: str) -> Response:
    """The sessions for a calendar."""
    found = _visible_stage(stage)
    domain = urlsplit(public_url()).hostname or "bimtek"
    content = exports.calendar(found, sessions_of(found), domain=domain, now=clock.now())
    return _file(content, "text/calendar; charset=utf-8", f"agenda-{found.slug}.ics")


@blueprint.get("/kegiatan/<stage>/agenda.pdf")
@public
def rundown(stage: str) -> Response:
    """The rundown on paper."""
    found = _visible_stage(stage)
    paper = exports.rundown_paper(found, sessions_of(found), letterhead_of(found.host))
    return _file(rundown_pdf(paper), "application/pdf", f"agenda-{found.slug}.pdf")


def _visible_stage(slug: str) -> Stage:
    """A stage that the public may see, or that whoever is signed in works for."""
    stage = find_stage(slug)
    if stage is None:
        abort(404)
    if not (stage.published and stage.programme.published) and not may(Permission.VIEW_STAGE, stage):
        abort(404)
    return stage


def _file(content: bytes, mimetype: str, name: str) -> Response:
    response = Response(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response
