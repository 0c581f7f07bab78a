from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.shared import identity
from app.shared.identity import IdentityType, ServantKind, Sex

TODAY = date(2019, 7, 8)
GOOD = "198507082010011001"


def check(text, kind=IdentityType.NIP, **given_elsewhere):
    return identity.check(kind, text, today=TODAY, **given_elsewhere)


@st.composite
def nips(draw):
    """A valid NIP with the parts it was made of."""
    born = draw(st.dates(min_value=date(1945, 1, 1), max_value=date(2002, 12, 31)))
    year = draw(st.integers(born.year + 16, TODAY.year + 1))
    group = draw(st.one_of(st.integers(1, 12), st.integers(21, 99)))
    sex = draw(st.sampled_from((1, 2)))
    serial = draw(st.integers(1, 999))
    return f"{born:%Y%m%d}{year}{group:02}{sex}{serial:03}", (born, year, group, sex, serial)


@given(nips(), st.sampled_from(("{} {} {} {}", "{}.{}.{}.{}", " {}-{}-{}-{} ", "{}{}{}{}")))
def test_every_valid_nip_passes_in_every_writing(made, form):
    number, (born, year, group, sex, serial) = made
    checked = check(form.format(number[:8], number[8:14], number[14], number[15:]))
    assert checked == identity.Checked(number)
    parts = identity.nip_parts(number)
    assert (parts.birth_date, parts.appointed_year, int(parts.serial)) == (born, year, serial)
    assert parts.kind is (ServantKind.PNS if group <= 12 else ServantKind.PPPK)
    assert parts.appointed_month == (group if group <= 12 else None)
    assert parts.sex is (Sex.MAN if sex == 1 else Sex.WOMAN)
    assert check(identity.shown(IdentityType.NIP, number)).number == number


@given(nips(), st.integers(0, 99))
def test_digits_13_and_14(made, group):
    number = f"{made[0][:12]}{group:02}{made[0][14:]}"
    valid = 1 <= group <= 12 or group >= 21
    problem = check(number).problem
    assert (problem is None) == valid
    assert valid or f"13–14 of the NIP ({group:02})" in problem


@given(nips(), st.integers(0, 9999))
def test_the_year_of_appointment_fits_the_year_of_birth(made, year):
    number = f"{made[0][:8]}{year:04}{made[0][12:]}"
    valid = made[1][0].year + 16 <= year <= TODAY.year + 1
    problem = check(number).problem
    assert (problem is None) == valid
    assert valid or "9–12" in problem


@given(nips(), st.integers(0, 17), st.sampled_from("OlXxé٣²/_"))
def test_a_letter_is_named_with_its_place(made, place, letter):
    number = made[0][:place] + letter + made[0][place + 1 :]
    problem = check(number).problem
    assert f"character {place + 1} " in problem


@given(st.text(alphabet="0123456789", min_size=1, max_size=40))
def test_the_count_of_digits_is_said(digits):
    assume(len(digits) != 18)
    assert check(digits).problem == f"NIP has 18 digits; {len(digits)} were typed."


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("198513082010011001", "Digits 1–8 of the NIP (19851308)"),
        ("198502302010011001", "Digits 1–8"),
        ("000007082010011001", "Digits 1–8"),
        ("198507082010013001", "Digit 15 of the NIP (3)"),
        ("198507082010010001", "Digit 15"),
        ("198507082010011000", "spreadsheet"),
        ("", "Type the number"),
        (None, "Type the number"),
        ("1" * 10_000, "too long"),
    ],
)
def test_the_wrong_part_is_named(number, says):
    checked = check(number)
    assert checked.number is None
    assert says in checked.problem


@pytest.mark.parametrize(
    ("born", "valid"),
    [
        (date(2003, 7, 8), True),
        (date(2003, 7, 9), False),
        (date(1943, 7, 9), True),
        (date(1943, 7, 8), False),
        (date(2090, 1, 1), False),
    ],
)
def test_age_from_16_to_75(born, valid):
    problem = check(f"{born:%Y%m%d}{born.year + 16}011001").problem
    assert (problem is None) == valid
    assert valid or "ages of 16 to 75" in problem


def test_what_was_said_elsewhere_warns_and_does_not_block():
    assert check(GOOD, birth_date=date(1985, 7, 8), sex=Sex.MAN).warnings == ()
    checked = check(GOOD, birth_date=date(1985, 7, 8) + timedelta(days=1), sex=Sex.WOMAN)
    assert checked.number == GOOD
    assert [warning.split(" differs")[0] for warning in checked.warnings] == ["The birth date", "The sex"]


@pytest.mark.parametrize(
    ("kind", "typed", "number"),
    [
        (IdentityType.NRP, "12345", "12345"),
        (IdentityType.NRP, "84 12 0345", "84120345"),
        (IdentityType.NRP, "12345/p", "12345/P"),
        (IdentityType.NRP, "1234", None),
        (IdentityType.NRP, "12345/PPPP", None),
        (IdentityType.NRP, "1" * 17, None),
        (IdentityType.NIDN, "0012345678", "0012345678"),
        (IdentityType.NIDN, "001234567", None),
        (IdentityType.NUPTK, "1234567890123456", "1234567890123456"),
        (IdentityType.NUPTK, "123456789012345X", None),
        (IdentityType.NIM, "e1e1.19-001", "E1E119001"),
        (IdentityType.NIM, "12345", None),
        (IdentityType.NIM, "1" * 16, None),
        (IdentityType.COMPANY, " brk-00 12/a ", "BRK-00 12/A"),
        (IdentityType.COMPANY, "-", None),
        (IdentityType.COMPANY, "1" * 21, None),
        (IdentityType.COMPANY, "<b>", None),
        (IdentityType.NONE, "anything", None),
    ],
)
def test_other_numbers(kind, typed, number):
    checked = check(typed, kind)
    assert checked.number == number
    assert (checked.problem is None) == (number is not None or kind is IdentityType.NONE)


@given(st.sampled_from(IdentityType), st.text(max_size=50))
def test_anything_typed_gets_an_answer_and_a_number_stays_what_it_is(kind, text):
    checked = check(text, kind)
    assert checked.number is None or checked.problem is None
    if checked.number is not None:
        assert check(checked.number, kind).number == checked.number
        assert identity.shown(kind, checked.number).replace(" ", "") == checked.number.replace(" ", "")


def test_shown():
    assert identity.shown(IdentityType.NIP, GOOD) == "19850708 201001 1 001"
    assert identity.shown(IdentityType.NRP, "12345/P") == "12345/P"
    assert identity.shown(IdentityType.NIP, None) == identity.shown(IdentityType.NONE, "1") == ""


@pytest.mark.parametrize("number", ["1", "198513082010011001", "198507082010151001", "198507082010013001", "x" * 18])
def test_a_number_that_says_nothing_has_no_parts(number):
    with pytest.raises(ValueError):
        identity.nip_parts(number)


def test_every_kind_has_a_label():
    assert all(str(kind.label) for kind in IdentityType)
    assert [kind.value for kind in IdentityType] == [kind.name for kind in IdentityType]


@pytest.mark.parametrize(
    ("digits", "says"),
    [
        ("19851301", "no month 13"),
        ("19850230", "month 02 has no day 30"),
        ("19850745", "no day 45"),
        ("19850700", "no day 00"),
    ],
)
def test_a_birth_date_that_no_calendar_holds_is_named(digits, says):
    problem = identity.check(IdentityType.NIP, f"{digits}201001 1 999", today=date(2026, 1, 1)).problem
    assert says in problem
