from hypothesis import given
from hypothesis import strategies as st

from app.paper.fonts import Face, letters, runs


def test_text_of_one_face_is_one_run():
    assert runs("Mădălina Écé ’x’ – Şen", Face.BOLD) == [(Face.BOLD, "Mădălina Écé ’x’ – Şen")]


def test_letters_the_face_lacks_come_from_another():
    assert runs("Bu Ωμέγα.", Face.REGULAR)[1][0] is Face.FALLBACK
    assert "".join(part for _face, part in runs("Bu Ωμέγα.", Face.REGULAR)) == "Bu Ωμέγα."


def test_a_letter_no_face_has_becomes_its_plain_form_or_a_question_mark():
    assert runs("𝖠𝖡 李\x07", Face.REGULAR)[-1] == (Face.REGULAR, " ?")


def test_decomposed_letters_are_composed():
    assert runs("Ame\u0301lie", Face.SEMIBOLD) == [(Face.SEMIBOLD, "Amélie")]


@given(st.text(max_size=60))
def test_every_letter_of_every_run_can_be_drawn(text):
    for face, part in runs(text, Face.REGULAR):
        assert letters(face).issuperset(part)
