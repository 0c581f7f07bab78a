from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.shared import numbers

WORDS = {
    **{"nol": 0, "satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7, "delapan": 8},
    **{"sembilan": 9, "sepuluh": 10, "sebelas": 11, "seratus": 100},
}
LETTERS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def read_words(text):
    """What a person hears, worked out independently."""
    thousands = total = last = 0
    for word in text.replace("seribu", "satu ribu").split():
        if word == "ribu":
            thousands, total, last = total + last, 0, 0
        elif word in ("puluh", "ratus"):
            total, last = total + last * (10 if word == "puluh" else 100), 0
        elif word == "belas":
            total, last = total + last + 10, 0
        else:
            total, last = total + last, WORDS[word]
    return thousands * 1000 + total + last


@given(st.integers(0, 999_999))
def test_words_are_heard_as_the_number(n):
    assert read_words(numbers.in_words(n)) == n


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (0, "nol"),
        (11, "sebelas"),
        (16, "enam belas"),
        (20, "dua puluh"),
        (100, "seratus"),
        (111, "seratus sebelas"),
        (1000, "seribu"),
        (1001, "seribu satu"),
        (2019, "dua ribu sembilan belas"),
        (100_000, "seratus ribu"),
        (101_000, "seratus satu ribu"),
    ],
)
def test_words(n, words):
    assert numbers.in_words(n) == words


@pytest.mark.parametrize("n", [-1, 1_000_000])
def test_words_end_somewhere(n):
    with pytest.raises(ValueError):
        numbers.in_words(n)


@given(st.integers(1, 3999))
def test_roman_adds_up_and_repeats_no_letter_four_times(n):
    values = [LETTERS[letter] for letter in numbers.roman(n)]
    signed = [-v if any(v < after for after in values[i + 1 : i + 2]) else v for i, v in enumerate(values)]
    assert sum(signed) == n
    assert not any(letter * 4 in numbers.roman(n) for letter in LETTERS)


@pytest.mark.parametrize("n", [0, -1, 4000])
def test_roman_ends_somewhere(n):
    with pytest.raises(ValueError):
        numbers.roman(n)


@pytest.mark.parametrize(
    ("x", "places", "shown"),
    [
        (88.305, 2, "88,31"),
        (0.145, 2, "0,15"),
        (2.5, 0, "3"),
        (1234.5, 2, "1.234,50"),
        (Fraction(1, 3), 2, "0,33"),
        (-0.001, 2, "0,00"),
        (7, 1, "7,0"),
    ],
)
def test_decimals(x, places, shown):
    assert numbers.decimal(x, places) == shown


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_decimals_read_back(x):
    assert Decimal(numbers.decimal(x, 2).replace(".", "").replace(",", ".")) == x
