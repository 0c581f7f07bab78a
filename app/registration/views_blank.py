"""The blank form as it was drawn last, for as long as it would be drawn the same.

What it is drawn from is read with each request and compared, so nothing that was kept is ever shown after a change; only the three
values that are each visitor's own are put in anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from flask import current_app, request, session
from flask_wtf.csrf import generate_csrf

from app.hosts.models import Host
from app.programmes.models import Programme, Stage
from app.registration.forms import RegistrationForm
from app.registration.rules import sees_full
from app.registration.rules_questions import QuestionTerms
from app.shared.codes import new_token
from app.web import opened
from app.web.locale import current_language

OWN = ("\0token\0", "\0key\0", "\0opened\0")
_pages: dict[tuple[int, str], tuple[tuple[Any, ...], str]] = {}


def _columns(kind: Any, *but: str) -> tuple[str, ...]:
    return tuple(column.key for column in sa.inspect(kind).column_attrs if column.key not in but)


READ = ((Stage, _columns(Stage, "seats_taken")), (Programme, _columns(Programme)), (Host, _columns(Host)))


def blank_page(
    stage: Stage, questions: Sequence[QuestionTerms], draw: Callable[[], tuple[str, RegistrationForm]]
) -> str:
    """The page of a form in which nothing was typed yet; `draw` draws it and answers its form too."""
    if request.query_string or "_flashes" in session or current_app.debug:
        return draw()[0]
    place, drawn_from = (stage.id, current_language()), _drawn_from(stage, questions)
    kept = _pages.get(place)
    if kept is not None and kept[0] == drawn_from:
        return _with_own(kept[1], (generate_csrf(), new_token(), opened.stamp()))
    page, form = draw()
    blank = page
    for mark, own in zip(OWN, (generate_csrf(), form.submission_key.data, form.opened.data), strict=True):
        blank = blank.replace(str(own), mark)
    _pages[place] = drawn_from, blank
    return page


def _with_own(page: str, values: tuple[str, str, str]) -> str:
    for mark, value in zip(OWN, values, strict=True):
        page = page.replace(mark, value)
    return page


def _drawn_from(stage: Stage, questions: Sequence[QuestionTerms]) -> tuple[Any, ...]:
    full = sees_full(capacity=stage.capacity, seats_taken=stage.seats_taken)
    rows = (stage, stage.programme, stage.programme.host)
    read = [getattr(row, name) for row, (_kind, names) in zip(rows, READ, strict=True) for name in names]
    return full, current_app.config["BASE_URL"], *questions, *read
