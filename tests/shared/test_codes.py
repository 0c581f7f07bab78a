import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.shared import codes

CODES = st.text(alphabet=codes.ALPHABET, min_size=16, max_size=16)
LOOKALIKES = {"0": "0oO", "1": "1iIlL"}


@st.composite
def misread(draw):
    """A code and one way in which a person may write it."""
    code = draw(CODES)
    typed = ""
    for letter in code:
        typed += draw(st.sampled_from(LOOKALIKES.get(letter, letter + letter.lower())))
        typed += draw(st.sampled_from(("", "", "", "-", " ", "–", "\u00a0", "\n")))
    return code, typed


def test_new_codes_are_well_formed_and_differ():
    drawn = {codes.new_code() for _ in range(500)}
    assert len(drawn) == 500
    assert all(codes.is_code(code) and codes.canonical(code) == code for code in drawn)
    assert set("".join(drawn)) == set(codes.ALPHABET)


def test_the_alphabet_has_no_letters_that_are_mistaken():
    assert len(codes.ALPHABET) == len(set(codes.ALPHABET)) == 32
    assert not set("ILOU") & set(codes.ALPHABET)


@given(misread())
def test_every_way_of_writing_is_the_same_code(pair):
    code, typed = pair
    assert codes.canonical(typed) == code
    assert codes.is_code(typed)
    assert codes.digest(typed) == codes.digest(code)
    assert codes.canonical(codes.grouped(typed)) == code


@pytest.mark.parametrize(
    "form",
    [
        "HTTP://HOST:8000/T/{}",
        "https://bimtek.example/verifikasi/{}?utm=a/b",
        "https://bimtek.example/verifikasi/{}/#atas",
        " /t/{}\r\n",
    ],
)
@given(code=CODES)
def test_an_address_counts_by_its_last_segment(form, code):
    assert codes.canonical(form.format(code)) == code
    assert codes.canonical(form.format(codes.grouped(code).lower()).encode()) == code


@given(st.one_of(st.text(), st.binary()))
def test_anything_has_a_canonical_form_that_stays(junk):
    once = codes.canonical(junk)
    assert codes.canonical(once) == once
    assert len(codes.digest(junk)) == 64


@pytest.mark.parametrize(
    "junk", ["", " ", "/", "?", "\x00" * 16, "\ud800" * 16, "A" * 15, "A" * 17, "U" * 16, "ſ" * 16, "ı" * 16]
)
def test_junk_is_no_code(junk):
    assert not codes.is_code(junk)
    assert len(codes.digest(junk)) == 64


@pytest.mark.parametrize("junk", ["A" * 10_000, "/" * 10_000, "- " * 5_000, b"\xff" * 10_000])
def test_long_junk_is_no_code(junk):
    assert not codes.is_code(junk)


def test_grouped_reads_in_fours():
    assert codes.grouped("abcdefghjkmnpqrs") == "ABCD-EFGH-JKMN-PQRS"


def test_tokens_are_long_url_safe_and_exact():
    token = codes.new_token()
    assert len(token) == 43
    assert set(token) <= set(string.ascii_letters + string.digits + "-_")
    assert codes.token_digest(token) != codes.token_digest(token.lower())
    assert token not in codes.token_digest(token)


@pytest.mark.parametrize(
    ("typed", "counted"), [("ABCD-EFGH-JKMN-PQR", "15"), ("x", "1"), ("http://host/t/ABCDEFGHJKMNPQRSTV", "18")]
)
def test_a_code_of_the_wrong_length_is_told_what_was_typed(app, typed, counted):
    assert codes.length_problem(typed) == f"Kode terdiri dari 16 huruf dan angka; yang diketik {counted}."


@given(misread())
def test_no_way_of_writing_a_code_is_of_the_wrong_length(pair):
    assert codes.length_problem(pair[1]) is None
