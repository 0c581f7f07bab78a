"""Files that were taken while something else in their form was still wrong: kept aside, so that they need not be chosen again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.web import uploads

FOLDER = "held"
LONGEST_SECONDS = 12 * 3600
MOST_HELD = 500


@dataclass(frozen=True)
class HeldFile:
    """A file that is known to be good, under the name that people know it by. `suffix` is such as ".pdf"."""

    file_name: str
    media_type: str
    suffix: str
    data: bytes


def hold(purpose: str, held: HeldFile) -> str:
    """Keep a file aside and answer the token by which its form gets it back; "" where too many lie there already.

    `purpose` is the field that it was chosen for. Raises web.uploads.NotStored.
    """
    if uploads.count_stored(FOLDER) >= MOST_HELD:
        return ""
    stored = uploads.store(FOLDER, held.data, held.suffix)
    return str(_serializer(purpose).dumps([stored, held.file_name, held.media_type, held.suffix]))


def give_back(purpose: str, token: str) -> HeldFile | None:
    """The file of a token; None for a token that is not ours, not for this purpose or too old, and where the file is gone."""
    try:
        stored, file_name, media_type, suffix = _serializer(purpose).loads(token, max_age=LONGEST_SECONDS)
    except (BadSignature, ValueError):
        return None
    data = uploads.read(FOLDER, stored)
    return HeldFile(file_name, media_type, suffix, data) if data is not None else None


def discard_before(moment: datetime) -> None:
    """Delete what was left lying."""
    for names in uploads.stored_before(FOLDER, moment):
        for name in names:
            uploads.discard(FOLDER, name)


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt=f"held-file-{purpose}")
