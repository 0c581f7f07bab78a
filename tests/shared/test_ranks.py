import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.shared import ranks


def test_the_list_is_whole():
    assert [rank.grade for rank in ranks.RANKS] == [
        f"{level}/{step}"
        for level, steps in (("I", "abcd"), ("II", "abcd"), ("III", "abcd"), ("IV", "abcde"))
        for step in steps
    ]
    assert len({rank.title for rank in ranks.RANKS}) == 17
    assert (ranks.PPPK_GRADES[0], ranks.PPPK_GRADES[-1], len(ranks.PPPK_GRADES)) == ("I", "XVII", 17)


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("III/a", "Penata Muda (III/a)"),
        ("iii.A", "Penata Muda (III/a)"),
        ("IV / e", "Pembina Utama (IV/e)"),
        ("IIId", "Penata Tingkat I (III/d)"),
        ("ix", "Golongan IX"),
        ("I", "Golongan I"),
        ("III/e", "III/e"),
        ("XVIII", "XVIII"),
        (" Ajun  Komisaris ", "Ajun Komisaris"),
        (None, ""),
    ],
)
def test_labels(typed, label):
    assert ranks.rank_label(typed) == label


@given(st.sampled_from(ranks.RANKS), st.sampled_from(("/", " ", ".", "", " / ")))
def test_every_grade_is_found_in_every_writing(rank, between):
    level, step = rank.grade.split("/")
    assert ranks.canonical_grade(level.lower() + between + step.upper()) == rank.grade


@given(st.text(max_size=40))
def test_free_text_stays(text):
    label = ranks.rank_label(text)
    assert ranks.canonical_grade(text) or ranks.rank_label(label) == label
