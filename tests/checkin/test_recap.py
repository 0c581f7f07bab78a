"""The recap of attendance: times, excuses, JP and totals, on paper and as a spreadsheet."""

import io
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook

from app.checkin import queries, service
from app.checkin.models import Checkpoint, Excuse
from app.checkin.pdf_recap import Recap, RecapRow, RecapTotal, recap_paper
from app.extensions import db, transaction
from app.paper.pages import Paper
from app.registration.models import Registration
from app.shared import clock
from app.shared.dates import clock_time
from tests import factories
from tests.databases import statements
from tests.paper.reading import fonts_of, pages_of, text_of, white_margin
from tests.paper.samples import LONG_INSTITUTION, LONG_NAME, MARKUP, letterhead
from tests.personas import People


def paper(points: int = 3, rows: int = 40, **changes: object) -> Recap:
    marks = tuple(["07.42", "–", "Izin JP", ""][number % 4] for number in range(points))
    totals = tuple(f"{number}/15" for number in range(points))
    return Recap(
        letterhead=letterhead(),
        event="Bimbingan Teknis Tahap I",
        dates="8 s.d. 9 Juli 2019",
        place="Aula",
        points=tuple(f"Titik {number} · Sen 8 Jul" for number in range(points)),
        rows=tuple(
            RecapRow(name=f"Raja Ismail {number}", category="OPD", institution="Polres", marks=marks, jp="12/16")
            for number in range(rows)
        ),
        categories=(RecapTotal(name="OPD", people=40, marks=totals),),
        institutions=(RecapTotal(name="Polres", people=40, marks=totals),),
        totals=RecapTotal(name="Jumlah", people=40, marks=totals),
        **changes,  # type: ignore[arg-type]
    )


def test_people_marks_and_totals_are_printed() -> None:
    pdf = recap_paper(paper())
    text = text_of(pdf)
    assert "REKAP KEHADIRAN" in text and "Jumlah per unsur" in text and "Jumlah per instansi" in text
    assert "1 Raja Ismail 0 Polres OPD 07.42 – Izin JP 12/16" in text
    assert all("No Nama" in page for page in pages_of(pdf) if "Raja Ismail" in page)
    assert "Mengetahui," in pages_of(pdf)[-1]
    assert all(fonts_of(pdf).values()) and recap_paper(paper()) == pdf


@pytest.mark.parametrize("size", [Paper.A4, Paper.F4])
@pytest.mark.parametrize("landscape", [True, False])
def test_many_checkpoints_go_on_in_further_tables(size: Paper, landscape: bool) -> None:
    pdf = recap_paper(paper(points=11, rows=3, paper=size, landscape=landscape))
    text = text_of(pdf)
    assert all(f"Titik {number}" in text for number in range(11))
    assert text.count("Mengetahui,") == 1 and white_margin(pdf) >= 10
    assert text.count("Raja Ismail 2") == (2 if landscape else 3)


def test_nobody_and_no_checkpoint_give_a_paper_all_the_same() -> None:
    assert "REKAP KEHADIRAN" in text_of(recap_paper(paper(points=0, rows=0)))


def test_long_texts_and_markup_are_whole() -> None:
    row = RecapRow(name=LONG_NAME, category="OPD", institution=LONG_INSTITUTION, marks=("07.42",))
    strange = RecapRow(name=MARKUP, category="", institution="", marks=("",))
    text = text_of(recap_paper(replace(paper(points=1, rows=0), rows=(row, strange))))
    assert "Wirahadikusumah" in text and "Tanjungpinang" in text and '<img src="/etc/passwd">' in text


class Stage:
    """A stage with two checkpoints: Siti was there, Budi is excused with JP from the first, nobody expects Rina."""

    def __init__(self, people: People) -> None:
        group = factories.group(people.programme, name="Smart Living")
        self.people = people
        dinas = factories.institution(people.host, name="Dinas A")
        self.siti = factories.registration(people.stage, name="Siti Aminah", institution=dinas, groups=[group])
        self.budi = factories.registration(people.stage, name="Budi Santoso", institution=dinas, groups=[group])
        self.rina = factories.registration(people.stage, name="=1+1", sort_name="rina")
        session = factories.agenda_session(people.stage, groups=[group])
        self.first = factories.checkpoint(people.stage, name="Pagi")
        self.second = factories.checkpoint(
            people.stage, name="Siang", sessions=[session], opens_at=clock.now() - timedelta(minutes=30)
        )
        service.mark_present(self.siti, self.first, reason="kertas", by=people.organiser.user)
        self.excuse(self.budi, self.first, with_jp=True)
        self.excuse(self.budi, self.second, with_jp=False)

    def excuse(self, person: Registration, point: Checkpoint, *, with_jp: bool) -> None:
        with transaction():
            db.session.add(
                Excuse(
                    registration_id=person.id,
                    checkpoint_id=point.id,
                    with_jp=with_jp,
                    reason="Dinas luar",
                    given_at=clock.now(),
                )
            )

    def address(self, kind: str, query: str = "") -> str:
        return f"/panel/kegiatan/{self.people.stage.slug}/presensi/cetak/rekap.{kind}?{query}"


@pytest.fixture
def stage(app: Flask, people: People, frozen_clock: Any) -> Stage:
    """At noon: an hour earlier is the same day."""
    frozen_clock(factories.at(people.stage, 12))
    return Stage(people)


def rows_of(data: bytes) -> list[list[object]]:
    sheet = load_workbook(io.BytesIO(data)).active
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_the_recap_of_a_stage_on_paper(stage: Stage) -> None:
    answer = stage.people.organiser.client.request_raw(stage.address("pdf"))
    assert answer.mimetype == "application/pdf"
    text, zone = text_of(answer.data), stage.people.stage.timezone
    service_time = clock_time(service_at(stage), zone).rpartition(" ")[0]
    assert f"Siti Aminah Dinas A Opd {service_time} –" in text
    assert "Budi Santoso Dinas A Opd Izin JP Izin" in text
    assert "1 Opd 3 1/2 0/2" in text and "1 Dinas A 2 1/2 0/2" in text


def service_at(stage: Stage) -> datetime:
    return queries.attendance_of(stage.siti)[0].at


def test_the_spreadsheet_holds_text_and_no_formula(stage: Stage) -> None:
    answer = stage.people.organiser.client.request_raw(stage.address("xlsx"))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer.headers["Cache-Control"]
    rows = rows_of(answer.data)
    assert rows[0][7:9] == ["Pagi", "Siang"]
    by_name = {row[1]: row for row in rows[1:]}
    assert by_name["Budi Santoso"][7:9] == ["Izin JP", "Izin"]
    assert by_name["'=1+1"][7:9] == [None, None]
    assert (by_name["Siti Aminah"][8], by_name["Siti Aminah"][9]) == ("–", 1)
    assert by_name["Dinas A"][6:9] == ["2", "1/2", "0/2"]
    assert "Jumlah per unsur (hadir/diundang)" in by_name


def test_the_recap_of_one_institution_and_who_may_see_it(stage: Stage) -> None:
    people = stage.people
    query = f"institution={stage.siti.institution_id}&urut=nama"
    names = [row[1] for row in rows_of(people.organiser.client.request_raw(stage.address("xlsx", query)).data)]
    assert names[1:3] == ["Budi Santoso", "Siti Aminah"] and "'=1+1" not in names
    said = text_of(people.organiser.client.request_raw(stage.address("pdf", query)).data)
    assert "Peserta : Dinas A" in said
    people.viewer.client.get(stage.address("pdf"), status=403)
    people.outsider.client.get(stage.address("xlsx"), status=404)


@pytest.mark.both_databases
def test_a_recap_asks_as_much_for_thirty_as_for_three(stage: Stage) -> None:
    def asked() -> int:
        with statements() as seen:
            assert stage.people.organiser.client.request_raw(stage.address("pdf")).status_code == 200
        return len(seen)

    asked()
    few = asked()
    for _number in range(27):
        factories.registration(stage.people.stage)
    assert asked() == few
