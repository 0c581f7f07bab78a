import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from app.shared import text

ANYTHING = st.text(max_size=80)


@given(st.text(alphabet=st.characters(categories=("L", "Zs", "Cc", "Cf", "Cs", "Mn")), max_size=60))
def test_squashed_text_is_one_clean_line(raw):
    line = text.squash(raw)
    assert line == line.strip() and "  " not in line and "\n" not in line
    assert not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in line)
    assert not any(
        unicodedata.bidirectional(letter) in ("RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI") for letter in line
    )
    assert text.squash(line) == line
    line.encode()


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (None, ""),
        ("  a\t\n b ", "a b"),
        ("a\x00b", "ab"),
        ("a \u200b b", "a b"),
        ("\u202e0812\u202c", "0812"),
        ("e\u0301", "é"),
        ("a\u0085b\u2028c", "a b c"),
        ("\ud83d", ""),
        ("Staf \uffff", "Staf"),
        ("a\ufdd0\U0001ffffb\x0bc", "ab c"),
    ],
)
def test_squash(raw, line):
    assert text.squash(raw) == line


@given(ANYTHING)
def test_slugs_are_safe_and_stay(raw):
    slug = text.slugify(raw)
    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", slug)
    assert text.slugify(slug) == slug


@given(ANYTHING, st.integers(1, 30))
def test_slugs_keep_to_their_length(raw, limit):
    slug = text.slugify(raw, limit)
    assert len(slug) <= limit
    assert not slug.endswith("-")


@pytest.mark.parametrize(
    ("raw", "slug"),
    [
        ("Gerakan Menuju 100 Smart City 2019", "gerakan-menuju-100-smart-city-2019"),
        ("Jum’at & Café", "jumat-cafe"),
        ("日本", ""),
        (None, ""),
    ],
)
def test_slugify(raw, slug):
    assert text.slugify(raw) == slug


@given(ANYTHING, st.integers(2, 40))
def test_short_text_fits_and_begins_as_the_long(raw, limit):
    short, line = text.shorten(raw, limit), text.squash(raw)
    assert len(short) <= limit
    assert short == line or (short.endswith("…") and line.startswith(short[:-1]))


def test_shorten_cuts_after_a_word():
    assert text.shorten("Dinas Komunikasi dan Informatika", 20) == "Dinas Komunikasi…"
    assert text.shorten("Dinas Komunikasi dan Informatika", 17) == "Dinas Komunikasi…"
    assert text.shorten("Dinas Komunikasi", 16) == "Dinas Komunikasi"
    assert text.shorten("Antikonstitusional", 8) == "Antikon…"


@pytest.mark.parametrize(
    ("raw", "kept"),
    [("a\0b\ufffe\ud800c", "abc"), ("satu\x0bdua\ttiga\r\n", "satu\ndua\ttiga\r\n"), ("🎓 é \u200d", "🎓 é \u200d")],
)
def test_what_cannot_be_stored_goes_and_all_else_stays(raw, kept):
    assert text.storable(raw) == kept


@given(st.text(alphabet=st.characters(), max_size=60))
def test_whatever_is_storable_fits_into_xml(raw):
    kept = text.storable(raw)
    assert etree.fromstring(etree.tostring(_element(kept))).text in (kept or None, kept.replace("\r", "\n"))


def _element(content):
    element = etree.Element("t")
    element.text = content
    return element
