"""Pictures that certificates print (emblems), kept under the digest of their bytes: a new emblem changes no old certificate."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from app.web.places import upload_folder
from app.web.uploads import whole_file

FOLDER = "certificates"


def keep(data: bytes | None) -> str:
    """Store a picture and answer its key; "" for none. Raises web.uploads.NotStored."""
    if not data:
        return ""
    key = hashlib.sha256(data).hexdigest()
    path = upload_folder(FOLDER) / key
    if not path.exists():
        with whole_file(path) as out:
            out.write(data)
    return key


def load(snapshots: Iterable[Mapping[str, Any]]) -> dict[str, bytes]:
    """Every picture that these certificates name."""
    keys = {snapshot[name] for snapshot in snapshots for name in ("emblem", "background") if snapshot.get(name)}
    return {key: (upload_folder(FOLDER) / key).read_bytes() for key in keys}
