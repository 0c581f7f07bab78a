import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.shared import names

ANYTHING = st.text(max_size=60)


@pytest.mark.parametrize(
    ("before", "name", "after", "printed"),
    [
        ("Drs. H.", "Raja Ismail", "M.T.", "Drs. H. Raja Ismail, M.T."),
        (" Drs.  H. ", " Raja   Ismail ,", ", S.T.,M.T. ", "Drs. H. Raja Ismail, S.T., M.T."),
        ("", "Ani", "S.Kom. M.Si.", "Ani, S.Kom., M.Si."),
        (None, "Ani", "S. Kom., M. Si", "Ani, S. Kom., M. Si"),
        ("dr.", "Budi", "Sp. OG; FINASIM", "dr. Budi, Sp. OG, FINASIM"),
        ("Ir.", "Adi", "ST MT", "Ir. Adi, ST, MT"),
        ("", "Tan Mei", "Ph.D (Hons)", "Tan Mei, Ph.D (Hons)"),
        ("", "Rudi", "Ahli Madya", "Rudi, Ahli Madya"),
        (None, "SITI NUR’AINI", None, "SITI NUR'AINI"),
        ("", "Ismail", "", "Ismail"),
        ("Hj.", "", "M.Pd.", "Hj., M.Pd."),
        (None, None, None, ""),
    ],
)
def test_printed(before, name, after, printed):
    assert names.full_name(before, name, after) == printed


@given(ANYTHING, ANYTHING, ANYTHING)
def test_printing_changes_no_letters_and_leaves_no_loose_commas(before, name, after):
    printed = names.full_name(before, name, after)
    assert "  " not in printed and ",," not in printed
    assert not printed.startswith(",") and not printed.endswith(",")
    typed = unicodedata.normalize("NFC", before + name + after)
    assert {letter for letter in printed if letter.isalpha()} <= set(typed) | set(unicodedata.normalize("NFC", name))


@given(ANYTHING)
def test_cleaning_twice_is_cleaning_once(text):
    for clean in (names.clean_name, names.clean_titles_after, names.sort_key, names.name_key):
        assert clean(clean(text)) == clean(text)


@given(st.text(alphabet="abcdefghij ", max_size=30), st.sampled_from("'’`\"."))
def test_case_and_punctuation_do_not_make_another_person(name, mark):
    assert names.name_key(name.upper() + mark) == names.name_key(name)


def test_keys():
    assert names.sort_key("  Nur'Aïni  Al-Amin ") == "nuraini al amin"
    assert names.name_key("Siti Nur’aini") == names.name_key("SITI NURAINI") == names.name_key("Siti-Nuraini")
    assert names.name_key("Raja Ismail") != names.name_key("Raja Ismael")
    assert names.sort_key("M.Ali") == names.sort_key("M. Ali")


@pytest.mark.parametrize(
    ("name", "letters"), [("Raja Ismail", "RI"), ("raja haji ali", "RA"), ("Ismail", "I"), ("", ""), ("'Aisyah", "A")]
)
def test_initials(name, letters):
    assert names.initials(name) == letters


@given(ANYTHING)
def test_initials_are_few(name):
    assert names.initials(name) == names.initials(name).upper()


@pytest.mark.parametrize(
    "name", ["Ismail", "Nur'aini", "M. Ali", "Raja Ali II", "Muh.Yusuf", "李明", "SITI", "A" * 120]
)
def test_valid_names(name):
    assert names.name_problem(name) is None


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (None, "Type the name"),
        ("  ", "Type the name"),
        ("12345", "letters"),
        ("---", "letters"),
        ("A" * 121, "at most 120 characters; 121"),
        ("Ani\x00", "cannot be printed"),
        ("Ani\nBudi", "cannot be printed"),
        ("Ani \ud800", "cannot be printed"),
        ("https://x.id", "not a web"),
        ("Klik WWW.judi.xyz", "not a web"),
        ("menang.com", "not a web"),
        ("ani@dinas.go.id", "not a web"),
        ("<script>Budi</script>", "take out < >"),
        ("Budi 😀", "take out 😀"),
        ("Budi 2", "take out 2"),
    ],
)
def test_invalid_names(name, says):
    assert says in names.name_problem(name)


@given(st.text(max_size=300))
def test_any_text_gets_an_answer(text):
    problem = names.name_problem(text)
    assert problem is None or problem.endswith(".")


@pytest.mark.parametrize(
    ("typed", "before", "name", "after"),
    [
        ("Drs. H. Raja Ismail, M.T.", "Drs. H.", "Raja Ismail", "M.T."),
        ("Drs H Raja Ismail,M.T", "Drs H", "Raja Ismail", "M.T"),
        ("Prof.Dr.Ir. Ahmad Zaki", "Prof.Dr.Ir.", "Ahmad Zaki", ""),
        ("Ir.Ahmad", "Ir.", "Ahmad", ""),
        ("Dr. (H.C.) Budi", "Dr. (H.C.)", "Budi", ""),
        ("M. Yusuf, S.Kom.,M.Si", "", "M. Yusuf", "S.Kom., M.Si"),
        ("H. M. Yusuf", "H.", "M. Yusuf", ""),
        ("Ani Lestari S.Kom. M.T.", "", "Ani Lestari", "S.Kom., M.T."),
        ("SITI AMINAH", "", "SITI AMINAH", ""),
        ("Hana Irwan", "", "Hana Irwan", ""),
        ("H.", "", "H.", ""),
        ("", "", "", ""),
    ],
)
def test_titles_are_taken_off_a_name(typed, before, name, after):
    assert names.split_titles(typed) == (before, name, after)


@given(
    st.lists(st.sampled_from(["Prof.", "Dr.", "dr.", "Drs.", "Dra.", "Ir.", "H.", "Hj.", "KH."]), max_size=3),
    st.lists(st.sampled_from(["Raja", "Siti", "Nur'aini", "M.", "Haji", "Ismail"]), min_size=1, max_size=4),
    st.lists(st.sampled_from(["S.Kom.", "M.T.", "S.E.", "MM", "Ph.D.", "Sp.OG"]), max_size=3),
)
def test_a_name_taken_apart_is_printed_as_before(before, words, after):
    printed = names.full_name(" ".join(before), " ".join(words), ", ".join(after))
    assert names.split_titles(printed) == (" ".join(before), " ".join(words), ", ".join(after))


@given(ANYTHING)
def test_taking_a_name_apart_loses_no_letter(text):
    assert names.name_key("".join(names.split_titles(text))) == names.name_key(text)


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("drs. joko susilo, m.si", ("drs.", "joko susilo", "m.si")),
        ("Joko Susilo, SE, MM", ("", "Joko Susilo", "SE, MM")),
        ("Siti Aminah", ("", "Siti Aminah", "")),
        ("Aminah, Siti", ("", "Aminah, Siti", "")),
        ("AMINAH, SITI", ("", "AMINAH, SITI", "")),
        ("M. Yusuf A.", ("", "M. Yusuf A.", "")),
    ],
)
def test_titles_typed_with_the_name_are_told_from_a_turned_name(typed: str, parts: tuple[str, str, str]) -> None:
    assert names.without_titles(typed) == parts
