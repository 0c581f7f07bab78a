"""Decisions of importing people out of a table: which column is what, what a cell means, who stands there twice."""

from __future__ import annotations

import enum
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.registration.rules import PersonDetails, PersonKey, person_key, same_number, same_person
from app.shared.cells import Cell
from app.shared.identity import IdentityType
from app.shared.names import name_key, sort_key, split_titles
from app.shared.tables import Row
from app.shared.text import squash


class Field(enum.Enum):
    """What a column can hold, in the order in which a page and a template name them."""

    NAME = "name"
    TITLE_BEFORE = "title_before"
    TITLE_AFTER = "title_after"
    NUMBER = "identity_number"
    NUMBER_KIND = "identity_type"
    CATEGORY = "category"
    INSTITUTION = "institution"
    POSITION = "position"
    RANK = "rank"
    GRADE = "grade"
    EMAIL = "email"
    PHONE = "phone"
    GROUPS = "groups"


class ImportState(enum.Enum):
    """How far an import has come."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"


class ImportMode(enum.Enum):
    """What becomes of a table of which some rows are wrong."""

    ALL = "all"
    GOOD = "good"


class Verdict(enum.Enum):
    """What becomes of a row, or became of it."""

    NEW = "new"
    WAITLISTED = "waitlisted"
    ALREADY = "already"
    REFUSED = "refused"
    WRONG = "wrong"


FIELD_LABELS = {
    Field.NAME: _l("Name"),
    Field.TITLE_BEFORE: _l("Title before the name"),
    Field.TITLE_AFTER: _l("Titles after the name"),
    Field.NUMBER: _l("Identity number"),
    Field.NUMBER_KIND: _l("Kind of identity number"),
    Field.CATEGORY: _l("Category"),
    Field.INSTITUTION: _l("Institution"),
    Field.POSITION: _l("Position"),
    Field.RANK: _l("Rank"),
    Field.GRADE: _l("Grade"),
    Field.EMAIL: _l("E-mail"),
    Field.PHONE: _l("Mobile number (WhatsApp)"),
    Field.GROUPS: _l("Groups"),
}
TEMPLATE = tuple(kind for kind in Field if kind is not Field.GRADE)
"""The columns of the table to fill in."""
EXAMPLE = {
    Field.NAME: "Siti Contoh",
    Field.TITLE_AFTER: "S.Kom.",
    Field.NUMBER: "198507202010012999",
    Field.NUMBER_KIND: "NIP",
    Field.POSITION: "Pranata Komputer",
    Field.RANK: "III/c",
    Field.EMAIL: "siti@contoh.go.id",
    Field.PHONE: "081234567890",
}
VERDICT_LABELS = {
    Verdict.NEW: _l("New"),
    Verdict.WAITLISTED: _l("Waiting list"),
    Verdict.ALREADY: _l("Registered already"),
    Verdict.REFUSED: _l("Refused"),
    Verdict.WRONG: _l("Wrong"),
}
FAILED = frozenset({Verdict.REFUSED, Verdict.WRONG})

# The names of columns as agencies write them, without case, spaces and signs. A loose name is looked for within the header,
# in this order, once no column has an exact one: "Nama Instansi" is an institution before it is a name.
_EXACT = {
    Field.NAME: "nama namalengkap namapeserta namalengkapdangelar namadangelar namalengkapgelar name fullname namewithouttitles",
    Field.TITLE_BEFORE: "gelardepan gelardidepan gelardidepannama gelarsebelumnama titlebefore titlebeforethename",
    Field.TITLE_AFTER: "gelarbelakang gelardibelakang gelardibelakangnama gelarsesudahnama gelarsetelahnama gelar titleafter "
    "titlesafter titlesafterthename",
    Field.NUMBER: "nip nrp nipnrp nipnrpnidn nomoridentitas noidentitas nomorinduk nip18 nippppk nidn nuptk nim identitynumber",
    Field.NUMBER_KIND: "jenisnomor jenisidentitas jenisnomoridentitas kindofnumber kindofidentitynumber identitytype",
    Field.CATEGORY: "unsur kategori category unsurpeserta",
    Field.INSTITUTION: "instansi namainstansi asalinstansi opd skpd unitkerja institution lembaga perangkatdaerah",
    Field.POSITION: "jabatan namajabatan position jobtitle",
    Field.RANK: "pangkat pangkatgol pangkatgolongan pangkatgolruang pangkatgolonganruang rank",
    Field.GRADE: "gol golongan golruang golonganruang grade",
    Field.EMAIL: "email surel alamatemail alamatsurel emailaddress posel",
    Field.PHONE: "nohp nomorhp hp nowa nomorwa whatsapp nohpwa nomorhpwa notelepon nomortelepon notelp telepon telp handphone "
    "nohandphone nomorponsel ponsel phone mobile mobilenumber mobilenumberwhatsapp nomorponselwhatsapp nowhatsapp",
    Field.GROUPS: "kelompok kelompokpeserta grup group groups dimensi",
}
_LOOSE = (
    (Field.EMAIL, r"e ?mail|surel"),
    (Field.PHONE, r"\b(?:hp|wa|whatsapp|telp|tlp|telepon|handphone|ponsel|phone|mobile)\b"),
    (Field.NUMBER_KIND, r"\bjenis (?:nomor|identitas)|\bkind of\b"),
    (Field.NUMBER, r"\b(?:nip|nrp|nidn|nuptk|nim)\b|n i p|identitas|nomor induk"),
    (Field.TITLE_BEFORE, r"gelar.*depan|gelar.*sebelum"),
    (Field.TITLE_AFTER, r"gelar.*(?:belakang|sesudah|setelah)"),
    (Field.RANK, r"\bpangkat\b|\brank\b"),
    (Field.GRADE, r"\bgol\b|\bgolongan\b"),
    (Field.POSITION, r"\bjabatan\b|\bposition\b"),
    (Field.CATEGORY, r"\bunsur\b|\bkategori\b|\bcategory\b"),
    (Field.GROUPS, r"\bkelompok\b|\bgrup\b|\bgroups?\b"),
    (
        Field.INSTITUTION,
        r"\b(?:instansi|opd|skpd|lembaga|dinas|perusahaan|organisasi|unit kerja|satuan kerja|satker|institution|asal)\b",
    ),
    (Field.NAME, r"\bnama\b|\bname\b"),
)
_NOTHING = {"", "-", "--", "---", "–", "—", "0", ".", "n/a", "na", "nihil", "tidak ada", "tdk ada", "none"}
_BETWEEN_GROUPS = re.compile(r"[,;/\n]")


def question_key(question_id: int) -> str:
    """The key of a column that answers a question of the stage's own."""
    return f"question-{question_id}"


def match_columns(header: Sequence[str], questions: Mapping[str, str] | None = None) -> dict[str, int]:
    """Which column (from 0) holds what, by its name: {Field.NAME.value: 1, …}. What no column is named after is left out.

    `questions`: titles of the stage's own questions, by key.
    """
    free = {place: sort_key(name) for place, name in enumerate(header) if sort_key(name)}
    found: dict[str, int] = {}
    for key, title in (questions or {}).items():
        _take(found, free, key, re.compile(re.escape(sort_key(title))))
    for kind, names in _EXACT.items():
        spaced = "|".join(" ?".join(name) for name in names.split())
        _take(found, free, kind.value, re.compile(spaced))
    for kind, pattern in _LOOSE:
        if kind.value not in found:
            _take(found, free, kind.value, re.compile(f".*(?:{pattern}).*"))
    return found


def _take(found: dict[str, int], free: dict[int, str], key: str, pattern: re.Pattern[str]) -> None:
    """Give the first free column whose whole name fits to `key`."""
    place = next((place for place, said in free.items() if pattern.fullmatch(said)), None)
    if place is not None:
        found[key] = place
        del free[place]


def lacking(columns: Collection[str]) -> str | None:
    """Why people cannot be read out of these columns, or None."""
    if Field.NAME.value not in columns:
        return gettext("Say which column holds the name.")
    known = {Field.NUMBER.value, Field.EMAIL.value, Field.PHONE.value}
    if not known & set(columns):
        return gettext("Say which column holds the identity number, the e-mail address or the mobile number.")
    return None


def is_example(row: Row, columns: Mapping[str, int]) -> bool:
    """Whether a row is the one that the template shows how to fill in, and nobody has taken out."""
    cells = cells_of(row, columns)
    told = (Field.NAME, Field.NUMBER)
    return all(kind.value in cells and cells[kind.value].text == EXAMPLE[kind] for kind in told)


def cells_of(row: Row, columns: Mapping[str, int]) -> dict[str, Cell]:
    """The cells of a row by what they hold; those that only say that there is nothing are empty."""
    cells = {key: row.cells[place] for key, place in columns.items() if place < len(row.cells)}
    return {key: _emptied(cell) for key, cell in cells.items()}


def _emptied(cell: Cell) -> Cell:
    return Cell("", cell.problem) if squash(cell.text).casefold() in _NOTHING else cell


def person_values(texts: Mapping[str, str]) -> dict[str, str]:
    """The texts of a row, with the titles of a name that came in one cell, and a grade from a column of its own."""
    before, name, after = split_titles(texts.get(Field.NAME.value))
    rank, grade = (squash(texts.get(kind.value)) for kind in (Field.RANK, Field.GRADE))
    return {**texts} | {
        Field.NAME.value: name,
        Field.TITLE_BEFORE.value: _with(before, texts.get(Field.TITLE_BEFORE.value), " "),
        Field.TITLE_AFTER.value: _with(after, texts.get(Field.TITLE_AFTER.value), ", "),
        Field.RANK.value: f"{rank} ({grade})" if rank and grade and rank != grade else rank or grade,
    }


def _with(of_name: str, apart: str | None, between: str) -> str:
    """The titles out of the name and those of their own column, the same ones once."""
    typed = squash(apart)
    if name_key(of_name) in name_key(typed):
        return typed
    return between.join(part for part in (of_name, typed) if part and name_key(part))


def guess_type(number: str, accepted: Sequence[IdentityType], usual: IdentityType) -> IdentityType:
    """Of which kind a number is that the table does not name: by its shape, among those that the category takes."""
    compact = re.sub(r"[\s.\-]", "", number).upper()
    shapes = {
        IdentityType.NIP: r"[0-9]{18}",
        IdentityType.NUPTK: r"[0-9]{16}",
        IdentityType.NIDN: r"[0-9]{10}",
        IdentityType.NRP: r"[0-9]{5,16}(/[A-Z]{1,3})?",
        IdentityType.NIM: r"(?=.*[0-9])[A-Z0-9]{6,15}",
    }
    fitting = [kind for kind, shape in shapes.items() if kind in accepted and re.fullmatch(shape, compact)]
    if fitting:
        return fitting[0]
    numbered = [kind for kind in accepted if kind is not IdentityType.NONE]
    return usual if usual in numbered or not numbered else numbered[0]


def read_type(text: str) -> IdentityType | None:
    """The kind that a cell names: "NIP", "NI PPPK", "NIDN (dosen)"; None for what is none."""
    said = name_key(text)
    for kind in IdentityType:
        if said and said in (name_key(kind.value), name_key(str(kind.label))):
            return kind
    return next((kind for kind in IdentityType if said.startswith(name_key(kind.value))), None)


def group_names(text: str, known: Mapping[str, int]) -> tuple[list[int], list[str]]:
    """The ids of the groups that a cell names, and what it names that is none. `known`: ids by name_key of the name."""
    if name_key(text) in known:
        return [known[name_key(text)]], []
    named = [part for part in (squash(part) for part in _BETWEEN_GROUPS.split(text)) if part]
    found = [known[name_key(part)] for part in named if name_key(part) in known]
    return found, [part for part in named if name_key(part) not in known]


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row: with the cell of `key`, or with the whole row ("")."""

    key: str
    sentence: str


@dataclass(frozen=True)
class Judged:
    """A row read by the rules of the form: a person, or what is wrong with him."""

    person: PersonDetails | None
    group_ids: tuple[int, ...] = ()
    answers: Mapping[int, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


class Repeats:
    """The people of one table so far, each by the number of his row."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, ...], list[tuple[int, PersonKey]]] = {}

    def add(self, number: int, person: PersonDetails) -> tuple[int, bool] | None:
        """Remember the person of a row; the row where he stands already, and whether that one bears another name."""
        key = person_key(person)
        found = list(nets(key))
        standing = next(
            (earlier for net in found for earlier in self._seen.get(net, ()) if same_person(key, earlier[1])), None
        )
        for net in found:
            self._seen.setdefault(net, []).append((number, key))
        if standing is None:
            return None
        return standing[0], same_number(key, standing[1]) and key.name != standing[1].name


def nets(key: PersonKey) -> Iterable[tuple[str, ...]]:
    """What two keys must have in common at least for same_person to find one person in them."""
    if key.number is not None:
        yield "number", key.number, key.scope
    for contact in (key.email, key.phone):
        if contact is not None:
            yield "name", key.name, contact


class FreeSeats:
    """What is left of each limit, to foretell who would get a seat; the truth is told when seats are taken."""

    def __init__(self, left: Mapping[tuple[str, Any], int]) -> None:
        self._left = dict(left)

    def take(self, targets: Iterable[tuple[str, Any]]) -> bool:
        """A seat in everything that limits it, or none."""
        limited = [target for target in targets if target in self._left]
        if any(self._left[target] < 1 for target in limited):
            return False
        for target in limited:
            self._left[target] -= 1
        return True
