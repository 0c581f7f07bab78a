"""Placeholders and their filling, relative times, segments as they are kept."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.messages.defaults import STANDARD
from app.messages.rules import (
    KIND_LABELS,
    KIND_OCCASIONS,
    KIND_SLUGS,
    LONGEST_SUBJECT,
    TemplateKind,
    kind_of,
    placeholders_of,
    text_problem,
)
from app.messages.rules_filling import Value, as_html, as_text, filled_line
from app.messages.rules_segments import (
    Plan,
    PlanProblem,
    Segment,
    Timing,
    due_at,
    mark,
    plan_problem,
    read_clock,
    read_mark,
    short_name,
)
from app.registration.rules import RegistrationState
from app.registration.rules_people import Answering

STAGE = {"starts_on": date(2019, 7, 8), "ends_on": date(2019, 7, 9), "zone": "Asia/Jakarta"}
NOW = datetime(2019, 7, 1, tzinfo=UTC)


def test_every_kind_has_all_that_belongs_to_it() -> None:
    for names in (STANDARD, KIND_LABELS, KIND_OCCASIONS, KIND_SLUGS):
        assert set(names) == set(TemplateKind)
    assert [kind_of(KIND_SLUGS[kind]) for kind in TemplateKind] == list(TemplateKind)
    assert kind_of("tidak-ada") is None and kind_of(None) is None


@pytest.mark.parametrize("kind", list(TemplateKind))
def test_the_standard_texts_are_right_themselves(app: Flask, kind: TemplateKind) -> None:
    text = STANDARD[kind]
    assert text_problem(kind, text.subject, subject=True) is None
    assert text_problem(kind, text.body) is None
    assert len(text.subject) <= LONGEST_SUBJECT


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (TemplateKind.REMINDER, "Yth. {nma},", "Penanda {nma} tidak dikenal. Mungkin maksudnya {nama}?"),
        (TemplateKind.REMINDER, "{Nama}", "Mungkin maksudnya {nama}?"),
        (TemplateKind.REMINDER, "{ nama }", "Mungkin maksudnya {nama}?"),
        (TemplateKind.REMINDER, "{xyzw}", "Penanda {xyzw} tidak dikenal. Semua penanda"),
        (TemplateKind.REMINDER, "{batas_waktu}", "{batas_waktu} tidak tersedia dalam surat ini."),
        (TemplateKind.INVITATION, "{nama}", "{nama} tidak tersedia"),
        (None, "{alasan}", "{alasan} tidak tersedia"),
        (TemplateKind.REMINDER, "Yth. {nama,", "tanpa pasangan"),
        (TemplateKind.REMINDER, "Yth. nama},", "tanpa pasangan"),
        (TemplateKind.REMINDER, "{{nama}}", "tanpa pasangan"),
        (TemplateKind.REMINDER, "{}", "Penanda {} tidak dikenal"),
        (TemplateKind.REMINDER, "Rincian: {rincian}", "berdiri sendiri"),
        (TemplateKind.OFFER, "Yth. {nama}, terima sebelum {batas_waktu}", None),
        (None, "Tanpa penanda", None),
    ],
)
def test_what_is_wrong_with_a_text_is_named(app: Flask, kind: TemplateKind | None, text: str, said: str | None) -> None:
    problem = text_problem(kind, text)
    assert problem is None if said is None else problem is not None and said in problem


@pytest.mark.parametrize("name", ["rincian", "tautan_tiket"])
def test_tables_and_addresses_do_not_fit_into_a_subject(app: Flask, name: str) -> None:
    assert "perihal" in (text_problem(None, f"Halo {{{name}}}", subject=True) or "")


def test_what_a_person_is_called_makes_neither_a_tag_nor_a_link() -> None:
    values = {"nama": Value('<a href="https://jahat.test">"Siti"</a> & {tahap} https://jahat.test')}
    html = as_html("Yth. {nama}\n\nTautan: {nama}", values)
    assert "<a" not in html and "&lt;a href=&#34;https://jahat.test&#34;&gt;" in html and "{tahap}" in html
    assert as_text("Yth. {nama}", values) == f"Yth. {values['nama'].text}"


def test_the_text_of_staff_makes_no_tag_either_but_its_addresses_are_links() -> None:
    html = as_html("<script>alert(1)</script> lihat https://kota.test/a?b=1&c=2.", {})
    assert "<script" not in html
    assert 'href="https://kota.test/a?b=1&amp;c=2"' in html and html.endswith("</a>.</p>")


def test_paragraphs_lists_buttons_and_tables() -> None:
    values = {
        "tautan": Value("https://kota.test/t/1", is_link=True),
        "rincian": Value(rows=(("Waktu", ("8 Juli", "9 <Juli>")),)),
    }
    body = "Satu\ndua\n\nBawa:\n- laptop\n- tiket\n\nBuka tiket: {tautan}\n\n{rincian}\n\nAlamat {tautan} ini"
    html = str(as_html(body, values))
    assert "Satu<br>\ndua</p>" in html and html.count("<li>") == 2
    assert ">Buka tiket</a>" in html and html.count("https://kota.test/t/1</p>") == 1
    assert "8 Juli<br>9 &lt;Juli&gt;" in html and ">https://kota.test/t/1</a> ini" in html
    text = as_text(body, values)
    assert "Buka tiket: https://kota.test/t/1" in text and "Waktu: 8 Juli; 9 <Juli>" in text


def test_a_line_whose_placeholders_are_all_empty_is_left_out() -> None:
    body = "Mohon maaf.\nAlasan: {alasan}\n\n{nomor} {alasan}\n\nSalam"
    empty = {"alasan": Value(), "nomor": Value()}
    assert as_text(body, empty) == "Mohon maaf.\n\nSalam"
    assert "Alasan" not in as_html(body, empty)
    assert as_text(body, empty | {"nomor": Value("7")}) == "Mohon maaf.\n\n7 \n\nSalam".replace(" \n", "\n")


def test_several_addresses_stand_below_their_label() -> None:
    several = {"k": Value("Sesi 1: https://a.test\nSesi 2: https://b.test", is_link=True)}
    assert as_text("Isi: {k}", several) == "Isi:\nSesi 1: https://a.test\nSesi 2: https://b.test"
    assert as_html("Isi: {k}", several).count("<a ") == 2


def test_a_subject_stays_one_line() -> None:
    assert (
        filled_line("Halo {nama}", {"nama": Value("Siti\r\nBcc: orang@kota.test")}) == "Halo Siti Bcc: orang@kota.test"
    )


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_and_no_value_opens_a_tag(body: str, value: str) -> None:
    body = body.replace("{", "").replace("}", "")
    html = str(as_html(f"{body}{{nama}}", {"nama": Value(value)}))
    ours = ("<p ", "</p>", "<br>", "<ul ", "</ul>", "<li>", "</li>", "<a ", "</a>")
    for mark_of_ours in ours:
        html = html.replace(mark_of_ours, "")
    assert "<" not in html


@pytest.mark.parametrize(
    ("plan", "name", "due"),
    [
        (Plan(timing=Timing.BEFORE, days=3, clock=time(8)), "H-3", datetime(2019, 7, 5, 1, tzinfo=UTC)),
        (Plan(timing=Timing.BEFORE, days=1, clock=time(0, 30)), "H-1", datetime(2019, 7, 6, 17, 30, tzinfo=UTC)),
        (Plan(timing=Timing.AFTER, days=1, clock=time(9, 15)), "H+1", datetime(2019, 7, 10, 2, 15, tzinfo=UTC)),
        (Plan(timing=Timing.BEFORE, days=0, clock=time(6)), "H-0", datetime(2019, 7, 7, 23, tzinfo=UTC)),
        (Plan(timing=Timing.AT, moment=datetime(2019, 7, 2, tzinfo=UTC)), "", datetime(2019, 7, 2, tzinfo=UTC)),
        (Plan(), "", NOW),
    ],
)
def test_times_follow_the_stage_on_the_hosts_clock(plan: Plan, name: str, due: datetime) -> None:
    assert due_at(plan, **STAGE, now=NOW) == due
    assert short_name(plan) == name
    assert plan_problem(plan, **STAGE, now=NOW) is None


def test_the_same_hour_is_earlier_in_the_east() -> None:
    plan = Plan(timing=Timing.AFTER, days=1, clock=time(8))
    assert due_at(plan, **STAGE | {"zone": "Asia/Jayapura"}, now=NOW) == datetime(2019, 7, 9, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("plan", "problem"),
    [
        (Plan(timing=Timing.BEFORE, clock=time(8)), PlanProblem.NO_DAYS),
        (Plan(timing=Timing.BEFORE, days=61, clock=time(8)), PlanProblem.NO_DAYS),
        (Plan(timing=Timing.AFTER, days=-1, clock=time(8)), PlanProblem.NO_DAYS),
        (Plan(timing=Timing.AFTER, days=1), PlanProblem.NO_CLOCK),
        (Plan(timing=Timing.AT), PlanProblem.NO_MOMENT),
        (Plan(timing=Timing.BEFORE, days=30, clock=time(8)), PlanProblem.PAST),
        (Plan(timing=Timing.AT, moment=datetime(2019, 6, 30, tzinfo=UTC)), PlanProblem.PAST),
    ],
)
def test_what_keeps_a_plan_from_being_followed(plan: Plan, problem: PlanProblem) -> None:
    assert plan_problem(plan, **STAGE, now=NOW) is problem


def test_a_segment_comes_back_as_it_was_kept() -> None:
    segment = Segment(
        states=(RegistrationState.CONFIRMED, RegistrationState.WAITLISTED), category="OPD", group=3, checkpoint=4,
        present=False, questionnaire=5, answered=False, answering=Answering.OPEN,
    )  # fmt: skip
    assert Segment.from_json(segment.as_json()) == segment
    assert Segment.from_json(Segment(states=()).as_json()) == Segment(states=())
    kept_before = {name: value for name, value in segment.as_json().items() if name != "answering"}
    assert Segment.from_json(kept_before) == replace(segment, answering=None)


@pytest.mark.parametrize(
    ("text", "read"),
    [("yes-12", (True, 12)), ("no-7", (False, 7)), ("", (True, None)), ("no-x", (True, None)), ("9", (True, None)), ("no-٣", (True, None))],
)  # fmt: skip
def test_marks_are_read_and_nonsense_narrows_nothing(text: str, read: tuple[bool, int | None]) -> None:
    assert read_mark(text) == read
    if read[1] is not None:
        assert mark(*read) == text


def test_a_clock_is_kept_as_text() -> None:
    assert read_clock("07:30") == time(7, 30) and read_clock("") is None


def test_letters_to_institutions_know_nothing_of_a_person() -> None:
    names = placeholders_of(TemplateKind.INVITATION)
    assert "tautan_undangan" in names and "kode_tiket" not in names
