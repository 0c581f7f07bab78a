import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.shared import phone

MOBILE = st.from_regex(r"8[1-9][0-9]{6,10}", fullmatch=True)
MARKS = st.sampled_from(("", "", " ", ".", "-", "‑", "\u00a0", " - "))


@given(MOBILE, st.sampled_from(("0", "62", "+62", "", "+62 0", "0062", "(+62) ", "(0)", "\u202a+62 ")), st.data())
def test_every_usual_writing_is_the_same_number(national, start, data):
    typed = start + "".join(digit + data.draw(MARKS) for digit in national) + data.draw(st.sampled_from(("", "\u202c")))
    assert phone.parse_phone(typed) == phone.PhoneResult("+62" + national)


@given(MOBILE)
def test_what_is_shown_reads_back(national):
    e164 = "+62" + national
    shown = phone.shown_phone(e164)
    assert phone.parse_phone(shown).e164 == e164
    assert re.fullmatch(r"08\d\d-\d{3,4}-\d{2,5}", shown)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (None, "Type the mobile number"),
        ("", "Type the mobile number"),
        ("0771-4440123", "not a mobile number"),
        ("0801234567", "080"),
        ("08123456", "8 were typed"),
        ("08123456789012", "14 were typed"),
        ("0812345678901234567", "too long: 19"),
        ("0812/0813", "one mobile number"),
        ("08123456789 atau 08123456780", "one mobile number"),
        ("nol delapan", "digits"),
        ("081234567٣", "digits"),
        ("+", "digits"),
        ("+1 2", "does not exist"),
        ("+999 123456789", "does not exist"),
        ("0812" * 2_500, "too long"),
    ],
)
def test_what_is_wrong_is_said(typed, says):
    result = phone.parse_phone(typed)
    assert result.e164 is None
    assert says in result.problem


@pytest.mark.parametrize("typed", ["+65 9123 4567", "0065 9123-4567", "+60 12-345 6789"])
def test_neighbours_are_welcome(typed):
    result = phone.parse_phone(typed)
    assert result.problem is None
    assert phone.parse_phone(phone.shown_phone(result.e164)) == result


@given(st.one_of(st.text(max_size=40), st.text(alphabet="+0123456789 -.", max_size=30)))
def test_anything_gets_an_answer(text):
    result = phone.parse_phone(text)
    assert (result.e164 is None) != (result.problem is None)
    if result.e164:
        assert re.fullmatch(r"\+[1-9][0-9]{4,14}", result.e164)
        assert phone.parse_phone(result.e164) == result


def test_shown():
    assert phone.shown_phone("+6281234567890") == "0812-3456-7890"
    assert phone.shown_phone("+628123456789") == "0812-3456-789"
    assert phone.shown_phone(None) == ""
    assert phone.shown_phone("unreadable") == "unreadable"
