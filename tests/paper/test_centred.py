from hypothesis import given
from hypothesis import strategies as st

from app.paper.centred import LOOSEST, TIGHTEST, Line, Run, lines_of, spread

LINES = st.lists(
    st.builds(
        Line, runs=st.tuples(st.builds(Run, text=st.just("Peserta"), size=st.floats(6, 30))), gap=st.floats(0, 12)
    ),
    min_size=1,
)


@given(lines=LINES, height=st.floats(60, 600))
def test_lines_never_need_more_than_the_height(lines, height):
    shrunk, stretch = spread(lines, height)
    assert sum(line.height + line.gap * stretch for line in shrunk) <= height + 0.01 or stretch == 1
    assert sum(line.height for line in shrunk) <= height
    assert TIGHTEST * 0.99 <= stretch <= LOOSEST


def test_with_room_enough_letters_keep_their_size():
    lines = [Line((Run("Peserta", size=20),), gap=5)]
    assert spread(lines, 200) == (lines, LOOSEST)


def test_an_empty_text_takes_no_line():
    assert lines_of(Run("  "), width=100) == []
