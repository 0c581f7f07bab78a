"""Which column is what, what a cell means, and who stands in a table twice."""

import pytest

from app.registration.rules import PersonDetails
from app.registration.rules_import import (
    FIELD_LABELS,
    Field,
    FreeSeats,
    Repeats,
    cells_of,
    group_names,
    guess_type,
    lacking,
    match_columns,
    person_values,
    read_type,
)
from app.shared.cells import Cell
from app.shared.identity import IdentityType
from app.shared.tables import Row

T = IdentityType


def named(*header: str) -> dict[str, str]:
    """The header's words by what they were taken for."""
    return {key: header[place] for key, place in match_columns(header).items()}


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("NAMA", Field.NAME),
        ("Nama Lengkap", Field.NAME),
        ("NAMA LENGKAP + GELAR", Field.NAME),
        ("Nama peserta (tanpa gelar)", Field.NAME),
        ("N I P", Field.NUMBER),
        ("NIP/NRP", Field.NUMBER),
        ("No. Identitas", Field.NUMBER),
        ("Jenis Nomor", Field.NUMBER_KIND),
        ("No HP", Field.PHONE),
        ("No. Telp / WA aktif", Field.PHONE),
        ("Nomor Ponsel (WhatsApp)", Field.PHONE),
        ("E-mail", Field.EMAIL),
        ("Alamat Surel", Field.EMAIL),
        ("Instansi/ OPD", Field.INSTITUTION),
        ("Nama Instansi", Field.INSTITUTION),
        ("Asal Lembaga", Field.INSTITUTION),
        ("Unsur", Field.CATEGORY),
        ("Jabatan di Instansi", Field.POSITION),
        ("Pangkat / Gol. Ruang", Field.RANK),
        ("Gol", Field.GRADE),
        ("Gelar Depan", Field.TITLE_BEFORE),
        ("Gelar", Field.TITLE_AFTER),
        ("Kelompok", Field.GROUPS),
    ],
)
def test_columns_are_known_by_the_names_that_agencies_give_them(word: str, kind: Field) -> None:
    assert named("No.", word, "Tanda tangan") == {kind.value: word}


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_words_of_our_own_pages_are_known(app, language: str) -> None:
    with app.test_request_context(f"/?lang={language}"):
        words = {kind: str(label) for kind, label in FIELD_LABELS.items()}
    assert match_columns(list(words.values())) == {kind.value: place for place, kind in enumerate(words)}


def test_an_exact_name_goes_before_a_loose_one_and_a_column_holds_one_thing() -> None:
    assert named("Nama Kegiatan", "Nama") == {"name": "Nama"}
    assert named("Nama", "Nama Lengkap") == {"name": "Nama"}
    assert named("Asal", "Instansi", "") == {"institution": "Instansi"}


def test_a_question_of_the_stage_is_known_by_its_words() -> None:
    assert match_columns(["Nama", "Ukuran kaos?"], {"question-7": "Ukuran Kaos"}) == {"question-7": 1, "name": 0}


def test_without_a_name_or_anything_to_tell_a_person_by_nothing_can_be_read(app) -> None:
    assert lacking({"identity_number"}) and lacking({"name", "position"})
    assert lacking({"name", "phone"}) is None


def test_titles_come_out_of_the_name_and_are_not_doubled() -> None:
    values = person_values(
        {"name": "Drs. H. Raja Ismail, M.T.", "title_after": "M.T.", "rank": "Penata", "grade": "III/c"}
    )
    assert (values["title_before"], values["name"], values["title_after"]) == ("Drs. H.", "Raja Ismail", "M.T.")
    assert values["rank"] == "Penata (III/c)"
    assert person_values({"name": "Ani", "title_before": "Hj.", "title_after": "S.H."})["title_before"] == "Hj."
    assert person_values({"name": "Ani, S.H.", "title_after": "M.H."})["title_after"] == "S.H., M.H."


def test_signs_for_nothing_are_nothing() -> None:
    row = Row(5, (Cell("-"), Cell("tidak ada"), Cell("0812")))
    assert [cell.text for cell in cells_of(row, {"rank": 0, "email": 1, "phone": 2, "name": 9}).values()] == [
        "",
        "",
        "0812",
    ]


@pytest.mark.parametrize(
    ("number", "accepted", "kind"),
    [
        ("19850720 201001 2 003", (T.NIDN, T.NIP, T.NUPTK, T.NIM, T.NONE), T.NIP),
        ("1234567890", (T.NIDN, T.NIP, T.NUPTK, T.NIM, T.NONE), T.NIDN),
        ("1234567890123456", (T.NIDN, T.NIP, T.NUPTK, T.NIM, T.NONE), T.NUPTK),
        ("87654/P", (T.NIP, T.NRP, T.NONE), T.NRP),
        ("A-17", (T.COMPANY, T.NONE), T.COMPANY),
        ("198507", (T.NONE, T.NIP), T.NIP),
        ("12", (T.NONE,), T.NONE),
    ],
)
def test_the_kind_of_a_number_is_guessed_by_its_shape(number: str, accepted: tuple[T, ...], kind: T) -> None:
    assert guess_type(number, accepted, accepted[0]) is kind


def test_the_kind_of_a_number_can_be_named(app) -> None:
    assert read_type("nip") is T.NIP and read_type("NIDN (dosen)") is T.NIDN and read_type("KTP") is None


def test_several_groups_in_one_cell() -> None:
    known = {"smartliving": 1, "timpelaksana": 2, "a,b": 3}
    assert group_names("Smart Living; TIM  PELAKSANA", known) == ([1, 2], [])
    assert group_names("Smart Living, Lain", known) == ([1], ["Lain"])
    assert group_names("", known) == ([], [])


def person(name: str, number: str | None = None, **values: str) -> PersonDetails:
    kind = T.NIP if number else T.NONE
    return PersonDetails(name=name, category_code="OPD", identity_type=kind, identity_number=number, **values)


def test_who_stands_in_a_table_twice() -> None:
    repeats = Repeats()
    assert repeats.add(4, person("Ani", "1")) is None
    assert repeats.add(5, person("Ani", "2")) is None
    assert repeats.add(6, person("ANI", "1")) == (4, False)
    assert repeats.add(7, person("Budi", "2")) == (5, True)
    assert repeats.add(8, person("Cici", phone="+62812")) is None
    assert repeats.add(9, person("Cici", email="c@kota.go.id")) is None
    assert repeats.add(10, person("Cici", phone="+62812", email="x@kota.go.id")) == (8, False)


def test_seats_are_foretold_within_every_limit_at_once() -> None:
    seats = FreeSeats({("stage", 1): 2, ("category", "OPD"): 1})
    both = [("stage", 1), ("category", "OPD")]
    assert seats.take(both) and not seats.take(both)
    assert seats.take([("stage", 1), ("category", "BUMN")])
    assert not seats.take([("stage", 1)])
