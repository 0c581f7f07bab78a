"""What is decided about files that belong to a registration or an invitation; no database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.shared.documents import BadDocument, Judged, clean_file_name, judge


class DocumentRefused(Exception):
    """A file that is not kept; `sentence` says why and how to mend it."""

    def __init__(self, sentence: Any) -> None:
        super().__init__("document refused")
        self.sentence = sentence


@dataclass(frozen=True)
class HandedIn:
    """A file that was judged and may be kept, under the name that whoever handed it in gave it."""

    file_name: str
    judged: Judged


@dataclass(frozen=True)
class KeptFile:
    """A file that is kept already and stays as it is."""

    file_name: str


def receive(data: bytes, name: str) -> HandedIn:
    """Judge what was handed in. This takes tenths of a second for a PDF: never within a transaction. Raises DocumentRefused."""
    try:
        judged = judge(data)
    except BadDocument as refused:
        raise DocumentRefused(refused.sentence) from refused
    return HandedIn(clean_file_name(name, judged.suffix), judged)
