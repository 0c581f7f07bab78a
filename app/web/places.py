"""Where this installation lives: its public address, and its folder of files."""

from __future__ import annotations

from pathlib import Path

from flask import current_app


def public_url(path: str = "") -> str:
    """The address that is printed and mailed: BASE_URL and `path`, which begins with a slash."""
    return str(current_app.config["BASE_URL"]) + path


def upload_folder(*names: str) -> Path:
    """A folder below UPLOAD_DIR; it is there once something was stored in it."""
    return Path(current_app.config["UPLOAD_DIR"], *names)
