"""What becomes of the rows of a table by which an institution names its people; no database."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.registration.rules_import import Judged, Repeats


class Fate(enum.Enum):
    """What happens to a row when the table is taken over."""

    ADDED = "added"
    LISTED = "listed"
    REGISTERED = "registered"
    REPEATED = "repeated"
    NO_SEAT = "no_seat"
    WRONG = "wrong"


FATE_LABELS = {
    Fate.ADDED: _l("Will be added"),
    Fate.LISTED: _l("On the list already"),
    Fate.REGISTERED: _l("Registered another way already"),
    Fate.REPEATED: _l("Twice in the table"),
    Fate.NO_SEAT: _l("No seat left"),
    Fate.WRONG: _l("To be mended"),
}


@dataclass(frozen=True)
class FatedRow:
    """A row by its number in the table, what becomes of it, and the sentences that say why."""

    number: int
    judged: Judged
    fate: Fate
    sentences: tuple[str, ...] = ()


def fates(rows: Sequence[tuple[int, Judged]], standing: Mapping[int, Fate], *, left: int) -> list[FatedRow]:
    """What becomes of each row. `standing`: LISTED or REGISTERED by the place of a row whose person is known so; `left`: free
    seats, which go to the rows in their order."""
    repeats = Repeats()
    found: list[FatedRow] = []
    for place, (number, judged) in enumerate(rows):
        if judged.person is None:
            found.append(FatedRow(number, judged, Fate.WRONG))
            continue
        earlier = repeats.add(number, judged.person)
        if earlier is not None:
            found.append(FatedRow(number, judged, Fate.REPEATED, (_says_twice(*earlier),)))
        elif place in standing:
            found.append(FatedRow(number, judged, standing[place]))
        elif left > 0:
            left -= 1
            found.append(FatedRow(number, judged, Fate.ADDED))
        else:
            found.append(FatedRow(number, judged, Fate.NO_SEAT))
    return found


def _says_twice(earlier: int, differs: bool) -> str:
    if differs:
        return gettext("Row %(row)d has the same identity number under another name.", row=earlier)
    return gettext("The same person stands in row %(row)d.", row=earlier)
