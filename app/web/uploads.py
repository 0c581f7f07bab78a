"""Files that people hand in, kept below UPLOAD_DIR under names that nobody can guess or choose."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from flask import current_app
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import ServiceUnavailable

from app.web.places import upload_folder

HANDFUL = 500
_NAME = re.compile(r"[0-9a-f]{32}\.[a-z0-9]{1,8}")


class NotStored(ServiceUnavailable):
    """The disk took no file. `sentence` says it to a person, as does the page where nothing catches it."""

    sentence = _l(
        "The file could not be stored: the server's storage is full or cannot be written to. "
        "Nothing has been changed. Tell whoever looks after the server, then try again."
    )

    def __init__(self) -> None:
        super().__init__(description=str(self.sentence))


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file that is whole or not there at all; its folder is made if need be. Raises NotStored."""
    half = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with half.open("wb") as out:
            yield out
        half.replace(path)
    except OSError as error:
        current_app.logger.error("%s could not be written: %s", path, error)
        raise NotStored from error
    finally:
        with suppress(OSError):
            half.unlink(missing_ok=True)


def store(folder: str, data: bytes, suffix: str) -> str:
    """Write a new file (`suffix` such as ".png") and return its name; it is whole or not there at all. Raises NotStored."""
    name = secrets.token_hex(16) + suffix
    with whole_file(upload_folder(folder) / name) as out:
        out.write(data)
    return name


def read(folder: str, name: str) -> bytes | None:
    """The content; None for a name that `store` never gave, and where the file is gone."""
    if not _NAME.fullmatch(name):
        return None
    try:
        return (upload_folder(folder) / name).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def discard(folder: str, name: str) -> None:
    """Delete the file if it is there."""
    if _NAME.fullmatch(name):
        (upload_folder(folder) / name).unlink(missing_ok=True)


def stored_before(folder: str, moment: datetime) -> Iterator[list[str]]:
    """The names of files that have lain there since before `moment`, in handfuls."""
    names = [path.name for path in upload_folder(folder).glob("*") if _lies_since_before(path, moment)]
    for first in range(0, len(names), HANDFUL):
        yield names[first : first + HANDFUL]


def count_stored(folder: str) -> int:
    """How many files lie there."""
    return sum(1 for path in upload_folder(folder).glob("*"))


def _lies_since_before(path: Path, moment: datetime) -> bool:
    try:
        return bool(_NAME.fullmatch(path.name)) and path.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:
        return False
