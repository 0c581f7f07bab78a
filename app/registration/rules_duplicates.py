"""Who may be one person entered twice, and which of two registrations goes on when they are made one."""

from __future__ import annotations

import enum
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import combinations

from flask_babel import lazy_gettext as _l

from app.registration.rules import RegistrationState
from app.shared.identity import IdentityType
from app.shared.names import sort_key, split_titles

ALIKE = 0.85
"""From here on two names of one institution may be one name: "Dewi Lestari" and "Dewi Lestary", not "Budi Santoso" and "Budi Susanto"."""
NOT_UNLIKE = 0.6
"""So much of the name must agree besides a number with a slip: numbers given in one batch differ in one digit, too."""
OF_AN_OFFICE = 4
"""A phone that more people than this give is an office's, and tells nothing alone."""
SHORTEST_WORD = 3
BEGINNING = 4
MUHAMMAD = frozenset(
    "m md mhd moch mochamad mochammad moh mohamad mohammad mohammed mohd muh muhamad muhammad muhd".split()  # noqa: SIM905
)
STANDING = (
    RegistrationState.CONFIRMED,
    RegistrationState.OFFERED,
    RegistrationState.PENDING,
    RegistrationState.WAITLISTED,
)
"""How far a registration has come, the furthest first."""


class Clue(enum.Enum):
    """Why two participants are suspected to be one person."""

    SLIP = "slip"
    PHONE = "phone"
    NAME = "name"


CLUE_LABELS = {
    Clue.SLIP: _l("Nearly the same number"),
    Clue.PHONE: _l("Same phone"),
    Clue.NAME: _l("Similar name in the same institution"),
}


@dataclass(frozen=True)
class Candidate:
    """What two participants are compared by; `name` in the form in which names are sorted, `institutions` in canonical form."""

    id: int
    name: str
    kind: IdentityType = IdentityType.NONE
    number: str | None = None
    scope: str = ""
    phone: str | None = None
    institutions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Suspicion:
    """Two participants, the one with the lower id first."""

    first_id: int
    second_id: int
    clues: tuple[Clue, ...]

    @property
    def ids(self) -> tuple[int, int]:
        return self.first_id, self.second_id


def suspicions(candidates: Iterable[Candidate], settled: Collection[tuple[int, int]] = ()) -> list[Suspicion]:
    """Every pair that may be one person, those with most clues first; `settled` pairs (lower id first) are left out.

    Only who shares a phone, a part of a number, or a word of the name within an institution is compared at all.
    """
    people = sorted(candidates, key=lambda one: one.id)
    crowded = {phone for phone, size in _sizes(one.phone for one in people).items() if size > OF_AN_OFFICE}
    compared: set[tuple[int, int]] = set(settled)
    found = []
    for one, other in _neighbours(people):
        if (one.id, other.id) in compared:
            continue
        compared.add((one.id, other.id))
        if clues := clues_of(one, other, crowded=crowded):
            found.append(Suspicion(one.id, other.id, clues))
    return sorted(found, key=lambda one: (-len(one.clues), list(Clue).index(one.clues[0]), one.ids))


def clues_of(one: Candidate, other: Candidate, *, crowded: Collection[str] = ()) -> tuple[Clue, ...]:
    """Why these two may be one; `crowded` phones are those of offices. Two sound numbers of one kind outweigh a similar name."""
    of_one_kind = (one.kind, one.scope) == (other.kind, other.scope)
    slip = of_one_kind and slipped(one.number, other.number)
    same_phone = one.phone is not None and one.phone == other.phone
    colleagues = not one.institutions.isdisjoint(other.institutions)
    told_apart = of_one_kind and not slip and bool(one.number and other.number)
    if not slip and not same_phone and (told_apart or not colleagues):
        return ()
    alike = likeness(one.name, other.name, least=0 if slip or same_phone else ALIKE)
    holds = {
        Clue.SLIP: slip and alike >= NOT_UNLIKE,
        Clue.PHONE: same_phone and (one.phone not in crowded or alike >= NOT_UNLIKE),
        Clue.NAME: colleagues and alike >= ALIKE and not told_apart,
    }
    return tuple(clue for clue in Clue if holds[clue])


def likeness(one: str, other: str, *, least: float = 0) -> float:
    """From 0 to 1, how much two names agree, whichever comes first, in whichever order their words stand, "M." or "Muhammad".

    Where the letters alone show that it is below `least`, the answer is 0.
    """
    first, second = sorted((_words(one), _words(other)))
    if not first or not second:
        return 0.0
    if first == second or _abbreviates(first, second):
        return 1.0
    mine, its = "".join(first), "".join(second)
    if 2 * (_letters(mine) & _letters(its)).total() < least * (len(mine) + len(its)):
        return 0.0
    straight = SequenceMatcher(None, mine, its, autojunk=False).ratio()
    turned = SequenceMatcher(None, "".join(sorted(first)), "".join(sorted(second)), autojunk=False).ratio()
    return max(straight, turned)


def one_name_spelled_twice(one: str, other: str) -> bool:
    """Whether a slip of the fingers lies between two names, whichever of them was typed with its titles."""
    plain, mended = (sort_key(split_titles(name)[1]) for name in (one, other))
    return likeness(plain, mended, least=ALIKE) >= ALIKE


def slipped(one: str | None, other: str | None) -> bool:
    """Whether one slip of the fingers makes one number the other: one wrong character, or two neighbours exchanged."""
    if not one or not other or one == other or len(one) != len(other):
        return False
    wrong = [place for place, (mine, its) in enumerate(zip(one, other, strict=True)) if mine != its]
    if len(wrong) == 1:
        return True
    return (
        len(wrong) == 2
        and wrong[1] == wrong[0] + 1
        and one[wrong[0]] == other[wrong[1]]
        and one[wrong[1]] == other[wrong[0]]
    )


def goes_on(choices: Sequence[tuple[int, RegistrationState, datetime]]) -> int:
    """Which of a person's registrations at one stage (id, state, made at) is the one to keep: the furthest, then the older."""
    return min(choices, key=lambda one: (STANDING.index(one[1]), one[2], one[0]))[0]


def usual_kept(first: tuple[int, bool, int], second: tuple[int, bool, int]) -> int:
    """Which participant (id, has a number, registrations) goes on: who has a number, then who came oftener, then the older."""
    return min(first, second, key=lambda one: (not one[1], -one[2], one[0]))[0]


def _neighbours(people: Sequence[Candidate]) -> Iterator[tuple[Candidate, Candidate]]:
    """Pairs worth comparing, some of them more than once."""
    blocks: dict[tuple[object, ...], list[Candidate]] = defaultdict(list)
    for one in people:
        for key in _blocks(one):
            blocks[key].append(one)
    for members in blocks.values():
        yield from combinations(members, 2)


def _blocks(one: Candidate) -> set[tuple[object, ...]]:
    keys: set[tuple[object, ...]] = set()
    if one.phone:
        keys.add(("phone", one.phone))
    if one.number:
        half = len(one.number) // 2
        around = one.number[: half - 1] + one.number[half + 1 :]  # for two exchanged just at the middle
        parts = (one.number[:half], one.number[half:], around)
        keys |= {(one.kind, len(one.number), place, part) for place, part in enumerate(parts)}
    words = _words(one.name)
    heads = (
        {word for word in words if len(word) >= SHORTEST_WORD and word != "muhammad"} | {words[0][:BEGINNING]}
        if words
        else set()
    )
    keys |= {(institution, head) for institution in one.institutions for head in heads}
    keys |= {(institution, "beginning", word[:BEGINNING]) for institution in one.institutions for word in words[-1:]}
    return keys


@lru_cache(maxsize=4096)
def _letters(text: str) -> Counter[str]:
    return Counter(text)


def _words(name: str) -> tuple[str, ...]:
    return tuple("muhammad" if word in MUHAMMAD else word for word in name.split())


def _abbreviates(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two names differ only in words that one of them gives as initials: "Siti A. Rahma", "Siti Aminah Rahma"."""
    if len(one) != len(other) or not any(
        len(mine) >= SHORTEST_WORD and mine == its for mine, its in zip(one, other, strict=True)
    ):
        return False
    return all(
        mine == its or (min(len(mine), len(its)) == 1 and mine[0] == its[0])
        for mine, its in zip(one, other, strict=True)
    )


def _sizes(values: Iterable[str | None]) -> dict[str, int]:
    sizes: dict[str, int] = defaultdict(int)
    for value in values:
        if value:
            sizes[value] += 1
    return sizes
