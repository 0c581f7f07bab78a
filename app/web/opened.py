"""When a form was shown: nobody reads and fills in a form within two seconds, programs do."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from app.shared import clock


def stamp() -> str:
    """The present moment, signed, for a hidden field."""
    return str(_serializer().dumps(int(clock.now().timestamp() * 1000)))


def came_too_soon(stamped: str | None) -> bool:
    """Whether a form that carries this stamp was shown just now, or by nobody; however old it is, it is not too old."""
    least = timedelta(seconds=current_app.config["LEAST_SECONDS_TO_FILL"])
    if not least:
        return False
    shown_at = _read(stamped)
    return shown_at is None or clock.now().timestamp() * 1000 - shown_at < least.total_seconds() * 1000


def is_stamp(stamped: str | None) -> bool:
    return _read(stamped) is not None


def _read(stamped: str | None) -> int | None:
    try:
        moment = _serializer().loads(stamped or "")
    except BadData:
        return None
    return moment if isinstance(moment, int) else None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="opened")
