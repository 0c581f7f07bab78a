"""What becomes of the attendance of two registrations of one person at a checkpoint; no database."""

from __future__ import annotations

import enum
from datetime import datetime


class Moved(enum.Enum):
    """MOVE: the other has none. REPLACE: this one is earlier, and the other's is annulled. YIELD: it is later, and annulled itself."""

    MOVE = "move"
    REPLACE = "replace"
    YIELD = "yield"


def moved(ended_at: datetime, stays_at: datetime | None) -> Moved:
    """`ended_at`: when the registration that ends came; `stays_at`: when the one that goes on did, None where it did not.

    A person is there from the moment he first came: whether a session counts is judged by it.
    """
    if stays_at is None:
        return Moved.MOVE
    return Moved.REPLACE if ended_at < stays_at else Moved.YIELD
