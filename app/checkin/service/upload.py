"""An upload of scans, read item by item: a malformed one spoils no other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar

from app.checkin.rules import Decision, ScanSource
from app.shared import codes

SCAN_ID = re.compile(r"[A-Za-z0-9_-]{1,36}")
HASH = re.compile(r"[0-9a-fA-F]{64}")
LONGEST_CODE = 512  # an address with a code in it; nothing of ours is longer
YEARS = range(2000, 2200)

Kind = TypeVar("Kind", bound=Enum)


@dataclass(frozen=True, kw_only=True)
class ScanItem:
    """One scan as a device reports it; `occurred_at` by the device's own clock, in UTC."""

    scan_id: str
    code_hash: str
    occurred_at: datetime
    source: ScanSource
    offline_decision: Decision | None = None

    @property
    def on_paper(self) -> bool:
        """Whether it is a row of a signed sheet that is keyed in."""
        return self.source is ScanSource.PAPER


@dataclass(frozen=True, kw_only=True)
class Malformed:
    """An item that cannot be read: the first field that is wrong, and its scan id if it has one."""

    scan_id: str | None
    field: str


class WrongField(ValueError):
    """A value of an upload that cannot be read; `field` names it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def read_item(raw: Any) -> ScanItem | Malformed:
    """Read one element of `scans` (interface.md)."""
    if not isinstance(raw, dict):
        return Malformed(scan_id=None, field="scans")
    scan_id = raw.get("scan_id")
    if not isinstance(scan_id, str) or not SCAN_ID.fullmatch(scan_id):
        return Malformed(scan_id=None, field="scan_id")
    try:
        return ScanItem(
            scan_id=scan_id,
            code_hash=_code_hash(raw),
            occurred_at=read_moment(raw.get("occurred_at"), "occurred_at"),
            source=_source(raw.get("source", ScanSource.CAMERA.value)),
            offline_decision=read_optional_decision(raw.get("offline_decision")),
        )
    except WrongField as error:
        return Malformed(scan_id=scan_id, field=error.field)


def read_moment(raw: Any, field: str) -> datetime:
    """An ISO 8601 time with its offset, in UTC. Raises WrongField, also for one without zone or out of all reason."""
    if not isinstance(raw, str) or len(raw) > 40:
        raise WrongField(field)
    try:
        moment = datetime.fromisoformat(raw)
    except ValueError:
        raise WrongField(field) from None
    if moment.tzinfo is None or moment.year not in YEARS:
        raise WrongField(field)
    return moment.astimezone(UTC)


def _code_hash(raw: dict[str, Any]) -> str:
    if "code_hash" in raw and raw.get("code") is None:
        given = raw["code_hash"]
        if not isinstance(given, str) or not HASH.fullmatch(given):
            raise WrongField("code_hash")
        return given.lower()
    code = raw.get("code")
    if not isinstance(code, str) or not code.strip() or len(code) > LONGEST_CODE:
        raise WrongField("code")
    return codes.digest(code)


def _source(raw: Any) -> ScanSource:
    """How a code was read. Whom a door registers comes by another way, with his data (upload_walk_ins.py)."""
    source = _member(ScanSource, raw, "source")
    if source is ScanSource.WALK_IN:
        raise WrongField("source")
    return source


def read_optional_decision(raw: Any) -> Decision | None:
    """What a phone decided by itself; None where it did not. Raises WrongField."""
    return None if raw is None else _member(Decision, raw, "offline_decision")


def _member(kind: type[Kind], raw: Any, field: str) -> Kind:
    try:
        return kind(raw)
    except ValueError:
        raise WrongField(field) from None
