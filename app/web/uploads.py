"""Files that people hand in, kept below UPLOAD_DIR under names that nobody can guess or choose."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from flask import current_app

_NAME = re.compile(r"[0-9a-f]{32}\.[a-z0-9]{1,8}")


def store(folder: str, data: bytes, suffix: str) -> str:
    """Write a new file (`suffix` such as ".png") and return its name; it is whole or not there at all."""
    name = secrets.token_hex(16) + suffix
    place = _folder(folder)
    place.mkdir(parents=True, exist_ok=True)
    half = place / (name + ".part")
    half.write_bytes(data)
    half.replace(place / name)
    return name


def read(folder: str, name: str) -> bytes | None:
    """The content; None for a name that `store` never gave, and where the file is gone."""
    if not _NAME.fullmatch(name):
        return None
    try:
        return (_folder(folder) / name).read_bytes()
    except FileNotFoundError:
        return None


def discard(folder: str, name: str) -> None:
    """Delete the file if it is there."""
    if _NAME.fullmatch(name):
        (_folder(folder) / name).unlink(missing_ok=True)


def _folder(folder: str) -> Path:
    return Path(current_app.config["UPLOAD_DIR"]) / folder
