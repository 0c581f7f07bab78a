"""Which requests are the API's: they carry tokens instead of cookies, and their errors are JSON."""

from __future__ import annotations

from flask import request

PREFIX = "/api/"


def is_api() -> bool:
    return request.path.startswith(PREFIX)
