"""Pictures that certificates print (emblems), kept under the digest of their bytes: a new emblem changes no old certificate."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from app.web.places import upload_folder

FOLDER = "certificates"


def keep(data: bytes | None) -> str:
    """Store a picture and answer its key; "" for none."""
    if not data:
        return ""
    key = hashlib.sha256(data).hexdigest()
    path = upload_folder(FOLDER) / key
    if not path.exists():
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(data)
        Path(file.name).replace(path)
    return key


def load(snapshots: Iterable[Mapping[str, Any]]) -> dict[str, bytes]:
    """Every picture that these certificates name."""
    keys = {snapshot[name] for snapshot in snapshots for name in ("emblem", "background") if snapshot.get(name)}
    return {key: (upload_folder(FOLDER) / key).read_bytes() for key in keys}
