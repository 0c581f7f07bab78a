"""Invented people: believable names, offices that exist, numbers that cannot be anyone's (NIP serial 999)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from app.shared.identity import IdentityType
from app.shared.text import slugify

DATA = Path(__file__).parent / "data"
CIVIL_SERVANTS = ("OPD", "KECAMATAN", "KELURAHAN", "VERTIKAL")
GRADES = ("III/a", "III/b", "III/c", "III/d", "IV/a", "IV/b")
DIMENSIONS = (
    "Smart Governance",
    "Smart Branding",
    "Smart Economy",
    "Smart Living",
    "Smart Society",
    "Smart Environment",
)
COUNCIL, TEAM = "Dewan Smart City", "Tim Pelaksana"


@dataclass(frozen=True)
class Invented:
    """One invented person; `institution` is a name of the directory or, where `listed` is False, a typed one."""

    category: str
    institution: str
    listed: bool
    title_before: str
    name: str
    title_after: str
    position: str
    identity_type: IdentityType
    identity_number: str | None
    rank: str
    email: str | None
    phone: str | None
    groups: tuple[str, ...]


@cache
def words() -> dict[str, Any]:
    """The lists that names and positions are drawn from."""
    loaded: dict[str, Any] = json.loads((DATA / "names.json").read_text(encoding="utf-8"))
    return loaded


def invent(seed: int, institutions: dict[str, list[str]]) -> list[Invented]:
    """About eighty people of all unsur. `institutions`: the names of the directory by category code. Same seed, same people."""
    random = Random(seed)
    names = [(name, "men") for name in words()["men"]] + [(name, "women") for name in words()["women"]]
    random.shuffle(names)
    people: list[Invented] = []
    for category, seats in words()["seats"].items():
        listed = institutions.get(category, [])
        for place in range(seats):
            name, sex = names[len(people) % len(names)]
            people.append(_person(random, category, listed, place, name, sex, len(people)))
    return people


def _person(random: Random, category: str, listed: list[str], place: int, name: str, sex: str, index: int) -> Invented:
    others = words()["other_institutions"].get(category, [])
    typed = not listed or (others and place >= len(listed))
    institution = (others[place % len(others)] if others else "") if typed else listed[place % len(listed)]
    kind, number = _identity(random, category, sex, index)
    servant = kind is IdentityType.NIP
    return Invented(
        category=category,
        institution=institution,
        listed=not typed,
        title_before=_title_before(random, sex),
        name=name,
        title_after=random.choice(words()["titles_after"]) if category != "MASYARAKAT" else "",
        position=random.choice(words()["positions"][category]),
        identity_type=kind,
        identity_number=number,
        rank=random.choice(GRADES) if servant else "",
        email=None
        if category in ("FKPD", "MASYARAKAT") and place % 2
        else f"{slugify(name).replace('-', '.')}@contoh.test",
        phone=f"+62812{random.randrange(10**7, 10**8)}",
        groups=_groups(random, category, index),
    )


def _title_before(random: Random, sex: str) -> str:
    title: str = random.choice(words()["titles_before"])
    if sex == "women":
        return {"Drs. H.": "Dra. Hj.", "H.": "Hj."}.get(title, title)
    return "H." if title == "Hj." else title


def _identity(random: Random, category: str, sex: str, index: int) -> tuple[IdentityType, str | None]:
    born = date(1964 + index % 32, 1 + index % 12, 1 + random.randrange(28))
    if category in CIVIL_SERVANTS:
        appointed = min(born.year + 24, 2018)
        return IdentityType.NIP, f"{born:%Y%m%d}{appointed}{1 + random.randrange(12):02}{1 if sex == 'men' else 2}999"
    if category == "FKPD" and index % 3:
        return IdentityType.NRP, f"999{born:%y%m}{index:03}"
    if category == "PERGURUAN_TINGGI":
        return IdentityType.NIDN, f"99{born:%d%m%y}{index:02}"
    if category in ("BUMN", "PERBANKAN"):
        return IdentityType.COMPANY, f"999{index:05}"
    return IdentityType.NONE, None


def _groups(random: Random, category: str, index: int) -> tuple[str, ...]:
    dimension = DIMENSIONS[index % len(DIMENSIONS)]
    if category in ("FKPD", "DPRD", "PAKAR"):
        return (COUNCIL, dimension) if random.random() < 0.5 else (COUNCIL,)
    if category in ("OPD", "KECAMATAN", "KELURAHAN", "VERTIKAL"):
        return (dimension,)
    return (TEAM, dimension)
