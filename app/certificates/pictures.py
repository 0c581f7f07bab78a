"""Pictures that certificates print (emblems), kept under the digest of their bytes: a new emblem changes no old certificate."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from app.web.places import upload_folder
from app.web.uploads import whole_file

FOLDER = "certificates"
NAMED_BY = ("emblem", "background")
"""The fields of a snapshot that hold a picture's key."""


def keep(data: bytes | None) -> str:
    """Store a picture and answer its key; "" for none. Raises web.uploads.NotStored."""
    if not data:
        return ""
    key = key_of(data)
    path = upload_folder(FOLDER) / key
    if not path.exists():
        with whole_file(path) as out:
            out.write(data)
    return key


def key_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def load(snapshots: Iterable[Mapping[str, Any]]) -> dict[str, bytes]:
    """Every picture that these certificates name and that is still there; what is gone is told to the log."""
    keys = {snapshot[name] for snapshot in snapshots for name in NAMED_BY if snapshot.get(name)}
    found = {key: _read(key) for key in keys}
    return {key: data for key, data in found.items() if data is not None}


def named(snapshot: Mapping[str, Any], images: Mapping[str, bytes]) -> dict[str, Any]:
    """The snapshot naming no picture but those of `images`: without its emblem a certificate is printed all the same."""
    return dict(snapshot) | {name: "" for name in NAMED_BY if snapshot.get(name) not in images}


def _read(key: str) -> bytes | None:
    try:
        return (upload_folder(FOLDER) / key).read_bytes()
    except OSError as problem:
        logging.getLogger("bimtek.certificates").error("picture %s is gone from the certificates: %s", key, problem)
        return None
