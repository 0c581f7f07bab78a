"""What no honest browser sends is refused before any view reads it."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter

LARGEST_ID = 2**31 - 1


class RecordNumber(IntegerConverter):
    """A number in an address that no database could hold is an address that is not there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max": LARGEST_ID} | kwargs)


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = RecordNumber
    app.before_request(refuse_nul)


def refuse_nul() -> None:
    """PostgreSQL takes no NUL in text; in an address it is never meant."""
    texts = [request.path, *(text for pair in request.args.items(multi=True) for text in pair)]
    if any("\0" in text for text in texts):
        abort(400)
