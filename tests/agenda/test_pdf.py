from dataclasses import replace

from app.agenda.pdf import RundownDay, RundownEntry, RundownPaper, rundown
from tests.paper.reading import fonts_of, pages_of, text_of, white_margin
from tests.paper.samples import LONG_INSTITUTION, MARKUP, letterhead

LESSON = RundownEntry(
    time="09.30–11.00",
    title="Kebijakan Smart City",
    speakers=("Dr. Ir. Nurlaila, M.T.", "Moderator: Rina Ayu, S.Kom."),
    place="Aula Lantai 3",
    jp=2,
    audience="Kelompok: Tim Pelaksana",
)
BREAK = RundownEntry(time="09.15–09.30", title="Rehat")
PAPER = RundownPaper(
    letterhead=letterhead(),
    event="Bimbingan Teknis Tahap I",
    dates="8 s.d. 9 Juli 2019",
    place="Aula Lantai 3",
    days=(
        RundownDay(day="Senin, 8 Juli 2019", entries=(BREAK, LESSON)),
        RundownDay(day="Selasa, 9 Juli 2019", entries=(LESSON,)),
    ),
)


def test_each_day_has_its_table():
    (page,) = pages_of(rundown(PAPER))
    assert page.count("Waktu Acara Narasumber/Moderator Tempat JP") == 2
    assert page.index("Senin, 8 Juli 2019") < page.index("Rehat") < page.index("Selasa, 9 Juli 2019")
    for words in (LESSON.time, LESSON.title, *LESSON.speakers, LESSON.audience, "Jumlah: 4 JP"):
        assert words in page


def test_a_day_longer_than_a_page_repeats_its_header():
    pages = pages_of(rundown(replace(PAPER, days=(RundownDay(day="Senin, 8 Juli 2019", entries=(LESSON,) * 60),))))
    assert len(pages) > 1
    assert all("Waktu Acara" in page for page in pages if LESSON.time in page)


def test_no_sessions_yet():
    assert "SUSUNAN ACARA" in text_of(rundown(replace(PAPER, days=())))


def test_long_values_and_markup_stay_inside():
    entry = replace(LESSON, title=MARKUP, speakers=(LONG_INSTITUTION,), place="X" * 90)
    pdf = rundown(replace(PAPER, days=(RundownDay(day="Senin", entries=(entry,)),)))
    assert '<img src="/etc/passwd">' in text_of(pdf)
    assert white_margin(pdf) >= 10


def test_fonts_are_embedded_and_the_bytes_repeat():
    assert all(fonts_of(rundown(PAPER)).values())
    assert rundown(PAPER) == rundown(PAPER)
