"""The picture that a stage's public links show where they are shared."""

from __future__ import annotations

from hashlib import sha256

from flask import Blueprint, Response, url_for

from app.accounts.permissions import public
from app.hosts.queries import emblem_bytes
from app.paper.card import card
from app.programmes.models import Stage
from app.programmes.queries import get_published_stage
from app.shared.dates import date_span, long_date
from app.web.places import public_url

blueprint = Blueprint("journey_cards", __name__)
A_DAY = 24 * 3600


@blueprint.get("/kegiatan/<stage>/kartu.png")
@public
def stage_card(stage: str) -> Response:
    """Programme, stage, days, place and agency; nothing of anybody."""
    found = get_published_stage(stage)
    above, title, lines, foot = _words(found)
    data = card(above=above, title=title, lines=lines, foot=foot, emblem=emblem_bytes(found.host))
    response = Response(data, content_type="image/png")
    response.headers["Cache-Control"] = f"public, max-age={A_DAY}"
    return response


@blueprint.app_template_global()
def card_address(stage: Stage) -> str:
    """Its address; another one once the words change, since whoever shows cards keeps them for long."""
    version = sha256(repr((_words(stage), stage.host.emblem)).encode()).hexdigest()[:10]
    return public_url(url_for("journey_cards.stage_card", stage=stage.slug, v=version))


def _words(stage: Stage) -> tuple[str, str, tuple[str, ...], str]:
    first, last = stage.starts_on, stage.ends_on
    days = long_date(first) if first == last else date_span(first, last)
    host = stage.host
    return stage.programme.name, stage.name, (days, stage.place), host.name
