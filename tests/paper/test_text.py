from hypothesis import given
from hypothesis import strategies as st

from app.paper.document import flowing
from app.paper.fonts import Face
from app.paper.pages import Paper
from app.paper.text import balanced, fit, paragraph_style, safe_paragraph, width_of, wrap
from tests.paper.reading import text_of
from tests.paper.samples import LONG_NAME, MARKUP

WORDS = st.text(alphabet="abcdefghij KLM.,", max_size=200)


@given(text=WORDS, width=st.integers(40, 300))
def test_no_line_is_wider_than_asked_and_nothing_is_lost(text, width):
    lines = wrap(text, Face.REGULAR, 10, width)
    assert all(width_of(line, Face.REGULAR, 10) <= width + 0.01 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(text=WORDS.filter(str.strip), width=st.integers(60, 300))
def test_balanced_lines_are_as_many_and_no_wider(text, width):
    lines = balanced(text, Face.BOLD, 10, width)
    assert len(lines) == len(wrap(text, Face.BOLD, 10, width))
    assert all(width_of(line, Face.BOLD, 10) <= width + 0.01 for line in lines)


def test_a_short_text_keeps_its_size():
    assert fit("Raja Ismail", Face.BOLD, size=27, smallest=18, width=600).size == 27


def test_a_longer_one_shrinks_before_it_wraps():
    found = fit("Drs. H. Raja Muhammad Ismail Abdullah, M.T.", Face.BOLD, size=27, smallest=18, width=500)
    assert len(found.lines) == 1 and 18 <= found.size < 27
    assert width_of(found.lines[0], Face.BOLD, found.size) <= 500


def test_a_very_long_one_takes_two_lines_of_about_the_same_length():
    found = fit(LONG_NAME, Face.BOLD, size=27, smallest=18, width=650, lines=2)
    first, second = (width_of(line, Face.BOLD, found.size) for line in found.lines)
    assert " ".join(found.lines) == LONG_NAME
    assert max(first, second) <= 650 and min(first, second) > 0.7 * max(first, second)


def test_markup_in_a_paragraph_is_only_text():
    story = [safe_paragraph(f"{MARKUP}\nΩ baris kedua", paragraph_style())]
    pdf = flowing(story, size=Paper.A4.size(), title="Uji", author="Uji")
    assert f"{MARKUP} Ω baris kedua" in text_of(pdf)
    assert "root:" not in text_of(pdf)
