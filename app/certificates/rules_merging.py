"""What becomes of the certificates of two people who are one; no database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Held:
    """A certificate as far as merging is concerned."""

    id: int
    stage_id: int
    registration_id: int
    number: str
    valid: bool


def doubled(certificates: Iterable[Held]) -> list[tuple[Held, ...]]:
    """The valid certificates of each stage that has more than one: one person cannot hold two of one event.

    Neither is revoked on the way: both are in somebody's hands, and which of them holds is for the certificate officer to say,
    with a reason that whoever verifies the other one reads. Until then the two people stay apart.
    """
    by_stage: dict[int, list[Held]] = defaultdict(list)
    for held in sorted(certificates, key=lambda one: one.id):
        if held.valid:
            by_stage[held.stage_id].append(held)
    return [tuple(found) for found in by_stage.values() if len(found) > 1]


def moving(certificates: Iterable[Held], joined: Mapping[int, int]) -> dict[int, int]:
    """The registration that each certificate of an ended one goes to, by certificate: every version, whatever its state."""
    return {held.id: joined[held.registration_id] for held in certificates if held.registration_id in joined}
